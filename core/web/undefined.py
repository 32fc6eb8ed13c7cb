"""What a template gets for a name that is not there.

The NHS macros read optional keys of their parameter mappings as if they were always there. Pages are given
dataclasses, where a missing attribute is our own typing mistake and must be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import ChainableUndefined, Undefined
from jinja2.utils import missing

# Names that the NHS macros themselves leave unset: optional macro arguments, the absent call block, and the
# word `undefined`, which they pass as a default.
_LEFT_UNSET_BY_MACROS = frozenset({"params", "parent", "caller", "undefined", "classes"})

_LOOSE = (Mapping, list, tuple, str, ChainableUndefined)


class CarefulUndefined(ChainableUndefined):
    """Empty and chainable below mappings, lists and strings; an error everywhere else."""

    __slots__ = ()

    def _is_loose(self) -> bool:
        if isinstance(self._undefined_obj, _LOOSE):
            return True
        return self._undefined_name in _LEFT_UNSET_BY_MACROS and self._undefined_obj is missing

    def _refuse_unless_loose(self) -> None:
        if not self._is_loose():
            self._fail_with_undefined_error()

    def __getattr__(self, name: str) -> Any:
        if name[:2] == name[-2:] == "__":
            raise AttributeError(name)
        self._refuse_unless_loose()
        return self

    def __getitem__(self, _name: str) -> CarefulUndefined:  # type: ignore[override]
        self._refuse_unless_loose()
        return self

    def __html__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        self._refuse_unless_loose()
        return super().__str__()

    def __iter__(self) -> Iterator[Any]:
        self._refuse_unless_loose()
        return super().__iter__()

    def __len__(self) -> int:
        self._refuse_unless_loose()
        return super().__len__()

    def __bool__(self) -> bool:
        self._refuse_unless_loose()
        return super().__bool__()

    def __eq__(self, other: object) -> bool:
        self._refuse_unless_loose()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Undefined.__hash__
