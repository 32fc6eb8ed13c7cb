"""What an editor fills in to keep a vocabulary."""

from __future__ import annotations

from wtforms import FileField, HiddenField, RadioField, SelectField, StringField

from core.web.fields import choices
from core.web.forms import CreateForm, Form
from core.web.validators import MaxLength, Required
from directory.stewardship.taxonomies.models import Closeness
from directory.stewardship.taxonomies.rules import LONGEST_NAME, LONGEST_WORDS

SHOW, TAKE = "show", "take"
CLOSENESS_WORDS = {
    Closeness.EXACT: "It means the same",
    Closeness.CLOSE: "It means nearly the same",
    Closeness.BROAD: "The other one is wider",
}


class AddForm(CreateForm):
    """A new word."""

    name = StringField("Word", validators=[Required(), MaxLength(LONGEST_NAME)])
    description = StringField("What it means", validators=[MaxLength(LONGEST_WORDS)])


class RenameForm(Form):
    """A word's name and meaning."""

    name = StringField("Word", validators=[Required(), MaxLength(LONGEST_NAME)])
    description = StringField("What it means", validators=[MaxLength(LONGEST_WORDS)])


class MergeTermForm(Form):
    """Where a word goes."""

    into = StringField(
        "Merge it into which word?",
        validators=[Required("Enter the word to merge it into"), MaxLength(LONGEST_NAME)],
        description="What carries this word carries that one then, and its address leads there.",
    )


class RetireForm(Form):
    """What stands in the stead of a word that goes, if anything does."""

    instead = StringField(
        "Which word stands in its stead? (if one does)",
        validators=[MaxLength(LONGEST_NAME)],
        description="Old links to this word lead there then. Without one, they say that we do not use it any more.",
    )


class MapForm(Form):
    """How a word stands to one of another vocabulary."""

    other = StringField("Word of another vocabulary", validators=[Required(), MaxLength(LONGEST_NAME)])
    closeness = SelectField(
        "How close are they?", choices=choices([(how.value, words) for how, words in CLOSENESS_WORDS.items()])
    )


class UnmapForm(Form):
    """A mapping to take out."""

    mapping = HiddenField()


class LoadForm(Form):
    """A published vocabulary."""

    file = FileField("File", description="SKOS in JSON-LD, such as OpenActive's list of activities.")
    what = RadioField(
        "What should happen?",
        choices=choices([(SHOW, "Only show what would change"), (TAKE, "Take it in")]),
        default=SHOW,
        validators=[Required("Choose what should happen")],
    )
