"""Keeping and checking passwords: Argon2id, and the same work whether or not there is anything to check."""

from __future__ import annotations

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.accounts.rules import LONGEST_PASSWORD, same_letters

# OWASP's parameters for Argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The password as it may be kept: an Argon2id hash with its salt and parameters."""
    return _hasher.hash(same_letters(password))


def matches(kept: str | None, typed: str) -> bool:
    """Whether `typed` is the password whose hash is `kept`; takes as long where there is no hash to compare with."""
    text = same_letters(typed)
    try:
        _hasher.verify(kept or _nobodys(), text[: LONGEST_PASSWORD + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with parameters that are no longer ours."""
    return _hasher.check_needs_rehash(kept)


@functools.cache
def _nobodys() -> str:
    return _hasher.hash("a password that belongs to nobody")
