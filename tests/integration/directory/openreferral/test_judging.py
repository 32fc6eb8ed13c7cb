"""Judging feeds: ours passes; what is wrong with another's is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from directory.openreferral.judging import Answer, NoAnswer, judge
from tests import build_directory

AN_ID = "019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f"
ROOT = {
    "version": "HSDS-UK-3.0",
    "profile": "https://example.org",
    "openapi_url": "https://example.org/openapi.json",
}
Run = Callable[..., str]


def test_our_own_bases_pass(session: Session, run_command: Run) -> None:
    for _ in range(3):
        build_directory.listing(session)
    said = run_command("openreferral", "check")
    assert said.count("The feed passes.") == 2
    assert "warning" not in said
    assert "Open Referral UK 3.0" in said


def test_an_empty_feed_is_warned_of(run_command: Run) -> None:
    said = run_command("openreferral", "check")
    assert "warning: /services is empty" in said
    assert said.count("The feed passes.") == 2


def test_an_address_inside_is_not_asked(run_command: Run) -> None:
    said = run_command("openreferral", "check", "http://169.254.169.254/api", exit_code=1)
    assert "FAILS: / gives no answer" in said
    assert "The feed fails." in said


def page(*contents: dict[str, Any], pages: int = 1, number: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "total_items": len(contents) * pages,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number == pages,
        "empty": not contents,
        "contents": list(contents),
    } | changed


SOUND = {"id": AN_ID, "name": "Tea", "status": "active"}


def feed(**changed: Any) -> Callable[[str], Answer]:
    """A stranger's feed, sound but for what is `changed`: a path's answer, its status, or no answer at all."""
    there: dict[str, Any] = {"/": ROOT, "/services?page=1": page(SOUND), f"/services/{AN_ID}": SOUND}
    for name in ("service_at_locations", "organizations", "taxonomies", "taxonomy_terms"):
        there[f"/{name}?page=1"] = page()
    there |= changed.pop("paths", {})

    def ask(address: str) -> Answer:
        held = there.get(address.removeprefix("https://feed.example"), 404)
        if isinstance(held, Exception):
            raise held
        if isinstance(held, int):
            return Answer(held, b"", 0.1)
        body = held if isinstance(held, bytes) else json.dumps(held).encode()
        return Answer(200, body, changed.get("seconds", 0.1))

    return ask


def judged(**changed: Any) -> tuple[list[str], list[str], list[str]]:
    report = judge("https://feed.example/", feed(**changed), strict=changed.get("strict", False), ids=5)
    return report.failures, [one for one in report.warnings if not one.endswith("is empty")], report.notes


def test_a_sound_feed_passes() -> None:
    assert judged() == ([], [], [])


@pytest.mark.parametrize(
    ("paths", "fault"),
    [
        ({"/": 500}, "/ answers 500"),
        ({"/": {**ROOT, "profile": ""}}, "/ does not say its profile"),
        ({"/services?page=1": NoAnswer("nobody there")}, "/services?page=1 gives no answer: nobody there"),
        ({"/services?page=1": b"<html>"}, "/services?page=1 is not JSON"),
        ({"/services?page=1": []}, "/services?page=1 is not a page"),
        ({"/services?page=1": page(SOUND, total_pages=True)}, "check its total_pages"),
        ({"/services?page=1": page(SOUND, size=7)}, "counts 7 objects and holds 1"),
        ({"/services?page=1": page({**SOUND, "url": None})}, "service.url is not a web address"),
        ({"/services?page=1": page(SOUND, pages=2)}, "/services?page=2 answers 404"),
        ({f"/services/{AN_ID}": 404}, f"/services/{AN_ID} answers 404"),
        ({f"/services/{AN_ID}": {**SOUND, "id": AN_ID.replace("0", "1")}}, "gives another object"),
        ({f"/services/{AN_ID}": {"id": AN_ID}}, "service.name is missing"),
    ],
)
def test_what_must_be_there_fails_the_feed(paths: dict[str, Any], fault: str) -> None:
    failures, _, _ = judged(paths=paths)
    assert any(fault in one for one in failures), failures


def test_what_may_be_left_out_is_a_warning() -> None:
    failures, warnings, _ = judged(
        paths={"/taxonomies?page=1": 404, "/organizations?page=1": page({"id": "x"})}
    )
    assert failures == []
    assert "/taxonomies?page=1 answers 404" in warnings
    assert any("organization.id is not a UUID" in one for one in warnings)


def test_the_first_middle_and_last_page_are_read() -> None:
    asked: list[str] = []
    paths = {f"/services?page={number}": page(SOUND, pages=9, number=number) for number in range(1, 10)}
    answer = feed(paths=paths)

    def ask(address: str) -> Answer:
        asked.append(address)
        return answer(address)

    assert judge("https://feed.example", ask, strict=True, ids=1).passes
    assert [one[-1] for one in asked if "/services?" in one] == ["1", "5", "9"]


def test_slowness_is_noted_and_more_than_the_profile_is_a_fault_when_strict() -> None:
    assert "6.0 seconds" in judged(seconds=6.0)[2][0]
    more = {"/services?page=1": page({**SOUND, "wait_time": "long"})}
    assert judged(paths=more)[0] == []
    assert "service.wait_time is not in Open Referral UK 3.0" in judged(paths=more, strict=True)[0][0]
