"""The people of the example borough as written: their stories, and the parts that quieter stories are made of."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.errors import Invalid
from prescribing.episodes.rules import Priority

CONTENT = Path(__file__).resolve().parent / "content"


class Fate(StrEnum):
    """How far a story has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    TRIAGE = "triage"
    NEEDS_INFO = "needs-info"
    ALLOCATED = "allocated"
    CONTACTING = "contacting"
    ACTIVE = "active"
    PAUSED = "paused"
    UNDO = "undo"
    COMPLETED = "completed"
    REDIRECTED = "redirected"
    DECLINED = "declined"
    UNCONTACTABLE = "uncontactable"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    DIED = "died"
    IN_ERROR = "in-error"


@dataclass(frozen=True, slots=True)
class Visit:
    """Where somebody was sent, by the activity's key, and what came of it: a state's word, or "told" or "gap"."""

    activity: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One person's thread. Ages are in years, `days` ago they asked, scores are ONS4's four answers."""

    key: str
    name: str
    age: int
    gender: str
    ethnicity: str
    sector: str
    source: str
    needs: tuple[str, ...]
    reason: str
    fate: Fate
    days: int
    called: str = ""
    partner: str = ""
    asker: str = ""
    referrer: str = ""
    matters: str = ""
    strengths: str = ""
    goal: str = ""
    goals: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    heads_up: str = ""
    access: str = ""
    communication: str = ""
    interpreter: str = ""
    carer: str = ""
    named: tuple[str, ...] = ()
    times: str = ""
    risks: str = ""
    risk_summary: str = ""
    flagged: bool = False
    priority: Priority = Priority.ROUTINE
    worker: str = ""
    account: bool = False
    partly: bool = False
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    closing: str = ""
    pause: str = ""
    question: str = ""
    again: str = ""
    consent_back: str = ""
    go: tuple[Visit, ...] = ()

    @property
    def first_name(self) -> str:
        """What they are called."""
        return self.called or self.name.split()[0]


@dataclass(frozen=True, slots=True)
class NeedParts:
    """What people say of one need, what they want, and where they may be sent."""

    reasons: tuple[str, ...]
    goals: tuple[str, ...]
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one heritage; `share` is how many of a hundred people have one."""

    share: int
    ethnicity: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """Hand-written parts. `lines` are the pools by name, `sectors` the weights of where people live."""

    lines: Mapping[str, tuple[str, ...]]
    needs: Mapping[str, NeedParts]
    names: tuple[Names, ...]
    sectors: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Network:
    """The team, whoever refers, and who works where, as tables of texts."""

    team: Mapping[str, str]
    partners: tuple[Mapping[str, str], ...]
    workers: tuple[Mapping[str, str], ...]
    accounts: tuple[Mapping[str, str], ...]
    groups: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that the content files say of people."""

    stories: tuple[Story, ...]
    parts: Parts
    network: Network = field(repr=False)


def read_written(folder: Path = CONTENT) -> Written:
    """Read the three files. Raises `Invalid` naming the entry that cannot be used."""
    people = _load(folder / "people.toml")
    parts, network = _load(folder / "parts.toml"), _load(folder / "network.toml")
    stories = tuple(_story(entry) for entry in people["person"])
    if len({story.key for story in stories}) != len(stories):
        raise Invalid("Two people of the example borough have the same key.")
    return Written(
        stories=stories,
        parts=_parts(parts),
        network=Network(
            team=network["team"],
            partners=tuple(network["partner"]),
            workers=tuple(network["worker"]),
            accounts=tuple(network["account"]),
            groups=tuple(network["group"]),
        ),
    )


def read_visit(text: str) -> Visit:
    """A visit from its one-line form: "c-chair-cafe declined no-capacity"."""
    return Visit(*text.split())


def _load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _story(entry: dict[str, Any]) -> Story:
    try:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
        }
        values["fate"] = Fate(entry["fate"])
        values["priority"] = Priority(entry.get("priority", Priority.ROUTINE))
        values["go"] = tuple(read_visit(text) for text in entry.get("go", ()))
        values["steps"] = tuple((owner, words) for owner, words in entry.get("steps", ()))
        return Story(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"people.toml: {entry.get('key', 'an entry')} cannot be used: {error}") from error


def _parts(held: dict[str, Any]) -> Parts:
    known = {each.name for each in fields(NeedParts)}
    return Parts(
        lines={
            name: tuple(value) for name, value in held.items() if isinstance(value, list) and name != "names"
        },
        needs={
            slug: NeedParts(**{name: tuple(entry[name]) for name in known})
            for slug, entry in held["need"].items()
        },
        names=tuple(
            Names(
                share=entry["share"],
                ethnicity=entry["ethnicity"],
                women=tuple(entry["women"]),
                men=tuple(entry["men"]),
                surnames=tuple(entry["surnames"]),
            )
            for entry in held["names"]
        ),
        sectors=held["sectors"],
    )
