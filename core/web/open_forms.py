"""Forms for people whom we do not know. Without a puzzle: a machine gives itself away."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import Field, HiddenField, StringField
from wtforms.validators import ValidationError

from core import clock
from core.web.forms import CreateForm
from core.web.stranger_rules import LONGEST_TIME, too_quick


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
