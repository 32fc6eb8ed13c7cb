"""Puts people's rights onto the application."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from core.backup.hooks import carry
from core.events import subscribe
from core.settings import current_settings
from prescribing.people.events import ConsentWithdrawn
from prescribing.rights import consents, emergency_views, erasing, request_views
from prescribing.rights.emergency_views import bp as emergency_bp
from prescribing.rights.erasing import Tombstone
from prescribing.rights.unknown_views import bp as unknown_bp


def init_app(app: Flask) -> None:
    """Add the pages, and listen for consents that are taken back."""
    request_views.register(app)
    app.register_blueprint(emergency_bp)
    app.register_blueprint(unknown_bp)
    emergency_views.register()
    subscribe(ConsentWithdrawn, consents.note_told_to_delete)
    # Two, so that whatever comes of the file, those whom the old database knew are gone again before it.
    carry("deleted records", before=erasing.tombstones, after=_delete_again)
    carry("deleted records in the file", before=_read_file, after=_delete_those_in_the_file)


def _read_file(_session: Session) -> list[Tombstone]:
    """The tombstones beside the database. Raises `TombstonesBroken` for a file that cannot be trusted, and
    `TombstonesMissing` where it is gone: the restore stops."""
    return erasing.read_back(_file())


def _delete_again(session: Session, held: list[Tombstone] | None) -> str:
    """Whoever was deleted after the backup was made, as the old database knew, is deleted again."""
    again = erasing.replay(session, held or ())
    return f"{_brought_back(again)} deleted again."


def _delete_those_in_the_file(session: Session, held: list[Tombstone] | None) -> str:
    """And whoever only the file knows; then the file knows all."""
    again = erasing.replay(session, held or ())
    erasing.write_down(session, _file())
    if held is None:
        return (
            f"{_file().name} was missing: whom only it knew has come back. It is made anew from the database, and the"
            " trail says that you went on without it. Tell the data protection officer."
        )
    return f"{_brought_back(again)} deleted again, as only {_file().name} knew."


def _brought_back(count: int) -> str:
    return f"{count} record{'' if count == 1 else 's'} that the backup brought back {'is' if count == 1 else 'are'}"


def _file() -> Path:
    return erasing.file_of(current_settings())
