"""What a listing may be, who may change what, and what is right to publish at once.

A listing is one `Service`. Its content is a mapping of field names to plain JSON values; a change is the same
mapping after an edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import Invalid, Refused

# How an address or a form names one session of an activity: by its start in London.
SESSION_KEY = "%Y-%m-%dT%H:%M"


class ListingStatus(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    SENT_BACK = "sent-back"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    PUBLISHED = "published"
    PAUSED = "paused"
    UNCONFIRMED = "unconfirmed"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return STATUS_LABELS[self]

    @property
    def hsds(self) -> str:
        """HSDS `service.status`: active, inactive, defunct or temporarily closed."""
        return HSDS_STATUS.get(self, "inactive")


class Mover(StrEnum):
    """In what part somebody acts on a listing: a member of its group, an editor, the product itself, or the source that
    it was taken in from."""

    OWNER = "owner"
    EDITOR = "editor"
    SYSTEM = "system"
    SOURCE = "source"


class JoinMode(StrEnum):
    TURN_UP = "turn-up"
    RING_FIRST = "ring-first"
    REFERRAL = "referral"

    @property
    def label(self) -> str:
        return JOIN_LABELS[self]


class DeliveryMode(StrEnum):
    IN_PERSON = "in-person"
    ONLINE = "online"
    PHONE = "phone"
    BOROUGH = "borough"

    @property
    def label(self) -> str:
        return DELIVERY_LABELS[self]


STATUS_LABELS: Mapping[ListingStatus, str] = {
    ListingStatus.DRAFT: "Draft",
    ListingStatus.WAITING: "Waiting for approval",
    ListingStatus.SENT_BACK: "Sent back to you",
    ListingStatus.WITHDRAWN: "Withdrawn",
    ListingStatus.REJECTED: "Not accepted",
    ListingStatus.PUBLISHED: "Published",
    ListingStatus.PAUSED: "Closed for now",
    ListingStatus.UNCONFIRMED: "Hidden until confirmed",
    ListingStatus.CLOSED: "Closed for good",
}
HSDS_STATUS: Mapping[ListingStatus, str] = {
    ListingStatus.PUBLISHED: "active",
    ListingStatus.PAUSED: "temporarily closed",
    ListingStatus.CLOSED: "defunct",
}
JOIN_LABELS: Mapping[JoinMode, str] = {
    JoinMode.TURN_UP: "Just turn up",
    JoinMode.RING_FIRST: "Ring first",
    JoinMode.REFERRAL: "Someone refers you",
}
DELIVERY_LABELS: Mapping[DeliveryMode, str] = {
    DeliveryMode.IN_PERSON: "In person",
    DeliveryMode.ONLINE: "Online",
    DeliveryMode.PHONE: "By phone",
    DeliveryMode.BOROUGH: "Across the borough",
}

_OWNER = frozenset({Mover.OWNER})
_EDITOR = frozenset({Mover.EDITOR})
_PEOPLE = frozenset({Mover.OWNER, Mover.EDITOR})
_WHO_KNOWS = _PEOPLE | {Mover.SOURCE}
_BY_HAND_OR_CLOCK = frozenset({Mover.EDITOR, Mover.SYSTEM})
_ANYBODY = frozenset(Mover)

# Withdrawn and rejected listings were never public; a closed one was, and keeps a page that says so.
TRANSITIONS: Mapping[ListingStatus, Mapping[ListingStatus, frozenset[Mover]]] = {
    ListingStatus.DRAFT: {
        ListingStatus.WAITING: _PEOPLE,
        ListingStatus.PUBLISHED: _BY_HAND_OR_CLOCK,
        ListingStatus.WITHDRAWN: _PEOPLE,
    },
    ListingStatus.WAITING: {
        ListingStatus.PUBLISHED: _EDITOR,
        ListingStatus.SENT_BACK: _EDITOR,
        ListingStatus.REJECTED: _EDITOR,
        ListingStatus.WITHDRAWN: _PEOPLE,
    },
    ListingStatus.SENT_BACK: {
        ListingStatus.WAITING: _PEOPLE,
        ListingStatus.REJECTED: _EDITOR,
        ListingStatus.WITHDRAWN: _PEOPLE,
    },
    ListingStatus.WITHDRAWN: {ListingStatus.DRAFT: _PEOPLE},
    ListingStatus.REJECTED: {ListingStatus.DRAFT: _EDITOR},
    ListingStatus.PUBLISHED: {
        ListingStatus.PAUSED: _WHO_KNOWS,
        ListingStatus.UNCONFIRMED: _BY_HAND_OR_CLOCK,
        ListingStatus.CLOSED: _WHO_KNOWS,
    },
    ListingStatus.PAUSED: {
        ListingStatus.PUBLISHED: _ANYBODY,
        ListingStatus.UNCONFIRMED: _BY_HAND_OR_CLOCK,
        ListingStatus.CLOSED: _WHO_KNOWS,
    },
    ListingStatus.UNCONFIRMED: {
        ListingStatus.PUBLISHED: _ANYBODY,
        ListingStatus.PAUSED: _WHO_KNOWS,
        ListingStatus.CLOSED: _WHO_KNOWS,
    },
    ListingStatus.CLOSED: {ListingStatus.WAITING: _OWNER, ListingStatus.PUBLISHED: _EDITOR | {Mover.SOURCE}},
}
REASON_NEEDED = frozenset({ListingStatus.SENT_BACK, ListingStatus.REJECTED})
HAS_PUBLIC_PAGE = frozenset({ListingStatus.PUBLISHED, ListingStatus.PAUSED, ListingStatus.CLOSED})
IN_SEARCH = frozenset({ListingStatus.PUBLISHED, ListingStatus.PAUSED})
TAKES_REFERRALS = frozenset({ListingStatus.PUBLISHED})

# The kind of help whose seekers may be watched, and may have to leave a page at once.
SAFETY_NEED = "safety"


def moves_open_to(status: ListingStatus, mover: Mover) -> tuple[ListingStatus, ...]:
    """The statuses that this mover may choose next, in the table's order."""
    return tuple(target for target, movers in TRANSITIONS[status].items() if mover in movers)


