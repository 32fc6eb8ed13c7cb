"""Who stands behind what was written down."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core.accounts import queries as accounts


def names_behind(session: Session, authors: set[str]) -> dict[str, str]:
    """The names behind what rows keep of an author: an account's id, or a kind."""
    ids = {author: UUID(author) for author in authors if len(author) == 36}
    known = accounts.names(session, set(ids.values()))
    kinds = {
        "public": "themself",
        "system": "the system",
        "link": "the holder of a link",
        "own-link": "themself",
        "program": "a program",
    }
    return {
        author: known.get(ids[author], "somebody who has left")
        if author in ids
        else kinds.get(author, author)
        for author in authors
    }
