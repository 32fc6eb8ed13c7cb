"""Pictures of what is published, as Vega-Lite specifications. They hold the shown figures only."""

from __future__ import annotations

from core.db import JsonDict
from core.small_numbers import SUPPRESSED
from prescribing.evidence.queries import OutcomeView, PublicationView

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_STEP = 38


def flow_chart(view: PublicationView) -> JsonDict | None:
    """One bar a stage, in order, its figure beside it; a hidden figure has its sign and no bar. None without a bar."""
    if all(line.people in {0, SUPPRESSED} for line in view.flow):
        return None
    values = [
        {
            "stage": line.label,
            "people": 0 if isinstance(line.people, str) else line.people,
            "shown": f"{line.people}",
        }
        for line in view.flow
    ]
    down: JsonDict = {
        "field": "stage",
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
