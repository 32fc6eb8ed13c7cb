"""References that people quote, such as GT-7K4M-2Q: no letters that look alike, and a check character.

The alphabet has 23 characters, a prime, so that the check finds every single wrong character and every swap of two.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from core.errors import Invalid

PREFIX = "GT"
ALPHABET = "23456789CDFHJKMNPQRTVWX"
LENGTH = 6
# What people read for another: these can only have been meant so.
LOOKALIKES = str.maketrans({"B": "8", "S": "5", "Z": "2", "G": "6", "U": "V", "Y": "V"})
# Makes the example that we print everywhere a true one.
_OFFSET = 5
_NOT_A_REFERENCE = (
    "That is not one of our references. They look like GT-7K4M-2Q. Check each letter and number."
)


def _check_character(body: str) -> str:
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, start=2))
    return ALPHABET[(total + _OFFSET) % len(ALPHABET)]


def _say(characters: str) -> str:
    return f"{PREFIX}-{characters[:4]}-{characters[4:]}"


def new_reference(choose: Callable[[str], str] = secrets.choice) -> str:
    """A new reference at random; `choose` picks one character of a text. There are 6,436,343 of them."""
    body = "".join(choose(ALPHABET) for _ in range(LENGTH - 1))
    return _say(body + _check_character(body))


def parse_reference(text: str) -> str:
    """The reference in its one written form, from what somebody typed: spaces, dashes, case and prefix as they like.

    Raises Invalid when it cannot be one, or when the check character says that something in it is wrong.
    """
    typed = re.sub(r"[\s.–—-]", "", text).upper()
    if len(typed) == LENGTH + len(PREFIX):
        typed = typed.removeprefix(PREFIX)
    characters = typed.translate(LOOKALIKES)
    if len(characters) != LENGTH or set(characters) - set(ALPHABET):
        raise Invalid(_NOT_A_REFERENCE, "reference")
    if _check_character(characters[:-1]) != characters[-1]:
        raise Invalid(_NOT_A_REFERENCE, "reference")
    return _say(characters)


def is_reference(text: str) -> bool:
    """Whether `parse_reference` would take it."""
    try:
        parse_reference(text)
    except Invalid:
        return False
    return True
