"""A column mapping as its author writes it, in TOML: which column of a published CSV file holds what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import Invalid
from directory.exchange.rules import ACCESS, AUDIENCES, KINDS, NEEDS, REPAIRS
from directory.listings.recurrence import Weekday
from directory.listings.rules import DeliveryMode, JoinMode

MAPPINGS = Path(__file__).parent / "mappings"
VOCABULARIES: Mapping[str, frozenset[str]] = {"needs": NEEDS, "audience": AUDIENCES, "access": ACCESS}
CHOICES: Mapping[str, frozenset[str]] = {
    "kind": KINDS,
    "join_mode": frozenset(JoinMode),
    "mode": frozenset(DeliveryMode),
}
TEXTS = frozenset(CHOICES) | {
    "organization",
    "name",
    "category",
    "summary",
    "description",
    "eligibility",
    "address",
    "city",
    "postcode",
    "area_code",
    "ward_code",
    "latitude",
    "longitude",
    "phone",
    "email",
    "url",
    "charity_number",
    "company_number",
}

Pairs = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class TextRule:
    """How one text field is made.

    From `columns` joined by `join`, or from `template` with {column} places (empty if one of them is); then the
    named `repairs`; then the value of the first of `patterns` found in it; or `default`. Last, `suffix` is added
    unless `suffix_unless` is found.
    """

    columns: tuple[str, ...] = ()
    join: str = ", "
    template: str = ""
    repairs: tuple[str, ...] = ()
    patterns: tuple[tuple[str, str], ...] = ()
    default: str = ""
    suffix: str = ""
    suffix_unless: str = ""


@dataclass(frozen=True, slots=True)
class ListRule:
    """How one column adds slugs: by the longest of `prefixes` of each code in it, or by `patterns` found in it."""

    column: str
    split: str = ""
    prefixes: Pairs = ()
    patterns: Pairs = ()


@dataclass(frozen=True, slots=True)
class SkipRule:
    """A row whose column matches, as the file has it, is rejected with this reason."""

    column: str
    matches: str
    reason: str


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the opening times are: one column of free text, or one for each day on the 24-hour clock."""

    column: str = ""
    days: tuple[tuple[Weekday, str], ...] = ()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose records they are: our key for the source, its name, licence, publisher and address."""

    source: str
    name: str
    licence: str
    publisher: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The whole mapping of one file; `key` are the columns that tell its records apart."""

    source: str
    name: str
    licence: str
    key: tuple[str, ...]
    publisher: str = ""
    address: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    cell_repairs: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    constant_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, TextRule] = field(default_factory=dict)
    lists: Mapping[str, tuple[ListRule, ...]] = field(default_factory=dict)
    skips: tuple[SkipRule, ...] = ()
    opening: Opening = field(default_factory=Opening)

    @property
    def credit(self) -> Credit:
        return Credit(self.source, self.name, self.licence, self.publisher, self.address)

    def columns(self) -> frozenset[str]:
        """Every column that the file must have."""
        named = {*self.key, *(one.column for one in self.skips), *(column for _, column in self.opening.days)}
        for rule in self.texts.values():
            named.update(rule.columns, re.findall(r"{(.*?)}", rule.template))
        named.update(rule.column for rules in self.lists.values() for rule in rules)
        return frozenset(named | {self.opening.column}) - {""}


def missing_columns(mapping: ColumnMapping, heading: Iterable[str]) -> tuple[str, ...]:
    """The columns that the mapping names and the file's heading does not, by name."""
    return tuple(sorted(mapping.columns() - set(heading)))


