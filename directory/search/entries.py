"""From a listing's document to what the index keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from whoosh.fields import ID, STORED, Schema

from directory.listings.documents import SearchDocument
from directory.search.atoms import atoms_of
from directory.search.columns import MICRO, Row
from directory.search.impacts import FIELD_WORTH
from directory.search.postings import Tokens
from directory.search.scribes import Entry
from directory.search.segments import beside
from directory.search.words import flat_words, marked_stems, need_token, spelt_words, tokens


def schema() -> Schema:
    """The fields: words without positions; beside them, stored, the words in their order and as they are spelt (nearly
    every pair of neighbours is another, and would be a list of its own); the row."""
    fields: dict[str, Any] = {name: Tokens() for name in FIELD_WORTH}
    return Schema(id=ID(unique=True), beside=STORED(), row=STORED(), **fields)


def entries_of(documents: Iterable[SearchDocument]) -> Iterator[Entry]:
    """Of those that the public may find."""
    return (_entry(document) for document in documents if document.is_public)


def row_of(document: SearchDocument) -> Row:
    """What choosing needs of a listing."""
    return Row(
        id=document.id,
        name=document.name,
        atoms={column: frozenset(atoms) for column, atoms in atoms_of(document).items()},
        sessions=document.sessions,
        points=tuple((round(lat * MICRO), round(lon * MICRO)) for lat, lon in document.points),
        anywhere=document.anywhere,
        worth=document.freshness,
        group=document.group,
    )


def tokens_of(document: SearchDocument) -> dict[str, list[str]]:
    """The tokens of each field: for each of its texts the words and then the pairs of neighbours; then its needs."""
    held = {
        field: [token for text in texts for token in tokens(text)]
        for field, texts in _texts(document).items()
    }
    held["needs"] += _needs(document)
    return held


def _texts(document: SearchDocument) -> dict[str, list[str]]:
    """What each field says in words, in the order of `FIELD_WORTH`."""
    needs, audiences = [[term.name for term in terms] for terms in (document.needs, document.audiences)]
    return {
        "name": [document.name],
        "needs": [*needs, *audiences],
        "summary": [document.summary],
        "group": [document.group],
        "place": [*document.place_words, *document.postcodes],
        "body": [document.description, *document.languages],
    }


def _needs(document: SearchDocument) -> list[str]:
    return [need_token(term.slug) for term in document.needs]


def _entry(document: SearchDocument) -> Entry:
    read = {field: [flat_words(text) for text in texts] for field, texts in _texts(document).items()}
    marked = {field: [marked_stems(words) for words in texts] for field, texts in read.items()}
    stems = {field: [stem for text in texts for stem in text if stem] for field, texts in marked.items()}
    stems["needs"] += _needs(document)
    # Postcodes and names of languages are not words to mend a slip by.
    said = [
        *read["name"],
        *read["needs"],
        *read["summary"],
        *read["group"],
        *read["place"][: len(document.place_words)],
        *read["body"][:1],
    ]
    return {
        "id": str(document.id),
        **{field: " ".join(held) for field, held in stems.items()},
        "beside": beside(list(marked.values()), {word for words in said for word in spelt_words(words)}),
        "row": row_of(document).stored(),
    }
