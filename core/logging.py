"""Logs that a machine can read and nobody can be found in.

Every line is one JSON object. A request is named by its id and its route (such as `/people/<uuid:person_id>`), never
by its address or what was asked; an error by its kind and where it arose, never by its words, which may quote a row.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, g, has_request_context, request

# What every log record has; anything else was given as `extra`, and is ours.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_QUERY = re.compile(r"\?[^\s'\"]*")
_OURS = ("core", "directory", "prescribing", "golden_thread", "gunicorn", "wsgi")

_MOST_FRAMES = 12

access = logging.getLogger("golden_thread.access")


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, the request's id, what was given as `extra`, and of an
    exception its kind and where it arose."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line. Libraries' messages are kept out, since they may quote what they were given."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        line |= {key: value for key, value in vars(record).items() if key not in _USUAL}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-_MOST_FRAMES:]
            ]
        return json.dumps(line, default=str, ensure_ascii=True)


def _message(record: logging.LogRecord) -> str:
    whose = record.name.split(".", maxsplit=1)[0]
    if whose == "gunicorn" and "request" in str(record.msg):
        # Gunicorn names who asked, and for what.
        return str(record.msg).partition(" from ip=")[0].partition(" %s")[0]
    return _QUERY.sub("?...", record.getMessage()) if whose in _OURS else str(record.msg)


def configure(level: int = logging.INFO) -> None:
    """Send everything that is logged in this process to standard error, as JSON lines."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)


def init_app(app: Flask) -> None:
    """Log each request of `app` when it was answered: its route, method, status, and how long it took."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        g.setdefault("request_id", secrets.token_hex(8))

    @app.after_request
    def answered(response: Response) -> Response:
        started: float = g.get("started", time.perf_counter())
        access.info(
            "answered",
            extra={
                "method": request.method,
                "route": request.url_rule.rule if request.url_rule else "(none)",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            },
        )
        return response
