"""Downloads of everything that is public."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from core.access.guard import public
from core.db import db
from core.errors import NotFound
from directory.exchange import exporting
from directory.exchange.exporting import DOWNLOADS

bp = Blueprint("downloads", __name__)

_SECONDS = 3600
_PIECE = 64 * 1024


@bp.get("/open-data/download/<name>")
@public("What there is, is open data")
def download(name: str) -> Response:
    """One file. A browser that has it already is told so."""
    known = DOWNLOADS.get(name)
    if known is None:
        raise NotFound
    path = exporting.file_of(db.session(), name)
    stamp = path.stat()
    answer = Response(_pieces(path), content_type=known.media_type)
    answer.content_length = stamp.st_size
    answer.headers["Content-Disposition"] = f"attachment; filename={known.name}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.cache_control.public, answer.cache_control.max_age = True, _SECONDS
    answer.last_modified = datetime.fromtimestamp(stamp.st_mtime, UTC)
    answer.set_etag(f"{stamp.st_mtime_ns:x}-{stamp.st_size:x}")
    answer.make_conditional(request)
    return answer


def _pieces(path: Path) -> Iterator[bytes]:
    """The file's bytes; it is open only while somebody reads."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def links() -> Markup:
    """The downloads as a list of links, with what each is good for."""
    items = Markup("").join(
        Markup('<li><a href="{}" download>{}</a>: {}{}</li>').format(
            url_for("downloads.download", name=one.name), one.label, one.good_for, _size(one.name)
        )
        for one in DOWNLOADS.values()
    )
    return Markup('<ul class="nhsuk-list nhsuk-list--bullet">{}</ul>').format(items)


def _size(name: str) -> str:
    path = exporting.folder() / name
    return f" ({max(1, round(path.stat().st_size / 1024)):,} KB)" if path.is_file() else ""
