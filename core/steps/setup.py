"""Puts the counting of steps onto an application: it hears every answer, and remembers no more than the step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from core import clock
from core.buffering import Buffer
from core.db import db
from core.settings import Settings
from core.steps import services
from core.steps.queries import TASKS
from core.steps.rules import Task, by_answer
from core.steps.services import Reached

BUFFER = "steps_reached"
_MACHINE = re.compile(r"bot|crawl|spider|monitor|preview|curl|python|wget", re.IGNORECASE)


def init_app(app: Flask, settings: Settings, tasks: tuple[Task, ...]) -> None:
    """Count the steps of these tasks."""
    app.extensions[TASKS] = tasks
    # A test counts when it wants to; nothing happens behind its back.
    app.extensions[BUFFER] = Buffer[Reached]("step-counts", None if settings.testing else partial(count, app))
    steps = by_answer(tasks)

    @app.after_request
    def note(response: Response) -> Response:
        found = steps.get((request.endpoint or "", request.method, response.status_code), ())
        if found and not _MACHINE.search(request.user_agent.string):
            for task, step in found:
                waiting().note(Reached(task, step, clock.today()))
        return response


def waiting() -> Buffer[Reached]:
    """The steps that are not counted yet, of the app at hand."""
    held: Buffer[Reached] = current_app.extensions[BUFFER]
    return held


def count(app: Flask, reached: Sequence[Reached]) -> None:
    """Count steps in a transaction of their own."""
    with app.app_context():
        services.keep(db.session(), reached)
        db.session.commit()
