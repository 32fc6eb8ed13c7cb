"""A program with its token, as it asks by FHIR; what it is told is held to FHIR's own definitions."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from fhir.resources.R4B import get_fhir_model_class
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.access.rules import Actor, Place, Role
from prescribing.fhir import clients
from prescribing.fhir.rules import CHOICES, May
from tests import build

R4 = "/fhir/R4"
EXT = "http://localhost/fhir/StructureDefinition"


class Program:
    """A program of a place, let in by `by`, that may do `may`, with a token that holds `scope`."""

    def __init__(
        self,
        session: Session,
        client: FlaskClient,
        by: Actor,
        place: tuple[Place, UUID],
        *,
        may: Collection[May] | None = None,
        scope: str = "",
    ) -> None:
        self.client = client
        chosen = tuple(CHOICES[place[0]]) if may is None else may
        self.id, self.secret = clients.issue(session, by, "Surgery system", *place, chosen)
        session.commit()
        answer = self.token(self.secret, scope=scope)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.bearer = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}

    def token(self, secret: str, **values: str) -> TestResponse:
        return self.client.post(
            "/fhir/token",
            data={
                "grant_type": "client_credentials",
                "client_id": str(self.id),
                "client_secret": secret,
                **values,
            },
        )

    def get(self, path: str, status: int = 200) -> dict[str, Any]:
        return read(self.client.get(f"{R4}/{path}", headers=self.bearer), status)

    def ids(self, path: str) -> list[str]:
        """The ids of what a search finds."""
        return [each["resource"]["id"] for each in self.get(path).get("entry", [])]

    def post(self, body: object, status: int) -> dict[str, Any]:
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        answer = self.client.post(
            f"{R4}/ServiceRequest", data=data, headers=self.bearer, content_type="application/fhir+json"
        )
        return read(answer, status)

    def put(self, task: dict[str, Any], etag: str, status: int) -> dict[str, Any]:
        answer = self.client.put(
            f"{R4}/Task/{task['id']}",
            data=json.dumps(task),
            headers={**self.bearer, **({"If-Match": etag} if etag else {})},
            content_type="application/fhir+json",
        )
        return read(answer, status)


def of_partner(session: Session, client: FlaskClient, who: Actor, *, scope: str = "") -> Program:
    """A program of the partner for whom `who` refers."""
    place = (Place.PARTNER, next(iter(who.partner_ids())))
    return Program(session, client, build.actor(session, Role.ADMINISTRATOR), place, scope=scope)


def etag(task: dict[str, Any]) -> str:
    """What names the version of a resource that was read."""
    return f'W/"{task["meta"]["versionId"]}"'


def read(answer: TestResponse, status: int) -> dict[str, Any]:
    """The resource of an answer, held to FHIR's own definition."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/fhir+json"
    body: dict[str, Any] = answer.get_json()
    get_fhir_model_class(body["resourceType"]).model_validate(body)
    assert_nothing_is_empty(body)
    if status >= 400:
        assert body["resourceType"] == "OperationOutcome"
        assert not any("Go back" in issue.get("diagnostics", "") for issue in body["issue"])
    return body


def assert_nothing_is_empty(value: object, at: str = "") -> None:
    """FHIR knows no empty lists, objects or texts and no nulls in JSON (R4, 2.6.2); the library lets lists pass."""
    assert value not in (None, "", [], {}), at
    if isinstance(value, dict):
        for name, each in value.items():
            assert_nothing_is_empty(each, f"{at}.{name}")
    elif isinstance(value, list):
        for each in value:
            assert_nothing_is_empty(each, at)
