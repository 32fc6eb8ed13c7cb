"""What an editor enters about words."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField

from core.errors import Invalid
from core.web.fields import choices
from core.web.forms import CreateForm, QueryForm
from core.web.validators import MaxLength
from directory.search.thesaurus.rules import MOST_SAME, MOST_TYPED, Ring, read_phrases

LONGEST_BOX = 3_000


class EntryForm(CreateForm):
    """One entry. `version` is the one that was shown, so that nobody overwrites what somebody else just wrote."""

    same = TextAreaField(
        "Words that mean the same",
        description="One on each line. A search for any of them finds listings that say any other.",
        validators=[MaxLength(LONGEST_BOX)],
    )
    typed = TextAreaField(
        "Words that people also type for these",
        description="One on each line. A search for one of these finds the words above, but not the other way round.",
        validators=[MaxLength(LONGEST_BOX)],
    )
    need = SelectField("Kind of help that all of these should find", validate_choice=True)
    version = IntegerField("Version", default=0)

    def offer(self, needs: list[tuple[str, str]]) -> None:
        """Fill the list of kinds of help."""
        self.need.choices = choices(needs, first="None")

    def fill(self, ring: Ring, version: int) -> None:
        """Show an entry as it stands."""
        self.same.data = "\n".join(ring.same)
        self.typed.data = "\n".join(ring.typed)
        self.need.data = ring.need or ""
        self.version.data = version

    def ring(self) -> Ring:
        """What was entered. Raises `Invalid` for words that no search could use."""
        return Ring(
            read_phrases(self.same.data or "", "same", MOST_SAME),
            read_phrases(self.typed.data or "", "typed", MOST_TYPED),
            self.need.data or None,
        )

    def blame(self, fault: Invalid) -> None:
        """Put what is wrong beside its box."""
        self.add_error(fault.field, fault.message)


class FindForm(QueryForm):
    """Looking for an entry by a word in it."""

    q = StringField("Find a word")
