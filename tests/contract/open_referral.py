"""How feeds are judged: pages walked, ids asked for one by one, every object held against a schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
from flask.testing import FlaskClient

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "openreferral"
FOLDERS = {"oruk": SCHEMAS / "oruk-3.0-schema", "hsds": SCHEMAS / "hsds-3.0-schema"}
NAMES = ("services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms")
OBJECTS = {
    "services": "service",
    "service_at_locations": "service_at_location",
    "organizations": "organization",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}

Json = dict[str, Any]
Judge = Callable[[object], list[str]]


def pages(client: FlaskClient, base: str, name: str, **parameters: str) -> Iterator[Json]:
    """Every page of a list, from the first to the one that says that it is the last."""
    number, last = 1, False
    while not last:
        answer = client.get(f"/api/{base}/v3/{name}", query_string={**parameters, "page": str(number)})
        assert answer.status_code == 200, f"{name} {number}: {answer.status_code}"
        page: Json = json.loads(answer.get_data())
        yield page
        last, number = page["last_page"], number + 1


def published_judge(base: str, name: str, *, flat: bool) -> Judge:
    """Holds objects against the published schema (Draft 2020-12, formats asserted) and what it names."""
    found = OBJECTS[name]
    compiled = FOLDERS[base] / "compiled" / f"{found}{'_list' if flat else ''}.json"
    path = compiled if compiled.exists() else FOLDERS[base] / f"{found}.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    if name in {"taxonomies", "taxonomy_terms"}:
        # Not compiled: each stands alone but for properties that point to the other, which we do not give.
        schema["properties"] = {
            key: one for key, one in schema["properties"].items() if "$ref" not in json.dumps(one)
        }
    validator = jsonschema_rs.Draft202012Validator(_strict(schema), validate_formats=True)
    return lambda value: [
        f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(value)
    ]


def judge_of(base: str) -> Callable[[str, bool], Judge]:
    """The published judge of a base, for `walk`."""
    return lambda name, flat: published_judge(base, name, flat=flat)


def _strict(schema: Any) -> Any:
    """The schema with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items() if key != "example"}
    if isinstance(strict.get("properties"), dict) and "type" in strict:
        strict["additionalProperties"] = False
    return strict


def walk(
    client: FlaskClient, base: str, judge: Callable[[str, bool], Judge], *, size: int, one_by_one: int
) -> int:
    """Walk every list of a base, flat and whole, and ask for up to `one_by_one` ids of the first, middle and last page.

    Gives how many objects were judged; fails on the first that has a fault.
    """
    judged = 0
    for name in NAMES:
        found: list[Json] = []
        shapes: list[dict[str, str]] = (
            [{}] if name in {"taxonomies", "taxonomy_terms"} else [{}, {"full": "true"}]
        )
        if name == "organizations":
            shapes.append({"full_service": "true"})
        for shape in shapes:
            held = judge(name, not shape)
            found = list(pages(client, base, name, per_page=str(size), **shape))
            judged += sum(_judge(page, held, f"{base} {name} {shape}") for page in found)
            assert sum(page["size"] for page in found) == found[0]["total_items"]
            assert found[0]["total_items"], f"{base} {name} is empty"
        whole = judge(name, False)
        for page in (found[0], found[len(found) // 2], found[-1]):
            for one in page["contents"][:one_by_one]:
                answer = client.get(f"/api/{base}/v3/{name}/{one['id']}")
                assert answer.status_code == 200, one["id"]
                _sound(json.loads(answer.get_data()), whole, f"{base} {name} {one['id']}")
                judged += 1
    return judged


def _judge(page: Json, judge: Judge, where: str) -> int:
    ids = [one["id"] for one in page["contents"]]
    assert len(set(ids)) == len(ids) == page["size"]
    for one in page["contents"]:
        _sound(one, judge, where)
    return len(ids)


def _sound(value: Json, judge: Judge, where: str) -> None:
    faults = judge(value)
    assert not faults, f"{where}: {faults[:3]} in {json.dumps(value)[:600]}"
