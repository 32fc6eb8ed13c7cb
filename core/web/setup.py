"""Puts the web of the product onto a Flask application: templates, files, headers, forms' safety, error pages."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader

from core import clock
from core.access.guard import current_actor
from core.calendar import rules
from core.helplines import HELPLINES
from core.settings import ROOT, Settings
from core.web import compiled, errors, headers, words
from core.web.assets import Assets
from core.web.kept import KeptMarkup
from core.web.links import address_with, row_links, safe_href, tel
from core.web.macros import macro_call
from core.web.paging import paging_shape
from core.web.site import Tiles, site_of
from core.web.slots import menu, slot
from core.web.undefined import CarefulUndefined
from core.web.views import bp

TEMPLATES = ROOT / "templates"
BUILT = ROOT / "static" / "dist"

# The most that one request may carry, in bytes; a view that takes files says its own limit.
MOST_BYTES = 2 * 1024 * 1024


def init_app(app: Flask, settings: Settings, *, built: Path = BUILT) -> None:
    """Make `app` speak to people by `settings`. `built` is the folder that the front end was built into.

    Raises `UnsafeSettings` for a colour that can't be read.
    """
    app.jinja_environment = compiled.PageEnvironment
    _configure(app, settings)
    CSRFProtect(app)
    headers.init_app(app, settings)
    errors.init_app(app)
    _templates(app, settings, Assets(built))
    app.register_blueprint(bp)
    app.wsgi_app = Assets(built).serve(app.wsgi_app, headers.security_headers(settings))  # type: ignore[method-assign]


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SESSION_COOKIE_NAME="__Host-gt" if settings.https else "gt",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=1000,
        WTF_CSRF_TIME_LIMIT=None,
    )


def _templates(app: Flask, settings: Settings, assets: Assets) -> None:
    site = site_of(settings)
    app.extensions["golden_thread_site"] = site
    env = app.jinja_env
    env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), PackageLoader("nhsuk_frontend_jinja")])
    env.bytecode_cache = compiled.SHARED
    env.undefined = CarefulUndefined
    env.autoescape = lambda name: name is None or not name.endswith(".txt")
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(
        address_with=address_with,
        can_sign_in=lambda: "accounts.sign_in" in app.view_functions,
        asset=assets.address,
        current_actor=current_actor,
        day_now=clock.today,
        helplines=HELPLINES,
        js_enabled_script=headers.JS_ENABLED,
        kept_markup=KeptMarkup(),
        macro_call=macro_call,
        map_tiles=lambda: Tiles(settings.tile_url, settings.tile_attribution),
        menu=menu,
        paging_shape=paging_shape,
        row_links=row_links,
        say_session=words.say_session,
        site=site,
        site_has_map=lambda: bool(settings.tile_url),
        slot=slot,
    )
    env.filters.update(
        safe_href=safe_href,
        say_ago=words.say_ago,
        say_date=rules.say_date,
        say_day=words.say_day,
        say_due=words.say_due,
        say_moment=words.say_moment,
        say_time=rules.say_time,
        tel=tel,
    )
