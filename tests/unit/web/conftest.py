"""A small application that stands on core.web alone, without a database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from core import health
from core.access import guard
from core.access.rules import PUBLIC, Actor
from core.web import setup, slots
from tests.conftest import make_settings
from tests.html import HtmlClient

NAMES = ("main.css", "main.js", "map.css", "map.js", "charts.js", "icon.svg")


@dataclass
class Small:
    """The application, and who uses it."""

    app: Flask
    actor: list[Actor] = field(default_factory=lambda: [PUBLIC])

    def add(self, path: str, view: Callable[..., Any], *, methods: tuple[str, ...] = ("GET",)) -> None:
        """Put a public page at `path`."""
        name = path.strip("/").replace("/", "_") or "home"
        self.app.add_url_rule(
            path, f"small_{name}", guard.public("A test asks for it")(view), methods=list(methods)
        )

    def client(self) -> FlaskClient:
        """A client that checks every page."""
        return self.app.test_client()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A front end as the build leaves it, with next to nothing in its files."""
    folder = tmp_path / "dist"
    folder.mkdir()
    manifest = {}
    for name in NAMES:
        stem, ending = name.rsplit(".", 1)
        manifest[name] = f"{stem}-0123abcd.{ending}"
        (folder / manifest[name]).write_text(f"/* {name} */")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def kept_registries() -> Iterator[None]:
    """Menu, slots and checks are registered for the whole process: give them back as they were."""
    menu = dict(slots._navigation)
    fillers = {name: list(held) for name, held in slots._slots.items()}
    checks, states = dict(health._checks), dict(health._states)
    slots._navigation.clear()
    slots._slots.clear()
    health._checks.clear()
    health._states.clear()
    yield
    slots._navigation.clear()
    slots._slots.clear()
    health._checks.clear()
    health._states.clear()
    slots._navigation.update(menu)
    slots._slots.update(fillers)
    health._checks.update(checks)
    health._states.update(states)


@pytest.fixture
def make(tmp_path: Path, built: Path, kept_registries: None) -> Callable[..., Small]:
    """Makes the small application with settings of the test's choice."""

    def make_small(**changes: Any) -> Small:
        settings = make_settings("sqlite://", tmp_path, **changes)
        app = Flask("golden_thread", static_folder=None)
        app.config.update(SECRET_KEY="for tests", TESTING=True, PROPAGATE_EXCEPTIONS=False)
        app.test_client_class = HtmlClient
        small = Small(app)
        setup.init_app(app, settings, built=built)
        guard.init_app(app, lambda: small.actor[0])
        accounts = Blueprint("accounts", "accounts")
        accounts.add_url_rule("/sign-in", "sign_in", guard.public("test")(lambda: "in"))
        accounts.add_url_rule("/sign-out", "sign_out", guard.public("test")(lambda: "out"), methods=["POST"])
        app.register_blueprint(accounts)
        return small

    return make_small


@pytest.fixture
def small(make: Callable[..., Small]) -> Small:
    return make()