def move(status: ListingStatus, target: ListingStatus, mover: Mover, reason: str = "") -> ListingStatus:
    """The new status. Raises Refused if the table has no such move, Invalid if its reason is missing."""
    if target not in moves_open_to(status, mover):
        raise Refused(f"A listing that is “{status.label}” cannot become “{target.label}” this way.")
    if target in REASON_NEEDED and not reason.strip():
        raise Invalid("Say why, so that the group knows what to change.", "reason")
    return target


class Publishes(StrEnum):
    """When an owner's change of a field reaches the public."""

    AT_ONCE = "at once"
    AFTER_APPROVAL = "after approval"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a listing's content: its words on pages and when an owner's change of it is public."""

    name: str
    label: str
    publishes: Publishes


def _fields(publishes: Publishes, **labels: str) -> dict[str, Field]:
    return {name: Field(name, label, publishes) for name, label in labels.items()}


# At once: what sends people to a locked door or a dead line while it is wrong, and what only the group can know.
# It is reviewed after. The short notes among them take no links, so that they cannot carry an advertisement.
# After approval: what the listing is called and says of itself, and every claim that a link worker relies on
# when choosing it for somebody: for whom, for which needs, how welcoming, how safe to reach, whom you deal with.
# A move to another place waits too, as the ward and the access claims hang on it; a notice can say so meanwhile.
FIELDS: Mapping[str, Field] = {
    **_fields(
        Publishes.AFTER_APPROVAL,
        name="Name",
        summary="In one sentence",
        description="About it",
        needs="What it helps with",
        audience="Who it is for",
        minimum_age="From age",
        maximum_age="Up to age",
        eligibility="Who can come",
        mode="How it happens",
        venue="Where",
        address="Address",
        getting_there="Getting there",
        access="Access",
        languages="Languages",
        who_meets_you="Who meets you",
        must_i_talk="Do I have to talk?",
        religious="Is it religious?",
        bring_someone="Can someone come with me?",
        what_to_bring="What to bring",
        contact_name="Who to ask for",
        contact_role="Their role",
        url="Website",
    ),
    **_fields(
        Publishes.AT_ONCE,
        schedules="Times",
        opening_times_text="Times in words",
        exceptions="Sessions cancelled or moved",
        phone="Phone",
        email="Email",
        join_mode="How to join",
        costs="Cost",
        capacity="Places",
        accepting_referrals="Taking referrals",
        notice="Notice",
        masked_location="Keep the address private",
    ),
}

Content = Mapping[str, Any]


def is_empty(value: object) -> bool:
    """Nothing was said: no value, an empty text, list or mapping. Nought and "no" are answers."""
    return value is None or value in ("", [], (), {}) or (isinstance(value, str) and not value.strip())


def publishes(name: str) -> Publishes:
    """When an owner's change of this field is public; a field that we do not know waits."""
    known = FIELDS.get(name)
    return known.publishes if known else Publishes.AFTER_APPROVAL


