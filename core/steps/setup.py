"""Puts the counting of steps onto an application: it hears every answer, and remembers no more than the step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from hashlib import blake2b
from urllib.parse import urlsplit

from flask import Flask, current_app, request, session, url_for
from werkzeug.wrappers import Response

from core import clock
from core.buffering import Buffer
from core.db import db
from core.settings import Settings
from core.steps import services
from core.steps.queries import TASKS
from core.steps.rules import Step, Task, by_answer
from core.steps.services import Reached

BUFFER = "steps_reached"
_SEEN = "steps"
_MOST_SEEN = 40
_MACHINE = re.compile(r"bot|crawl|spider|monitor|preview|curl|python|wget", re.IGNORECASE)


def init_app(app: Flask, settings: Settings, tasks: tuple[Task, ...]) -> None:
    """Count the steps of these tasks."""
    app.extensions[TASKS] = tasks
    # A test counts when it wants to; nothing happens behind its back.
    app.extensions[BUFFER] = Buffer[Reached]("step-counts", None if settings.testing else partial(count, app))
    steps = by_answer(tasks)
    known = {(task.key, step.key): (task, step) for task in tasks for step in task.steps}

    @app.after_request
    def note(response: Response) -> Response:
        found = steps.get((request.endpoint or "", request.method, response.status_code), ())
        if found and not _MACHINE.search(request.user_agent.string):
            for key in found:
                task, step = known[key]
                if _leads_there(step, response) and _is_first(task, step):
                    waiting().note(Reached(task.key, step.key, clock.today()))
        return response


def waiting() -> Buffer[Reached]:
    """The steps that are not counted yet, of the app at hand."""
    held: Buffer[Reached] = current_app.extensions[BUFFER]
    return held


def _leads_there(step: Step, response: Response) -> bool:
    return not step.leads_to or urlsplit(response.location or "").path == url_for(step.leads_to)


def _is_first(task: Task, step: Step) -> bool:
    """Whether this browser reaches the step for the first time with the thing at hand. It keeps a few letters made from
    both in its signed cookie, which say neither."""
    if not task.once_for:
        return True
    thing = (request.view_args or {}).get(task.once_for, "")
    mark = blake2b(f"{task.key} {step.key} {thing}".encode(), digest_size=4).hexdigest()
    seen = list(session.get(_SEEN, ()))
    if mark in seen:
        return False
    session[_SEEN] = [*seen, mark][-_MOST_SEEN:]
    return True


def count(app: Flask, reached: Sequence[Reached]) -> None:
    """Count steps in a transaction of their own."""
    with app.app_context():
        services.keep(db.session(), reached)
        db.session.commit()
