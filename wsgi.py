"""The product, put together: the only place where the areas meet."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from core import engines, health
from core import logging as logs
from core.access import guard
from core.accounts import demo as accounts_demo
from core.accounts import jobs as accounts_jobs
from core.accounts import sessions
from core.accounts.cli import accounts_cli
from core.accounts.entry_views import bp as entry_bp
from core.accounts.views import bp as accounts_bp
from core.administration import metrics
from core.administration.views import bp as administration_bp
from core.audit import jobs as audit_jobs
from core.audit.cli import audit_cli
from core.backup.cli import backup_cli
from core.cli import add_demo_loader, demo_cli, migrate_cli
from core.geography.cli import geography_cli
from core.inbound.cli import inbound_cli
from core.jobs import jobs as jobs_jobs
from core.jobs.cli import jobs_cli
from core.notify import jobs as notify_jobs
from core.page_feedback import jobs as page_feedback_jobs
from core.page_feedback.views import bp as page_feedback_bp
from core.settings import ROOT, Settings
from core.steps import setup as steps
from core.steps.rules import Step, Task
from core.web import setup as web
from directory.demo import loader as directory_demo
from directory.exchange import jobs as exchange_jobs
from directory.exchange import setup as exchange
from directory.exchange.cli import exchange_cli
from directory.insight import setup as insight
from directory.listings import setup as listings
from directory.openreferral import setup as openreferral
from directory.openreferral.cli import openreferral_cli
from directory.passing_on.views import bp as passing_on_bp
from directory.search import jobs as search_jobs
from directory.search import setup as search
from directory.search.cli import search_cli
from directory.search.views import bp as search_bp
from directory.stewardship import desk as stewardship_desk
from directory.stewardship import setup as stewardship
from directory.whats_on.views import bp as whats_on_bp
from prescribing.concerns import jobs as concerns_jobs
from prescribing.demo import loader as prescribing_demo
from prescribing.desk import setup as desk_setup
from prescribing.episodes import clock_settings
from prescribing.episodes import subscribers as episodes_subscribers
from prescribing.episodes.asking_views import bp as asking_bp
from prescribing.episodes.known_views import bp as known_bp
from prescribing.episodes.plan_views import bp as plan_bp
from prescribing.episodes.triage_views import bp as triage_bp
from prescribing.episodes.views import bp as episodes_bp
from prescribing.evidence import jobs as evidence_jobs
from prescribing.evidence.cli import evidence_cli
from prescribing.evidence.views import bp as evidence_bp
from prescribing.failures import subscribers as failures_subscribers
from prescribing.failures.views import bp as failures_bp
from prescribing.fhir import setup as fhir
from prescribing.groups import subscribers as groups_subscribers
from prescribing.groups.views import bp as groups_bp
from prescribing.measures.licence_views import bp as licences_bp
from prescribing.measures.mistake_views import bp as wrong_answers_bp
from prescribing.measures.own_views import bp as own_measures_bp
from prescribing.measures.views import bp as measures_bp
from prescribing.partners.body_views import bp as partner_bodies_bp
from prescribing.partners.views import bp as partners_bp
from prescribing.people import models as people_models
from prescribing.people import places as people_places
from prescribing.people.views import bp as people_bp
from prescribing.plans.views import bp as plans_bp
from prescribing.proxies import jobs as proxies_jobs
from prescribing.referrals import jobs as referrals_jobs
from prescribing.referrals.events import CapacityChanged, GapRecorded, ListingWasWrong
from prescribing.referrals.group_views import bp as inbox_bp
from prescribing.referrals.link_views import bp as answer_bp
from prescribing.referrals.views import bp as referrals_bp
from prescribing.residents import helping
from prescribing.residents import jobs as residents_jobs
from prescribing.residents.acting_views import bp as acting_bp
from prescribing.residents.ask_views import bp as ask_bp
from prescribing.residents.help_link_views import bp as help_link_bp
from prescribing.residents.helping_views import bp as helping_bp
from prescribing.residents.joining_views import bp as joining_bp
from prescribing.residents.own_steps_views import bp as own_steps_bp
from prescribing.residents.own_views import bp as me_bp
from prescribing.residents.team_views import bp as own_side_bp
from prescribing.rights import jobs as rights_jobs
from prescribing.rights import models as rights_models
from prescribing.rights import setup as rights

# Importing a jobs module registers its work.
JOBS = (
    accounts_jobs,
    audit_jobs,
    jobs_jobs,
    notify_jobs,
    page_feedback_jobs,
    search_jobs,
    exchange_jobs,
    referrals_jobs,
    proxies_jobs,
    concerns_jobs,
    residents_jobs,
    evidence_jobs,
    rights_jobs,
)
# Tables that core's point to, known before the first row is written.
TABLES = (people_models, rights_models)
BLUEPRINTS = (
    accounts_bp,
    entry_bp,
    administration_bp,
    page_feedback_bp,
    search_bp,
    whats_on_bp,
    passing_on_bp,
    ask_bp,
    me_bp,
    joining_bp,
    own_steps_bp,
    help_link_bp,
    helping_bp,
    acting_bp,
    own_side_bp,
    asking_bp,
    episodes_bp,
    people_bp,
    plan_bp,
    plans_bp,
    triage_bp,
    known_bp,
    partners_bp,
    partner_bodies_bp,
    referrals_bp,
    measures_bp,
    wrong_answers_bp,
    failures_bp,
    own_measures_bp,
    licences_bp,
    evidence_bp,
    inbox_bp,
    groups_bp,
    answer_bp,
)
# How far people get with what the product is for.
MAIN_TASKS = (
    Task(
        "find",
        "Find something near me",
        (
            Step("begin", "First page", "search.home"),
            Step("results", "What was found", "search.results"),
            Step("done", "One activity", "listings.activity"),
        ),
    ),
    Task(
        "ask",
        "Ask for support",
        (
            Step("begin", "The form", "ask.form"),
            # What is saved to be finished later is not sent.
            Step("done", "Sent", "ask.send", "POST", 303, leads_to="ask.sent"),
        ),
    ),
    Task(
        "refer",
        "Refer somebody to a group",
        (
            Step("begin", "Choose", "referrals.find"),
            Step("agree", "What they agree to", "referrals.ask_consent"),
            Step("done", "Sent", "referrals.send", "POST", 303),
        ),
        once_for="need_id",
    ),
    Task(
        "answer",
        "Answer as a group, by the link",
        (Step("begin", "Opened", "answer.show"), Step("done", "Answered", "answer.answer", "POST", 303)),
        once_for="token",
    ),
    Task(
        "keep",
        "Keep a group's page true",
        (
            Step("begin", "The page to change", "editing.edit"),
            Step("part", "One part of it", "editing.section"),
            Step("done", "Changed", "editing.section", "POST", 303),
        ),
        once_for="service_id",
    ),
)


COMMANDS = (
    accounts_cli,
    migrate_cli,
    demo_cli,
    audit_cli,
    backup_cli,
    geography_cli,
    inbound_cli,
    jobs_cli,
    search_cli,
    evidence_cli,
    exchange_cli,
    openreferral_cli,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product for `settings` (from the environment, unless given).

    Raises `UnsafeSettings` when the settings, or a view without a policy, must not serve people.
    """
    settings = settings or Settings.from_environment()
    settings.refuse_unsafe()
    clock_settings.clocks()
    app = Flask("golden_thread", root_path=str(ROOT), static_folder=None)
    app.extensions["settings"] = settings
    app.config["SECRET_KEY"] = settings.secrets.secret_key
    app.config["TESTING"] = settings.testing
    if not settings.testing:
        logs.configure()
    logs.init_app(app)
    engines.init_app(app, settings)
    health.register("database", engines.check)
    # The door comes before the check of forms: whoever was signed out meanwhile is asked to sign in again.
    guard.init_app(app, sessions.load_actor)
    web.init_app(app, settings)
    search.init_app(app, settings)
    sessions.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    listings.init_app(app, capacity_changed=CapacityChanged)
    openreferral.init_app(app)
    fhir.init_app(app)
    exchange.init_app(app)
    stewardship.init_app(app, listing_was_wrong=ListingWasWrong)
    stewardship_desk.init_app(app)
    desk_setup.init_app(app)
    metrics.init_app(app, settings)
    steps.init_app(app, settings, MAIN_TASKS)
    insight.init_app(app, settings, gap_recorded=GapRecorded)
    rights.init_app(app)
    if settings.demo:
        accounts_demo.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    for group in COMMANDS:
        app.cli.add_command(group)
    add_demo_loader(20, directory_demo.load, is_loaded=directory_demo.is_loaded)
    add_demo_loader(30, prescribing_demo.load, is_loaded=prescribing_demo.is_loaded)
    people_places.register()
    episodes_subscribers.listen()
    failures_subscribers.listen()
    helping.listen()
    groups_subscribers.listen()
    guard.refuse_unguarded(app)
    return app
