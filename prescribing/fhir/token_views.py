"""Tokens for programs, at /fhir/token: OAuth 2.0 client credentials."""

from __future__ import annotations

from base64 import b64decode

from flask import Blueprint, Response, request

from core.access.guard import public
from core.accounts import throttle
from core.db import db
from core.errors import Invalid, Throttled
from prescribing.fhir import tokens
from prescribing.fhir.answers import as_json
from prescribing.fhir.resources import Json
from prescribing.fhir.rules import TOKEN_LIFE
from prescribing.fhir.tokens import NotProven

bp = Blueprint("fhir_token", __name__)


@bp.post("/fhir/token")
@public("The client's secret is the proof")
def token() -> Response:
    """OAuth 2.0 client credentials (RFC 6749, 4.4): a token for some minutes."""
    client_id, secret = _credentials()
    if request.form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "The grant type must be client_credentials.", 400)
    session = db.session()
    try:
        tried = tokens.count_try(session, client_id)
        session.commit()
        granted, scopes = tokens.grant(session, client_id, secret, request.form.get("scope", ""))
    except Throttled as problem:
        session.rollback()
        answer = _refused("slow_down", problem.message, 429)
        answer.headers["Retry-After"] = str(problem.retry_after)
        return answer
    except NotProven as problem:
        session.rollback()
        return _refused("invalid_client", problem.message, 401)
    except Invalid as problem:
        session.rollback()
        return _refused("invalid_scope", problem.message, 400)
    throttle.forgive(session, tried)
    session.commit()
    said: Json = {
        "access_token": granted,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "scope": " ".join(scope.value for scope in scopes),
    }
    return as_json(said, mimetype="application/json")


def _credentials() -> tuple[str, str]:
    """The client and its secret, from the header (RFC 6749, 2.3.1) or else the form."""
    kind, _space, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _colon, secret = b64decode(sent, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return name, secret
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _refused(error: str, words: str, status: int) -> Response:
    answer = as_json({"error": error, "error_description": words}, status, mimetype="application/json")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="fhir"'
    return answer
