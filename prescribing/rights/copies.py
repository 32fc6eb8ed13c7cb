"""Somebody's copy of everything that we keep about them: as one object, for people to read and for programs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from core import clock
from core.db import Base
from core.notify.models import Message, MessageState
from prescribing.drafts.models import Draft
from prescribing.drafts.rules import is_new_worry, is_rights_work, is_worry
from prescribing.episodes.queries import every_need_name
from prescribing.rights import record, wording
from prescribing.rights.models import PassageReview, RightsRequest
from prescribing.rights.rules import without_marked
from prescribing.rights.wording import say, say_field

# What each part of a record is called on the copy; a part that is not named here goes by its table's name.
PART_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "persons": "About you",
        "support_requests": "What was asked for you",
        "episodes": "Your support",
        "episode_events": "What happened, step by step",
        "needs": "What you need",
        "need_events": "How your needs changed",
        "goals": "Your goals",
        "actions": "Who does what",
        "contact_attempts": "When we talked or tried to",
        "referrals": "Groups that we asked for you",
        "referral_events": "What groups answered",
        "attendances": "When you went",
        "session_notices": "Sessions that we told you about",
        "signposts": "What we told you about",
        "measurements": "What you answered about how things are",
        "measurement_mistakes": "Answers that were written down by mistake",
        "consents": "What you agreed to",
        "deletion_notices": "Who was asked to delete what they had",
        "referrer_feedback": "What we told whoever referred you",
        "rights_requests": "What you asked about your record",
        "record_holds": "Why this record must be kept",
        "emergency_looks": "When somebody opened your record in an emergency",
        "proxies": "Who may act for you",
        "concerns": "Worries about you",
        "drafts": "What was begun about you and not sent yet",
        "messages": "Messages that we sent",
    }
)

# Keys of doors and traces of this very work say nothing about anybody.
_LEFT_OUT = frozenset({"answer_links", "help_links", "measure_links", "passage_reviews", "record_holds"})
# Whether somebody may know of a worry about them is the officer's decision; a copy may be read over their shoulder, so
# that one read online never holds it. Source: Data Protection Act 2018, Schedule 3.
CONCERNS = "concerns"
_WITHOUT_CONCERNS = _LEFT_OUT | {CONCERNS}
# Whether something was decided about concerns would itself tell that there are some.
_NEVER_SAID = frozenset({("rights_requests", "with_concerns")})
_INDEXES = ("_index", "_digest", "_sealed")

# A person's own words need nobody's leave; nor do the names of those who wrote, which the list of who looked tells them
# already. Every other free text may have been written by others or speak of others: somebody reads it before it goes
# out, also one that is kept in a table which this page has never heard of.
OWN_WORDS: frozenset[tuple[str, str]] = frozenset(
    {
        ("persons", name)
        for name in (
            *("name", "preferred_name", "pronouns", "date_of_birth", "address", "postcode", "nhs_number"),
            *("phone", "mobile", "email", "safe_contact", "what_matters", "strengths", "access_needs"),
            *("communication_needs", "interpreter", "ethnicity", "gender"),
        )
    }
    | {
        ("needs", "words"),
        ("goals", "words"),
        ("measurements", "answers"),
        ("measurements", "note"),
        ("rights_requests", "words"),
        ("rights_requests", "answer"),
        ("rights_requests", "proof"),
        ("rights_requests", "longer_because"),
        ("episode_events", "author_name"),
        ("referral_events", "author_name"),
        ("person_messages", "author_name"),
        ("referrals", "goal_words"),
        ("referrals", "access_words"),
        ("referrals", "communication_words"),
        ("referrals", "agreed_contact"),
    }
)
NOT_CHECKED = (
    "[not in this copy: it may be about somebody else too. Ask for a full copy, and we check it first.]"
)


@dataclass(frozen=True)
class Passage:
    """A free text of a record that must be read before it goes out. `id` names table, row and field."""

    id: str
    part: str
    field: str
    at: datetime | None
    text: str

    @property
    def digest(self) -> str:
        """What tells whether the text changed since it was read (64 hex digits)."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One row of a part: (name of the field, what it holds as JSON knows it)."""

    fields: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Part:
    """One part of the copy: the table's name, its heading, and its entries in the order in which they were made."""

    name: str
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Copy:
    """Everything that is kept about one person, at a moment."""

    reference: str
    made_at: datetime
    parts: tuple[Part, ...]


