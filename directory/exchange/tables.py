"""Tables whose columns an editor names: guesses from the heading, and the column mapping that comes of the choice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.errors import Invalid
from directory.exchange.mapping_file import ColumnMapping, Credit, Opening, TextRule

# What a field is called on the page, and the repairs that are right for it in any table.
FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "name": ("Name of the activity", ("one-line", "odd-characters", "na-to-empty", "title-case-capitals")),
    "organization": (
        "Group that runs it",
        ("one-line", "odd-characters", "na-to-empty", "title-case-capitals"),
    ),
    "description": ("What it is", ("tidy-lines", "odd-characters", "na-to-empty", "sentence-case-capitals")),
    "address": ("Street", ("one-line", "odd-characters", "na-to-empty")),
    "city": ("Town", ("one-line", "na-to-empty", "title-case-capitals")),
    "postcode": ("Postcode", ("one-line", "na-to-empty")),
    "phone": ("Phone", ("na-to-empty", "phone-leading-zero")),
    "email": ("Email", ("na-to-empty", "email-in-text")),
    "url": ("Website", ("na-to-empty", "mend-link")),
    "eligibility": ("Who can come", ("one-line", "odd-characters", "na-to-empty")),
    "opening_times": ("When it is on", ("one-line", "odd-characters", "na-to-empty")),
    "latitude": ("Latitude", ("na-to-empty",)),
    "longitude": ("Longitude", ("na-to-empty",)),
    "charity_number": ("Charity number", ("one-line", "na-to-empty")),
}
KEY = "key"
_GUESSES: Mapping[str, str] = {
    KEY: r"(unique |record |reference |service |listing )?(id|identifier|uprn|urn|ref|reference)( number)?",
    "name": r"(activity |service |club |listing |event |venue |place )?(name|title)|activity|service|club",
    "organization": r"(group|organi[sz]ation|provider|charity|run by|organiser)( name)?",
    "description": r"(full |long |service )?(description|about|details|summary|what (it is|we do)|activities)",
    "address": r"(street|address)( ?line)?( ?1)?|street address|full address",
    "city": r"town|city|post town|town city|locality",
    "postcode": r"post ?code|postal ?code|zip",
    "phone": r"(tele)?phone( number| no)?|tel|contact number|mobile",
    "email": r"e ?mail( address)?|contact email",
    "url": r"web ?(site|page| address)?|url|link",
    "eligibility": r"eligibility|who( is it for| can come)?|age( group| range|s)?|audience",
    "opening_times": r"opening (times|hours)|times?|when|days? and times?|hours|session times?",
    "latitude": r"lat|latitude|y",
    "longitude": r"lng|lon|long|longitude|x",
    "charity_number": r"(registered )?charity (number|no)|charity registration number",
}


def guess(heading: Sequence[str]) -> dict[str, str]:
    """Which column seems to hold which field; each column is guessed once, and the first that fits is taken."""
    found: dict[str, str] = {}
    for field, pattern in _GUESSES.items():
        for column in heading:
            plain = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).casefold()).strip()
            if column not in found.values() and re.fullmatch(pattern, plain):
                found[field] = column
                break
    return found


def mapping_of(credit: Credit, columns: Mapping[str, str], *, encoding: str = "utf-8") -> ColumnMapping:
    """The mapping for a table. Without a column that tells its records apart, the name and the postcode do.

    Raises `Invalid` where no column holds the name.
    """
    if not columns.get("name"):
        raise Invalid("Choose the column that holds the name of the activity.", "name")
    key = columns.get(KEY)
    described = columns.get("description")
    texts = {
        field: TextRule(columns=(column,), repairs=FIELDS[field][1])
        for field, column in columns.items()
        if field in FIELDS and field != "opening_times" and column
    }
    if described:
        texts["summary"] = TextRule(
            (described,), repairs=("one-line", "sentence-case-capitals", "first-sentence")
        )
    return ColumnMapping(
        source=credit.source,
        name=credit.name,
        licence=credit.licence,
        publisher=credit.publisher,
        address=credit.address,
        key=(key,)
        if key
        else tuple(columns[one] for one in ("name", "postcode", "address") if columns.get(one)),
        encoding=encoding,
        constants={"kind": "informal", "join_mode": "ring-first"},
        texts=texts,
        opening=Opening(columns.get("opening_times", ""), (), FIELDS["opening_times"][1]),
    )
