"""Statements that are kept give what SQLAlchemy gives for them, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Select, bindparam, event, func, literal_column, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.db import UtcDateTime, among, at_most, new_id, read
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person, RecipientKind, Team


@cache
def _agreed() -> Select[*tuple[Any, ...]]:
    """Ids, a code, a list in JSON, moments and texts, some of them missing; a name twice, and one of none."""
    return (
        select(
            *(Consent.id, Consent.purpose, Consent.recipient_kind, Consent.fields, Consent.how),
            *(Consent.given_at, Consent.until, Person.id, Person.name_sealed, Person.flagged_for_safety),
            func.length(Consent.how),
        )
        .join(Person, Person.id == Consent.person_id)
        .where(
            among(Consent.person_id, "people"),
            Consent.given_at <= bindparam("now"),
            Consent.recipient_kind == RecipientKind.ORGANIZATION,
        )
        .order_by(Consent.given_at, Consent.id)
    )


@pytest.fixture
def person(session: Session) -> Person:
    team = Team(name="North", ward_codes=[])
    session.add(team)
    session.flush()
    person = Person(team_id=team.id, reference="GT-7K4M-2Q", name="Ada Lovelace")
    session.add(person)
    session.flush()
    for day, until in ((1, None), (2, datetime(2026, 5, 1, 9, 30, tzinfo=UTC))):
        session.add(
            Consent(
                person_id=person.id,
                purpose=ConsentPurpose.SHARE_OFFER,
                recipient_kind=RecipientKind.ORGANIZATION,
                recipient_id=new_id(),
                fields=["name", "phone"],
                how="on the phone",
                wording_version="1",
                given_at=datetime(2026, 3, day, 10, tzinfo=UTC),
                until=until,
                recorded_by="system",
            )
        )
    session.commit()
    return person


def test_rows_are_those_of_sqlalchemy(session: Session, person: Person) -> None:
    values = {"people": [person.id, uuid4()], "now": datetime(2026, 3, 9, tzinfo=UTC)}
    expected = session.connection().execute(_agreed(), values).all()
    found = read(session, _agreed(), **values)
    assert [tuple(row) for row in found] == [tuple(row) for row in expected]
    assert len(found) == 2
    first = found[0]
    assert (first.purpose, first.fields) == (ConsentPurpose.SHARE_OFFER, ["name", "phone"])
    assert first.given_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert read(session, _agreed(), people=[], now=values["now"]) == ()


def test_other_values_give_other_rows(session: Session, person: Person) -> None:
    people = [person.id]
    early = read(session, _agreed(), people=people, now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    late = read(session, _agreed(), people=people, now=datetime(2026, 3, 3, tzinfo=UTC))
    assert (len(early), len(late)) == (1, 2)


def test_a_value_that_the_statement_asks_for_itself_is_asked_for_each_time(
    session: Session, person: Person
) -> None:
    days = iter((1, 3))
    noon = bindparam(
        "noon", callable_=lambda: datetime(2026, 3, next(days), 12, tzinfo=UTC), type_=UtcDateTime()
    )
    asked = select(Consent.id).where(Consent.person_id == bindparam("person_id"), Consent.given_at <= noon)
    assert [len(read(session, asked, person_id=person.id)) for _again in range(2)] == [1, 2]


def test_a_value_that_is_not_given_is_refused(session: Session) -> None:
    with pytest.raises(KeyError, match="now"):
        read(session, _agreed(), people=[])


def test_a_list_is_spelled_out(session: Session, person: Person) -> None:
    asked = select(Person.id).where(Person.id.in_(bindparam("ids", expanding=True)))
    for ids in ([person.id], [person.id, new_id()], []):
        assert [row.id for row in read(session, asked, ids=ids)] == [person.id][: len(ids)]


def test_a_number_of_rows_is_written_out(session: Session, person: Person) -> None:
    asked = (
        select(Consent.given_at).where(Consent.person_id == bindparam("person_id")).order_by(Consent.given_at)
    )
    (first,) = read(session, asked.limit(at_most(1)), person_id=person.id)
    assert first.given_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert "LIMIT 1" in str(asked.limit(at_most(1)).compile(session.connection()))


def test_what_waits_is_written_first(session: Session, person: Person) -> None:
    asked = select(Person.date_of_birth_sealed).where(Person.id == bindparam("person_id"))
    person.date_of_birth = date(1950, 3, 4).isoformat()
    assert read(session, asked, person_id=person.id) == [(person.date_of_birth_sealed,)]


def test_whoever_listens_hears_what_is_sent(session: Session) -> None:
    heard: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, given: Any, *_more: object) -> None:
        heard.append((text, given))

    asked = select(Team.name).where(Team.name == bindparam("name"))
    event.listen(session.get_bind(), "before_cursor_execute", note)
    read(session, asked, name="North")
    event.remove(session.get_bind(), "before_cursor_execute", note)
    read(session, asked, name="North")
    ((text, given),) = heard
    assert text.startswith("SELECT teams.name")
    assert "North" in (given.values() if isinstance(given, dict) else given)


def test_an_error_is_sqlalchemys_and_quotes_no_value(session: Session) -> None:
    asked: Select[*tuple[Any, ...]] = select(literal_column("no_such_column")).where(
        Team.name == bindparam("name")
    )
    with pytest.raises(DBAPIError) as raised:
        read(session, asked, name="Ada Lovelace")
    assert "no_such_column" in str(raised.value)
    assert "Ada" not in str(raised.value)
    session.rollback()
    assert read(session, select(Team.name).where(Team.name == bindparam("name")), name="Ada") == ()
