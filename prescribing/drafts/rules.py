"""What is kept of a form that is not sent yet, and for how long. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import timedelta

from core.errors import Invalid

Fields = tuple[tuple[str, str], ...]

# The forms about an episode whose words are kept while they are typed.
FORMS = frozenset({"contact", "pause", "close", "need", "goal", "action"})
# A letter, text or email, each kept by itself: "letter-", what it is about, and how it goes.
_LETTER = re.compile(r"letter-[a-z]{1,16}-[a-z]{1,16}")
KEPT_FOR = timedelta(days=14)
MOST_FIELDS = 60
LONGEST = 20_000
# What travels with every form and belongs to one sending only.
_NEVER = frozenset({"csrf_token", "idempotency_key", "version"})


def is_kept(form: str) -> bool:
    """Whether the words of the form of this name are kept."""
    return form in FORMS or _LETTER.fullmatch(form) is not None


def to_keep(pairs: Iterable[tuple[str, str]]) -> Fields:
    """What is kept of what was typed: every answer that is not empty. Raises Invalid for more than a form holds."""
    kept = tuple((name, text) for name, text in pairs if name not in _NEVER and text.strip())
    if len(kept) > MOST_FIELDS or sum(len(name) + len(text) for name, text in kept) > LONGEST:
        raise Invalid("That is too much to keep. Shorten the text.")
    return kept


def to_text(fields: Fields) -> str:
    """The fields as JSON text."""
    return json.dumps(fields)


def from_text(text: str) -> Fields:
    """Undo `to_text`."""
    return tuple((str(name), str(value)) for name, value in json.loads(text))
