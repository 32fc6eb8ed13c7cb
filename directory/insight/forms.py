"""What narrows the page of what people looked for, and writing a gap down."""

from __future__ import annotations

from wtforms import HiddenField, SelectField

from core.web.fields import choices
from core.web.forms import CreateForm, QueryForm
from directory.insight.queries import Choices
from directory.insight.rules import PERIODS, USUAL_PERIOD
from directory.search.rules import readable

LONGEST_WORDS = 200
WHOLE_BOROUGH = "All of the borough"


class LookForm(QueryForm):
    """Where, what about, and how long back."""

    ward = SelectField("Where", validate_choice=False)
    need = SelectField("Kind of help", validate_choice=False)
    period = SelectField("When", validate_choice=False)
    show = SelectField("Show", validate_choice=False)

    def offer(self, offered: Choices) -> None:
        """Fill the lists; what is in none of them counts as not chosen."""
        self.ward.choices = choices(offered.wards, first=WHOLE_BOROUGH)
        self.need.choices = choices(offered.needs, first="Any kind")
        self.period.choices = choices(PERIODS.items())
        self.show.choices = choices([("", "Found little or nothing"), ("all", "Everything")])
        self.ward.data = _known(self.ward.data, dict(offered.wards), "")
        self.need.data = _known(self.need.data, dict(offered.needs), "")
        self.period.data = _known(self.period.data, PERIODS, USUAL_PERIOD)
        self.show.data = "all" if self.show.data == "all" else ""


class CureForm(QueryForm):
    """For what, and near which ward, groups are asked."""

    need = SelectField("Kind of help", validate_choice=False)
    ward = SelectField("Where", validate_choice=False)
    words = HiddenField()

    def offer(self, offered: Choices) -> None:
        """Fill the lists; what is in none of them counts as not chosen."""
        self.need.choices = choices(offered.needs, first="Choose a kind of help")
        self.ward.choices = choices(offered.wards, first=WHOLE_BOROUGH)
        self.need.data = _known(self.need.data, dict(offered.needs), "")
        self.ward.data = _known(self.ward.data, dict(offered.wards), "")
        self.words.data = readable(self.words.data or "", LONGEST_WORDS).strip()


class GapForm(CreateForm):
    """What is missing, and where."""

    need = HiddenField()
    ward = HiddenField()
    words = HiddenField()


def _known(value: str | None, offered: dict[str, str], otherwise: str) -> str:
    return value if value and value in offered else otherwise
