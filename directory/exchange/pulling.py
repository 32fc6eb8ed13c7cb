"""Fetching a feed, page by page and within limits. Each call goes on where the last one stopped; no database here."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from core import outbound
from core.errors import Invalid
from core.outbound import Fetched
from directory.exchange.feed_rules import FeedKind
from directory.exchange.packages import page_of
from directory.exchange.reading import MOST_RECORDS, UPLOAD

# A step of the work in the background: well within the time that a worker may hold a job.
STEP_SECONDS = 60.0
ONE_ANSWER = 20.0
MOST_PAGES = 2_000
PER_PAGE = 50
# What only the whole form of a service has; one that has none of it is asked for by its id.
_WHOLE = ("service_at_locations", "schedules", "phones", "contacts", "cost_options", "attributes")
_ACCEPT = "application/json, text/calendar;q=0.9, text/csv;q=0.9, */*;q=0.1"


@dataclass
class Step:
    """What one step did: pages that are here whole, of how many, and the answers' number and seconds."""

    pages: int
    pages_in_all: int | None
    done: bool = False
    answers: int = 0
    seconds: float = 0.0
    parts: dict[str, Any] = field(default_factory=dict)


def pull(kind: FeedKind, address: str, folder: Path, pages: int, pages_in_all: int | None) -> Step:
    """Fetch what is still missing, for about a minute. Raises `OutboundFailed`, or `Invalid` for an odd answer."""
    folder.mkdir(parents=True, exist_ok=True)
    step = Step(pages, pages_in_all)
    if kind is not FeedKind.OPEN_REFERRAL:
        _pull_file(kind, address, folder, step)
        return step
    ends = time.monotonic() + STEP_SECONDS
    while not step.done and time.monotonic() < ends:
        _pull_page(address, folder, step, ends)
    return step


def _pull_file(kind: FeedKind, address: str, folder: Path, step: Step) -> None:
    answer = _get(address, step)
    is_sheet = answer.body.startswith(b"PK")
    suffix = ".ics" if kind is FeedKind.CALENDAR else ".xlsx" if is_sheet else ".csv"
    _write(folder / f"{UPLOAD}{suffix}", answer.body)
    step.pages, step.pages_in_all, step.done = 1, 1, True


def _pull_page(address: str, folder: Path, step: Step, ends: float) -> None:
    """Fetch one page and the whole form of its services; what was fetched is kept if time runs out in between."""
    number = step.pages + 1
    part = folder / f"part-{number:05}.json"
    if part.exists():
        services, known = json.loads(part.read_bytes())
    else:
        answer = _get(page_address(address, number), step)
        services, total = page_of(answer.body, "The feed")
        step.pages_in_all = max(1, total)
        known = 0
        if step.pages_in_all > MOST_PAGES or number * len(services) > MOST_RECORDS:
            raise Invalid(f"The feed has more than {MOST_RECORDS:,} records. Take a part of it in.")
        _refuse_again(folder, number, services)
    for at in range(known, len(services)):
        if time.monotonic() >= ends:
            _write(part, json.dumps([services, at]).encode())
            return
        services[at] = _whole(address, services[at], step)
    _write(folder / f"page-{number:05}.json", json.dumps(services).encode())
    part.unlink(missing_ok=True)
    step.pages = number
    step.done = not services or number >= (step.pages_in_all or 1)


def _refuse_again(folder: Path, number: int, services: list[Any]) -> None:
    """Raise `Invalid` for a feed that gives the same page for every number."""
    before = folder / f"page-{number - 1:05}.json"
    if number > 1 and services and before.exists():
        ids = [one.get("id") for one in json.loads(before.read_bytes()) if isinstance(one, dict)]
        if ids == [one.get("id") for one in services if isinstance(one, dict)]:
            raise Invalid("The feed gives the same page again and again.")


def _whole(address: str, service: Any, step: Step) -> Any:
    """The service with all that hangs on it; as the list had it, where it cannot be had alone."""
    if not isinstance(service, dict) or any(name in service for name in _WHOLE):
        return service
    key = service.get("id")
    if not isinstance(key, str) or not key or len(key) > 100:
        return service
    answer = outbound.fetch(_item_address(address, key), accept=_ACCEPT, timeout=ONE_ANSWER)
    step.answers += 1
    step.seconds += answer.seconds
    if not answer.ok:
        return service
    try:
        whole = json.loads(answer.body)
    except (ValueError, RecursionError):
        return service
    return whole if isinstance(whole, dict) and whole.get("id") == key else service


def _get(address: str, step: Step) -> Fetched:
    answer = outbound.fetch(address, accept=_ACCEPT, timeout=ONE_ANSWER)
    step.answers += 1
    step.seconds += answer.seconds
    if not answer.ok:
        raise Invalid(f"The address answers with an error ({answer.status}). Ask whoever runs it.")
    return answer


def page_address(address: str, number: int) -> str:
    """Where a page of services is: an address may be that of the base or of its services."""
    parts = urlsplit(_services_address(address))
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"page", "per_page"}]
    asked = urlencode([*query, ("page", str(number)), ("per_page", str(PER_PAGE))])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, asked, ""))


def _item_address(address: str, key: str) -> str:
    parts = urlsplit(_services_address(address))
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path}/{quote(key, safe='')}", "", ""))


def _services_address(address: str) -> str:
    parts = urlsplit(address.strip())
    path = parts.path.rstrip("/")
    path = path if path.endswith("/services") else f"{path}/services"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _write(path: Path, data: bytes) -> None:
    """Whole, or not at all."""
    beside = path.with_suffix(f"{path.suffix}.new")
    beside.write_bytes(data)
    beside.replace(path)
