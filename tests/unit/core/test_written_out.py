"""What leaves the product for spreadsheets and logs: cells that nothing runs, lines that name nobody."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from core.errors import Invalid
from core.logging import JsonLines
from core.spreadsheets import Cell, csv_file, inert


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_would_be_run_is_not(sign: str) -> None:
    assert inert(f"{sign}1") == f"'{sign}1"


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), ("", ""), ("*", "*"), (-4, "-4"), (-1.5, "-1.5"), ("a=b", "a=b")]
)
def test_other_cells_stay_as_they_are(cell: Cell, text: str) -> None:
    assert inert(cell) == text


def test_a_file_is_written_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with csv_file(path, ("row", "what")) as write:
        write((1, "=cmd()"))
        write((2, "half a letter: \ud800"))
    assert path.read_bytes() == b"row,what\r\n1,'=cmd()\r\n2,half a letter: \\ud800\r\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(Invalid, match=r"cannot be written to report\.csv"),
        csv_file(tmp_path / "nowhere" / "report.csv", ("row",)),
    ):
        pass


def test_a_full_disk_is_named() -> None:
    with (
        pytest.raises(Invalid, match="cannot be written to full"),
        csv_file(Path("/dev/full"), ("row",)) as write,
    ):
        write(("more than is held back before it is written",) * 10_000)


@pytest.mark.parametrize(
    ("message", "arguments", "said"),
    [
        ("Listening at: %s", ("http://127.0.0.1:8000",), "Listening at: http://127.0.0.1:8000"),
        ("Error handling request %s %s", ("GET", "/set-password/a-token?q=1"), "Error handling request"),
        ("Error handling request %s", ("/answer/a-token",), "Error handling request"),
        ("Invalid request from ip=192.0.2.7: 'GET /answer/a-token'", (), "Invalid request"),
    ],
)
def test_the_server_s_own_lines_name_nobody(message: str, arguments: tuple[str, ...], said: str) -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, __file__, 1, message, arguments, None)
    assert json.loads(JsonLines().format(record))["message"] == said
