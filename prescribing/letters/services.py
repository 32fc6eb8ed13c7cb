"""Writing to somebody: promised by text or email, or posted, and kept as a contact with its words."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Refused
from core.notify.tongue_rules import Tongue, tongue_of
from prescribing.episodes.contact_log import ContactNote, record_contact
from prescribing.episodes.contacts import Outcome
from prescribing.letters.queries import addressee
from prescribing.letters.rules import KIND_WORDS, Kind, check_words
from prescribing.letters.version_queries import version
from prescribing.letters.version_services import count_missing
from prescribing.letters.wording_rules import Wording, medium_of
from prescribing.people.notices import Notice, tell_or_refuse
from prescribing.people.safe_contact import Channel


def write(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    kind: Kind,
    way: Channel,
    words: str,
    *,
    tongue: Tongue | None = None,
) -> None:
    """Send the words by text or email, or write down that the letter was posted; either way a contact is kept. `tongue`
    is the language of a translator's words, none for ours; where such words are missed, that is counted.

    Raises `NotFound` outside the team, `Refused` where the way is not safe for them or they were written to too often
    today, `Invalid` for words that may not go or an address that is wrong.
    """
    to = addressee(session, actor, episode_id)
    if to.episode.with_nobody:
        raise Refused(f"Nothing was sent. {to.episode.with_nobody}")
    if way not in to.ways:
        raise Refused("That way is not safe for them. Nothing was sent.")
    kept = check_words(words, way, to.private)
    about = KIND_WORDS[kind] if tongue is None else f"{KIND_WORDS[kind]}, in {tongue.name}"
    contact = record_contact(
        session, actor, episode_id, ContactNote(way, Outcome.SENT, note=f"{about}\n\n{kept}")
    )
    reads, medium = tongue_of(to.person.interpreter), medium_of(way)
    wording = Wording(kind.value)
    if tongue is None and reads is not None and version(session, reads, medium, wording) is None:
        count_missing(session, reads, medium, wording)
    audit.record(session, actor, "letter.write", "episode", episode_id, way=way, kind=kind)
    if way in {Channel.TEXT, Channel.EMAIL}:
        notice = Notice("letter", to.person.id, {"words": kept}, contact_id=contact.id)
        tell_or_refuse(
            session, to.person, way, notice, "Nothing was sent. Send this in an hour, or ring them."
        )
