"""What the small forms of a listing have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from wtforms import HiddenField

from core.web.forms import Form

Values = dict[str, Any]
Choices = Mapping[str, Sequence[tuple[str, str]]]


class SectionForm(Form):
    """A part of a listing. `expected_version` is the listing's version when the form was shown."""

    expected_version = HiddenField()
    names: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def data_of(cls, content: Mapping[str, Any]) -> Values:
        """What the boxes hold for this content."""
        return {name: content.get(name) for name in cls.names}

    def values(self) -> Values:
        """The fields' values as the listing keeps them."""
        return {name: clean(self[name].data) for name in self.names}

    def offer(self, words: Choices, content: Mapping[str, Any]) -> None:
        """Take the vocabularies' words as choices where the form needs them; `content` is what the listing says."""

    @property
    def hints(self) -> Mapping[str, str]:
        """What stands beside a choice, by its value."""
        return {}

    @property
    def version(self) -> int:
        """The version that the form was shown for; 0 where it was lost, which no listing has."""
        text = str(self.expected_version.data or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def clean(value: Any) -> Any:
    """A text without the accidents of typing, None where nothing is left; other values as they are."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return value
