"""The open API and its keys, for the access matrix."""

from __future__ import annotations

from uuid import uuid4

from directory.openreferral.keys import digest_of
from directory.openreferral.models import ApiKey
from tests import build, build_directory
from tests.contract.subjects import Cell, Subject, subject


@subject("openreferral.root", "openreferral.description")
def _base(cell: Cell) -> Subject:
    return Subject({"base": "oruk"})


@subject("openreferral.collection")
def _list(cell: Cell) -> Subject:
    build_directory.listing(cell.session)
    return Subject({"base": "hsds", "name": "services"})


@subject("openreferral.item")
def _item(cell: Cell) -> Subject:
    return Subject({"base": "oruk", "name": "services", "wanted": build_directory.listing(cell.session)})


@subject("api_keys.issue")
def _new_key(cell: Cell) -> Subject:
    return Subject(form={"idempotency_key": str(uuid4()), "name": "Library catalogue", "per_minute": "6000"})


@subject("api_keys.revoke")
def _key(cell: Cell) -> Subject:
    key = ApiKey(name="Library", digest=digest_of(f"gt_{build.number()}"), ending="abcd", per_minute=6000)
    cell.session.add(key)
    cell.session.flush()
    return Subject({"key_id": key.id})
