"""Tokens as numbers of 64 bits, so that no strings need comparing. Two tokens of an index share one less often than a
disk loses a bit."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import numpy as np

from directory.search.columns import Array
from directory.search.words import is_need

# Stands among the numbers of a text where no pair is: nothing is numbered so.
BREAK = 0

# Odd, so that each first word gives each second one another number.
_FACTOR = 0x9E3779B97F4A7C15
_BITS = (1 << 64) - 1


def token_number(token: bytes) -> int:
    """The number of a token; that of a pair comes from those of its two."""
    one, _, other = token.partition(b"_")
    if other and not is_need(token.decode()):
        return (_letters(one) * _FACTOR + _letters(other)) & _BITS
    return _letters(token)


def pair_numbers(ones: Array, others: Array) -> Array:
    """As `token_number` numbers the pairs of these, given the numbers of both."""
    numbers: Array = ones * np.uint64(_FACTOR) + others
    return numbers


@lru_cache(maxsize=100_000)
def stem_number(stem: str) -> int:
    """The number of a stem; `BREAK` for none."""
    return _letters(stem.encode()) if stem else BREAK


def _letters(letters: bytes) -> int:
    return int.from_bytes(blake2b(letters, digest_size=8).digest(), "little")
