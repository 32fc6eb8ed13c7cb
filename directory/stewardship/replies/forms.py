"""The form on which whoever replied says what of it is right."""

from __future__ import annotations

from wtforms import BooleanField

from directory.stewardship.words.forms import TickForm


class ReplyForm(TickForm):
    """What was read, each with a tick, and whether an editor should read the rest."""

    rest = BooleanField("Let an editor read what we could not read")
