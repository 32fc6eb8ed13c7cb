"""What may be asked of the open API, how an answer is paged, and what a sound object is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import LONDON
from directory.listings.recurrence import Occurrence, Weekday
from directory.openreferral import profiles, rules
from directory.openreferral.parameter_rules import PAGE_SIZE, Kind, Parameter
from directory.openreferral.profiles import HSDS, PROFILES, UK
from directory.openreferral.rules import RESOURCES, Problems
from directory.openreferral.serializers import email, uri

SERVICES = RESOURCES["services"].parameters_for("oruk")
PLACES = RESOURCES["service_at_locations"].parameters_for("hsds")
AN_ID = "019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f"


def asked(**texts: str) -> rules.Asked:
    return rules.read_parameters({name: [text] for name, text in texts.items()}, SERVICES)


def test_every_parameter_is_read() -> None:
    said = asked(
        search="  tea\x00 and talk ",
        page="2",
        per_page="100",
        format="NDJSON",
        taxonomy_id=AN_ID,
        modified_after="2026-03-01T09:30:00 01:00",
        full="true",
        minimal="0",
        minimum_age="18",
        day="tuesday",
        start_time="09:30",
        end_time="17:00:30",
    )
    assert said.get("search") == "tea  and talk"
    assert (said.page, said.per_page, said.streams) == (2, 100, True)
    assert said.get("taxonomy_id") == UUID(AN_ID)
    assert said.get("modified_after") == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert said.flag("full")
    assert not said.flag("minimal")
    assert said.get("minimum_age") == 18
    assert said.get("day") is Weekday.TUESDAY
    assert (said.get("start_time"), said.get("end_time")) == (time(9, 30), time(17, 0, 30))
    assert said.asks_times


def test_nothing_said_is_the_first_page_of_everything() -> None:
    said = asked(search="", page=" ")
    assert not said.values
    assert (said.page, said.per_page, said.streams, said.asks_times) == (1, PAGE_SIZE, False, False)


@pytest.mark.parametrize(
    ("name", "text", "mend"),
    [
        ("page", "0", "from 1"),
        ("page", "-1", "whole number"),
        ("page", "٣", "whole number"),
        ("page", "9" * 5000, "whole number"),
        ("per_page", "1001", "from 1 to 1000"),
        ("format", "xml", "json or ndjson"),
        ("taxonomy_id", "tea", "an id"),
        ("taxonomy_id", AN_ID.replace("-", ""), "an id"),
        ("modified_after", "yesterday", "such as 2026-03-01T09:30:00Z"),
        ("modified_after", "0001-01-01T00:00:00+14:00", "a date and time"),
        ("full", "maybe", "true or false"),
        ("minimum_age", "-1", "from 0 to 150"),
        ("minimum_age", "nan", "from 0 to 150"),
        ("minimum_age", "1_0", "from 0 to 150"),
        ("day", "YESTERDAY", "one of MO, TU"),
        ("start_time", "25:00", "such as 09:30"),
        ("nonsense", "1", "Use any of: search, page"),
    ],
)
def test_what_cannot_be_used_is_said_with_how_to_mend_it(name: str, text: str, mend: str) -> None:
    with pytest.raises(Problems) as fault:
        asked(**{name: text})
    assert list(fault.value.problems) == [name]
    assert mend in fault.value.problems[name]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Problems) as fault:
        rules.read_parameters({"page": ["1", "2"], "per_page": ["x"], "a\x00b": ["1"]}, SERVICES)
    assert set(fault.value.problems) == {"page", "per_page", "a�b"}
    assert "Give it once" in fault.value.problems["page"]


def test_the_other_bases_parameters_are_pointed_to() -> None:
    known = RESOURCES["services"].parameters_for("hsds")
    with pytest.raises(Problems, match="/api/oruk/v3"):
        rules.read_parameters({"day": ["MO"]}, known, frozenset({"day"}))
    with pytest.raises(Problems, match="Use any of: none"):
        rules.read_parameters({"day": ["MO"]}, ())


def test_a_distance_needs_a_place() -> None:
    with pytest.raises(Problems, match="Give postcode too"):
        rules.read_parameters({"proximity": ["500"]}, PLACES)
    said = rules.read_parameters({"proximity": ["500.5"], "postcode": ["BL9 0AA"]}, PLACES)
    assert (said.get("proximity"), said.get("postcode")) == (500.5, "BL9 0AA")
    with pytest.raises(Problems) as fault:
        rules.read_parameters({"proximity": ["500"], "postcode": ["x" * 61]}, PLACES)
    assert list(fault.value.problems) == ["postcode"]


def test_a_day_without_its_zone_is_utc() -> None:
    assert asked(modified_after="2026-03-01").get("modified_after") == datetime(2026, 3, 1, tzinfo=UTC)


@given(st.sampled_from(Kind), st.text(max_size=80))
def test_any_text_is_read_or_refused_in_words(kind: Kind, text: str) -> None:
    one = Parameter("it", kind, "")
    said = ""
    try:
        rules.read_parameters({"it": [text]}, (one,))
    except Problems as fault:
        said = fault.problems["it"]
    assert not said or said.startswith("it must be")
    assert one.schema["type"] in {"string", "integer", "number", "boolean"}


@given(st.integers(0, 500), st.integers(1, 20), st.integers(1, 60))
def test_pages_tell_where_they_stand(total: int, size: int, page: int) -> None:
    held: list[dict[str, object]] = [{}] * max(0, min(size, total - (page - 1) * size))
    envelope = rules.envelope(total, page, size, list(held))
    assert envelope["size"] == len(held)
    assert envelope["empty"] == (not held)
    assert envelope["first_page"] == (page == 1)
    assert envelope["last_page"] == (page * size >= total)
    assert envelope["total_pages"] * size >= total > (envelope["total_pages"] - 1) * size or total == 0


def test_a_problem_names_its_parameters() -> None:
    assert rules.problem(404, "Not found", "Nothing here") == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "Nothing here",
    }
    assert rules.problem(400, "a", "b", {"page": "c"})["errors"] == [{"parameter": "page", "detail": "c"}]


def session(day: int, start: str, end: str | None, *, cancelled: bool = False) -> Occurrence:
    def at(text: str) -> datetime:
        return datetime.combine(date(2026, 3, day), time.fromisoformat(text), LONDON)

    return Occurrence(at(start), at(end) if end else None, cancelled=cancelled)


def test_sessions_fit_between_times() -> None:
    morning = session(3, "10:00", "12:00")
    assert rules.fits(morning, None, None)
    assert rules.fits(morning, time(10), time(12))
    assert not rules.fits(morning, time(10, 1), None)
    assert not rules.fits(morning, None, time(11, 59))
    assert not rules.fits(session(3, "10:00", "12:00", cancelled=True), None, None)
    # Where nobody said when it ends, it cannot be known to end in time.
    assert not rules.fits(session(3, "10:00", None), None, time(20))
    assert rules.fits(session(3, "10:00", None), time(9), None)
    overnight = Occurrence(session(3, "22:00", None).start, session(4, "02:00", None).start)
    assert not rules.fits(overnight, None, time(23))


def test_a_day_is_the_coming_one() -> None:
    tuesday = date(2026, 3, 3)
    assert rules.days_wanted(tuesday, Weekday.TUESDAY) == (tuesday, tuesday)
    assert rules.days_wanted(tuesday, Weekday.MONDAY) == (date(2026, 3, 9), date(2026, 3, 9))
    assert rules.days_wanted(tuesday, None) == (tuesday, date(2026, 3, 9))


def test_the_allowance_of_a_minute() -> None:
    assert rules.allowance(10, 4, 61.5) == rules.Allowance(10, 6, 59, refused=False)
    assert rules.allowance(10, 10, 119.9) == rules.Allowance(10, 0, 1, refused=False)
    assert rules.allowance(10, 11, 120.0) == rules.Allowance(10, 0, 60, refused=True)


# --- profiles -----------------------------------------------------------------------------------------------


def test_each_object_that_is_pointed_to_is_there() -> None:
    for profile in PROFILES.values():
        for name, fields in profile.objects.items():
            for one in fields.values():
                assert not one.is_object or one.kind in profile.objects, f"{profile.key}: {name}.{one.name}"


def test_the_uk_profile_drops_what_it_does_not_know() -> None:
    said: dict[str, object] = {
        "id": AN_ID,
        "name": "Ada",
        "email": "ada@example.org",
        "title": None,
        "phones": [],
    }
    assert HSDS.keep("contact", said) == {"id": AN_ID, "name": "Ada", "email": "ada@example.org"}
    assert UK.keep("contact", said) == {"id": AN_ID, "name": "Ada"}


SOUND = {"id": AN_ID, "name": "Tea", "status": "active"}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"id": "1"}, "service.id is not a UUID"),
        ({"id": None}, "service.id is not a UUID"),
        ({"status": "open"}, "service.status is not one of its values"),
        ({"email": "nobody"}, "service.email is not an email address"),
        ({"url": "example.org"}, "service.url is not a web address"),
        ({"minimum_age": "5"}, "service.minimum_age is not a number"),
        ({"minimum_age": True}, "service.minimum_age is not a number"),
        (
            {"last_modified": "2026-03-01T00:00:00"},
            "service.last_modified is not a date and time with its zone",
        ),
        ({"last_modified": "soon"}, "service.last_modified is not a date and time with its zone"),
        ({"name": None}, "service.name is not text"),
        ({"schedules": {}}, "service.schedules is not a list"),
        (
            {"schedules": [{"freq": "DAILY", "id": AN_ID}]},
            "service.schedules[0].freq is not one of its values",
        ),
        ({"organization": []}, "service.organization is not an object"),
        ({"organization": {"id": AN_ID, "name": "A"}}, "service.organization.description is missing"),
        ({"wait_time": "long"}, "service.wait_time is not in Open Referral UK 3.0"),
    ],
)
def test_what_is_wrong_with_an_object_is_found(changed: dict[str, object], fault: str) -> None:
    assert profiles.faults(UK, "service", SOUND, strict=True) == []
    assert profiles.faults(UK, "service", SOUND | changed, strict=True) == [fault]


def test_more_than_the_profile_is_a_fault_to_strict_judges_only() -> None:
    assert profiles.faults(UK, "service", SOUND | {"wait_time": "long"}, strict=False) == []
    assert profiles.faults(UK, "service", {}, strict=False) == [
        "service.id is missing",
        "service.name is missing",
        "service.status is missing",
    ]


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("https://example.org/a b?c=é#d", "https://example.org/a%20b?c=%C3%A9#d"),
        ("www.example.org", "https://www.example.org"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("javascript:alert(1)", None),
        ("ftp://example.org", None),
        ("https://", None),
        ("http://[bad", None),
        ("http://exa mple.org", None),
        ("https://" + "x" * 70 + ".example", None),
        (None, None),
    ],
)
def test_web_addresses_are_spelled_as_strict_readers_want(typed: str | None, clean: str | None) -> None:
    assert uri(typed) == clean


def test_only_email_addresses_are_given_as_such() -> None:
    assert email(" hello@example.org ") == "hello@example.org"
    assert email("ring us") is None
    assert email(None) is None


@given(st.text(max_size=60))
def test_no_web_address_that_is_given_is_unsound(text: str) -> None:
    found = uri(f"https://example.org/{text}")
    assert found is None or profiles.URI.fullmatch(found)
