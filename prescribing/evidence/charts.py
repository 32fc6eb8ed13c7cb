"""Pictures of what is published, as Vega-Lite specifications. They hold the shown figures only."""

from __future__ import annotations

from collections.abc import Sequence

from core.db import JsonDict
from core.small_numbers import SUPPRESSED, Shown
from prescribing.evidence.failure_queries import Variation
from prescribing.evidence.queries import Line, OutcomeView, PublicationView
from prescribing.evidence.variation_rules import Signal

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_STEP = 38
_FEWEST_MONTHS = 2


def flow_chart(view: PublicationView) -> JsonDict | None:
    """One bar a stage, in order; None without a bar."""
    return _bars([(line.label, line.people) for line in view.flow])


def pareto_chart(lines: Sequence[Line]) -> JsonDict | None:
    """One bar a line, the most first as they come; those of nought are left out. None without a bar."""
    return _bars([(line.label, line.people) for line in lines if line.people != 0])


def variation_chart(variation: Variation) -> JsonDict | None:
    """The share of each month as a point, with the band in which chance keeps it and the line of all together. None
    with fewer than two months to draw."""
    values = [
        {
            "month": month.said,
            "share": month.share,
            "lower": month.lower,
            "upper": month.upper,
            "usual": month.signal is Signal.USUAL,
        }
        for month in variation.months
    ]
    if sum(1 for month in variation.months if month.share is not None) < _FEWEST_MONTHS:
        return None
    across: JsonDict = {
        "field": "month",
        "type": "ordinal",
        "sort": None,
        "axis": {"title": None, "labelAngle": -45, "labelOverlap": True},
    }
    up: JsonDict = {
        "type": "quantitative",
        "title": "Of 100 who asked",
        "axis": {"tickCount": 5, "format": ",.3~g"},
    }
    shape: JsonDict = {"condition": {"test": "datum.usual", "value": "circle"}, "value": "diamond"}
    size: JsonDict = {"condition": {"test": "datum.usual", "value": 80}, "value": 220}
    return {
        "$schema": _SCHEMA,
        "height": 240,
        "data": {"values": values},
        "encoding": {"x": across},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.2, "interpolate": "step"},
                "encoding": {"y": {"field": "lower", **up}, "y2": {"field": "upper"}},
            },
            {
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#4a5652"},
                "encoding": {"y": {"datum": variation.centre}, "x": None},
            },
            {"mark": {"type": "line"}, "encoding": {"y": {"field": "share", **up}}},
            {
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {"y": {"field": "share", **up}, "shape": shape, "size": size},
            },
        ],
    }


def _bars(lines: Sequence[tuple[str, Shown]]) -> JsonDict | None:
    """One bar a line with its figure beside it; a hidden figure has its sign and no bar."""
    if all(people in {0, SUPPRESSED} for _label, people in lines):
        return None
    values = [
        {"label": label, "people": 0 if isinstance(people, str) else people, "shown": f"{people}"}
        for label, people in lines
    ]
    down: JsonDict = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelLimit": 170, "ticks": False, "domain": False},
    }
    across: JsonDict = {"field": "people", "type": "quantitative", "axis": None}
    return {
        "$schema": _SCHEMA,
        "height": _STEP * len(values),
        "data": {"values": values},
        "encoding": {"y": down, "x": across},
        "layer": [
            {"mark": {"type": "bar", "cornerRadiusEnd": 4, "height": {"band": 0.7}}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 15},
                "encoding": {"text": {"field": "shown", "type": "nominal"}},
            },
        ],
    }


def outcome_chart(view: PublicationView) -> JsonDict | None:
    """The mean change of each question with its interval, up is more; None where none may be shown."""
    values = [_outcome(each) for each in view.outcomes if each.mean is not None]
    if not values:
        return None
    down: JsonDict = {
        "field": "question",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelLimit": 170, "ticks": False, "domain": False},
    }
    scale: JsonDict = {
        "type": "quantitative",
        "title": "Points on a scale of 0 to 10",
        "axis": {"tickCount": 4, "labelFlush": False},
    }
    return {
        "$schema": _SCHEMA,
        "height": 46 * len(values),
        "data": {"values": values},
        "encoding": {"y": down},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 3},
                "encoding": {"x": {"field": "lower", **scale}, "x2": {"field": "upper"}},
            },
            {"mark": {"type": "point", "size": 120}, "encoding": {"x": {"field": "mean", **scale}}},
            {
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#4a5652"},
                "encoding": {"x": {"datum": 0}, "y": None},
            },
        ],
    }


def _outcome(each: OutcomeView) -> JsonDict:
    label = f"{each.label} (less is better)" if each.lower_is_better else each.label
    return {"question": label, "mean": each.mean, "lower": each.lower, "upper": each.upper}


def anything_hidden(view: PublicationView) -> bool:
    """Whether the page must say what the sign means."""
    figures = [line.people for line in view.flow]
    figures += [line.people for line in (*view.endings, *view.setbacks)]
    figures += [number for by in view.breakdowns for group in by.groups for number in group.people]
    figures += [each.paired for each in view.outcomes]
    return SUPPRESSED in figures
