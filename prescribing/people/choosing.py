"""People as a list shows them from which one is chosen: no two of them look the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar.rules import say_date
from prescribing.people.models import Person
from prescribing.people.queries import PersonLine, as_line, lines
from prescribing.people.records import birth_date_of
from prescribing.people.rules import told_apart


def lines_apart(session: Session, person_ids: Collection[UUID]) -> dict[UUID, PersonLine]:
    """As `lines`, no two of which look the same: more is read only of whoever is called like another."""
    found = lines(session, person_ids)
    alike = [one for ids in _called_alike(found.values()) for one in ids]
    if not alike:
        return found
    return found | lines_to_choose(session.scalars(select(Person).where(Person.id.in_(alike))))


def lines_to_choose(rows: Iterable[Person]) -> dict[UUID, PersonLine]:
    """The rows as a list shows them, by id; who is called like another of them, with what tells the two apart."""
    people = {row.id: row for row in rows}
    shown = {row.id: as_line(row) for row in people.values()}
    for ids in _called_alike(shown.values()):
        apart = told_apart({one: _telling(people[one]) for one in ids})
        shown |= {one: shown[one]._replace(called=f"{shown[one].called} ({apart[one]})") for one in ids}
    return shown


def _called_alike(shown: Iterable[PersonLine]) -> list[list[UUID]]:
    """Whoever shares what they are called with somebody else, together."""
    alike: defaultdict[str, list[UUID]] = defaultdict(list)
    for line in shown:
        alike[line.called.casefold()].append(line.id)
    return [ids for ids in alike.values() if len(ids) > 1]


def _telling(person: Person) -> tuple[str, ...]:
    """What may tell somebody from another of the same name, what people know best first."""
    born = birth_date_of(person)
    return (
        person.name or "" if person.preferred_name else "",
        f"born {say_date(born)}" if born else "",
        person.reference,
    )
