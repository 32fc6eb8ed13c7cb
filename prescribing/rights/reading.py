"""Somebody's copy as people read it: what our codes mean in words, and names for what only has a number.

The copy for programs holds every field as it is kept; here is what says something to the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Enum, select
from sqlalchemy.orm import Session

from core.accounts import queries as accounts
from core.geography import queries as geography
from directory import published
from prescribing.episodes.contacts import OUTCOME_WORDS, Outcome
from prescribing.episodes.forms import PRIORITY_WORDS
from prescribing.episodes.models import RequestSource
from prescribing.episodes.moves import Mover
from prescribing.episodes.needs import NEED_WORDS, NeedState
from prescribing.episodes.queries import every_need_name
from prescribing.episodes.rules import EPISODE_WORDS, REASON_WORDS, EpisodeState
from prescribing.measures.instruments import INSTRUMENTS
from prescribing.measures.rules import MODE_WORDS, NOT_TODAY_WORDS, POINT_WORDS, CompletedBy, say_value
from prescribing.people.consent import OWN_PURPOSE_WORDS, SHARED_WORDS
from prescribing.people.models import Partner, Team
from prescribing.people.safe_contact import CHANNEL_WORDS
from prescribing.referrals.rules import DECLINE_WORDS, JOIN_WORDS
from prescribing.referrals.rules import OWN_WORDS as REFERRAL_WORDS
from prescribing.rights import record
from prescribing.rights.copies import Copy, Entry, say, say_field
from prescribing.rights.looks import KINDS
from prescribing.rights.rules import KIND_WORDS, SENT_WORDS, WAY_WORDS

# What counts and orders rows for our computers, and what another field of the same row says already.
_UNTOLD = frozenset(
    {
        *("id", "version", "updated_at", "unsent", "nudges_sent", "sustained_after", "author_name"),
        *("recipient_kind", "suggested", "age_band", "typed_in_at"),
    }
)
# What a field is called where its own name would say little.
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "at": "When",
        "author": "Who wrote it down",
        "author_id": "Who wrote it down",
        "brought_someone": "You brought somebody along",
        "by_person": "You asked for it yourself",
        "complete": "Every question was answered",
        "completed_by": "Who answered",
        "created_at": "Written down",
        "direction": "Who got in touch",
        "fields": "What may be shared",
        "given_at": "Agreed",
        "how": "How you agreed",
        "instrument": "Questions",
        "join_mode": "How to join",
        "link_worker_id": "Your link worker",
        "made_by": "Who asked",
        "may_message": "They may write and read messages",
        "may_say": "They may say how it is going",
        "minutes": "How long, in minutes",
        "mode": "How it was asked",
        "need_slug": "What you need",
        "need_slugs": "What you asked for help with",
        "on": "Day",
        "organization_id": "Group",
        "own_priority": "How soon, as you were first told",
        "partner_id": "Who referred you",
        "point": "When in your support",
        "priority": "How soon you should be seen",
        "purpose": "What you agreed to",
        "recipient_id": "With whom",
        "recorded_at": "Written down",
        "recorded_by": "Who wrote it down",
        "requested_by_id": "Who asked them",
        "sent_by": "How you got it",
        "service_id": "Activity",
        "slug": "What you need",
        "source": "Before",
        "state": "Where it stands",
        "submitted_at": "Sent",
        "submitted_by_id": "Who sent it",
        "target": "Now",
        "team_id": "Team",
        "access_words": "What you need to take part",
        "goal_words": "What you hope for",
        "communication_words": "How to talk and write with you",
        "safe_yes_words": "What makes it safe for them to say yes",
        "heads_up": "What to look out for",
        "requested_at": "We asked them",
        "due_on": "By when",
        "owner": "Who does it",
        "presence": "Were you there",
        "proof": "How you showed who you are",
        "proof_seen_at": "When you showed who you are",
        "months_more": "Months that it takes longer",
        "way": "How it came",
        "needs_asked_on": "When we asked what you need",
        "content": "What was said",
        "ground": "Why they may",
        "done_at": "Done",
        "said_by": "Whose decision it was",
        "contact_notes": "Notes on how to reach you",
        "ward_code": "Ward",
        "wording_version": "Version of our words",
    }
)
_OF_TABLES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("actions", "words"): "What",
        ("needs", "words"): "In your words",
        ("goals", "words"): "In your words",
        ("support_requests", "source"): "How it came",
        ("rights_requests", "kind"): "What you asked",
        ("rights_requests", "how"): "How it came",
        ("proxies", "account_id"): "Who may act for you",
        ("proxies", "how"): "How you let them",
        ("proxies", "given_by"): "Who wrote it down",
        ("contact_attempts", "channel"): "How",
        ("contact_attempts", "outcome"): "What came of it",
        ("drafts", "account_id"): "Who began it",
        ("emergency_looks", "account_id"): "Who opened it",
    }
)
# What is said of somebody to their team, said to them.
_EPISODES = {**EPISODE_WORDS, EpisodeState.PERSON_DECLINED: "you said no"}
_NEEDS = {**NEED_WORDS, NeedState.MET: "met, in your own view", NeedState.DROPPED: "no longer wanted by you"}
_OUTCOMES = {**OUTCOME_WORDS, Outcome.CALL_BACK: "you asked us to ring again"}
_SOURCES = {
    RequestSource.SELF: "you asked yourself",
    RequestSource.SOMEONE_ELSE: "somebody asked for you",
    RequestSource.PARTNER: "you were referred",
    RequestSource.PHONE: "you rang us",
}
_ANSWERED_BY = {
    CompletedBy.PERSON: "you did, by yourself",
    CompletedBy.WITH_LINK_WORKER: "you did, together with us",
    CompletedBy.PROXY: "somebody answered for you",
}
_SAID_BY = {
    Mover.PERSON: "yours",
    Mover.REFERRER: "whoever referred you",
    Mover.CLOCK: "nobody's: the time was over",
    Mover.RULE: "nobody's: it follows from a rule",
}
_MOVES = (("episode_events", _EPISODES), ("need_events", _NEEDS), ("referral_events", REFERRAL_WORDS))
# What a code means, by table and field.
_MEANINGS: Mapping[tuple[str, str], Mapping[Any, str]] = MappingProxyType(
    {
        **{(table, name): words for table, words in _MOVES for name in ("source", "target")},
        **{(table, "said_by"): _SAID_BY for table, _words in _MOVES},
        ("actions", "owner"): {"person": "you", "link-worker": "your link worker"},
        ("consents", "purpose"): OWN_PURPOSE_WORDS,
        ("contact_attempts", "channel"): CHANNEL_WORDS,
        ("contact_attempts", "direction"): {"outbound": "we did", "inbound": "you did"},
        ("contact_attempts", "outcome"): _OUTCOMES,
        ("episodes", "close_reason"): REASON_WORDS,
        ("episodes", "state"): _EPISODES,
        ("episodes", "priority"): PRIORITY_WORDS,
        ("episodes", "own_priority"): PRIORITY_WORDS,
        ("measurements", "completed_by"): _ANSWERED_BY,
        ("measurements", "instrument"): {key: one.name for key, one in INSTRUMENTS.items()},
        ("measurements", "mode"): MODE_WORDS,
        ("measurements", "not_today_reason"): NOT_TODAY_WORDS,
        ("measurements", "point"): POINT_WORDS,
        ("needs", "state"): _NEEDS,
        ("referrals", "decline_reason"): DECLINE_WORDS,
        ("referrals", "join_mode"): JOIN_WORDS,
        ("referrals", "state"): REFERRAL_WORDS,
        ("rights_requests", "kind"): KIND_WORDS,
        ("rights_requests", "sent_by"): SENT_WORDS,
        ("rights_requests", "way"): WAY_WORDS,
        ("support_requests", "source"): _SOURCES,
    }
)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The fields that say who did something: by their account, or by a kind of actor.
_AUTHORS = (
    "given_by",
    "author",
    "recorded_by",
    "withdrawn_recorded_by",
    "made_by",
    "answered_by",
    "confirmed_by",
    "reviewed_by",
)
# The fields with codes that have a name elsewhere.
_CODES = ("slug", "need_slug", "need_slugs", "ward_code")


@dataclass(frozen=True)
class ToldPart:
    """One part of the copy: its heading, and its entries, each a list of (what it is called, what it says)."""

    heading: str
    entries: tuple[tuple[tuple[str, str], ...], ...]


def told(session: Session, copy: Copy) -> tuple[ToldPart, ...]:
    """The copy in words. A part of which nothing can be said in words is left out."""
    names = _names(session, copy)
    parts = (
        ToldPart(
            part.heading,
            tuple(lines for entry in part.entries if (lines := tuple(_told(part.name, entry, names)))),
        )
        for part in copy.parts
    )
    return tuple(part for part in parts if part.entries)


def _told(table: str, entry: Entry, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    fields = dict(entry.fields)
    if table.endswith("_events") and fields.get("kind") == "move":
        del fields["kind"]
    for name, value in fields.items():
        if name in _UNTOLD or (name == "recorded_at" and value == fields.get("at")):
            continue
        said = _meaning(table, name, value, fields, names)
        if said:
            yield _label(table, name), said


def _label(table: str, name: str) -> str:
    return _OF_TABLES.get((table, name)) or _LABELS.get(name) or say_field(name.removesuffix("_id"))


def _meaning(table: str, name: str, value: Any, fields: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What a value says; nothing where it is the number of a row that has no name."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_meaning(table, name, each, fields, names) for each in value)))
    if name == "answers" and isinstance(value, Mapping):
        return _answers(str(fields.get("instrument")), value)
    known = _MEANINGS.get((table, name), {})
    if isinstance(value, str) and value in known:
        return known[value]
    if _is_named(name) and isinstance(value, str):
        return names.get(value) or KINDS.get(value, "" if _ID.fullmatch(value) else say(value))
    if name == "fields":
        return SHARED_WORDS.get(value, say_field(value).lower())
    if name == "safe_contact" and isinstance(value, Mapping):
        return say({key: _plain(each) for key, each in value.items()})
    return _plain(say(value)) if _is_code(table, name) else say(value)


def _plain(code: Any) -> Any:
    """A code without what joins its words, where nothing better is known of it."""
    return (
        code.replace("-", " ") if isinstance(code, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", code) else code
    )


def _is_code(table: str, name: str) -> bool:
    column = record.mapper_of(table).local_table.c.get(name)
    return column is not None and isinstance(column.type, Enum)


def _answers(instrument: str, answers: Mapping[str, Any]) -> str:
    """Each answer by the short name of its question, with its band or its words."""
    known = {item.key: item for item in INSTRUMENTS[instrument].items} if instrument in INSTRUMENTS else {}
    return "; ".join(
        f"{item.label}: {say_value(each, item.bands, item.options)}"
        if (item := known.get(key)) is not None and isinstance(each, int | float)
        else f"{say_field(key)}: {say(each)}"
        for key, each in answers.items()
        if each is not None
    )


def _names(session: Session, copy: Copy) -> dict[str, str]:
    """What stands behind each number of a row, and behind codes that are names: activities, groups, teams, partners,
    people with an account, needs and wards."""
    values = {str(each) for each in _values(copy)}
    ids = {UUID(each) for each in values if _ID.fullmatch(each)}
    named: dict[UUID, str] = accounts.names(session, ids)
    named |= {one: brief.name for one, brief in published.briefs(session, ids).items()}
    named |= published.group_names(session, ids)
    for table in (Team, Partner):
        for chunk in record.chunks(ids):
            found = session.execute(select(table.id, table.name).where(table.id.in_(chunk)))
            named |= {row.id: row.name for row in found}
    codes = every_need_name(session) | geography.ward_names(session, values)
    return {value: codes[value] for value in values & codes.keys()} | {
        str(one): name for one, name in named.items()
    }


def _is_named(field: str) -> bool:
    """Whether a field holds the number of a row, or a code, behind which there is a name."""
    return field.endswith("_id") or field in _AUTHORS or field in _CODES


def _values(copy: Copy) -> Iterator[Any]:
    """What stands in the fields behind which there is a name."""
    for part in copy.parts:
        for entry in part.entries:
            for name, value in entry.fields:
                if _is_named(name):
                    yield from value if isinstance(value, list) else [value]
