"""Puts search onto an application: its index, and what it says of itself."""

from __future__ import annotations

from flask import Flask

from core.settings import Settings
from directory.search.whoosh_engine import WhooshIndex


def init_app(app: Flask, settings: Settings) -> None:
    """Keep the index of `app` in the folder that the settings name."""
    app.extensions["search_index"] = WhooshIndex(settings.index_folder)
