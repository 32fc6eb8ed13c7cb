"""Puts a link worker's desk onto the application: caseloads, drafts, concerns, and what a team knows of a listing."""

from __future__ import annotations

from flask import Flask

from prescribing.caseloads import queries as caseloads
from prescribing.caseloads.happened import happened as handovers_told
from prescribing.caseloads.views import bp as caseloads_bp
from prescribing.concerns import queries as concerns
from prescribing.concerns import views as concerns_views
from prescribing.concerns.happened import happened as concerns_told
from prescribing.drafts import jobs as drafts_jobs
from prescribing.episodes import contributions, feedback_views, gp_views, putting_off_views, timeline
from prescribing.episodes.begun import bp as begun_bp
from prescribing.episodes.contact_views import bp as contacts_bp
from prescribing.episodes.death_views import bp as deaths_bp
from prescribing.episodes.finding_views import bp as finding_bp
from prescribing.episodes.marks import Watch, of_people
from prescribing.letters import version_views
from prescribing.letters import views as letters_views
from prescribing.listing_notes import views as listing_notes_views
from prescribing.pasted import views as pasted_views
from prescribing.together.views import bp as together_bp

__all__ = ["drafts_jobs", "feedback_views", "init_app", "putting_off_views"]


def init_app(app: Flask) -> None:
    """Add the pages, and tell episodes who stands in for whom."""
    app.register_blueprint(caseloads_bp)
    app.register_blueprint(begun_bp)
    app.register_blueprint(contacts_bp)
    app.register_blueprint(deaths_bp)
    app.register_blueprint(finding_bp)
    app.register_blueprint(concerns_views.bp)
    concerns_views.register()
    app.register_blueprint(listing_notes_views.bp)
    listing_notes_views.register()
    app.register_blueprint(together_bp)
    app.register_blueprint(pasted_views.bp)
    pasted_views.register()
    app.register_blueprint(letters_views.bp)
    letters_views.register()
    app.register_blueprint(version_views.bp)
    version_views.register()
    app.register_blueprint(gp_views.bp)
    gp_views.register()
    contributions.register(concerns.contribute, Watch("concerns", "person_id", of_people))
    contributions.register_in_sight(concerns.in_sight)
    contributions.register(caseloads.contribute, Watch("handovers"))
    timeline.register(concerns_told)
    timeline.register(handovers_told)
    contributions.register_cover(caseloads.covering, caseloads.away)
