"""An activity as schema.org data, so that machines read on the page what people read."""

from __future__ import annotations

from typing import Any

from directory.listings.pages import ListingPage, PlaceView
from directory.listings.recurrence import Frequency, ScheduleRule, Weekday, first_date
from directory.listings.rules import DeliveryMode

_DAYS = {day: f"https://schema.org/{day.label}" for day in Weekday}
Json = dict[str, Any]


def structured_data(page: ListingPage, base_url: str) -> Json:
    """The JSON-LD of one activity: an event series with its timetable and next sessions."""
    mode = (
        "OnlineEventAttendanceMode" if page.delivery is DeliveryMode.ONLINE else "OfflineEventAttendanceMode"
    )
    data: Json = {
        "@context": "https://schema.org",
        "@type": "EventSeries",
        "@id": f"{base_url}{page.path}",
        "url": f"{base_url}{page.path}",
        "name": page.name,
        "description": page.summary,
        "organizer": {
            "@type": "Organization",
            "name": page.group,
            "url": f"{base_url}/groups/{page.group_id}",
        },
        "eventAttendanceMode": f"https://schema.org/{mode}",
        "isAccessibleForFree": bool(page.costs) and all(cost.pence == 0 for cost in page.costs),
    }
    if page.places:
        data["location"] = _place(page.places[0])
    if page.languages:
        data["inLanguage"] = list(page.languages)
    if page.minimum_age or page.maximum_age is not None:
        oldest = "" if page.maximum_age is None else page.maximum_age
        data["typicalAgeRange"] = f"{page.minimum_age or 0}-{oldest}"
    if page.costs:
        data["offers"] = [
            {"@type": "Offer", "name": cost.label, "price": f"{cost.pence / 100:.2f}", "priceCurrency": "GBP"}
            for cost in page.costs
        ]
    if page.rules:
        data["eventSchedule"] = [_schedule(rule) for rule in page.rules]
    if page.sessions:
        data["subEvent"] = [
            {
                "@type": "Event",
                "name": page.name,
                "startDate": (one.start.date() if one.all_day else one.start).isoformat(),
                **({"endDate": one.end.isoformat()} if one.end and not one.all_day else {}),
                **({"location": data["location"]} if page.places else {}),
                "eventStatus": f"https://schema.org/Event{'Cancelled' if one.cancelled else 'Scheduled'}",
            }
            for one in page.sessions
        ]
    return data


def _place(place: PlaceView) -> Json:
    address = {
        "@type": "PostalAddress",
        "streetAddress": place.lines[0] if place.lines else "",
        "addressLocality": place.town,
        "postalCode": place.postcode,
        "addressCountry": "GB",
    }
    data: Json = {"@type": "Place", "name": place.name, "address": {k: v for k, v in address.items() if v}}
    if place.latitude is not None and place.longitude is not None:
        data["geo"] = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    return data


def _schedule(rule: ScheduleRule) -> Json:
    unit = "M" if rule.freq is Frequency.MONTHLY else "W"
    days: list[Json | str] = [_DAYS[day] for day in rule.byday]
    data: Json = {
        "@type": "Schedule",
        **({} if rule.all_day else {"startTime": rule.opens_at.isoformat()}),
        "scheduleTimezone": "Europe/London",
    }
    first = first_date(rule)
    if first is not None:
        data["startDate"] = first.isoformat()
    if rule.closes_at is not None and not rule.all_day:
        data["endTime"] = rule.closes_at.isoformat()
    if rule.freq is Frequency.ONCE:
        return data | {"repeatCount": 1}
    if rule.valid_to is not None:
        data["endDate"] = rule.valid_to.isoformat()
    data |= {"repeatFrequency": f"P{rule.interval}{unit}", "byDay": days}
    if rule.nth is not None:
        data["byMonthWeek"] = rule.nth
    return data
