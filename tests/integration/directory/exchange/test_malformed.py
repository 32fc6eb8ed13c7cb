"""Whatever stands in the cells of a file, an import ends in a report."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core.access.rules import SYSTEM
from core.spreadsheets import inert
from directory.exchange import report, services
from directory.exchange.mapping import BEYOND, LONGEST_CELL, map_rows
from directory.exchange.mapping_file import read_mapping
from tests.integration.directory.exchange.conftest import COLUMNS, MAPPING, loom

CELLS = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(codec=None, categories=["Cs", "Cc", "Cf", "Zs", "Sm"]), max_size=12),
    st.integers(-(2**64), 2**64).map(str),
    st.sampled_from(
        [
            "\0",
            "\ud800",
            "a" * (LONGEST_CELL + 1),
            "men " * 1500,
            "Monday 9am - 5pm, " * 300,
            "=1+1",
            "NaN",
            "1e999",
            "BL9 0AA",
            "9223372036854775808",
        ]
    ),
)
ROWS = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys((*COLUMNS, BEYOND), CELLS)).map(
        lambda cells: loom(1) | cells
    ),
    max_size=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=ROWS)
def test_no_cell_is_a_traceback(session: Session, rows: list[dict[str, str]]) -> None:
    mapping = read_mapping(MAPPING)
    mapped = map_rows(mapping, [*rows, loom(2)])
    try:
        outcome = services.import_rows(session, SYSTEM, mapping.credit, mapped)
        assert services.import_rows(session, SYSTEM, mapping.credit, mapped).nothing_new
    finally:
        session.rollback()
    summary = report.summarise(mapped)
    assert summary.accepted + summary.rejected == summary.rows
    for line in report.lines("x.csv", summary, outcome):
        line.encode()
    for cells in report.csv_lines(mapped, outcome):
        assert not any(inert(cell).startswith(("=", "+", "-", "@")) for cell in cells)
