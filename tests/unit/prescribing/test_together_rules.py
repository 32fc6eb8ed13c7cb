"""Who is shown of a long list of people, and that nobody who is ticked is lost from sight."""

from __future__ import annotations

from uuid import UUID

from prescribing.together.rules import A_PAGE, Names, apart, shown

PEOPLE = {
    UUID(int=n): Names(f"Ann Mc{chr(96 + n)}q Annie", (f"GT-7K4M-{n:03}",)) for n in range(1, A_PAGE + 6)
}
IDS = tuple(PEOPLE)


def test_everybody_stands_on_pages() -> None:
    first = shown(PEOPLE, (), " ", 1)
    assert (first.ids, first.found, first.page, first.pages) == (IDS[:A_PAGE], A_PAGE + 5, 1, 2)
    assert shown(PEOPLE, (), "", 2).ids == IDS[A_PAGE:]
    assert shown(PEOPLE, (), "", 99) == shown(PEOPLE, (), "", 2)
    assert shown(PEOPLE, (), "", -1) == first


def test_who_is_looked_for_is_found_by_name_or_reference() -> None:
    assert shown(PEOPLE, (), "annie mccq", 1).ids == (IDS[2],)
    assert shown(PEOPLE, (), "7k4m-004", 1).ids == (IDS[3],)
    nobody = shown(PEOPLE, (), "Zoe", 1)
    assert (nobody.ids, nobody.found, nobody.pages) == ((), 0, 1)


def test_whoever_is_ticked_stays_first_and_is_not_counted_twice() -> None:
    kept = {IDS[4], IDS[1]}
    found = shown(PEOPLE, kept, "mccq", 1)
    assert (found.ids, found.found) == ((IDS[1], IDS[4], IDS[2]), 1)
    assert shown(PEOPLE, kept, "mceq", 1).found == 0


def test_what_was_typed_is_parted_by_whom_it_is_about() -> None:
    ann, bob, stranger = (UUID(int=n) for n in (1, 2, 3))
    typed = [("what", "Drop-in"), ("people", str(ann)), ("people", str(stranger)), ("note_a", "Laughed")]
    typed += [("note_b", "Quiet"), ("note_z", "Left out"), ("words", "ann"), ("then", "find"), ("page", "2")]
    assert apart(typed, {"note_a": ann, "note_b": bob}, (ann, bob)) == {
        None: [("what", "Drop-in")],
        ann: [("people", str(ann)), ("note_a", "Laughed")],
        bob: [("note_b", "Quiet")],
    }
