"""The built files: found by plain name, kept for good, and missed with the remedy."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.web.assets import Assets
from tests.unit.web.conftest import Small


def test_a_file_is_found_by_its_plain_name(built: Path) -> None:
    assert Assets(built).address("main.css") == "/static/main-0123abcd.css"
    with pytest.raises(KeyError, match=r"other\.css"):
        Assets(built).address("other.css")


def test_what_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="npm run build"):
        Assets(tmp_path / "nowhere").address("main.css")


def test_files_are_kept_for_good_and_travel_compressed(make: Callable[..., Small], built: Path) -> None:
    content = b"p { color: green }\n" * 100
    (built / "main-0123abcd.css").write_bytes(content)
    (built / "main-0123abcd.css.gz").write_bytes(gzip.compress(content))
    client = make().client()
    with client.get("/static/main-0123abcd.css", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert gzip.decompress(answer.get_data()) == content
    with client.get("/static/main-0123abcd.css") as answer:
        assert answer.get_data() == content


@pytest.mark.parametrize(
    "path", ["/static/", "/static/../core/db.py", "/static/main.css", "/static/%2e%2e/x"]
)
def test_nothing_else_is_served(small: Small, path: str) -> None:
    assert small.client().get(path).status_code == 404
