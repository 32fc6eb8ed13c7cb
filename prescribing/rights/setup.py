"""Puts people's rights onto the application."""

from __future__ import annotations

from flask import Flask

from core.events import subscribe
from prescribing.people.events import ConsentWithdrawn
from prescribing.rights import emergency_views, services
from prescribing.rights.emergency_views import bp as emergency_bp
from prescribing.rights.views import bp as rights_bp


def init_app(app: Flask) -> None:
    """Add the pages, and listen for consents that are taken back."""
    app.register_blueprint(rights_bp)
    app.register_blueprint(emergency_bp)
    emergency_views.register()
    subscribe(ConsentWithdrawn, services.note_told_to_delete)
