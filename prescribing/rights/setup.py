"""Puts people's rights onto the application."""

from __future__ import annotations

from flask import Flask, current_app
from sqlalchemy.orm import Session

from core.backup.hooks import carry
from core.events import subscribe
from prescribing.people.events import ConsentWithdrawn
from prescribing.rights import emergency_views, erasing, services
from prescribing.rights.emergency_views import bp as emergency_bp
from prescribing.rights.erasing import Tombstone
from prescribing.rights.views import bp as rights_bp


def init_app(app: Flask) -> None:
    """Add the pages, and listen for consents that are taken back."""
    app.register_blueprint(rights_bp)
    app.register_blueprint(emergency_bp)
    emergency_views.register()
    subscribe(ConsentWithdrawn, services.note_told_to_delete)
    carry("deleted records", before=erasing.tombstones, after=_delete_again)


def _delete_again(session: Session, held: list[Tombstone] | None) -> str:
    """Whoever was deleted after the backup was made is deleted again: by the old database, and by the file."""
    path = erasing.file_of(current_app.extensions["settings"])
    again = erasing.replay(session, [*(held or ()), *erasing.read_back(path)])
    erasing.write_down(session, path)
    return f"{again} records that the backup brought back are deleted again."
