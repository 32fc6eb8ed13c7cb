"""What a team writes down about a listing."""

from __future__ import annotations

from wtforms import TextAreaField

from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required


class NoteForm(CreateForm):
    """A note for colleagues."""

    words = TextAreaField(
        "What should your team know?",
        description="For example: ring Dave, not the office. Never write about a person whom you support.",
        validators=[Required("Write down what your team should know"), MaxLength(500)],
    )
