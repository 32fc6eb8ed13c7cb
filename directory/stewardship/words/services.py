"""Giving a listing what somebody confirmed of a flyer's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.errors import Invalid
from directory.listings.content import resolved_words
from directory.listings.queries import edit_page
from directory.listings.services import Submitted, submit_change
from directory.stewardship.words.rules import read_said


class Unreadable(Invalid):
    """Boxes that cannot be read: messages by field."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__("Some boxes cannot be read yet.")
        self.messages = dict(messages)


def take_over(
    session: Session, actor: Actor, service_id: UUID, said: Mapping[str, str], expected_version: int
) -> Submitted:
    """Change the listing by what stands in the boxes, by field, under the rules of any change.

    Needs are added to those that it has; of an address, what is not said stays. Raises as `submit_change`, and
    `Unreadable`, which names every box that is to be mended.
    """
    content = edit_page(session, actor, service_id).content
    values: dict[str, Any] = {}
    faults = {}
    for name, text in said.items():
        try:
            values |= read_said(name, text)
        except Invalid as fault:
            faults[name] = fault.message
    if faults:
        raise Unreadable(faults)
    if "address" in values:
        values["address"] = dict(content["address"] or {}) | values["address"]
    if "needs" in values:
        values["needs"] = list(dict.fromkeys([*content["needs"], *values["needs"]]))
    return submit_change(session, actor, service_id, resolved_words(session, values), expected_version)
