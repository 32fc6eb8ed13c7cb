"""No route without a policy: the product does not start with one, and every public route is written down."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.sansio.blueprints import BlueprintSetupState

from core.access import guard
from core.access.rules import Permission
from core.errors import UnsafeSettings

PUBLIC_ROUTES = Path(__file__).parent / "public_routes.txt"


def test_the_product_does_not_start_with_an_unguarded_view(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wsgi
    from core.accounts.views import bp

    def plant(state: BlueprintSetupState) -> None:
        state.add_url_rule("/planted", endpoint="planted", view_func=lambda: "open to all")

    monkeypatch.setattr(bp, "deferred_functions", [*bp.deferred_functions, plant])
    with pytest.raises(UnsafeSettings, match=r"accounts\.planted"):
        wsgi.create_app(app.extensions["settings"])


@pytest.mark.parametrize("number", [1, 7, 40])
def test_every_unguarded_view_is_named(number: int) -> None:
    app = Flask("planted", static_folder=None)
    for index in range(number):
        app.add_url_rule(f"/{index}", f"bare{index:02}", lambda: "open to all")
    app.add_url_rule("/guarded", "guarded", guard.requires(Permission.TRIAGE)(lambda: "shut"))
    with pytest.raises(UnsafeSettings) as refusal:
        guard.refuse_unguarded(app)
    assert all(f"bare{index:02}" in refusal.value.message for index in range(number))
    assert "guarded" not in refusal.value.message.replace("unguarded", "")


def test_flasks_own_static_route_counts_as_unguarded(tmp_path: Path) -> None:
    app = Flask("planted", static_folder=str(tmp_path))
    with pytest.raises(UnsafeSettings, match="static"):
        guard.refuse_unguarded(app)


def test_a_public_view_needs_a_reason() -> None:
    with pytest.raises(UnsafeSettings, match="reason"):
        guard.public("")


def test_public_routes_are_those_that_were_agreed(app: Flask) -> None:
    written = dict(
        line.split(": ", 1) for line in PUBLIC_ROUTES.read_text(encoding="utf-8").splitlines() if line
    )
    there = {
        rule.endpoint: policy.reason
        for rule in app.url_map.iter_rules()
        if (policy := guard.policy_of(app, rule.endpoint)) is not None and policy.permission is None
    }
    assert there == written, "a route became public, or stopped being so: agree it in public_routes.txt"
