"""What is logged names no one: routes instead of addresses, kinds of errors instead of their words."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from secrets import token_hex
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from core import logging as logs
from core.access.rules import Role
from core.errors import UnsafeSettings
from tests import build
from tests.conftest import make_secrets
from tests.html import HtmlClient
from tests.integration.core.door import csrf

CANARIES = ("canary-query", "canary-name", "canary-token", "canary-email", "canary-password")


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """What was logged, as it would stand in the log."""
    out = StringIO()
    taker = logging.StreamHandler(out)
    taker.setFormatter(logs.JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(taker)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(taker)
    root.setLevel(level)


def test_a_request_is_logged_by_its_route_and_id(
    client: HtmlClient, lines: Callable[[], list[dict[str, object]]]
) -> None:
    answer = client.get("/set-password/canary-token?q=canary-query")
    (line,) = [line for line in lines() if line["logger"] == "golden_thread.access"]
    assert line["route"] == "/set-password/<token>"
    assert (line["method"], line["status"]) == ("GET", 404)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert isinstance(line["ms"], float)


def test_nothing_that_was_sent_reaches_the_log(
    client: HtmlClient, session: Session, lines: Callable[[], list[dict[str, object]]]
) -> None:
    build.account(session, Role.EDITOR, email="canary-email@example.org", name="canary-name")
    token = csrf(client)
    client.get("/no-such-page/canary-name?q=canary-query")
    client.post(
        "/sign-in?next=/canary-query",
        data={"csrf_token": token, "email": "canary-email@example.org", "password": "canary-password"},
    )
    client.post("/forgotten-password", data={"csrf_token": token, "email": "canary-email@example.org"})
    client.get("/set-password/canary-token")
    text = json.dumps(lines())
    assert [canary for canary in CANARIES if canary in text] == []


def test_an_error_is_logged_by_its_kind_and_place_without_its_words(
    app: Flask,
    client: HtmlClient,
    lines: Callable[[], list[dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**_values: object) -> str:
        raise UnsafeSettings("canary-name lives at canary-query")

    monkeypatch.setitem(app.view_functions, "accounts.sign_in", fail)
    assert client.get("/sign-in").status_code == 500
    errors = [line for line in lines() if "error" in line]
    assert errors[0]["error"] == "UnsafeSettings"
    assert "fail" in str(errors[0]["where"])
    assert "canary" not in json.dumps(lines())


def test_libraries_are_logged_without_what_they_were_given(
    lines: Callable[[], list[dict[str, object]]],
) -> None:
    logging.getLogger("sqlalchemy.engine").warning("INSERT %s", "canary-name")
    logging.getLogger("gunicorn.error").error("Error handling request %s", "/search?q=canary-query")
    assert [line["message"] for line in lines()] == ["INSERT %s", "Error handling request"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.mark.databases("sqlite")
def test_gunicorn_serves_and_logs_as_json_without_queries(database_url: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    names = ("secret_key", "audit_key", "index_key")
    secrets = "".join(f'{name} = "{token_hex(32)}"\n' for name in names)
    # The key that the test's database was made with.
    database_key = make_secrets().database_key
    (tmp_path / "secrets.toml").write_text(
        f'{secrets}database_key = "{database_key}"\n[field_keys]\n1 = "{token_hex(32)}"\n', encoding="utf-8"
    )
    port = free_port()
    log = tmp_path / "log"
    environment = {
        **os.environ,
        "GT_INSTANCE": str(tmp_path),
        "GT_DEMO": "1",
        "DATABASE_URL": database_url,
        "GT_WEB_PROCESSES": "1",
    }
    with log.open("wb") as out:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--bind",
                f"127.0.0.1:{port}",
                "--no-control-socket",
                "wsgi:create_app()",
            ],
            cwd=root,
            env=environment,
            stdout=out,
            stderr=out,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                with urlopen(f"{address}/livez", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        with urlopen(Request(f"{address}/sign-in?next=/canary-query"), timeout=10) as answer:
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    finally:
        server.terminate()
        server.wait(40)
    text = log.read_text(encoding="utf-8")
    assert "canary" not in text
    parsed = [json.loads(line) for line in text.splitlines()]
    assert {"GET /sign-in"} <= {f"{line.get('method')} {line.get('route')}" for line in parsed}
    assert all(re.fullmatch(r"[a-z]+", str(line["level"])) for line in parsed)
