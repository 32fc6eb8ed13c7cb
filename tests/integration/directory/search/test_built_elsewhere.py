"""An index that the worker builds anew while the web server holds the old one open."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from core.settings import Settings
from directory.search import queries
from directory.search.rules import Criteria
from directory.search.services import rebuild
from directory.search.understanding_rules import understand
from directory.search.whoosh_engine import WhooshIndex
from tests.integration.directory.search.conftest import Listing


def found(index: WhooshIndex, q: str) -> int:
    return index.search(Criteria(q=q), None, understand(q)).total


def test_a_server_that_holds_the_old_index_open_sees_the_new_one(
    app: Flask, settings: Settings, session: Session, listing: Listing
) -> None:
    listing("Tea and talk")
    rebuild(session)
    session.commit()
    elsewhere = WhooshIndex(settings.index_folder)
    assert found(elsewhere, "quernstone") == 0
    listing("Quernstone evening")
    rebuild(session)
    session.commit()
    assert found(elsewhere, "quernstone") == 1
    assert found(queries.index(), "quernstone") == 1
    elsewhere.close()
