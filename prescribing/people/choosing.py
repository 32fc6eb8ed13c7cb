"""People as a list shows them from which one is chosen: no two of them look the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from core.calendar.rules import say_date
from prescribing.people.models import Person
from prescribing.people.queries import PersonLine, as_line
from prescribing.people.records import birth_date_of
from prescribing.people.rules import told_apart


def lines_to_choose(rows: Iterable[Person]) -> dict[UUID, PersonLine]:
    """The rows as a list shows them, by id; who is called like another of them, with what tells the two apart."""
    people = {row.id: row for row in rows}
    lines = {row.id: as_line(row) for row in people.values()}
    alike: defaultdict[str, list[UUID]] = defaultdict(list)
    for line in lines.values():
        alike[line.called.casefold()].append(line.id)
    for ids in alike.values():
        if len(ids) > 1:
            apart = told_apart({one: _telling(people[one]) for one in ids})
            lines |= {one: replace(lines[one], called=f"{lines[one].called} ({apart[one]})") for one in ids}
    return lines


def _telling(person: Person) -> tuple[str, ...]:
    """What may tell somebody from another of the same name, what people know best first."""
    born = birth_date_of(person)
    return (
        person.name or "" if person.preferred_name else "",
        f"born {say_date(born)}" if born else "",
        person.reference,
    )
