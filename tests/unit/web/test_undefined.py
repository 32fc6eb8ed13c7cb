"""The NHS macros find their optional keys empty; our own typing mistakes are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from jinja2 import ChainableUndefined, Environment, PackageLoader, Undefined, UndefinedError

from core.web.undefined import CarefulUndefined

ERROR = {"text": "Enter it"}
LEGEND = {"fieldset": {"legend": {"text": "Which?", "size": "m", "isPageHeading": True}}}
ITEMS = {"items": [{"value": "a", "text": "A"}, {"value": "b", "text": "B", "hint": {"text": "Hint"}}]}

# Each macro bare, and with most of what our pages give it.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("action-link", "actionLink", {"text": "Go", "href": "/x"}),
    ("back-link", "backLink", {"text": "Back", "href": "/x"}),
    ("breadcrumb", "breadcrumb", {"items": [{"text": "Home", "href": "/"}, {"text": "Up", "href": "/up"}]}),
    ("button", "button", {"text": "Send", "variant": "secondary", "preventDoubleClick": True, "small": True}),
    ("button", "button", {"text": "Go", "href": "/x", "icon": "search"}),
    ("card", "card", {"heading": "Card", "href": "/x", "clickable": True, "description": "Words"}),
    (
        "character-count",
        "characterCount",
        {"id": "c", "name": "c", "maxlength": "20", "label": "C", "errorMessage": ERROR},
    ),
    ("checkboxes", "checkboxes", {"idPrefix": "c", "name": "c", "errorMessage": ERROR, **LEGEND, **ITEMS}),
    (
        "date-input",
        "dateInput",
        {
            "id": "d",
            "errorMessage": ERROR,
            **LEGEND,
            "items": [{"id": "d-day", "name": "d-day", "error": True}],
        },
    ),
    ("details", "details", {"summary": "More", "text": "Words"}),
    (
        "error-summary",
        "errorSummary",
        {"heading": "There is a problem", "errorList": [{"text": "Mend", "href": "#x"}]},
    ),
    ("file-upload", "fileUpload", {"id": "f", "name": "f", "label": {"text": "File"}, "errorMessage": ERROR}),
    (
        "input",
        "input",
        {
            "id": "i",
            "name": "i",
            "label": {"text": "I"},
            "hint": {"text": "H"},
            "errorMessage": ERROR,
            "width": 5,
        },
    ),
    ("input", "input", {"id": "i", "name": "i", "label": {"text": "I"}, "prefix": "£", "suffix": "each"}),
    ("inset-text", "insetText", {"text": "Inset"}),
    ("notification-banner", "notificationBanner", {"text": "Done", "variant": "success"}),
    (
        "pagination",
        "pagination",
        {"items": [{"number": 1, "href": "/1"}, {"ellipsis": True}], "next": {"href": "/2"}},
    ),
    ("panel", "panel", {"heading": {"text": "Done", "level": 1}, "text": "Words"}),
    (
        "password-input",
        "passwordInput",
        {"id": "p", "name": "p", "label": {"text": "P"}, "errorMessage": ERROR},
    ),
    ("radios", "radios", {"idPrefix": "r", "name": "r", "errorMessage": ERROR, **LEGEND, **ITEMS}),
    ("select", "select", {"id": "s", "name": "s", "label": {"text": "S"}, "errorMessage": ERROR, **ITEMS}),
    ("skip-link", "skipLink", {"href": "#maincontent", "text": "Skip"}),
    (
        "summary-list",
        "summaryList",
        {
            "rows": [
                {
                    "key": {"text": "K"},
                    "value": {"text": "V"},
                    "actions": {"items": [{"href": "/c", "text": "Change"}]},
                }
            ]
        },
    ),
    ("tables", "table", {"caption": "T", "head": [{"text": "H"}], "rows": [[{"text": "C"}]]}),
    ("tag", "tag", {"text": "New", "colour": "green"}),
    (
        "task-list",
        "taskList",
        {"items": [{"title": {"text": "T"}, "href": "/t", "status": {"text": "Done"}}]},
    ),
    (
        "textarea",
        "textarea",
        {"id": "t", "name": "t", "label": {"text": "T"}, "value": "Words", "errorMessage": ERROR},
    ),
    ("warning-callout", "warningCallout", {"heading": "Ring first", "text": "Words"}),
]


def environment(undefined: type[Undefined]) -> Environment:
    return Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"), undefined=undefined, autoescape=True, trim_blocks=True
    )


CAREFUL, LOOSE = environment(CarefulUndefined), environment(ChainableUndefined)


@pytest.mark.parametrize(
    ("component", "macro", "params"), CALLS, ids=[f"{n} {call[1]}" for n, call in enumerate(CALLS)]
)
def test_the_nhs_macros_show_the_same_as_with_the_loose_kind(
    component: str, macro: str, params: dict[str, Any]
) -> None:
    source = (
        f'{{% from "nhsuk/components/{component}/macro.jinja" import {macro} %}}{{{{ {macro}(params) }}}}'
    )
    careful = CAREFUL.from_string(source).render(params=params)
    assert careful == LOOSE.from_string(source).render(params=params)
    assert "nhsuk-" in careful


@dataclass(frozen=True)
class Card:
    name: str = "Tea and talk"


@pytest.mark.parametrize(
    "source",
    [
        "{{ card.nmae }}",
        "{{ card.nmae.more }}",
        "{{ crad }}",
        "{{ crad.name }}",
        "{{ crad['name'] }}",
        "{% if card.nmae %}x{% endif %}",
        "{% for one in card.nmaes %}x{% endfor %}",
        "{{ card.nmae == 'Tea' }}",
        "{{ card.nmae != 'Tea' }}",
        "{{ card.nmae | length }}",
        "{{ card.params }}",
        "{{ nothing.name }}",
    ],
)
def test_a_mistyped_name_is_an_error(source: str) -> None:
    with pytest.raises(UndefinedError):
        CAREFUL.from_string(source).render(card=Card(), nothing=None)


@pytest.mark.parametrize(
    "source",
    [
        "{{ row.hint }}",
        "{{ row.hint.text }}",
        "{{ row.hint['text'].more }}",
        "{% if row.hint %}x{% endif %}",
        "{% for one in row.hints %}x{% endfor %}",
        "{{ 'x' if row.hint == 'h' }}",
        "{{ words.text }}",
        "{{ many.text }}",
    ],
)
def test_below_mappings_lists_and_texts_it_is_empty(source: str) -> None:
    assert CAREFUL.from_string(source).render(row={}, words="words", many=[]) == ""


def test_the_length_of_nothing_below_a_mapping_is_nought() -> None:
    assert CAREFUL.from_string("{{ row.hints | length }}").render(row={}) == "0"


def test_python_looks_for_special_methods_without_finding_any() -> None:
    with pytest.raises(AttributeError):
        CarefulUndefined(obj={}, name="hint").__fspath__()
