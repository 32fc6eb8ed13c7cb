"""Puts search onto an application: its index, and what it says of itself."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from core import health
from core.backup.hooks import carry
from core.db import db, read_only
from core.settings import Settings
from directory.search import queries, services
from directory.search.engine import IndexUnusable
from directory.search.kept_boxes import KeptBoxes
from directory.search.rules import Criteria
from directory.search.services import IndexState
from directory.search.thesaurus.cli import synonyms_cli
from directory.search.thesaurus.views import bp as synonyms_bp
from directory.search.whoosh_engine import WhooshIndex


def init_app(app: Flask, settings: Settings) -> None:
    """Keep the index of `app` in the folder that the settings name; pages and commands for words that mean the same."""
    app.extensions["search_index"] = WhooshIndex(settings.index_folder)
    app.jinja_env.globals["kept_boxes"] = KeptBoxes()
    health.register("search", can_search)
    health.register_state("search index", index_state)
    app.register_blueprint(synonyms_bp)
    app.cli.add_command(synonyms_cli)
    carry("the search index", before=lambda _session: None, after=_build_anew)


def _build_anew(session: Session, _held: None) -> str:
    """An index is never restored: it is built from the database that came back."""
    return f"The index is built anew: {services.rebuild(session, lambda _done: None):,} listings."


def can_search() -> None:
    """Ask for one page of everything. Either engine will do: a lost index makes searches slower, not impossible."""
    with read_only(), Session(db.engine) as session:
        queries.find(session, Criteria(), None)


def index_state() -> str:
    """Whether searches are answered by the index (sound) or, while it is missing or damaged, by the database."""
    try:
        queries.index().count()
    except IndexUnusable as unusable:
        return (IndexState.DAMAGED if unusable.damaged else IndexState.MISSING).value
    return "sound"
