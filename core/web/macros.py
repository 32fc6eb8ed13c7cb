"""Turns a WTForms field into the NHS macro that shows it and that macro's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from wtforms import Field
from wtforms.fields import (
    BooleanField,
    DecimalField,
    EmailField,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TelField,
    TextAreaField,
    URLField,
)

from core.web.fields import PARTS, DateField, TimeField
from core.web.validators import MaxLength

Params = dict[str, Any]


@dataclass(frozen=True)
class MacroCall:
    """The NHS macro's name and what to give it."""

    macro: str
    params: Params


@dataclass(frozen=True)
class Look:
    """How one field is to look on one page, beyond what the form says.

    `heading` makes the label the page's h1; `size` is s, m, l or xl; `width` counts characters; `hints` explains
    single choices by value; `conditional` gives what opens under a choice, by value.
    """

    heading: bool = False
    size: str = ""
    hint: str | Markup | None = None
    width: int | None = None
    rows: int = 5
    autocomplete: str = ""
    inline: bool = False
    small: bool = False
    hide_label: bool = False
    hints: Mapping[str, str] | None = None
    conditional: Mapping[str, str] | None = None
    prefix: str = ""
    suffix: str = ""


# What the browser may offer to fill in, by the name that forms commonly give the field.
_AUTOCOMPLETE = {
    "name": "name",
    "email": "email",
    "phone": "tel",
    "mobile": "tel",
    "postcode": "postal-code",
    "code": "one-time-code",
    "password": "current-password",
    "new_password": "new-password",
}


def macro_call(field: Field, **look: Any) -> MacroCall:
    """The macro for `field`; keywords are those of `Look`. Raises `TypeError` for a keyword that is none."""
    wanted = Look(**look)
    if isinstance(field, DateField):
        return MacroCall("dateInput", _date(field, wanted))
    if isinstance(field, BooleanField):
        return MacroCall("checkboxes", _one_box(field, wanted))
    if isinstance(field, RadioField):
        return MacroCall("radios", _choices(field, wanted))
    if isinstance(field, SelectMultipleField):
        return MacroCall("checkboxes", _choices(field, wanted))
    if isinstance(field, SelectField):
        return MacroCall("select", _select(field, wanted))
    if isinstance(field, TextAreaField):
        return _textarea(field, wanted)
    if isinstance(field, FileField):
        return MacroCall("fileUpload", _labelled(field, wanted))
    if isinstance(field, PasswordField):
        params = _labelled(field, wanted)
        if params["autocomplete"] is None:
            params["autocomplete"] = "new-password" if "new" in field.name else "current-password"
        return MacroCall("passwordInput", params)
    return MacroCall("input", _input(field, wanted))


def shown(field: Field) -> str:
    """The text that stands in a field's box; WTForms keeps it under a private name."""
    return str(getattr(field, "_value")())  # noqa: B009


def _hint(field: Field, look: Look) -> Params | None:
    text = look.hint if look.hint is not None else field.description
    if not text:
        return None
    return {"html": text} if isinstance(text, Markup) else {"text": str(text)}


def _error(field: Field) -> Params | None:
    return {"text": str(field.errors[0])} if field.errors else None


def _without_none(params: Params) -> Params:
    return {key: value for key, value in params.items() if value is not None}


def _labelled(field: Field, look: Look) -> Params:
    """What every macro with one box and one label takes."""
    extra = dict(field.render_kw or {})
    label: Params = {"text": str(field.label.text)}
    if look.heading:
        label |= {"isPageHeading": True, "size": look.size or "l"}
    elif look.size:
        label["size"] = look.size
    if look.hide_label:
        label["classes"] = "nhsuk-u-visually-hidden"
    return _without_none(
        {
            "id": field.id,
            "name": field.name,
            "label": label,
            "hint": _hint(field, look),
            "errorMessage": _error(field),
            "attributes": extra or None,
        }
    ) | {"autocomplete": look.autocomplete or _AUTOCOMPLETE.get(field.name)}


