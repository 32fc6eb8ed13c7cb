"""The product, put together: the only place where the areas meet."""

from __future__ import annotations

from flask import Flask

from core import db as database
from core.access import guard
from core.audit.cli import audit_cli
from core.cli import add_demo_loader, demo_cli, migrate_cli
from core.geography.cli import geography_cli
from core.jobs.cli import jobs_cli
from core.settings import ROOT, Settings
from directory.demo import loader as directory_demo


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product for `settings` (from the environment, unless given).

    Raises `UnsafeSettings` when the settings, or a view without a policy, must not serve people.
    """
    settings = settings or Settings.from_environment()
    settings.refuse_unsafe()
    app = Flask("golden_thread", root_path=str(ROOT), static_folder=None)
    app.extensions["settings"] = settings
    app.config["SECRET_KEY"] = settings.secrets.secret_key
    app.config["TESTING"] = settings.testing
    app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 500_000
    app.config["MAX_FORM_PARTS"] = 1000
    database.init_app(app, settings)
    for group in (migrate_cli, demo_cli, audit_cli, geography_cli, jobs_cli):
        app.cli.add_command(group)
    add_demo_loader(20, directory_demo.load, is_loaded=directory_demo.is_loaded)
    guard.refuse_unguarded(app)
    return app
