"""Questions to the open API that its OpenAPI document allows, that it forbids, and that nobody would think of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import hypothesis
import schemathesis
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok

from directory.openreferral.profiles import PROFILES
from directory.openreferral.rules import RESOURCES

CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
_UNFIT = {"unsupported_method", "use_after_free"}
PARAMETERS = sorted({one.name for each in RESOURCES.values() for one in each.parameters_for("oruk")})
EXPECTED = {200, 301, 304, 400, 404, 410}


@dataclass(frozen=True)
class Operation:
    """One operation of one base, with a strategy for its questions."""

    base: str
    label: str
    mode: str
    strategy: st.SearchStrategy[Any]


def operations(app: Flask) -> Iterator[Operation]:
    """Every operation of both bases as the served documents have them, with questions right and wrong."""
    for profile in PROFILES.values():
        schema = schemathesis.openapi.from_wsgi(f"{profile.path}/openapi.json", app)
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            for mode in schemathesis.GenerationMode:
                if (
                    mode is schemathesis.GenerationMode.POSITIVE
                    or operation.query
                    or operation.path_parameters
                ):
                    yield Operation(
                        profile.key, operation.label, mode.value, operation.as_strategy(generation_mode=mode)
                    )


def ask(operation: Operation, most: int, seen: Counter[int], *, database: bool = True) -> None:
    """Ask up to `most` questions of an operation; fails where an answer is not what the document says."""
    every = [check for check in CHECKS.get_all() if check.__name__ not in _UNFIT]

    @hypothesis.settings(max_examples=most, deadline=None, suppress_health_check=CALM, **_store(database))
    @hypothesis.given(case=operation.strategy)
    def all_answers_are_as_documented(case: Any) -> None:
        response = case.call(headers={"Accept-Encoding": "identity"})
        seen[response.status_code] += 1
        assert response.status_code in EXPECTED, f"{response.status_code}: {case.as_curl_command()}"
        unjust = _not_for(case, response.request.url or "")
        case.validate_response(response, checks=[check for check in every if check.__name__ not in unjust])

    all_answers_are_as_documented()


def _not_for(case: Any, address: str) -> set[str]:
    """Checks that would be unjust to this question, as its document cannot say why."""
    sent = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    # A text of the right shape need not be a place, and a distance needs one to start from.
    places = sent.keys() & {"postcode", "proximity"}
    # A form sends what was left empty, and blanks at the ends are anybody's slip: both say nothing. Nor does a list or
    # an object of nothing, which leaves no trace in an address.
    traceless = set(case.query or ()) - sent.keys()
    blanks = traceless or any(not text or text != text.strip() for text in sent.values())
    return {
        name
        for name, unjust in (("positive_data_acceptance", places), ("negative_data_rejection", blanks))
        if unjust
    }


def _store(database: bool) -> dict[str, Any]:
    return {} if database else {"database": None}


@st.composite
def addresses(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """Any path below a base, with known and unknown parameters that hold anything."""
    base = draw(st.sampled_from(sorted(PROFILES)))
    name = draw(st.sampled_from([*sorted(RESOURCES), "openapi.json", ""]))
    item = draw(st.one_of(st.just(""), st.uuids().map(str), st.text(max_size=20)))
    names = st.one_of(st.sampled_from(PARAMETERS), st.text(max_size=10))
    texts = st.one_of(
        st.text(max_size=300), st.integers().map(str), st.floats().map(str), st.datetimes().map(str)
    )
    query = draw(st.lists(st.tuples(names, texts), max_size=6))
    return f"/api/{base}/v3/{name}" + (f"/{quote(item, safe='')}" if item else ""), query


def ask_anything(app: Flask, most: int, seen: Counter[int], *, database: bool = True) -> None:
    """Ask `most` questions that no document allows; fails where one is not answered in kind."""
    client = app.test_client()

    @hypothesis.settings(max_examples=most, deadline=None, suppress_health_check=CALM, **_store(database))
    @hypothesis.given(addresses())
    def every_answer_is_a_kind_one(asked: tuple[str, list[tuple[str, str]]]) -> None:
        path, query = asked
        answer = client.get(path, query_string=query)
        seen[answer.status_code] += 1
        assert answer.status_code in {*EXPECTED, 308}, (path, query)
        if answer.status_code >= 400 and answer.mimetype != "text/html":
            problem = json.loads(answer.get_data())
            assert answer.mimetype == "application/problem+json"
            assert problem["status"] == answer.status_code
            assert problem["detail"]

    every_answer_is_a_kind_one()
