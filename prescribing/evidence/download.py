"""The published figures of a period as a CSV file, from the same object as the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from core.small_numbers import Shown
from core.spreadsheets import Cell, inert
from prescribing.evidence.failure_queries import FailuresView, LackingView
from prescribing.evidence.lacking import LACK_WORDS
from prescribing.evidence.queries import PublicationView
from prescribing.evidence.rules import STAGE_WORDS

_HEAD = (
    "period",
    "looked at on",
    "table",
    "group",
    "figure",
    "value",
    "denominator",
    "per cent",
    "lower",
    "upper",
)


def to_csv(
    view: PublicationView,
    failed: FailuresView | None = None,
    lacking: LackingView | None = None,
    helping: Shown | None = None,
) -> str:
    """One figure a line, each with its denominator and period. "*" is a figure too small to be shown."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    rows = [*_rows(view), *(_failed(failed) if failed else ()), *(_lacking(lacking) if lacking else ())]
    if helping is not None:
        rows.append(("helping others", "agreed to be counted", "began to help", helping, *_NO_MORE))
    for row in rows:
        writer.writerow([inert(cell) for cell in (view.said, view.as_at.isoformat(), *row)])
    return out.getvalue()


def _rows(view: PublicationView) -> Iterator[tuple[Cell, ...]]:
    for line in view.flow:
        yield "flow", "everybody", line.label, line.people, view.asked, line.share, None, None
    for line in view.flow[:-1]:
        yield (
            "median working days to the next step",
            "everybody",
            line.label,
            line.days,
            None,
            None,
            None,
            None,
        )
    for ending in view.endings:
        yield "how it stands", "everybody", ending.label, ending.people, view.asked, ending.share, None, None
    for setback in view.setbacks:
        yield (
            "what did not work",
            "everybody",
            setback.label,
            setback.people,
            view.asked,
            setback.share,
            None,
            None,
        )
    for by in view.breakdowns:
        for group in by.groups:
            asked: Shown = group.people[0]
            for stage, people in zip(by.stages, group.people, strict=True):
                yield by.label, group.label, STAGE_WORDS[stage], people, asked, None, None, None
    for each in view.outcomes:
        table, group_name = "change from start to end (ONS4)", each.label
        yield table, group_name, "answered both times", each.paired, each.of, None, None, None
        yield (
            table,
            group_name,
            "moved to a better band",
            each.better,
            each.paired,
            each.better_share,
            None,
            None,
        )
        yield table, group_name, "stayed in the same band", each.same, each.paired, None, None, None
        yield table, group_name, "moved to a worse band", each.worse, each.paired, None, None, None
        yield table, group_name, "mean change in points", each.mean, each.paired, None, each.lower, each.upper


_NO_MORE = (None, None, None, None)


def _failed(view: FailuresView) -> Iterator[tuple[Cell, ...]]:
    table = "something went wrong"
    yield table, "everybody", "at least once", view.failed, view.asked, view.share, view.lower, view.upper
    for line in view.causes:
        yield table, "why", line.label, line.people, view.failed, line.share, None, None
    for line in view.kinds:
        yield table, "how it showed", line.label, line.people, view.failed, line.share, None, None
    yield table, "everybody", "minutes, as far as written down", view.minutes, view.timed, None, None, None


def _lacking(view: LackingView) -> Iterator[tuple[Cell, ...]]:
    for line in view.totals:
        yield "what was missing", "everybody", line.label, line.people, view.asked, line.share, None, None
    for ward in view.wards:
        for words, people in zip(LACK_WORDS.values(), ward.lacks, strict=True):
            yield "what was missing, by ward", ward.name, words, people, ward.asked, None, None, None
        yield "what was missing, by ward", ward.name, "searches in vain", ward.searches, *_NO_MORE
