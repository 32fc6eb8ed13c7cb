"""Bad input is a clear error: every route is sent what no form would send, and none answers that it broke."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import quote

import hypothesis
import pytest
from flask import Request
from hypothesis import HealthCheck
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict

from core.access.guard import policy_of
from core.access.rules import ROLES_OF
from tests.contract.subjects import Relation
from tests.contract.test_access_matrix import KEYS, one_of_each
from tests.contract.things import Things, in_a_hurry

UGLY = (
    "\x00",
    "a\x00b",
    "%ff%fe",
    "\ufffe\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    str(2**63),
    str(-(2**63) - 1),
    "9" * 5000,
    "1e999",
    "nan",
    "-0",
    "٣",
    "²",
    "[]",
    "{'a': 1}",
    "../../etc/passwd",
    "' OR 1=1 --",
    "%",
    "\\",
    "\u202e\u0000",
    "9999-99-99T99:99",
    "0001-01-01T00:00",
    "019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f",
    "=cmd|' /C calc'!A0",
    "x" * 20_000,
    "",
)
# How many inputs each route gets of either kind; the fewer where counterexamples are looked for in a hurry.
THOROUGH, QUICK = len(UGLY), 1
# In a hurry, the error page is drawn for one address in so many; the others are told in a line.
DRAWN = 6


# And how many made-up ones each form gets: any letters, numbers, days, times and lists, in any of its boxes. They are
# the same in every run, so that nobody's own work is stopped by them.
MADE_UP = 44
TYPED = st.one_of(
    st.text(max_size=300),
    st.sampled_from(UGLY),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.times().map(str),
    st.uuids().map(str),
    st.lists(st.text(max_size=20), max_size=4).map("\n".join),
)
CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


class Listening(ImmutableMultiDict[str, str]):
    """What came in an address or a form, remembering which names the view asked for."""

    heard: ClassVar[set[str]] = set()

    def __contains__(self, key: object) -> bool:
        self.heard.add(str(key))
        return super().__contains__(key)

    def __getitem__(self, key: str) -> str:
        self.heard.add(key)
        return super().__getitem__(key)

    def get(self, key: str, *args: Any, **options: Any) -> Any:
        self.heard.add(key)
        return super().get(key, *args, **options)

    def getlist(self, key: str, *args: Any, **options: Any) -> Any:
        self.heard.add(key)
        return super().getlist(key, *args, **options)


class ListeningRequest(Request):
    """A request whose parameters listen."""

    parameter_storage_class = Listening


@pytest.fixture
def listening(things: Things, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a view reads of a request is heard; what one route did is gone before the next."""
    monkeypatch.setattr(things.app, "request_class", ListeningRequest)
    yield
    things.put_back()


@pytest.mark.parametrize("key", KEYS)
def test_no_route_breaks(key: str, things: Things, listening: None) -> None:
    endpoint, method = key.split()
    policy = policy_of(things.app, endpoint)
    assert policy is not None
    lots = random.Random(key)
    allowed = sorted(ROLES_OF[policy.permission]) if policy.permission else []
    # In a hurry, somebody for whom the matrix has made the thing already.
    asked_before = [role for role in one_of_each(key) if role in allowed] if in_a_hurry() else allowed
    role = lots.choice(asked_before) if allowed else None
    subject = things.get(endpoint, role, Relation.OWN)
    client, address = things.client(role), things.address(endpoint, subject)
    good = {} if method == "GET" else dict(subject.form)

    def ask(sent: dict[str, Any]) -> None:
        if method == "GET":
            answer = client.get(address, query_string={name: str(text)[:2000] for name, text in sent.items()})
        else:
            answer = client.open(address, method=method, data=sent)
            things.put_back()
        assert answer.status_code < 500, sent

    Listening.heard.clear()
    ask(good)
    read = sorted(Listening.heard | set(good))
    wanted = QUICK if in_a_hurry() else THOROUGH
    # Turned on by one each time, so that together they bring every text into every box.
    every_box = [
        {name: UGLY[(turn + at) % len(UGLY)] for at, name in enumerate(read)} for turn in range(len(UGLY))
    ]
    one_box = [good | {name: ugly} for name in read for ugly in UGLY]
    for boxes in (every_box, one_box):
        for sent in lots.sample(boxes, min(wanted, len(boxes))):
            ask(sent)
    if method != "GET" and not in_a_hurry():
        send_made_up(ask, good, read)


def send_made_up(ask: Callable[[dict[str, Any]], None], good: dict[str, Any], read: list[str]) -> None:
    """Send a form what Hypothesis makes up, the boxes that it leaves out filled in well."""

    @hypothesis.settings(
        max_examples=MADE_UP, deadline=None, derandomize=True, database=None, suppress_health_check=CALM
    )
    @hypothesis.given(st.dictionaries(st.sampled_from(read or ["unknown"]), TYPED, min_size=1, max_size=8))
    def it_answers(typed: dict[str, str]) -> None:
        ask(good | typed)

    it_answers()


@pytest.mark.parametrize("ugly", UGLY[:-1])
def test_no_address_breaks(ugly: str, things: Things) -> None:
    client = things.app.test_client()
    asked = 0
    for rule in things.app.url_map.iter_rules():
        if not rule.arguments or "GET" not in (rule.methods or ()):
            continue
        parts = [
            quote(ugly[:300], safe="") if is_dynamic else data
            for is_dynamic, data in getattr(rule, "_trace")[1:]  # noqa: B009
        ]
        line_will_do = in_a_hurry() and (asked + UGLY.index(ugly)) % DRAWN
        headers = {"Accept": "application/json"} if line_will_do else {}
        assert client.get("".join(parts).replace("|", ""), headers=headers).status_code < 500, rule.rule
        asked += 1
    assert asked > 20
