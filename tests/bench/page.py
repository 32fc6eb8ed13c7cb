"""`python3 dev.py bench page [--size N]`: the search page as people get it, beside others.

The whole page over HTTP, by the server that the product runs on: beside the smallest page of the same product, and
beside Datasette's page over the same listings, with its full-text search and facets.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from datetime import time as hour
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import insert, select

from core.db import db
from devtools import serve
from devtools.steps import ROOT, end
from directory.listings.documents import SearchDocument
from directory.listings.models import (
    Attribute,
    CostOption,
    Location,
    Organization,
    Schedule,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.listings.recurrence import Frequency
from directory.listings.rules import ListingStatus
from directory.search import suggestions
from tests.bench.synthetic import Maker
from tests.bench.tables import show, timed

SIZE = 20_000
PAGES = 1_500
CLIENTS = 8
WARM_UP = 100
SMALLEST = "/contact"
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Load:
    """What a target did under load: pages a second, milliseconds that half and 95 of 100 pages took, KB each, and
    milliseconds of processor time that its server spent on each, which other work on the machine hardly changes."""

    a_second: float
    half: float
    most: float
    size: float
    processor: float


@dataclass(frozen=True, slots=True)
class Server:
    """Where it answers, and the processes that were started for it."""

    ports: list[int]
    processes: list[int]


def main() -> None:
    """Measure at the size that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="listings (20,000)")
    parser.add_argument("--pages", type=int, default=PAGES, help="pages of each kind (1,500)")
    given = parser.parse_args()
    maker = Maker(given.size)
    documents = list(maker.documents())
    questions = [one.q for one in maker.questions(documents, "words", given.pages + WARM_UP)]
    with tempfile.TemporaryDirectory(prefix="gt-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        ours = _serve_ours(folder, documents, stack)
        theirs = _serve_datasette(folder, documents, stack)
        facets = [("_facet", column) for column in ("need", "cost", "how", "access")]
        found = {
            "the search page": (ours, [f"/search?{urlencode({'q': q})}" for q in questions]),
            "the search page, a need chosen": (
                ours,
                [f"/search?{urlencode({'q': q, 'need': 'food'})}" for q in questions],
            ),
            f"the smallest page ({SMALLEST})": (ours, [SMALLEST] * len(questions)),
            "Datasette, FTS5 and four facets": (
                theirs,
                [
                    f"/listings/listings?{urlencode([('_search', q), ('_searchmode', 'raw'), ('_size', 10), *facets])}"
                    for q in (" OR ".join(f'"{word}"' for word in q.split()) for q in questions)
                ],
            ),
        }
        loads = {label: _load(server, paths) for label, (server, paths) in found.items()}
    _show(loads, given.size)


def _show(loads: Mapping[str, Load], size: int) -> None:
    rows = [
        [
            label,
            f"{load.a_second:,.0f}",
            f"{load.half:.1f}",
            f"{load.most:.1f}",
            f"{load.processor:.1f}",
            f"{load.size:.0f}",
        ]
        for label, load in loads.items()
    ]
    show(
        f"Pages, {size:,} listings, {CLIENTS} at once",
        ["", "pages a second", "p50 (ms)", "p95 (ms)", "processor (ms a page)", "KB"],
        rows,
    )
    page, _need, smallest, datasette = loads.values()
    print(
        f"\nThe search page is served {page.a_second / datasette.a_second:.1f} times as fast as Datasette's"
        f" (by processor time {datasette.processor / page.processor:.1f}),"
    )
    print(
        f"and takes {smallest.a_second / page.a_second:.1f} times as long as the smallest page"
        f" (by processor time {page.processor / smallest.processor:.1f})."
    )


# --- ours -------------------------------------------------------------------------------------------------


def _serve_ours(folder: Path, documents: Sequence[SearchDocument], stack: ExitStack) -> Server:
    instance = folder / "instance"
    instance.mkdir()
    serve.write_secrets(instance)
    port = _free_port()
    env = serve.environment(os.environ, port) | {"GT_INSTANCE": str(instance)}
    os.environ.update({name: env[name] for name in ("GT_INSTANCE", "GT_DEMO", "GT_HTTPS", "GT_BASE_URL")})
    _run(serve.flask("migrate", "upgrade"), env)
    _fill(documents)
    begun = time.perf_counter()
    _run(serve.flask("search", "rebuild"), env)
    print(
        f"The index of {len(documents):,} listings of a database was built in {time.perf_counter() - begun:.1f} s."
    )
    _suggest(documents)
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"{serve.HOST}:{port}", "--worker-class", "gthread",
        "--workers", "2", "--threads", "8", "--no-control-socket", "wsgi:create_app()",
    ]  # fmt: skip
    process = _start(command, env, folder / "ours.log", stack)
    _await(port, "/readyz")
    return Server([port], [process])


