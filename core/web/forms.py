"""The forms that every feature builds on. Requests that change something are checked for CSRF before any view runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from flask import request
from werkzeug.datastructures import CombinedMultiDict, ImmutableMultiDict, MultiDict
from wtforms import Field, FieldList, FormField, HiddenField, StringField
from wtforms import Form as WTForm
from wtforms.fields import BooleanField, FileField
from wtforms.validators import ValidationError

from core.web.fields import DateField
from core.web.validators import ask_for, named

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# What no text may hold: NUL, control characters that nobody types, and halves of characters.
_UNTYPEABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")

# A text field that sets no limit of its own (`most_characters`) takes at most this many characters.
LONGEST_TEXT = 10_000

# WTForms' own words name neither the field nor the remedy.
_REMEDIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"This field is required\."), "{ask}"),
    (
        re.compile(
            r"Not a valid choice\.|Invalid Choice.*|'.*' (is|are) not (a )?valid choices? for this field\."
        ),
        "{gone}{ask}",
    ),
    (re.compile(r"Not a valid integer value\."), "{label} must be a whole number, like 12"),
    (re.compile(r"Not a valid (decimal|float) value\."), "{label} must be a number, like 12.50"),
    (
        re.compile(r"Not a valid (date|time|datetime|month|week) value\."),
        "{label} must be a real date or time",
    ),
    (re.compile(r"Invalid (email address|URL|UUID)\.?"), "{label} is not in the right form"),
    (
        re.compile(r"Field must be .*|Number must be .*|Invalid (value|input).*|Field cannot .*"),
        "Check {name}: {rest}",
    ),
)


class Form(WTForm):
    """A form that reads the request when it was sent by POST, and whose messages name their field.

    Give `formdata` to read something else; keyword arguments and `obj` fill it for showing.
    """

    def __init__(
        self, formdata: MultiDict[str, Any] | None = None, obj: object = None, prefix: str = "", **kwargs: Any
    ) -> None:
        super().__init__(_sent() if formdata is None else formdata, obj, prefix, **kwargs)

    def is_submitted(self) -> bool:
        """Whether this request sends the form, rather than asks for it."""
        return request.method in UNSAFE_METHODS

    def validate_on_submit(self) -> bool:
        """Whether the form was sent and holds nothing wrong."""
        return self.is_submitted() and self.validate()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; afterwards every message names its field."""
        good = super().validate(extra_validators)
        for field in leaves(self):
            problem = _unusable(field)
            if problem:
                field.errors = [problem]
                if isinstance(field.data, str):
                    # Shown again without it: a page that holds it would not be sound.
                    field.data = _UNTYPEABLE.sub("", field.data)
                good = False
            elif field.errors:
                field.errors = [_mend(field, str(message)) for message in field.errors if message]
        return good

    def visible(self) -> list[Field]:
        """The fields that a person fills in."""
        return [field for field in self if not isinstance(field, HiddenField)]

    def hidden(self) -> list[Field]:
        """The fields that travel with the form unseen."""
        return [field for field in self if isinstance(field, HiddenField)]

    def problems(self) -> list[tuple[str, str]]:
        """Every message with the id of the box that it is about, in the order of the form."""
        return [
            (first_box(field), str(message)) for field in leaves(self) for message in field.errors[:1]
        ] + [("", str(message)) for message in self.form_errors]

    def add_error(self, field_name: str | None, message: str) -> None:
        """Put a message that a service raised beside its field, or at the top where it names none."""
        field = self._fields.get(field_name) if field_name else None
        if field is None:
            self.form_errors = [*self.form_errors, message]
        else:
            field.errors = [*field.errors, message]


class VersionedForm(Form):
    """A form about a record that somebody else may change meanwhile."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version that the page showed; -1, which no record has, where it was tampered with."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() and len(text) < 10 else -1


class CreateForm(Form):
    """A form that makes something. Its key lets the service see that the same sending came twice."""

    idempotency_key = HiddenField(default=lambda: str(uuid4()))

    def validate_idempotency_key(self, field: Field) -> None:
        """Raise `ValidationError` for a key that we did not make."""
        try:
            UUID(str(field.data))
        except ValueError:
            field.data = str(uuid4())
            raise ValidationError(
                "This form was open for too long. Check your answers and send it again"
            ) from None

    @property
    def key(self) -> UUID:
        """The key of this sending; ask only after the form validated."""
        return UUID(str(self.idempotency_key.data))


class QueryForm(Form):
    """A form that asks: it reads the address of a GET request and changes nothing."""

    def __init__(self, formdata: MultiDict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(request.args if formdata is None else formdata, **kwargs)


def leaves(form: Any) -> Iterator[Field]:
    """The simple fields of a form, also of the forms and lists inside it."""
    for field in form:
        if isinstance(field, (FormField, FieldList)):
            yield from leaves(field)
        else:
            yield field


def first_box(field: Field) -> str:
    """The id of the box to go to for a field's error."""
    if isinstance(field, HiddenField):
        return ""
    if isinstance(field, DateField):
        return f"{field.id}-{(field.wrong_parts or ('day',))[0]}"
    return str(field.id)


def _sent() -> MultiDict[str, Any] | CombinedMultiDict[str, Any] | None:
    if request.method not in UNSAFE_METHODS:
        return None
    if request.files:
        return CombinedMultiDict([request.files, request.form])
    return request.form or ImmutableMultiDict()


def _unusable(field: Field) -> str | None:
    """Why the text of a field can't be kept, if it can't."""
    if isinstance(field, (FileField, BooleanField)):
        return None
    texts = [text for text in field.raw_data or [] if isinstance(text, str)]
    if any(_UNTYPEABLE.search(text) for text in texts):
        return f"{field.label.text} has a hidden character that we cannot keep. Delete it and type it again"
    most = getattr(field, "most_characters", LONGEST_TEXT)
    if isinstance(field, (StringField, HiddenField)) and any(len(text) > most for text in texts):
        return f"{field.label.text} must be {most:,} characters or fewer"
    return None


def _mend(field: Field, message: str) -> str:
    for pattern, remedy in _REMEDIES:
        if pattern.fullmatch(message):
            rest = message[:1].lower() + message[1:].rstrip(".")
            # The page was opened before somebody else changed what there is to choose from.
            gone = "What you chose is not there any more. " if field.data else ""
            return remedy.format(
                gone=gone, ask=ask_for(field), name=named(field), label=field.label.text, rest=rest
            )
    return message
