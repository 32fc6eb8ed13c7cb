"""Answers that are files, and our own address in them."""

from __future__ import annotations

from flask import Response

from core.settings import current_settings


def base_url() -> str:
    """The service's own address, without a slash at its end."""
    return current_settings().base_url


def calendar_answer(content: bytes, name: str) -> Response:
    """An iCalendar file to keep, or to subscribe to."""
    response = Response(content, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response
