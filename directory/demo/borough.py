"""The example borough as written: venues, groups and activities out of the content files, checked before use."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

from core.errors import Invalid
from directory.listings.recurrence import Frequency, ScheduleRule, Weekday
from directory.listings.rules import DeliveryMode, JoinMode

T = TypeVar("T")

CONTENT = Path(__file__).resolve().parent / "content"
FIRST_VISIT = ("who_meets_you", "must_i_talk", "religious", "bring_someone", "what_to_bring")
_ACTIVITY_KEYS = frozenset(
    {"key", "name", "summary", "description", "needs", "audience", "min_age", "max_age", "mode", "venue"}
    | {"join", "languages", "access", "capacity", "notice", "cost", "schedule", "first_visit"}
)


@dataclass(frozen=True, slots=True)
class Venue:
    """A place of the example borough. `sector` is a postcode sector, `ward` a ward's name."""

    key: str
    name: str
    address_1: str
    town: str
    sector: str
    ward: str
    access: tuple[str, ...]
    getting_there: str


@dataclass(frozen=True, slots=True)
class Timing:
    """One line of an activity's timetable, not yet tied to a date."""

    freq: Frequency
    day: Weekday
    start: time
    end: time
    interval: int = 1
    nth: int | None = None
    term_time: bool = False

    def rule(self, first: date) -> ScheduleRule:
        """The rule, counted from the first such day on or after `first`."""
        anchor = first + timedelta(days=(self.day.number - first.weekday()) % 7)
        return ScheduleRule(
            freq=self.freq,
            dtstart=anchor,
            opens_at=self.start,
            closes_at=self.end,
            byday=(self.day,),
            interval=self.interval,
            nth=self.nth,
            term_time=self.term_time,
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity. Ages are in years, costs are (label, pence)."""

    key: str
    name: str
    summary: str
    description: str
    needs: tuple[str, ...]
    audience: tuple[str, ...]
    mode: DeliveryMode
    join: JoinMode
    venue: str | None
    languages: tuple[str, ...]
    access: tuple[str, ...]
    costs: tuple[tuple[str, int], ...]
    timings: tuple[Timing, ...]
    first_visit: Mapping[str, str]
    minimum_age: int | None
    maximum_age: int | None
    capacity: int | None
    notice: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """One group and what it offers."""

    key: str
    name: str
    kind: str
    ward: str
    summary: str
    description: str
    phone: str
    email: str
    website: str | None
    contact_name: str
    contact_role: str
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Borough:
    """Everything that the content files say."""

    venues: tuple[Venue, ...]
    groups: tuple[Group, ...]


def read_borough(folder: Path = CONTENT) -> Borough:
    """Read every file of the folder. Raises `Invalid` naming the file and the entry that cannot be used."""
    venues: list[Venue] = []
    groups: list[Group] = []
    for path in sorted(folder.glob("*.toml")):
        held = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in held["venue"]:
            venues.append(_read(path, entry, lambda e: Venue(**e | {"access": tuple(e["access"])})))
        for entry in held["group"]:
            groups.append(_read(path, entry, _group))
    _refuse_twins([venue.key for venue in venues])
    _refuse_twins([group.key for group in groups])
    _refuse_twins([activity.key for group in groups for activity in group.activities])
    known = {venue.key for venue in venues}
    for group in groups:
        for activity in group.activities:
            if (activity.mode is DeliveryMode.IN_PERSON) != (activity.venue in known):
                raise Invalid(f"The activity {activity.key} needs a known venue exactly if it is in person.")
    return Borough(tuple(venues), tuple(groups))


def _read(path: Path, entry: Mapping[str, Any], make: Callable[[dict[str, Any]], T]) -> T:
    try:
        return make(dict(entry))
    except (KeyError, TypeError, ValueError, Invalid) as error:
        raise Invalid(f"{path.name}: {entry.get('key', 'an entry')} cannot be used: {error}") from error


def _group(entry: dict[str, Any]) -> Group:
    activities = tuple(_activity(one) for one in entry.pop("activity"))
    return Group(**{"website": None} | entry, activities=activities)


def _activity(entry: dict[str, Any]) -> Activity:
    unknown = entry.keys() - _ACTIVITY_KEYS
    if unknown:
        raise Invalid(f"{entry['key']} has unknown keys: {', '.join(sorted(unknown))}.")
    return Activity(
        key=entry["key"],
        name=entry["name"],
        summary=entry["summary"],
        description=entry["description"],
        needs=tuple(entry["needs"]),
        audience=tuple(entry["audience"]),
        mode=DeliveryMode(entry["mode"]),
        join=JoinMode(entry["join"]),
        venue=entry.get("venue"),
        languages=tuple(entry["languages"]),
        access=tuple(entry.get("access", ())),
        costs=tuple((cost["label"], int(cost["pence"])) for cost in entry["cost"]),
        timings=tuple(_timing(line) for line in entry["schedule"]),
        first_visit={name: entry["first_visit"][name] for name in FIRST_VISIT},
        minimum_age=entry.get("min_age"),
        maximum_age=entry.get("max_age"),
        capacity=entry.get("capacity"),
        notice=entry.get("notice"),
    )


def _timing(line: Mapping[str, Any]) -> Timing:
    return Timing(
        freq=Frequency(str(line["freq"]).upper()),
        day=Weekday(line["day"]),
        start=time.fromisoformat(line["start"]),
        end=time.fromisoformat(line["end"]),
        interval=line.get("interval", 1),
        nth=line.get("nth"),
        term_time=line.get("term_time", False),
    )


def _refuse_twins(keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise Invalid(f"Two entries have the key {key}.")
        seen.add(key)