def _suggest(documents: Sequence[SearchDocument]) -> None:
    """Time what is offered as one types: the first letters of a word that some listing has."""
    from wsgi import create_app

    pick = random.Random(6)
    words = [pick.choice(one.name.split()) for one in pick.choices(documents, k=700)]
    beginnings = [word[: pick.choice((2, 3, 4))] for word in words]
    with create_app().app_context():
        session = db.session()
        half, most = timed(lambda begun: suggestions.suggest(session, begun), beginnings, 100)
        db.engine.dispose()
    print(f"Suggestions as one types: p50 {half:.1f} ms, p95 {most:.1f} ms, in a process of their own.")


def _fill(documents: Sequence[SearchDocument]) -> None:
    """Put the listings into the database, without asking what an editor would be asked."""
    from wsgi import create_app

    with create_app().app_context():
        session = db.session()
        terms = list(session.scalars(select(TaxonomyTerm.id).order_by(TaxonomyTerm.slug)))
        for start in range(0, len(documents), _BATCH):
            rows = _rows(documents[start : start + _BATCH], terms)
            for model, values in rows.items():
                session.execute(insert(model), values)
            session.commit()
        db.engine.dispose()


def _rows(documents: Sequence[SearchDocument], terms: Sequence[Any]) -> dict[Any, list[dict[str, Any]]]:
    rows: dict[Any, list[dict[str, Any]]] = {
        model: []
        for model in (Organization, Service, Location, ServiceAtLocation, Schedule, CostOption, Attribute)
    }
    for one in documents:
        rows[Organization].append({"id": one.group_id, "name": one.group, "version": 1})
        rows[Service].append(
            {
                "id": one.id,
                "organization_id": one.group_id,
                "name": one.name.capitalize(),
                "summary": one.summary[:300],
                "description": one.description,
                "status": ListingStatus.PUBLISHED,
                "delivery": one.delivery,
                "join_mode": one.join_mode,
                "confirmed_at": one.confirmed_at,
                "version": 1,
            }
        )
        latitude, longitude = one.points[0]
        rows[Location].append(
            {
                "id": one.id,
                "name": one.place_words[0],
                "address_1": one.place_words[1],
                "city": "Bury",
                "postal_code": one.postcodes[0],
                "latitude": latitude,
                "longitude": longitude,
            }
        )
        rows[ServiceAtLocation].append({"service_id": one.id, "location_id": one.id})
        rows[CostOption].append({"service_id": one.id, "label": "Each time", "pence": one.price or 0})
        rows[Schedule] += [
            {
                "service_id": one.id,
                "freq": Frequency.WEEKLY,
                "dtstart": date(2026, 1, 5),
                "byday": day.value,
                "opens_at": hour(10),
                "closes_at": hour(12),
            }
            for day in one.weekdays
        ]
        for need in one.needs:
            at = int(need.slug.rpartition("-")[2]) % len(terms)
            rows[Attribute].append({"term_id": terms[at], "service_id": one.id})
    return rows


# --- Datasette --------------------------------------------------------------------------------------------


