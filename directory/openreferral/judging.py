"""Judging a feed as strict readers do: its pages walked, its ids asked for one by one, its objects held against tables.

What must be there and fails, fails the feed; what may be left out is a warning. Who asks is the caller's: our own
application, or a stranger's address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from directory.openreferral.profiles import HSDS, UK, Profile, faults
from directory.openreferral.rules import RESOURCES, Resource

SLOW_SECONDS = 5.0
MOST_SAID = 20
ENVELOPE: dict[str, type] = {
    "total_items": int,
    "total_pages": int,
    "page_number": int,
    "size": int,
    "first_page": bool,
    "last_page": bool,
    "empty": bool,
    "contents": list,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave: its status, its body, and how long it took in seconds."""

    status: int
    body: bytes
    seconds: float


class NoAnswer(Exception):
    """An address gave nothing; the words say why."""


Ask = Callable[[str], Answer]


@dataclass(slots=True)
class Report:
    """What was found. A feed with no `failures` passes."""

    profile: Profile
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    questions: int = 0
    objects: int = 0
    seconds: float = 0.0

    @property
    def passes(self) -> bool:
        return not self.failures

    def lines(self) -> Iterator[str]:
        """The report in words, the worst first, no more of a kind than can be read."""
        for label, said in (("FAILS", self.failures), ("warning", self.warnings), ("note", self.notes)):
            yield from (f"{label}: {one}" for one in said[:MOST_SAID])
            if len(said) > MOST_SAID:
                yield f"{label}: and {len(said) - MOST_SAID} more"
        yield f"{self.objects} objects in {self.questions} answers were held against {self.profile.title}."
        yield "The feed passes." if self.passes else "The feed fails."


def judge(base: str, ask: Ask, *, strict: bool, ids: int) -> Report:
    """Judge the feed at `base`. `strict` faults properties that its profile does not have; up to `ids` objects of each
    page that is read are asked for one by one."""
    return _Judge(base.rstrip("/"), ask, strict, ids).run()


class _Judge:
    def __init__(self, base: str, ask: Ask, strict: bool, ids: int) -> None:
        self.base, self.ask, self.strict, self.ids = base, ask, strict, ids
        self.report = Report(UK)

    def run(self) -> Report:
        root = self._get("/", self.report.failures)
        version = str(root.get("version", "")) if isinstance(root, dict) else ""
        self.report.profile = UK if "UK" in version.upper() else HSDS
        if isinstance(root, dict):
            missing = [name for name in ("version", "profile", "openapi_url") if not root.get(name)]
            self.report.failures += [f"/ does not say its {name}" for name in missing]
        for resource in RESOURCES.values():
            self._list(resource)
        if self.report.questions and self.report.seconds / self.report.questions > SLOW_SECONDS:
            mean = self.report.seconds / self.report.questions
            self.report.notes.append(
                f"an answer took {mean:.1f} seconds on average, and should take less than 5"
            )
        return self.report

    def _list(self, resource: Resource) -> None:
        faulty = self.report.failures if resource.required else self.report.warnings
        first = self._page(resource, 1, faulty)
        if first is None:
            return
        if not first["contents"]:
            self.report.warnings.append(f"/{resource.name} is empty")
            return
        total = first["total_pages"]
        pages = [first]
        for number in sorted({(total + 1) // 2, total} - {0, 1}):
            page = self._page(resource, number, faulty)
            if page is not None:
                pages.append(page)
        for page in pages:
            for one in page["contents"]:
                self._object(resource, one, f"/{resource.name} page {page['page_number']}", faulty)
            for one in page["contents"][: self.ids]:
                self._one(resource, one, faulty)

    def _page(self, resource: Resource, number: int, faulty: list[str]) -> dict[str, Any] | None:
        where = f"/{resource.name}?page={number}"
        page = self._get(where, faulty)
        if page is None:
            return None
        held = page if isinstance(page, dict) else {}
        wrong = [name for name, kind in ENVELOPE.items() if not _is(held.get(name), kind)]
        if wrong:
            faulty.append(f"{where} is not a page: check its {', '.join(wrong)}")
            return None
        if held["size"] != len(held["contents"]) or held["empty"] != (not held["contents"]):
            faulty.append(f"{where} counts {held['size']} objects and holds {len(held['contents'])}")
        return held

    def _one(self, resource: Resource, listed: object, faulty: list[str]) -> None:
        identity = listed.get("id") if isinstance(listed, dict) else None
        if not isinstance(identity, str):
            return
        where = f"/{resource.name}/{identity}"
        found = self._get(where, faulty)
        if found is None:
            return
        self._object(resource, found, where, faulty)
        if isinstance(found, dict) and found.get("id") != identity:
            faulty.append(f"{where} gives another object")

    def _object(self, resource: Resource, value: object, where: str, faulty: list[str]) -> None:
        self.report.objects += 1
        found = faults(self.report.profile, resource.object, value, strict=self.strict)
        faulty += [f"{where}: {fault}" for fault in found]

    def _get(self, path: str, faulty: list[str]) -> Any:
        """What stands at a path of the feed; None, and a fault, where that cannot be read."""
        try:
            answer = self.ask(f"{self.base}{path}")
        except NoAnswer as why:
            faulty.append(f"{path} gives no answer: {why}")
            return None
        self.report.questions += 1
        self.report.seconds += answer.seconds
        if not 200 <= answer.status < 300:
            faulty.append(f"{path} answers {answer.status}")
            return None
        try:
            return json.loads(answer.body)
        except ValueError:
            faulty.append(f"{path} is not JSON")
            return None


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
