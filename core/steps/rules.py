"""The main tasks and their steps: which answer of which page means that somebody got so far. Pure; nobody is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.small_numbers import Shown, share, suppress


@dataclass(frozen=True)
class Step:
    """A step of a task: reached when `endpoint` answers `method` with `status`, and where `leads_to` names another
    endpoint, only when the answer sends people there."""

    key: str
    label: str
    endpoint: str
    method: str = "GET"
    status: int = 200
    leads_to: str = ""


@dataclass(frozen=True)
class Task:
    """One of the main tasks, its steps in order.

    `once_for` names the part of the address that says what the task is done to: whoever opens the same thing again, or
    is led back to it by their own answer, has begun once.
    """

    key: str
    label: str
    steps: tuple[Step, ...]
    once_for: str = ""


@dataclass(frozen=True)
class StepShown:
    """How often a step was reached, and of 100 times that the task was begun, both fit to be shown."""

    label: str
    times: Shown
    share: Shown | None


@dataclass(frozen=True)
class TaskShown:
    """One task, step by step."""

    label: str
    steps: tuple[StepShown, ...]


def by_answer(tasks: Sequence[Task]) -> dict[tuple[str, str, int], list[tuple[str, str]]]:
    """The (task, step) that an answer reaches, by its endpoint, method and status."""
    found: dict[tuple[str, str, int], list[tuple[str, str]]] = {}
    for task in tasks:
        for step in task.steps:
            found.setdefault((step.endpoint, step.method, step.status), []).append((task.key, step.key))
    return found


def shown(tasks: Sequence[Task], counts: Mapping[tuple[str, str], int]) -> tuple[TaskShown, ...]:
    """The figures as a page may show them: small ones hidden, the others rounded."""
    found = []
    for task in tasks:
        times = [suppress(counts.get((task.key, step.key), 0)) for step in task.steps]
        lines = tuple(
            StepShown(step.label, each, share(each, times[0]))
            for step, each in zip(task.steps, times, strict=True)
        )
        found.append(TaskShown(task.label, lines))
    return tuple(found)