def _serve_datasette(folder: Path, documents: Sequence[SearchDocument], stack: ExitStack) -> Server:
    """Two of it, as the product has two processes."""
    path = folder / "listings.db"
    base = sqlite3.connect(path)
    base.executescript(
        """
        CREATE TABLE listings (id TEXT PRIMARY KEY, name TEXT, summary TEXT, description TEXT, grp TEXT,
                               need TEXT, cost TEXT, how TEXT, access TEXT);
        CREATE VIRTUAL TABLE listings_fts USING fts5(name, summary, description, grp, content='listings');
        """
    )
    base.executemany(
        "INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                str(one.id), one.name, one.summary, one.description, one.group, one.needs[0].slug,
                "free" if not one.price else "paid", one.delivery.value, one.access[0].slug if one.access else "",
            )
            for one in documents
        ],
    )  # fmt: skip
    base.execute("INSERT INTO listings_fts(listings_fts) VALUES ('rebuild')")
    for column in ("need", "cost", "how", "access"):
        base.execute(f"CREATE INDEX by_{column} ON listings({column})")
    base.commit()
    base.close()
    ports = [_free_port(), _free_port()]
    processes = []
    for port in ports:
        command = [
            sys.executable, "-m", "datasette", "serve", str(path), "--host", serve.HOST, "--port", str(port),
            "--setting", "facet_time_limit_ms", "5000", "--setting", "sql_time_limit_ms", "10000",
            "--setting", "suggest_facets", "off", "--setting", "default_cache_ttl", "0",
        ]  # fmt: skip
        processes.append(_start(command, dict(os.environ), folder / f"datasette-{port}.log", stack))
    for port in ports:
        _await(port, "/-/versions.json")
    return Server(ports, processes)


# --- servers and load ---------------------------------------------------------------------------------------


def _run(command: Sequence[str | Path], env: Mapping[str, str]) -> None:
    subprocess.run([str(part) for part in command], cwd=ROOT, env=dict(env), check=True, capture_output=True)


def _start(command: Sequence[str], env: Mapping[str, str], log: Path, stack: ExitStack) -> int:
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=output, stderr=subprocess.STDOUT)
    stack.callback(end, server)
    return server.pid


def _processor_seconds(roots: Sequence[int]) -> float:
    """What these processes and those that they started have used so far, as Linux tells it."""
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(path.parent.name)
        parents[number], spent[number] = int(told[1]), int(told[11]) + int(told[12])
    family = set(roots)
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(spent.get(one, 0) for one in family) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((serve.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int, path: str) -> None:
    last = time.monotonic() + 120
    while True:
        try:
            connection = http.client.HTTPConnection(serve.HOST, port, timeout=30)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if time.monotonic() > last:
            raise RuntimeError(f"nothing answers on port {port}")
        time.sleep(0.2)


def _load(server: Server, paths: Sequence[str]) -> Load:
    """Ask for every path, by several clients at once that keep their connections. The first ones warm up."""
    ports = server.ports
    for path in paths[:WARM_UP]:
        for port in ports:
            _ask(http.client.HTTPConnection(serve.HOST, port, timeout=60), path)
    wanted = list(paths[WARM_UP:])
    taken: list[float] = []
    sizes: list[int] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(serve.HOST, ports[number % len(ports)], timeout=60)
        for path in wanted[number::CLIENTS]:
            begun = time.perf_counter()
            sizes.append(_ask(connection, path))
            taken.append((time.perf_counter() - begun) * 1000)
        connection.close()

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    used, begun = _processor_seconds(server.processes), time.perf_counter()
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    whole, used = time.perf_counter() - begun, _processor_seconds(server.processes) - used
    taken.sort()
    return Load(
        len(taken) / whole,
        taken[len(taken) // 2],
        taken[int(len(taken) * 0.95)],
        sum(sizes) / len(sizes) / 1024,
        used * 1000 / len(taken),
    )


def _ask(connection: http.client.HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered by {answer.status}")
    return len(body)


if __name__ == "__main__":
    main()
