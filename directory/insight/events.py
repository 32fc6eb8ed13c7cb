"""What insight tells the rest of the product, and what it hears. Nothing names a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GapSeen:
    """People look for what is not there. `ward_code` is None for the whole borough."""

    need_slug: str
    ward_code: str | None


class GapHeard(Protocol):
    """What another area says when somebody needs what nobody offers near them."""

    @property
    def need_slug(self) -> str: ...
    @property
    def ward_code(self) -> str | None: ...