def _input(field: Field, look: Look) -> Params:
    params = _labelled(field, look)
    params["value"] = shown(field)
    params["prefix"], params["suffix"] = look.prefix, look.suffix
    width = look.width
    if isinstance(field, EmailField):
        params |= {"type": "email", "spellcheck": False, "autocapitalize": "none"}
        params["autocomplete"] = params["autocomplete"] or "email"
    elif isinstance(field, TelField):
        params |= {"type": "tel"}
        width = width or 20
    elif isinstance(field, IntegerField):
        params |= {"inputmode": "numeric"}
        width = width or 5
    elif isinstance(field, DecimalField):
        params |= {"inputmode": "decimal"}
        width = width or 5
    elif isinstance(field, URLField):
        params |= {"type": "url", "spellcheck": False, "autocapitalize": "none"}
    elif isinstance(field, TimeField):
        width = width or 10
    elif field.name in {"postcode", "code"}:
        params |= {"spellcheck": False}
        width = width or 10
    if field.name == "code":
        params |= {"inputmode": "numeric"}
    if width:
        params["width"] = width
    return params


def _textarea(field: Field, look: Look) -> MacroCall:
    params = _labelled(field, look) | {"value": shown(field), "rows": str(look.rows)}
    limits = [validator.most for validator in field.validators if isinstance(validator, MaxLength)]
    if limits:
        return MacroCall("characterCount", params | {"maxlength": str(min(limits)), "threshold": "75"})
    return MacroCall("textarea", params)


def _legend(field: Field, look: Look) -> Params:
    legend: Params = {"text": str(field.label.text), "size": look.size or ("l" if look.heading else "s")}
    if look.heading:
        legend["isPageHeading"] = True
    if look.hide_label:
        legend["classes"] = "nhsuk-u-visually-hidden"
    return {"legend": legend}


def _choices(field: Any, look: Look) -> Params:
    hints, conditional = look.hints or {}, look.conditional or {}
    items = []
    for choice in field.iter_choices():
        value, label, selected = choice[0], choice[1], choice[2]
        item: Params = {"value": str(value), "checked": bool(selected)}
        item |= {"html": label} if isinstance(label, Markup) else {"text": str(label)}
        if str(value) in hints:
            item["hint"] = {"text": hints[str(value)]}
        if str(value) in conditional:
            item["conditional"] = {"html": conditional[str(value)]}
        items.append(item)
    return _without_none(
        {
            "idPrefix": field.id,
            "name": field.name,
            "fieldset": _legend(field, look),
            "hint": _hint(field, look),
            "errorMessage": _error(field),
            "items": items,
            "classes": _modifiers("radios" if isinstance(field, RadioField) else "checkboxes", look),
        }
    )


def _modifiers(block: str, look: Look) -> str | None:
    classes = [f"nhsuk-{block}--{name}" for name in ("inline", "small") if getattr(look, name)]
    return " ".join(classes) or None


def _one_box(field: Field, look: Look) -> Params:
    item: Params = {"value": "y", "checked": bool(field.data)}
    label = field.label.text
    item |= {"html": label} if isinstance(label, Markup) else {"text": str(label)}
    hint = _hint(field, look)
    if hint:
        item["hint"] = hint
    if look.conditional and "y" in look.conditional:
        item["conditional"] = {"html": look.conditional["y"]}
    return _without_none(
        {
            "idPrefix": field.id,
            "name": field.name,
            "errorMessage": _error(field),
            "items": [item],
            "classes": _modifiers("checkboxes", look),
        }
    )


def _select(field: Any, look: Look) -> Params:
    items = [
        {"value": str(choice[0]), "text": str(choice[1]), "selected": bool(choice[2])}
        for choice in field.iter_choices()
    ]
    return _labelled(field, look) | {"items": items}


def _date(field: DateField, look: Look) -> Params:
    wrong = field.wrong_parts or (PARTS if field.errors else ())
    birth = "birth" in field.name or "born" in field.name
    items = [
        _without_none(
            {
                "id": f"{field.id}-{part}",
                "name": f"{field.name}-{part}",
                "label": {"text": part.capitalize()},
                "value": field.typed[part],
                "width": 4 if part == "year" else 2,
                "error": bool(field.errors) and part in wrong,
                "autocomplete": f"bday-{part}" if birth else None,
            }
        )
        for part in PARTS
    ]
    return _without_none(
        {
            "id": field.id,
            "fieldset": _legend(field, look),
            "hint": _hint(field, look),
            "errorMessage": _error(field),
            "items": items,
        }
    )
