"""What a coordinator chooses to balance a team."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import RadioField, SelectMultipleField, TextAreaField

from core.web.fields import DateField, choices
from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required
from prescribing.episodes.queries import WorkerLoad

WORDS = 2_000


def say_worker(worker: WorkerLoad) -> str:
    """A link worker with what bears on giving them more."""
    people = "nobody with them now" if not worker.people else f"{worker.people} with them now"
    return ", ".join(part for part in (worker.name, people, worker.away) if part)


class HandOverForm(CreateForm):
    """Handing people over to a colleague."""

    people = SelectMultipleField(
        "Whom do you hand over?", validators=[Required("Choose at least one person")]
    )
    to_id = RadioField("Who takes them?", validators=[Required("Choose who takes them")])
    note = TextAreaField(
        "What does your colleague need to know?",
        description="Only the team reads this. It goes to each person that you chose.",
        validators=[Required("Write what your colleague needs to know"), MaxLength(WORDS)],
    )

    def offer(self, people: Sequence[tuple[UUID, str]], workers: Sequence[WorkerLoad]) -> None:
        """Say who can be handed over, and to whom."""
        self.people.choices = choices((str(episode_id), label) for episode_id, label in people)
        self.to_id.choices = choices((str(each.account_id), say_worker(each)) for each in workers)


class CoverForm(CreateForm):
    """Days on which a colleague stands in."""

    first_day = DateField("First day away", validators=[Required("Enter the first day away")])
    last_day = DateField("Last day away", validators=[Required("Enter the last day away")])
    stand_in_id = RadioField("Who stands in?", validators=[Required("Choose who stands in")])

    def offer(self, workers: Sequence[WorkerLoad]) -> None:
        """Say who can stand in."""
        self.stand_in_id.choices = choices((str(each.account_id), say_worker(each)) for each in workers)