def changed_fields(before: Content, after: Content) -> tuple[str, ...]:
    """The names whose values differ, in the order of the form, unknown ones last by name.

    Blanks at the ends, the order of a list of words, and the ways of saying nothing make no difference. A field
    that `after` does not name is unchanged.
    """
    changed = {name for name in after if _settled(before.get(name)) != _settled(after[name])}
    order = list(FIELDS)
    return tuple(
        sorted(changed, key=lambda name: (order.index(name) if name in FIELDS else len(order), name))
    )


def fields_as_they_were(now: Content, undone: Iterable[Content]) -> dict[str, Any]:
    """What the listing said before some changes: `undone` is each one's `before`, the latest change first."""
    then = dict(now)
    for before in undone:
        then.update(before)
    return then


def split_change(before: Content, after: Content, mover: Mover) -> tuple[dict[str, Any], dict[str, Any]]:
    """The new values that are public at once, and those that wait for an editor.

    What an editor or the product itself changes is public at once.
    """
    immediate: dict[str, Any] = {}
    waiting: dict[str, Any] = {}
    for name in changed_fields(before, after):
        waits = mover is Mover.OWNER and publishes(name) is Publishes.AFTER_APPROVAL
        (waiting if waits else immediate)[name] = after[name]
    return immediate, waiting


def _settled(value: object) -> object:
    """The value with its accidents taken off, for comparing."""
    if is_empty(value):
        return None
    if isinstance(value, str):
        return "\n".join(line.rstrip() for line in value.strip().splitlines())
    if isinstance(value, Mapping):
        return {key: _settled(part) for key, part in value.items() if not is_empty(part)}
    if isinstance(value, list | tuple):
        parts = [_settled(part) for part in value]
        return sorted(map(str, parts)) if all(isinstance(part, str) for part in parts) else parts
    return value


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that would make a listing more useful; `matters` marks what a visitor cannot do without."""

    field: str
    message: str
    matters: bool = False


_WISHES: tuple[Hint, ...] = (
    Hint("summary", "Say in one sentence what you do. It is the first thing that people read."),
    Hint("description", "Say what happens, who comes and what it feels like.", matters=True),
    Hint("needs", "Choose what it helps with, so that the right people find you.", matters=True),
    Hint("costs", "Say what it costs, or that it is free. People stay away when they do not know."),
    Hint("who_meets_you", "Say who meets a new person. Walking in alone is the hardest part."),
    Hint("getting_there", "Say how to get there, and where the door is."),
    Hint("access", "Say what there is for people who use a wheelchair, or who hear or see less well."),
    Hint("bring_someone", "Say whether a friend or carer may come along."),
)


def completeness_hints(content: Content) -> tuple[Hint, ...]:
    """What is missing, what matters most first. An empty answer means that nothing is."""
    hints = [hint for hint in _WISHES if is_empty(content.get(hint.field))]
    no_phone = is_empty(content.get("phone"))
    if no_phone and is_empty(content.get("email")):
        hints.append(
            Hint("phone", "Add a phone number or an email, so that people can ask first.", matters=True)
        )
    elif no_phone and content.get("join_mode") == JoinMode.RING_FIRST:
        hints.append(Hint("phone", "You ask people to ring first. Add the number to ring.", matters=True))
    if is_empty(content.get("schedules")) and is_empty(content.get("opening_times_text")):
        hints.append(Hint("schedules", "Add your days and times.", matters=True))
    elif is_empty(content.get("schedules")):
        hints.append(
            Hint("schedules", "Give your times as days and hours, so that people can search by day.")
        )
    in_person = content.get("mode", DeliveryMode.IN_PERSON) == DeliveryMode.IN_PERSON
    if in_person and is_empty(content.get("venue")) and is_empty(content.get("address")):
        hints.append(Hint("venue", "Say where you meet.", matters=True))
    return tuple(sorted(hints, key=lambda hint: not hint.matters))
