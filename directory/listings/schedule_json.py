"""A timetable's rule as plain JSON values, as it is kept in versions and proposals, and read back from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from core.errors import Invalid
from directory.listings.recurrence import BankHolidays, Frequency, ScheduleRule, Weekday


def rule_as_json(rule: ScheduleRule) -> dict[str, str | int | bool | list[str] | list[int]]:
    """The rule as plain JSON values, without empty parts; `rule_from_json` reads it back."""
    parts: dict[str, str | int | bool | list[str] | list[int] | None] = {
        "freq": rule.freq.value,
        "dtstart": rule.dtstart.isoformat(),
        "opens_at": rule.opens_at.isoformat("minutes"),
        "closes_at": _clock(rule.closes_at),
        "byday": [day.value for day in rule.byday],
        "interval": rule.interval,
        "nth": rule.nth,
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else None,
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        "term_time": rule.term_time or None,
        "season": list(rule.season) if rule.season else None,
        "bank_holidays": None if rule.bank_holidays is BankHolidays.AS_USUAL else rule.bank_holidays.value,
        "holiday_opens_at": _clock(rule.holiday_opens_at),
        "holiday_closes_at": _clock(rule.holiday_closes_at),
        "pence": rule.pence,
    }
    return {name: value for name, value in parts.items() if value not in (None, "", [])}


def rule_from_json(data: Mapping[str, object]) -> ScheduleRule:
    """Raises Invalid if a part is missing or cannot be read. School terms are the borough's, and not in it."""
    byday = data.get("byday", [])
    interval = data.get("interval", 1)
    nth, pence, season = data.get("nth"), data.get("pence"), data.get("season") or []
    if not isinstance(byday, list) or not isinstance(interval, int) or not isinstance(nth, int | None):
        raise Invalid("The days, the interval or the week of the month cannot be read.", "schedule")
    if not isinstance(season, list) or not isinstance(pence, int | None):
        raise Invalid("The season or the price cannot be read.", "schedule")
    try:
        months = tuple(int(str(month)) for month in season)
        return ScheduleRule(
            freq=Frequency(str(data["freq"])),
            dtstart=date.fromisoformat(str(data["dtstart"])),
            opens_at=time.fromisoformat(str(data["opens_at"])),
            closes_at=_read_clock(data.get("closes_at")),
            byday=tuple(Weekday(str(day)) for day in byday),
            interval=interval,
            nth=nth,
            valid_from=date.fromisoformat(str(data["valid_from"])) if data.get("valid_from") else None,
            valid_to=date.fromisoformat(str(data["valid_to"])) if data.get("valid_to") else None,
            term_time=bool(data.get("term_time", False)),
            season=(months[0], months[-1]) if months else None,
            bank_holidays=BankHolidays(str(data.get("bank_holidays") or BankHolidays.AS_USUAL)),
            holiday_opens_at=_read_clock(data.get("holiday_opens_at")),
            holiday_closes_at=_read_clock(data.get("holiday_closes_at")),
            pence=pence,
        )
    except (KeyError, ValueError) as error:
        raise Invalid(f"The times cannot be read: {error}.", "schedule") from error


def _clock(at: time | None) -> str | None:
    return None if at is None else at.isoformat("minutes")


def _read_clock(text: object) -> time | None:
    return time.fromisoformat(str(text)) if text else None
