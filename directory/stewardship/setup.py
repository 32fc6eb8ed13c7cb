"""Puts the keeping of listings onto an application: checking, reports, claims, and where they show on other pages."""

from __future__ import annotations

from flask import Flask

from directory.listings import moderation_models
from directory.stewardship.claims import models as claims_models
from directory.stewardship.details import models as details_models
from directory.stewardship.duplicates import models as duplicates_models
from directory.stewardship.freshness import models as freshness_models
from directory.stewardship.reach import models as reach_models
from directory.stewardship.reports import models as reports_models
from directory.stewardship.taxonomies import models as taxonomies_models

# Tables, known before the first row is written.
TABLES = (
    freshness_models,
    reach_models,
    reports_models,
    claims_models,
    details_models,
    moderation_models,
    duplicates_models,
    taxonomies_models,
)


def init_app(app: Flask) -> None:
    """Register the pages by which listings are kept true."""
