"""Puts the interface for programs onto an application."""

from __future__ import annotations

from flask import Flask

from core.web import errors
from core.web.slots import fill
from prescribing.fhir.answers import answer_error
from prescribing.fhir.client_views import bp as clients_bp
from prescribing.fhir.client_views import own_link
from prescribing.fhir.token_views import bp as token_bp
from prescribing.fhir.views import BASE
from prescribing.fhir.views import bp as fhir_bp


def init_app(app: Flask) -> None:
    """Register the interface and the page of programs. A token, not a cookie, is the proof, so forms' tokens are not
    asked for."""
    app.register_blueprint(fhir_bp)
    app.register_blueprint(clients_bp)
    app.register_blueprint(token_bp)
    app.extensions["csrf"].exempt(fhir_bp)
    app.extensions["csrf"].exempt(token_bp)
    for address in (BASE, "/fhir/token"):
        errors.answer_under(address, answer_error)
    fill("own_group_foot", own_link)
