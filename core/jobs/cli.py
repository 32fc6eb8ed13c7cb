"""`flask jobs`: the worker."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

import click
from flask.cli import AppGroup

from core.db import db, new_id
from core.jobs import services

jobs_cli = AppGroup("jobs", help="Work that was promised: emails, the search index, clocks.")
log = logging.getLogger(__name__)


@jobs_cli.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@click.option("--every", default=1.0, show_default=True, help="Seconds to wait when nothing is due.")
def work(once: bool, every: float) -> None:
    """Do promised work until told to stop; a job under way is finished first."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    done = 0
    worker_id = new_id()
    while not stop.is_set():
        try:
            services.say_alive(db.session(), worker_id)
            services.run_due_schedules(db.session())
            while not stop.is_set() and services.work_once(db.session()):
                done += 1
                services.say_alive(db.session(), worker_id)
        except Exception as error:
            # The database may be away for a moment; the worker outlives it.
            log.error("worker could not work", extra={"error": type(error).__name__})
            if once:
                raise
        finally:
            db.session.remove()
        if once:
            break
        stop.wait(every)
    click.echo(f"{done} jobs done.")
