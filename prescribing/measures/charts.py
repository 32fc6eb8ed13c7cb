"""The picture of a change, as a Vega-Lite specification. The words and the table beside it say the same."""

from __future__ import annotations

from core.db import JsonDict
from prescribing.measures.histories import History
from prescribing.measures.rules import Instrument

_BEFORE, _AFTER = "At the start", "Later"
_ROW = 56


def change_chart(instrument: Instrument, told: History) -> JsonDict:
    """One line a question from the first answer to the later one: a ring where it began, a dot where it is now."""
    low, high = min(item.low for item in instrument.items), max(item.high for item in instrument.items)
    fine = any(item.decimals for item in instrument.items)
    # The short names, which a picture has room for; the table has the words of the questions too.
    named = [(instrument.item(change.key).label, change) for change in told.changes]
    order = [label for label, _change in named]
    rows = [{"question": label, "before": change.before, "after": change.after} for label, change in named]
    points = [
        {"question": label, "when": when, "value": value}
        for label, change in named
        for when, value in ((_BEFORE, change.before), (_AFTER, change.after))
    ]
    across: JsonDict = {
        "type": "quantitative",
        "scale": {"domain": [low, high]},
        "axis": {"title": None, "tickCount": 5} | ({} if fine else {"tickMinStep": 1, "format": "d"}),
    }
    down: JsonDict = {
        "field": "question",
        "type": "nominal",
        "sort": order,
        "axis": {"title": None, "labelLimit": 130, "ticks": False, "domain": False},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "height": _ROW * len(rows),
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "rule", "strokeWidth": 4, "color": "#b5ab99"},
                "encoding": {
                    "y": down,
                    "x": {"field": "before", **across},
                    "x2": {"field": "after"},
                },
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "size": 190, "strokeWidth": 3, "opacity": 1, "filled": True},
                "encoding": {
                    "y": down,
                    "x": {"field": "value", **across},
                    "shape": {
                        "field": "when",
                        "type": "nominal",
                        "scale": {"domain": [_BEFORE, _AFTER], "range": ["diamond", "circle"]},
                        "legend": {"title": None},
                    },
                    "color": {
                        "field": "when",
                        "type": "nominal",
                        "scale": {"domain": [_BEFORE, _AFTER], "range": ["#b5651d", "#0b5345"]},
                        "legend": {"title": None},
                    },
                },
            },
        ],
    }
