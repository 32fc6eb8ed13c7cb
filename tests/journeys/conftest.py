"""A real browser on a served borough. Journeys read as given, when, then."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.journeys.site import Site, copy_to_postgresql, make_borough, serve
from tests.journeys.visitor import DESKTOP, PHONE, Visitor
from tests.postgres import Cluster

SomebodyT = TypeVar("SomebodyT", bound=Visitor)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, or the one that CHROMIUM names; a missing one fails the run."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("Journeys need Chromium: install it (apt-get install chromium).", pytrace=False)
    browser = playwright.chromium.launch(
        executable_path=path,
        headless=True,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def borough(run_folder: Path) -> Path:
    """The example borough as a fresh install has it; made once for all workers."""
    folder = run_folder / "borough"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            make_borough(folder / "making")
            (folder / "making").rename(folder / "ready")
    return folder / "ready"


@pytest.fixture
def site(borough: Path, tmp_path: Path) -> Iterator[Site]:
    """The example borough, served for this journey alone."""
    with serve(borough, tmp_path) as site:
        yield site


@pytest.fixture(scope="session")
def shared_site(borough: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same for journeys that leave each other's people alone: served once."""
    with serve(borough, tmp_path_factory.mktemp("shared-site")) as site:
        yield site


@pytest.fixture
def postgres_site(borough: Path, cluster: Cluster, tmp_path: Path, worker_name: str) -> Iterator[Site]:
    """The same on PostgreSQL."""
    name = f"journey_{worker_name}"
    cluster.create(name)
    copy_to_postgresql(borough, cluster.url(name))
    with serve(borough, tmp_path, cluster.url(name)) as site:
        yield site


class Arrivals(Protocol):
    """Makes people with a device of their own: `arrive(Resident, site, "phone")` or `"desktop"`."""

    def __call__(
        self, who: type[SomebodyT], site: Site, device: str, /, *, scripts: bool = True
    ) -> SomebodyT:
        """Somebody of this kind, in front of the site."""


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Arrivals]:
    """People come, and go when the journey is over."""
    opened: list[Visitor] = []

    def make(who: type[SomebodyT], site: Site, device: str, /, *, scripts: bool = True) -> SomebodyT:
        visitor = who.arrive(browser, site, PHONE if device == "phone" else DESKTOP, scripts=scripts)
        opened.append(visitor)
        return visitor

    yield make
    for visitor in opened:
        visitor.leave()
