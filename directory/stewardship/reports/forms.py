"""Forms for anybody: what is wrong, and what is missing. Without a puzzle: a machine gives itself away."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from core import clock
from core.web.fields import choices
from core.web.forms import CreateForm, Form
from core.web.validators import MaxLength, Required
from directory.stewardship.reports.rules import LONGEST_TIME, Fault, ReportState, too_many_links, too_quick
from directory.stewardship.reports.services import LONGEST_NOTE, LONGEST_WORDS


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="form-shown-at")


def _shown_now() -> str:
    return _serializer().dumps(int(clock.now().timestamp()))


class OpenForm(CreateForm):
    """A form for people whom we do not know. `shown` carries, signed, when the page was shown; `subject_line` is a box
    that people do not see, so that whoever fills it in is a machine."""

    shown = HiddenField(default=_shown_now)
    subject_line = StringField("Leave this box empty", render_kw={"tabindex": "-1", "autocomplete": "off"})

    @property
    def is_machine(self) -> bool:
        """Whether the box that nobody sees was filled in."""
        return bool((self.subject_line.data or "").strip())

    def validate_shown(self, field: Field) -> None:
        """Raise `ValidationError` for a form that came back too soon, or that we did not show."""
        try:
            stamp = int(_serializer().loads(str(field.data or "")))
        except (BadData, ValueError, TypeError):
            stamp = 0
        shown_at, now = datetime.fromtimestamp(min(max(stamp, 0), 2**40), UTC), clock.now()
        if too_quick(shown_at, now) or now - shown_at > LONGEST_TIME:
            late = now - shown_at > LONGEST_TIME
            if late:
                field.data = _shown_now()
            raise ValidationError(
                "This page was open for a long time. Check your answers and send it again"
                if late
                else "That was very quick. Check your answers and send it again"
            )


class WrongForm(OpenForm):
    """What is wrong with a listing."""

    fault = RadioField(
        "What is wrong?",
        choices=choices([(fault.value, fault.label) for fault in Fault]),
        validators=[Required("Choose what is wrong")],
    )
    words = TextAreaField(
        "What should it say?",
        validators=[MaxLength(LONGEST_WORDS)],
        description="If you know. Please write nothing about anybody's health or private life.",
    )
    contact = StringField(
        "Your phone number or email (you can leave this empty)",
        validators=[MaxLength(254)],
        description="Only if we may ask you about it. We delete it when we are done.",
    )

    def validate_words(self, field: Field) -> None:
        """Raise `ValidationError` for a text that is mostly web addresses."""
        _refuse_links(field)


class MissingForm(OpenForm):
    """A group that somebody misses here."""

    name = StringField(
        "What is the group or activity called?",
        validators=[Required("Enter what it is called"), MaxLength(200)],
    )
    place = StringField(
        "Where does it meet?",
        validators=[MaxLength(200)],
        description="A hall, a street or a town. Leave it empty if you do not know.",
    )
    website = StringField("Its website, if it has one", validators=[MaxLength(500)])
    words = TextAreaField(
        "What do you know about it?",
        validators=[MaxLength(LONGEST_WORDS)],
        description="For example: who comes, when, and whom to ring.",
    )
    contact = StringField(
        "Your phone number or email (you can leave this empty)",
        validators=[MaxLength(254)],
        description="Only if we may ask you about it. We delete it when we are done.",
    )

    def validate_words(self, field: Field) -> None:
        """Raise `ValidationError` for a text that is mostly web addresses."""
        _refuse_links(field)


class DecideForm(Form):
    """How a report ended."""

    state = RadioField(
        "How did it end?",
        choices=choices(
            [
                (ReportState.MENDED.value, "It is put right"),
                (ReportState.NOT_SO.value, "There was nothing to put right"),
            ]
        ),
        validators=[Required("Choose how it ended")],
    )
    note = StringField(
        "A note for other editors (you can leave this empty)", validators=[MaxLength(LONGEST_NOTE)]
    )


def _refuse_links(field: Field) -> None:
    if too_many_links(field.data or ""):
        raise ValidationError("Leave out the web addresses, and say it in words")
