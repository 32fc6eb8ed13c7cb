"""What an editor fills in to make two entries one."""

from __future__ import annotations

from wtforms import RadioField

from core.web.fields import choices
from core.web.forms import CreateForm
from core.web.validators import Required
from directory.stewardship.duplicates.queries import PairPage

FIRST, SECOND = "first", "second"


class MergeForm(CreateForm):
    """Which entry stays, and where each differing field comes from: the radios `field-<name>` of the page."""

    keep = RadioField(
        "Which one stays? The other's address leads to it.", validators=[Required("Choose which one stays")]
    )

    def offer(self, page: PairPage) -> None:
        """Take the two entries as choices."""
        self.keep.choices = choices(
            [(str(page.first_id), f"A: {page.line.first}"), (str(page.second_id), f"B: {page.line.second}")]
        )
