"""Opening a published vocabulary."""

from __future__ import annotations

import json

from core.errors import Invalid
from directory.stewardship.taxonomies.rules import Scheme, read_skos

LARGEST = 10_000_000


def open_scheme(content: bytes) -> Scheme:
    """The vocabulary in a JSON-LD file. Raises `Invalid` that says what is wrong with it."""
    if len(content) > LARGEST:
        raise Invalid("This file is larger than 10 MB.", "file")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Invalid("This file is not JSON in UTF-8.", "file") from None
    return read_skos(data)
