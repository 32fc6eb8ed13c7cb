"""One list, taken in again and again while the list and the people change things."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.audit.models import AuditEntry
from core.geography import services as geography
from core.geography.models import Postcode
from core.geography.rules import Quality
from core.jobs.models import Job
from directory.exchange.models import ImportedRecord
from directory.listings import services
from directory.listings.content import content_of
from directory.listings.models import ListingChange, Organization, Service, Source
from directory.listings.rules import ListingStatus
from tests import build
from tests.html import HtmlClient
from tests.integration.directory.exchange.conftest import Exchange, Row, Run, contents, counted, loom


def service_of(session: Session, key: str) -> Service:
    session.expire_all()
    found = session.scalar(
        select(Service)
        .join(ImportedRecord, ImportedRecord.service_id == Service.id)
        .where(ImportedRecord.record_key == key)
    )
    assert found is not None
    return found


def record_of(session: Session, key: str) -> ImportedRecord:
    session.expire_all()
    found = session.scalar(select(ImportedRecord).where(ImportedRecord.record_key == key))
    assert found is not None
    return found


def add_postcode(session: Session, code: str = "BL9 0AA", quality: Quality = Quality.EXACT) -> None:
    session.add(
        Postcode(
            code=code,
            sector=code[:-2],
            lat=53.5928,
            lon=-2.2965,
            ward_code="E05014153",
            quality=quality,
        )
    )
    session.commit()


def correct(session: Session, key: str, **values: object) -> UUID:
    service = service_of(session, key)
    editor = build.actor(session, Role.EDITOR)
    services.submit_change(session, editor, service.id, values, service.version)
    session.commit()
    return service.id


def test_a_row_becomes_a_published_listing(session: Session, exchange: Exchange, client: HtmlClient) -> None:
    said = exchange(loom(1))
    assert "1 rows, 1 accepted (0 of them repaired), 0 rejected." in said
    assert "1 new, 0 changed, 0 as they were." in said
    service = service_of(session, "1")
    content = content_of(service)
    assert (service.status, service.confirmed_by) == (ListingStatus.PUBLISHED, "From The Weavers")
    assert (content["name"], content["phone"], content["needs"]) == (
        "Weaving 1",
        "0161 496 0101",
        ["purpose"],
    )
    assert content["address"] == {"street": "1 Loom Street", "town": "Bury", "postcode": "BL9 0AA"}
    assert (content["audience"], len(content["schedules"])) == (["men"], 1)
    assert content["accepting_referrals"] is False
    assert service.organization.name == "Weavers 1"
    source = session.get_one(Source, service.source_id)
    assert (source.key, source.licence) == ("looms", "Open Government Licence v3.0")
    assert "From The Weavers, today" in client.get(f"/activities/{service.id}").text


def test_a_second_import_changes_nothing(session: Session, exchange: Exchange) -> None:
    rows = [loom(number, phone="" if number % 2 else "0161 496 0101") for number in range(1, 30)]
    exchange(*rows)
    before = contents(session)
    assert "Nothing changed: all of it was here already." in exchange(*rows)
    assert contents(session) == before
    assert "Nothing changed" in exchange(*reversed(rows))
    assert contents(session) == before


def test_a_dry_run_says_all_and_writes_nothing(session: Session, exchange: Exchange) -> None:
    before = contents(session)
    said = exchange(loom(1), loom(2, title=""), options=("--dry-run",))
    assert "2 rows, 1 accepted (0 of them repaired), 1 rejected." in said
    assert "1 new" in said
    assert "This was a dry run: nothing was written." in said
    assert contents(session) == before


def test_many_listings_promise_one_rebuild_and_one_line_of_audit(
    session: Session, exchange: Exchange
) -> None:
    exchange(*map(loom, range(700)))
    assert [job.kind for job in session.scalars(select(Job))] == ["search.rebuild"]
    entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "exchange.import")))
    assert [entry.detail["created"] for entry in entries] == [700]


def test_statements_do_not_grow_with_rows(session: Session, exchange: Exchange) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    exchange(*map(loom, range(20)))
    few = len(statements)
    exchange(*map(loom, range(20, 420)))
    assert len(statements) - few < few + 10


def test_a_correction_by_hand_survives(session: Session, exchange: Exchange) -> None:
    exchange(loom(1), loom(2))
    correct(session, "1", phone="0161 496 0202")
    said = exchange(loom(1), loom(2))
    assert "1 keep what people corrected by hand" in said
    assert "Nothing changed" in said
    said = exchange(loom(1, phone="0161 496 0303", about="Weave with carers."), loom(2))
    assert "0 new, 1 changed, 1 as they were." in said
    assert [line["field"] for line in exchange.reported("kept")] == ["Phone"]
    content = content_of(service_of(session, "1"))
    assert (content["phone"], content["summary"]) == ("0161 496 0202", "Weave with carers.")
    assert content["audience"] == ["carers"]
    before = contents(session)
    assert "Nothing changed" in exchange(loom(1, phone="0161 496 0303", about="Weave with carers."), loom(2))
    assert contents(session) == before


def test_a_change_of_the_file_stands_in_the_listing_s_history(session: Session, exchange: Exchange) -> None:
    exchange(loom(1))
    version = service_of(session, "1").version
    exchange(loom(1, open="Friday 1pm - 3pm", street="9 Shuttle Lane"))
    change = session.scalars(select(ListingChange)).one()
    assert set(change.after) == {"schedules", "address"}
    assert change.author_name == "From The Weavers"
    assert service_of(session, "1").version > version
    assert content_of(service_of(session, "1"))["address"]["street"] == "9 Shuttle Lane"


def test_what_vanishes_is_marked_and_comes_back(session: Session, exchange: Exchange) -> None:
    exchange(loom(1), loom(2))
    said = exchange(loom(1))
    assert "1 are no longer in the file: marked, not deleted." in said
    assert record_of(session, "2").vanished_at is not None
    assert service_of(session, "2").status is ListingStatus.PUBLISHED
    assert [line["what"] for line in exchange.reported("vanished")] == ["2"]
    assert "Nothing changed" in exchange(loom(1))
    assert "1 are in the file again" in exchange(loom(1), loom(2))
    assert record_of(session, "2").vanished_at is None
    exchange(loom(1), loom(2, about="It closed down."))
    assert record_of(session, "2").vanished_at is not None


def test_a_file_without_a_usable_row_changes_nothing(session: Session, exchange: Exchange) -> None:
    exchange(loom(1))
    before = contents(session)
    assert "No row of the file can be used" in exchange(loom(1, title=""), exit_code=1)
    assert contents(session) == before


def test_rows_of_one_group_share_it(session: Session, exchange: Exchange) -> None:
    exchange(loom(1, group="Weavers"), loom(2, group="WEAVERS"), loom(3, group="Spinners"))
    assert counted(session, Organization) == 2
    exchange(loom(1, group="Weavers"), loom(2, group="Dyers"), loom(3, group="Knitters"))
    names = {key: service_of(session, key).organization.name for key in "123"}
    assert names == {"1": "Weavers", "2": "Dyers", "3": "Knitters"}
    assert counted(session, Organization) == 3
    before = contents(session)
    exchange(loom(1, group="Weavers"), loom(2, group="Dyers"), loom(3, group="Knitters"))
    assert contents(session) == before


def test_places_come_from_the_file_or_the_postcode_and_are_never_guessed(
    session: Session, exchange: Exchange
) -> None:
    geography.load_demo_facts(session)
    add_postcode(session)
    add_postcode(session, "BL9 0AB", Quality.SECTOR)
    said = exchange(
        loom(1),
        loom(2, lat="53.6", lon="-2.3"),
        loom(3, postcode="BL9 0ZZ"),
        loom(4, postcode=""),
        loom(5, postcode="BL9 0AB"),
    )
    places = [service_of(session, key).places[0].location for key in "12345"]
    assert [(place.latitude, place.longitude) for place in places] == [
        (53.5928, -2.2965),
        (53.6, -2.3),
        (None, None),
        (None, None),
        (None, None),
    ]
    assert places[0].ward_code == "E05014153"
    assert "2 without a place on the map: we do not hold their postcode" in said
    assert [line["row"] for line in exchange.reported("no place")] == ["4", "5", "6"]


def test_postcodes_that_are_loaded_later_place_what_is_there(session: Session, exchange: Exchange) -> None:
    exchange(loom(1), loom(2, postcode="BL9 0ZZ"))
    add_postcode(session)
    assert "0 new, 1 changed, 1 as they were." in exchange(loom(1), loom(2, postcode="BL9 0ZZ"))
    assert service_of(session, "1").places[0].location.latitude == 53.5928
    assert counted(session, ListingChange) == 0
    before = contents(session)
    exchange(loom(1), loom(2, postcode="BL9 0ZZ"))
    assert contents(session) == before


def test_a_place_that_people_moved_stays(session: Session, exchange: Exchange) -> None:
    add_postcode(session)
    exchange(loom(1))
    correct(session, "1", address={"street": "2 New Hall", "town": "Bury", "postcode": "M45 7TA"})
    exchange(loom(1, about="Weave and talk."))
    place = service_of(session, "1").places[0].location
    assert (place.address_1, place.latitude) == ("2 New Hall", None)
    assert {line["field"] for line in exchange.reported("kept")} == {"Address", "Place on the map"}


def test_rejected_rows_are_numbered_as_a_spreadsheet_does(exchange: Exchange) -> None:
    blank: Row = dict.fromkeys(loom(1), "")
    said = exchange(
        loom(1), blank, loom(2, title="", about="two\nlines"), loom(1), loom(3, about="closed down")
    )
    assert [(line["row"], line["what"]) for line in exchange.reported("rejected")] == [
        ("4", "There is no name."),
        ("5", "The same record stands in row 2."),
        ("6", "The list says that it closed down."),
    ]
    assert "4 rows, 1 accepted" in said
    assert "rejected 1: The same record stands in an earlier row. (row 5)" in said


def test_cells_of_the_report_are_inert(exchange: Exchange) -> None:
    exchange(loom(1, title='=HYPERLINK("x")', phone="@cmd"), loom(2, title="-2+3", postcode="+1"))
    for line in exchange.report.read_text("utf-8").splitlines():
        assert not any(cell.lstrip('"').startswith(("=", "+", "-", "@")) for cell in line.split(","))
    assert [line["what"] for line in exchange.reported("new")] == ['\'=HYPERLINK("x")', "'-2+3"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty: its first row must name the columns"),
        (b"PK\x03\x04rest", "is a spreadsheet or an archive"),
        (b"id,title\n1,x\n", "has no column “about”"),
        (",".join(loom(1)).encode() + b",id\n1\n", "names the column “id” twice"),
        (",".join(loom(1)).encode() + b"\n1,caf\xe9\n", "is not written in utf-8"),
        (",".join(loom(1)).encode() + b'\n1,"never closed\n', "A quotation mark may be missing"),
        (",".join(loom(1)).encode() + b"\n1," + b"x" * 200_000, "A quotation mark may be missing"),
        (",".join(loom(1)).encode() + b"\n" + b"x," * 40, "No row of the file can be used"),
    ],
)
def test_a_wrong_file_is_one_sentence(
    session: Session, exchange: Exchange, data: bytes, sentence: str
) -> None:
    before = contents(session)
    exchange.file.write_bytes(data)
    said = exchange(exit_code=1)
    assert sentence in said
    assert len(said.strip().splitlines()) == 1
    assert contents(session) == before


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'name = "Weaving groups"',
            'encoding = "runes"\nname = "x"',
            "encoding “runes” is not one that we know",
        ),
        (
            'name = "Weaving groups"',
            'encoding = "rot13"\nname = "x"',
            "encoding “rot13” is not one that we know",
        ),
        ('name = "Weaving groups"', 'delimiter = "::"\nname = "x"', "delimiter must be one letter"),
        ('licence = "Open Government Licence v3.0"', "", "looms.toml: The mapping has no “licence”"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(exchange: Exchange, old: str, new: str, sentence: str) -> None:
    exchange.mapping.write_text(exchange.mapping.read_text("utf-8").replace(old, new), "utf-8")
    assert sentence in exchange(loom(1), exit_code=1)


def test_a_mapping_that_is_not_there_names_those_that_are(exchange: Exchange, run_command: Run) -> None:
    exchange.write([loom(1)])
    said = run_command("exchange", "import", str(exchange.file), "--mapping", "gm_food", exit_code=1)
    assert "There is no mapping “gm_food”" in said
    assert "gm_food_banks" in said


def test_files_from_spreadsheets_with_a_byte_order_mark_are_read(exchange: Exchange) -> None:
    exchange.write([loom(1)], encoding="utf-8-sig")
    assert "1 accepted" in exchange()


def test_the_page_of_sources_keeps_other_parts(exchange: Exchange, tmp_path: Path) -> None:
    page = tmp_path / "sources.md"
    page.write_text(
        "# Old\n\n## a.csv\n\nWords.\n\n| Rows | Accepted | Repaired | Rejected |\n"
        "| ---: | ---: | ---: | ---: |\n| 1 | 2 | 3 | 4 |\n"
    )
    for _ in range(2):
        exchange(loom(1), loom(2, title="", phone="x"), options=("--sources-page", str(page)))
    text = page.read_text("utf-8")
    assert "| a.csv | 1 | 2 | 3 | 4 |\n| looms.csv | 2 | 1 | 0 | 1 |" in text
    assert text.count("## looms.csv") == text.count("There is no name.") == 1
    assert "Loom Street" not in text


def test_what_cannot_be_written_to_is_said_first(
    session: Session, exchange: Exchange, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    before = contents(session)
    for option in ("--sources-page", "--report"):
        assert "cannot be written" in exchange(
            loom(1), options=(option, str(tmp_path / "no" / "x.md")), exit_code=1
        )
    assert contents(session) == before


def test_an_import_that_fails_half_way_leaves_nothing(
    session: Session, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(session)

    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("directory.exchange.services._set_vanished", fail)
    with pytest.raises(AssertionError):
        exchange(*map(loom, range(600)))
    assert contents(session) == before


def test_a_dry_run_says_what_the_import_then_does(session: Session, exchange: Exchange) -> None:
    """Of records that are new, as they were, changed, corrected by hand, moved, renamed, gone and back again."""
    add_postcode(session)
    exchange(*map(loom, range(1, 13)), loom(20, group="Spinners"), loom(21, group="Spinners"))
    correct(session, "3", name="Weaving by hand")
    correct(session, "4", summary="Weave and sing.")
    exchange(*map(loom, range(1, 12)), loom(20, group="Spinners"), loom(21, group="Spinners"))
    rows = [
        *map(loom, range(1, 4)),
        loom(3, id="30"),
        loom(4, about="Weave by night.", title="Night weaving"),
        loom(5, title="Weaving for two"),
        loom(6, lat="53.59", lon="-2.29"),
        loom(7, group="Weavers of Bury"),
        loom(8, phone="12"),
        loom(12),
        loom(20, group="SPINNERS"),
        loom(21, group="SPINNERS"),
    ]

    def told(*options: str) -> tuple[str, str]:
        said = exchange(*rows, options=options).replace("This was a dry run: nothing was written.\n", "")
        return said, exchange.report.read_text("utf-8")

    before = contents(session)
    looked = told("--dry-run")
    assert contents(session) == before
    assert "1 new" in looked[0]
    assert looked == told()
    assert contents(session) != before
    assert "Nothing changed" in told("--dry-run")[0]
