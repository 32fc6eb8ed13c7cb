"""A listing's field values as people read them, with the vocabularies' names for slugs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar.rules import say_day, say_time
from directory.listings.models import TaxonomyTerm
from directory.listings.rules import DeliveryMode, JoinMode
from directory.listings.schedule_json import rule_from_json
from directory.listings.wording import timetable_in_words, value_in_words


@dataclass(frozen=True)
class Words:
    """Says field values in words. `names` maps the slugs of every vocabulary to their names."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, session: Session) -> Words:
        """With the vocabularies as they stand in the database."""
        terms = session.execute(select(TaxonomyTerm.slug, TaxonomyTerm.name))
        return cls({term.slug: term.name for term in terms})

    def say(self, name: str, value: Any, today: date | None = None) -> str:
        """The value of the field `name` in words; empty where nothing was said."""
        if not value and value is not False and value != 0:
            return ""
        match name:
            case "needs" | "audience" | "access":
                return ", ".join(self.names.get(slug, slug) for slug in value)
            case "schedules":
                return "\n".join(timetable_in_words([rule_from_json(rule) for rule in value], today))
            case "exceptions":
                return "\n".join(_exception_in_words(one, today) for one in value)
            case "mode":
                return DeliveryMode(value).label
            case "join_mode":
                return JoinMode(value).label
            case "address":
                return ", ".join(value[part] for part in ("street", "town", "postcode") if value.get(part))
            case _:
                return value_in_words(value)


def _exception_in_words(one: Mapping[str, str], today: date | None) -> str:
    day = say_day(date.fromisoformat(one["on"]), today)
    if one.get("session"):
        day = f"{day}, {say_time(time.fromisoformat(one['session']))}"
    moved_to = one.get("moved_to")
    what = f"moved to {say_day(date.fromisoformat(moved_to), today)}" if moved_to else "not on"
    return f"{day}: {what}" + (f" ({one['note']})" if one.get("note") else "")
