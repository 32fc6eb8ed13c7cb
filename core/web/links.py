"""Addresses: which we may send somebody to, and how to write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import phonenumbers
from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# What stands in an address as it is.
_PLAIN = re.compile(r"[a-z][a-z-]*").fullmatch
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


def is_local(target: str | None) -> bool:
    """Whether `target` is a path of this site, and can't be read by a browser as another site's address."""
    if not target or not target.startswith("/") or target.startswith("//") or _CONTROL.search(target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def safe_redirect(target: str | None, otherwise: str = "/") -> Response:
    """Go to `target` if it is a path of this site, else to `otherwise`; the browser asks for it by GET."""
    return redirect(target if target is not None and is_local(target) else otherwise, code=303)


def safe_href(address: str | None) -> str:
    """`address` if a press on it can do no harm (http, https, mailto, tel), else an empty text."""
    text = (address or "").strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if re.search(r"[\x00-\x20\x7f]", text) or parts.scheme.lower() not in _SCHEMES:
        return ""
    return text


def tel(number: str | None) -> str:
    """A `tel:` address for a telephone number as people write it; digits alone where it is not a full number."""
    text = number or ""
    try:
        parsed = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return "tel:" + re.sub(r"[^0-9+]", "", text)
    if not phonenumbers.is_possible_number(parsed):
        return "tel:" + re.sub(r"[^0-9+]", "", text)
    return "tel:" + phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def address_with(name: str, value: object) -> str:
    """This page's address with one query parameter changed; None takes it out."""
    pairs = [(key, text) for key, text in request.args.items(multi=True) if key != name]
    if value is not None:
        pairs.append((name, str(value)))
    return f"{request.path}?{urlencode(pairs)}" if pairs else request.path


def row_links() -> Callable[..., str]:
    """As `url_for`, for a page of many links: an address is made once, and ids and plain words are put into it."""
    root = request.script_root
    shapes: dict[tuple[str, ...], str] = current_app.extensions.setdefault("row_links", {})

    def link(endpoint: str, **values: UUID | str) -> str:
        for value in values.values():
            if type(value) is not UUID and not (type(value) is str and _PLAIN(value)):
                others: dict[str, Any] = values
                return url_for(endpoint, **others)
        key = (root, endpoint, *values)
        shape = shapes.get(key)
        if shape is None:
            shape = shapes[key] = _shape_of(endpoint, values)
        return shape.format(*values.values())

    return link


def _shape_of(endpoint: str, names: Iterable[str]) -> str:
    """The address of an endpoint, with a number in braces where each value goes; no address holds a brace."""
    stand_ins: dict[str, Any] = {name: UUID(int=at) for at, name in enumerate(names)}
    shape = url_for(endpoint, **stand_ins)
    for at, stand_in in enumerate(stand_ins.values()):
        shape = shape.replace(str(stand_in), f"{{{at}}}")
    return shape