def copy_for(
    session: Session, person_id: UUID, request_id: UUID | None = None, *, online: bool = False
) -> Copy:
    """A person's copy. With a request, passages read as they were reviewed for it; a passage that nobody has read (or
    all of them, without a request) is left out, and says so. It holds concerns only where it was
    decided for that request that they go in, and never `online`. The caller audits."""
    asked = session.get(RightsRequest, request_id) if request_id else None
    told = asked is not None and asked.with_concerns is True and not online
    left_out = _LEFT_OUT if told else _WITHOUT_CONCERNS
    reviews = _reviews(session, request_id)
    needs = every_need_name(session)
    parts = []
    reference = ""
    for table, rows in _tables(session, person_id, left_out):
        entries = tuple(Entry(tuple(_fields(table, row, reviews, needs))) for row in rows)
        if table == "persons":
            reference = str(getattr(rows[0], "reference", ""))
        parts.append(Part(table, heading_of(table), entries))
    messages = _messages(session, person_id, left_out)
    if messages:
        parts.append(Part("messages", PART_WORDS["messages"], messages))
    return Copy(reference, clock.now(), tuple(parts))


def passages(session: Session, person_id: UUID, request_id: UUID) -> list[Passage]:
    """Every passage of a record that somebody must read before it goes out to answer a request."""
    asked = session.get(RightsRequest, request_id)
    left_out = _WITHOUT_CONCERNS if asked is not None and asked.with_concerns is False else _LEFT_OUT
    needs = every_need_name(session)
    found = []
    for table, rows in _tables(session, person_id, left_out):
        for row in rows:
            for name in record.sealed_fields(table):
                text = _in_words(table, name, getattr(row, name) or "", needs)
                if text and _is_passage(table, name, row):
                    found.append(
                        Passage(
                            passage_id(table, row, name), heading_of(table), say_field(name), _when(row), text
                        )
                    )
    return found


def unread(session: Session, person_id: UUID, request_id: UUID) -> list[Passage]:
    """The passages that nobody has read for this request as they stand now; not those of concerns that stay out."""
    read = {passage: digest for passage, (digest, _marked) in _reviews(session, request_id).items()}
    return [one for one in passages(session, person_id, request_id) if read.get(one.id) != one.digest]


def concerns(session: Session, person_id: UUID) -> int:
    """How many worries about the person the record holds, with those that are begun and not sent yet."""
    rows = record.rows_of(session, person_id)
    begun = record.load(session, Draft.__tablename__, rows.get(Draft.__tablename__, ()))
    return len(rows.get(CONCERNS, ())) + sum(
        isinstance(row, Draft) and is_new_worry(row.form) for row in begun
    )


