"""Puts an editor's own tools onto an application: flags, duplicates, updates by words, vocabularies."""

from __future__ import annotations

from flask import Flask

from directory.stewardship.duplicates import models as duplicates_models
from directory.stewardship.flags import services as flags
from directory.stewardship.taxonomies import models as taxonomies_models

# Tables, known before the first row is written.
TABLES = (duplicates_models, taxonomies_models)


def init_app(_app: Flask) -> None:
    """Register their pages, and look at what groups send."""
    flags.listen()
