"""A feed on this computer, an editor at the product's own pages, and the work in the background done at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from sqlalchemy.orm import Session

from core.jobs.services import work_once

Json = dict[str, Any]


def loom(number: int, **changes: Any) -> Json:
    """A service as an Open Referral feed gives it whole."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "name": f"Weaving {number}",
        "description": "Weave with other men. Tea and somebody to talk to.",
        "status": "active",
        "email": "looms@example.org",
        "minimum_age": 18,
        "organization": {"id": "g", "name": "The Weavers", "website": "https://looms.example.org"},
        "phones": [{"id": "p", "number": "0161 496 0101"}],
        "schedules": [
            {
                "freq": "WEEKLY",
                "byday": "TU,TH",
                "dtstart": "2026-01-06",
                "opens_at": "10:00:00",
                "closes_at": "12:00",
            }
        ],
        "cost_options": [{"option": "A session", "amount": 2.5}],
        "service_at_locations": [
            {
                "location": {
                    "location_type": "physical",
                    "name": "Loom Hall",
                    "latitude": 53.59,
                    "longitude": -2.29,
                    "addresses": [{"address_1": "1 Loom Street", "city": "Bury", "postal_code": "bl90aa"}],
                }
            }
        ],
    } | changes


class FeedServer(BaseHTTPRequestHandler):
    """Pages of services, flat in the list and whole by themselves, as most feeds of the UK have them."""

    services: list[Json]
    per_page = 2
    broken = False
    asked: list[str]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked.append(self.path)
        if self.broken:
            self._say(503, {})
        elif parts.path.endswith("/services"):
            page = int(parse_qs(parts.query).get("page", ["1"])[0])
            some = self.services[(page - 1) * self.per_page : page * self.per_page]
            flat = [
                {name: value for name, value in one.items() if not isinstance(value, list)} for one in some
            ]
            pages = max(1, -(-len(self.services) // self.per_page))
            self._say(200, {"total_pages": pages, "page_number": page, "contents": flat})
        else:
            found = [one for one in self.services if parts.path.endswith(f"/{one.get('id')}")]
            self._say(200 if found else 404, found[0] if found else {})

    def _say(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def served(kind: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server on this computer that answers as `kind` does; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def feed_server(services: list[Json]) -> Iterator[tuple[str, type[FeedServer]]]:
    """A feed of these services: its address, and its class, whose attributes change what it says."""
    kind = type("Feed", (FeedServer,), {"services": services, "asked": []})
    with served(kind) as base:
        yield f"{base}/api", kind


class Editor:
    """An editor who takes data in by the pages."""

    def __init__(self, client: Any, session: Session, end: Callable[[], None]) -> None:
        self.client, self.session, self.end = client, session, end
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sources/new").text)
        assert found is not None
        self.token = found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, **rest: Any) -> Any:
        """Send a form as the page would."""
        return self.client.post(path, data={"csrf_token": self.token} | (data or {}), **rest)

    def work(self) -> None:
        """Do all that waits in the background."""
        self.end()
        while work_once(self.session):
            pass
        self.session.rollback()

    def add(self, kind: str = "open-referral", address: str = "", **changes: str) -> Any:
        form = {"name": "Weaving groups", "publisher": "The Weavers", "licence": "By agreement", "kind": kind}
        form |= {"address": address, "every_hours": "", "idempotency_key": str(uuid4())}
        return self.post("/sources/new", data=form | changes)

    def source(self, kind: str) -> str:
        """A source without an address; its path."""
        path: str = self.add(kind).location
        return path

    def upload(self, source: str, data: bytes, name: str) -> str:
        """Give a file; the path of its import."""
        form = {"file": (BytesIO(data), name), "idempotency_key": str(uuid4())}
        answer = self.post(f"{source}/start", data=form, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        path: str = answer.location
        self.work()
        return path

    def again(self, source: str) -> str:
        """Look at the address again; the path of the import."""
        path: str = self.post(f"{source}/start", data={"idempotency_key": str(uuid4())}).location
        self.work()
        return path

    def step(self, run: str, step: str) -> Any:
        answer = self.post(f"{run}/{step}")
        self.work()
        return answer

    def reads(self, path: str) -> str:
        """A page's words, blanks as single spaces."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.client.get(path).text))
