"""`flask inbound`: replies to our emails, from a mail server's pipe."""

from __future__ import annotations

import logging
import sys

import click
from flask.cli import AppGroup

from core.db import db
from core.inbound import services
from core.inbound.rules import LARGEST
from core.inbound.services import Taken
from core.settings import current_settings

inbound_cli = AppGroup("inbound", help="Replies to our emails.")
log = logging.getLogger(__name__)

# Of sysexits.h, by which mail servers know what to do.
NO_SUCH_ADDRESS, TRY_LATER = 67, 75


@inbound_cli.command("receive")
def receive() -> None:
    """Take in one email from standard input, as a mail server pipes it.

    The exit code tells the mail server what to do: 0, it is taken; 67, it is not addressed to us; 75, try again later.
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
        click.echo("It could not be taken in just now.", err=True)
        sys.exit(TRY_LATER)
    if taken is Taken.NOT_OURS:
        click.echo("It is not addressed to us with a token.", err=True)
        sys.exit(NO_SUCH_ADDRESS)
