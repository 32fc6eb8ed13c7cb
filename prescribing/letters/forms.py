"""The words that are sent to somebody, mended by whoever sends them."""

from __future__ import annotations

import json

from wtforms import HiddenField, RadioField, StringField, TextAreaField

from core.notify.rules import Format
from core.web.fields import choices
from core.web.forms import CreateForm, VersionedForm
from core.web.validators import MaxLength, Required
from prescribing.letters.rules import WAYS, longest_text, text_counting, text_problem
from prescribing.letters.wording_rules import LONGEST_VERSION
from prescribing.people.safe_contact import Channel
from prescribing.plans.forms import read_format
from prescribing.plans.rules import FORMAT_WORDS


class LetterForm(CreateForm):
    """The words of one letter, text or email, and how it goes."""

    words = TextAreaField(
        "What it says", validators=[Required("Write what you want to say"), MaxLength(4_000)]
    )
    by = HiddenField()
    language = HiddenField()
    form = RadioField(
        "How it is laid out",
        choices=choices(
            (each.value, words) for each, words in FORMAT_WORDS.items() if each is not Format.LISTEN
        ),
        validate_choice=False,
    )

    def by_way(self, way: Channel) -> None:
        """Count what is typed against what goes that way: a text is short."""
        if way is Channel.TEXT:
            words = self.words.data or ""
            fits = MaxLength(longest_text(words), text_problem(words) or None)
            self.words.validators = [*self.words.validators[:-1], fits]
            self.words.render_kw = {"data-text": json.dumps(text_counting())}

    @property
    def chosen(self) -> Format:
        """In which form the letter is laid out."""
        return read_format(self.form.data) or Format.PLAIN


class AskForm(CreateForm):
    """A template is not there in somebody's language: ask for it."""

    by = HiddenField()


class VersionForm(VersionedForm):
    """One template in another language, as a translator gave it."""

    words = TextAreaField(
        "The words in this language",
        validators=[MaxLength(LONGEST_VERSION)],
        description="Keep the names in curly brackets as they are.",
    )
    translated_by = StringField("Who translated it?", validators=[Required(), MaxLength(120)])
    checked_by = StringField(
        "Who else checked it?",
        validators=[Required(), MaxLength(120)],
        description="Somebody else who reads this language well.",
    )


def read_way(text: object) -> Channel | None:
    """A way of writing by its name, None where there is no such way."""
    return next((way for way in WAYS if way.value == text), None)
