"""Validators whose messages name the field and say how to mend it."""

from __future__ import annotations

import re
from decimal import Decimal

import phonenumbers
from wtforms import Field, Form
from wtforms.fields import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import StopValidation, ValidationError

_EMAIL = re.compile(
    r"[^@\s\"(),:;<>\[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE
)


def named(field: Field) -> str:
    """The field's label as it stands inside a sentence: "your name" for "Your name"."""
    label = str(field.label.text).strip()
    if len(label) > 1 and label[1].isupper():
        return label
    return label[:1].lower() + label[1:]


def ask_for(field: Field) -> str:
    """What to do about an empty field: "Enter your name", "Choose a day", "Answer: ..."."""
    label = str(field.label.text).strip()
    if isinstance(field, BooleanField):
        return f"Tick the box: {label}"
    if isinstance(field, (RadioField, SelectField, SelectMultipleField)):
        return f"Choose an answer: {label}" if label.endswith("?") else f"Choose {named(field)}"
    return f"Answer the question: {label}" if label.endswith("?") else f"Enter {named(field)}"


class Required:
    """There must be something, more than spaces. `message` is the whole sentence that is shown."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `StopValidation` when the field is empty; an error about what was typed is kept."""
        if field.errors and any(field.raw_data or ()):
            raise StopValidation
        empty = (
            field.data is None
            or field.data is False
            or (isinstance(field.data, (str, list)) and not field.data)
        )
        if isinstance(field.data, str):
            empty = not field.data.strip()
        if empty:
            field.errors = []
            raise StopValidation(self.message or ask_for(field))


class MaxLength:
    """At most `most` characters."""

    def __init__(self, most: int, message: str | None = None) -> None:
        self.most = most
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `ValidationError` with both the limit and the length that was typed."""
        typed = len(field.data or "")
        if typed > self.most:
            raise ValidationError(
                self.message
                or f"{field.label.text} must be {self.most:,} characters or fewer. You typed {typed:,}"
            )


class Between:
    """A number from `least` to `most`, both allowed; None for no limit on that side."""

    def __init__(
        self, least: float | None = None, most: float | None = None, message: str | None = None
    ) -> None:
        self.least = least
        self.most = most
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `ValidationError` naming the limits."""
        if field.data is None:
            return
        # "nan" is a Decimal, and one that no limit can be held against.
        strange = isinstance(field.data, Decimal) and field.data.is_nan()
        too_low = not strange and self.least is not None and field.data < self.least
        too_high = not strange and self.most is not None and field.data > self.most
        if not (strange or too_low or too_high):
            return
        if self.least is not None and self.most is not None:
            limits = f"from {self.least:,} to {self.most:,}"
        elif self.least is not None:
            limits = f"{self.least:,} or more"
        else:
            limits = f"{self.most:,} or less"
        raise ValidationError(self.message or f"{field.label.text} must be a number {limits}")


class EmailAddress:
    """One email address; empty passes."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `ValidationError` showing the right form."""
        text = (field.data or "").strip()
        if text and (len(text) > 254 or not _EMAIL.fullmatch(text)):
            raise ValidationError(f"{field.label.text} must look like name@example.com")


class PhoneNumber:
    """A telephone number that could be rung from the United Kingdom; empty passes."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `ValidationError` showing the right form."""
        text = (field.data or "").strip()
        if not text:
            return
        try:
            number = phonenumbers.parse(text, "GB")
            possible = phonenumbers.is_possible_number_with_reason(number)
        except phonenumbers.NumberParseException:
            possible = phonenumbers.ValidationResult.INVALID_LENGTH
        # Digits that could be rung only from next door are half a number to us.
        if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise ValidationError(
                f"{field.label.text} must be a phone number, like 0161 496 0000 or 07700 900 000"
            )