def as_json(copy: Copy) -> str:
    """The copy for programs: one object, each part a list of objects; moments in UTC."""
    whole = {
        "reference": copy.reference,
        "made_at": copy.made_at.isoformat(timespec="seconds"),
        "parts": {part.name: [dict(entry.fields) for entry in part.entries] for part in copy.parts},
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def heading_of(table: str) -> str:
    """What a part is called."""
    return PART_WORDS.get(table, say_field(table))


def passage_id(table: str, row: Base, name: str) -> str:
    """How a passage is named: table, row and field."""
    return f"{table}/{getattr(row, 'id')}/{name}"  # noqa: B009 - every table here has one, which Base does not know


def _is_passage(table: str, name: str, row: Base) -> bool:
    """What is new and neither known as the person's own nor a code of ours is read by somebody first; so is what was a
    mistake, which may be somebody else's."""
    if getattr(row, "mistake", None) is not None:
        return True
    return (table, name) not in OWN_WORDS and getattr(row, name) not in wording.codes_of(table, name)


def _tables(
    session: Session, person_id: UUID, left_out: Collection[str] = _LEFT_OUT
) -> Iterator[tuple[str, list[Base]]]:
    rows = record.rows_of(session, person_id)
    known = [name for name in PART_WORDS if name in rows]
    for table in (*known, *sorted(set(rows) - set(known))):
        if table in left_out:
            continue
        found = [row for row in record.load(session, table, rows[table]) if not _is_begun_work(row)]
        if CONCERNS in left_out:
            found = [row for row in found if not _is_begun_worry(row)]
        if found:
            yield table, found


def _is_begun_work(row: Base) -> bool:
    """Whether a row is a trace of this very work, too: an answer, or the reason for a hold, that is begun."""
    return isinstance(row, Draft) and is_rights_work(row.form)


def _is_begun_worry(row: Base) -> bool:
    """Whether a row is a worry, too: one that somebody has begun to write."""
    return isinstance(row, Draft) and is_worry(row.form)


def _fields(
    table: str, row: Base, reviews: Mapping[str, tuple[str, str]], needs: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    for column in record.mapper_of(table).local_table.c:
        if (table, column.name) in _NEVER_SAID:
            continue
        if not isinstance(column.type, LargeBinary) and not column.name.endswith(_INDEXES):
            value = getattr(row, column.name)
            if value is not None:
                yield column.name, _plain(value)
    for name in record.sealed_fields(table):
        text = getattr(row, name)
        if not text:
            continue
        if _is_passage(table, name, row):
            digest, marked = reviews.get(passage_id(table, row, name), ("", ""))
            fresh = digest == sha256(_in_words(table, name, text, needs).encode()).hexdigest()
            yield name, without_marked(marked) if fresh else NOT_CHECKED
        else:
            yield name, _opened(text)


def _reviews(session: Session, request_id: UUID | None) -> dict[str, tuple[str, str]]:
    if request_id is None:
        return {}
    rows = session.scalars(select(PassageReview).where(PassageReview.request_id == request_id))
    return {row.passage: (row.digest, row.marked or "") for row in rows}


def _messages(session: Session, person_id: UUID, left_out: Collection[str]) -> tuple[Entry, ...]:
    """That a message went, and when; its words are not kept. Those about what is left out are left out too."""
    rows = record.rows_of(session, person_id)
    ids = [each for table, ids in rows.items() if table not in left_out for each in ids]
    sent = [
        row
        for some in record.chunks(ids)
        for row in session.scalars(
            select(Message).where(Message.about_id.in_(some), Message.state == MessageState.SENT)
        )
    ]
    return tuple(
        Entry(
            (
                ("sent_at", _plain(row.sent_at or row.created_at)),
                ("by", row.channel.value),
                ("about", row.template),
            )
        )
        for row in sorted(sent, key=lambda row: row.created_at)
    )


def _when(row: Base) -> datetime | None:
    for name in ("at", "created_at", "started_at", "made_at"):
        moment = getattr(row, name, None)
        if isinstance(moment, datetime):
            return moment
    return None


def _plain(value: Any) -> Any:
    """As JSON knows it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, UUID) else value


def _opened(text: str) -> Any:
    """What a sealed text holds: some are JSON within."""
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _in_words(table: str, name: str, text: str, needs: Mapping[str, str]) -> str:
    """A sealed text as somebody reads it: what holds several answers gives each a line, and codes are told in words,
    `needs` by their slugs."""
    opened = _opened(text)
    pairs = opened.items() if isinstance(opened, Mapping) else _pairs(opened)
    if pairs is None:
        code, colon, note = text.partition(": ")
        return f"{wording.codes_of(table, name).get(code, code)}{colon}{note}"
    said = (
        (wording.label(table, str(box)), _answer(table, str(box), each, needs))
        for box, each in pairs
        if each not in (False, None)
    )
    return "\n".join(f"{box}: {each}" for box, each in said if each)


def _answer(table: str, box: str, value: Any, needs: Mapping[str, str]) -> str:
    """What stands in one box of a form, in words."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_answer(table, box, each, needs) for each in value)))
    if not isinstance(value, str):
        return say(value)
    known = needs if box in wording.NEEDS else wording.codes_of(table, box)
    return known.get(value) or say(wording.plain(value))


def _pairs(opened: Any) -> list[list[Any]] | None:
    """The answers of a form that is begun, each a pair of its box and what stands in it; None for anything else."""
    is_pairs = isinstance(opened, list) and all(isinstance(each, list) and len(each) == 2 for each in opened)
    return opened if is_pairs else None
