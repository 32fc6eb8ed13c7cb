"""`flask inbound`: replies to our emails, from a mail server's pipe."""

from __future__ import annotations

import logging
import sys

import click
from flask.cli import AppGroup
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.db import db
from core.inbound import services
from core.inbound.rules import LARGEST
from core.inbound.services import Taken
from core.settings import current_settings

inbound_cli = AppGroup("inbound", help="Replies to our emails.")
log = logging.getLogger(__name__)

# Of sysexits.h, by which mail servers know what to do.
NO_SUCH_ADDRESS, CANNOT_BE_READ, TRY_LATER = 67, 70, 75
# What passes by itself: a database that is busy or away, a full disk.
_PASSING = (OperationalError, InterfaceError, PoolTimeoutError, OSError, MemoryError)


@inbound_cli.command("receive")
def receive() -> None:
    """Take in one email from standard input, as a mail server pipes it.

    The exit code tells the mail server what to do: 0, it is taken; 67, it is not addressed to us; 70, it can never be
    taken in, so give it back to whoever sent it; 75, try again later.
    """
    settings = current_settings()
    if not settings.inbound_address:
        click.echo("Replies are not taken in: set GT_INBOUND_ADDRESS.", err=True)
        sys.exit(TRY_LATER)
    incoming = sys.stdin.buffer
    raw = incoming.read(LARGEST)
    while incoming.read(65536):
        # Whoever pipes it is heard out, or the mail server would take it for a failure.
        pass
    try:
        taken = services.take(db.session(), raw)
        db.session.commit()
    except Exception as error:
        # Nothing of a letter may be lost to a fault of ours, and nothing of it may stand in a log.
        db.session.rollback()
        log.error("letter could not be taken in", extra={"error": type(error).__name__})
        if isinstance(error, _PASSING) or not _told_that_it_failed():
            click.echo("It could not be taken in just now.", err=True)
            sys.exit(TRY_LATER)
        click.echo("It cannot be taken in. Give it back to whoever sent it.", err=True)
        sys.exit(CANNOT_BE_READ)
    if taken is Taken.NOT_OURS:
        click.echo("It is not addressed to us with a token.", err=True)
        sys.exit(NO_SUCH_ADDRESS)


def _told_that_it_failed() -> bool:
    """Whether somebody was told of a letter that can never be taken in: until then it is not given up."""
    try:
        services.give_up(db.session())
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        log.error("nobody was told of a letter that failed", extra={"error": type(error).__name__})
        return False
    return True
