"""Types of columns of which thousands are read for one page: what is made of a value costs little."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, Enum, Uuid


class Id(Uuid[UUID]):
    """An id. SQLite gives its text, and to make it of that takes longer than to read it: whatever names the same row is
    given the same object, made once."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return None if dialect.supports_native_uuid else _id_of


# Of its text; some megabytes hold the people whom a process is asked about.
id_of = lru_cache(maxsize=16_384)(UUID)


def _id_of(text: str | None) -> UUID | None:
    return None if text is None else id_of(text)


class Code(Enum):
    """A code out of a list, looked up as it is read."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        codes: dict[str | None, StrEnum | None] = {None: None}
        return {**codes, **{code.value: code for code in self.enum_class or ()}}.__getitem__