def read_mapping(text: str) -> ColumnMapping:
    """The mapping in a TOML text. Raises Invalid, saying what is wrong and where."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The mapping is not TOML: {error}.") from error
    known = {
        "source",
        "name",
        "licence",
        "key",
        "publisher",
        "address",
        "encoding",
        "delimiter",
        "cell_repairs",
    }
    _only(data, known | {"constants", "texts", "lists", "skip", "opening"}, "The mapping")
    for must in ("source", "name", "licence", "key"):
        if not data.get(must):
            raise Invalid(f"The mapping has no “{must}”.")
    constants = _table(data, "constants")
    _only(constants, TEXTS | set(VOCABULARIES), "[constants]")
    opening = _table(data, "opening")
    _only(opening, {"column", "days", "repairs"}, "[opening]")
    try:
        days = tuple((Weekday(day), str(column)) for day, column in opening.get("days", {}).items())
    except ValueError as error:
        raise Invalid("[opening] days are named MO TU WE TH FR SA SU.") from error
    return ColumnMapping(
        **{name: str(data[name]) for name in known & set(data) - {"key", "cell_repairs"}},
        key=tuple(data["key"]),
        cell_repairs=_repairs(data.get("cell_repairs", []), "The mapping"),
        constants={
            name: _choice(name, str(value), "[constants]")
            for name, value in constants.items()
            if name not in VOCABULARIES
        },
        constant_lists={
            name: _slugs(name, constants[name], "[constants]") for name in VOCABULARIES if name in constants
        },
        texts={name: _text_rule(name, rule) for name, rule in _table(data, "texts").items()},
        lists={name: _list_rules(name, rules) for name, rules in _table(data, "lists").items()},
        skips=tuple(_skip_rule(rule) for rule in data.get("skip", [])),
        opening=Opening(
            str(opening.get("column", "")), days, _repairs(opening.get("repairs", []), "[opening]")
        ),
    )


def _text_rule(name: str, rule: dict[str, Any]) -> TextRule:
    place = f"[texts.{name}]"
    if name not in TEXTS:
        raise Invalid(f"{place} is not a field that we know.")
    _only(rule, set(TextRule.__dataclass_fields__), place)
    if not rule.get("columns") and not rule.get("template"):
        raise Invalid(f"{place} needs columns or a template.")
    patterns = rule.get("patterns", {})
    return TextRule(
        **{part: str(rule[part]) for part in ("join", "template", "suffix") if part in rule},
        columns=tuple(rule.get("columns", ())),
        repairs=_repairs(rule.get("repairs", []), place),
        patterns=tuple(
            (_pattern(one, place), _choice(name, str(value), place)) for one, value in patterns.items()
        ),
        default=_choice(name, str(rule["default"]), place) if "default" in rule else "",
        suffix_unless=_pattern(str(rule.get("suffix_unless", "")), place),
    )


def _list_rules(name: str, rules: list[dict[str, Any]]) -> tuple[ListRule, ...]:
    place = f"[[lists.{name}]]"
    if name not in VOCABULARIES:
        raise Invalid(f"{place} is not a list that we know.")
    made = []
    for rule in rules:
        _only(rule, set(ListRule.__dataclass_fields__), place)
        if not rule.get("column"):
            raise Invalid(f"{place} needs a column.")
        prefixes, patterns = rule.get("prefixes", {}), rule.get("patterns", {})
        made.append(
            ListRule(
                column=str(rule["column"]),
                split=str(rule.get("split", "")),
                prefixes=tuple((prefix, _slugs(name, slugs, place)) for prefix, slugs in prefixes.items()),
                patterns=tuple(
                    (_pattern(one, place), _slugs(name, slugs, place)) for one, slugs in patterns.items()
                ),
            )
        )
    return tuple(made)


def _skip_rule(rule: dict[str, Any]) -> SkipRule:
    _only(rule, set(SkipRule.__dataclass_fields__), "[[skip]]")
    if not all(rule.get(part) for part in SkipRule.__dataclass_fields__):
        raise Invalid("[[skip]] needs a column, what it matches, and a reason.")
    return SkipRule(str(rule["column"]), _pattern(str(rule["matches"]), "[[skip]]"), str(rule["reason"]))


def _table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise Invalid(f"[{name}] must be a table.")
    return table


def _only(data: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise Invalid(f"{place} has parts that we do not know: {', '.join(unknown)}.")


def _repairs(names: Iterable[str], place: str) -> tuple[str, ...]:
    unknown = sorted(set(names) - set(REPAIRS))
    if unknown:
        raise Invalid(f"{place} names repairs that we do not have: {', '.join(unknown)}.")
    return tuple(names)


def _slugs(name: str, slugs: Iterable[str], place: str) -> tuple[str, ...]:
    unknown = sorted(set(slugs) - VOCABULARIES[name])
    if unknown:
        raise Invalid(f"{place} names {name} that we do not have: {', '.join(unknown)}.")
    return tuple(slugs)


def _choice(name: str, value: str, place: str) -> str:
    if name in CHOICES and value not in CHOICES[name]:
        raise Invalid(f"{place}: “{value}” is no {name.replace('_', ' ')} that we know.")
    return value


def _pattern(text: str, place: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise Invalid(f"{place}: the pattern “{text}” is not one: {error}.") from error
    return text
