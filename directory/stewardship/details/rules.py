"""What a group says of itself: its fields, and which of them an editor reads before they are public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from directory.listings.rules import Publishes, changed_fields

FIELDS: Mapping[str, str] = {
    "name": "Name",
    "summary": "In one sentence",
    "description": "About the group",
    "email": "Email",
    "phone": "Phone",
    "website": "Website",
    "charity_number": "Charity number",
}
# What sends people to a dead line while it is wrong. The name, the words and the links wait: they are what a group
# is chosen by, and what an advertisement would be put into.
AT_ONCE = frozenset({"email", "phone"})


def publishes(name: str) -> Publishes:
    """When an owner's change of this field is public."""
    return Publishes.AT_ONCE if name in AT_ONCE else Publishes.AFTER_APPROVAL


def split(
    before: Mapping[str, Any], after: Mapping[str, Any], *, trusted: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The new values that are public at once, and those that wait. What an editor changes (`trusted`) never waits."""
    at_once: dict[str, Any] = {}
    waits: dict[str, Any] = {}
    for name in changed_fields(before, after):
        now = trusted or publishes(name) is Publishes.AT_ONCE
        (at_once if now else waits)[name] = after[name]
    return at_once, waits
