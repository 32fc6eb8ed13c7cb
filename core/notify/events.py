"""What sending tells the rest of the product, inside the transaction in which it is noted."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AddressRefused:
    """The server of an email address says for good that nobody reads it."""

    address: str = field(repr=False)
