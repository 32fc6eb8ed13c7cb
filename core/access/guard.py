"""The door. Every view says who may come in; a view that says nothing keeps the product from starting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from flask import Flask, g, redirect, request, url_for
from werkzeug.wrappers import Response

from core import db
from core.access.rules import PUBLIC, Actor, Permission
from core.errors import NotFound, UnsafeSettings

P = ParamSpec("P")
R = TypeVar("R")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Policy:
    """What a view asks of whoever calls it: a permission, or the reason why anyone may."""

    permission: Permission | None
    reason: str = ""
    audits_read: bool = False


def requires(
    permission: Permission, *, audits_read: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only actors with `permission`. `audits_read` says that a GET writes an audit row, so that it takes the
    write lock when it begins."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, "policy", Policy(permission, audits_read=audits_read))  # noqa: B010
        return view

    return mark


def public(reason: str, *, audits_read: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Anyone, signed in or not, because of `reason`."""
    if not reason:
        raise UnsafeSettings("A public view needs a reason.")

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, "policy", Policy(None, reason, audits_read))  # noqa: B010
        return view

    return mark


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy that the endpoint's view declares, if it does."""
    return getattr(app.view_functions.get(endpoint), "policy", None)


def refuse_unguarded(app: Flask) -> None:
    """Raise `UnsafeSettings` naming every route whose view declares no policy."""
    bare = sorted(
        {rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None}
    )
    if bare:
        raise UnsafeSettings(
            "These views declare neither @requires nor @public, so the product will not start: "
            + ", ".join(bare)
        )


def current_actor() -> Actor:
    """Whoever makes this request; `PUBLIC` where nobody has signed in."""
    actor: Actor = g.get("actor", PUBLIC)
    return actor


def init_app(app: Flask, load_actor: Callable[[], Actor]) -> None:
    """Ask the door before every view. `load_actor` reads the session cookie and gives whoever stands behind it."""

    @app.before_request
    def ask() -> Response | None:
        endpoint = request.endpoint
        policy = policy_of(app, endpoint) if endpoint else None
        db.set_reading(request.method in SAFE_METHODS and not (policy is not None and policy.audits_read))
        g.actor = load_actor()
        if policy is None or policy.permission is None:
            return None
        if not g.actor.signed_in:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("accounts.sign_in", next=wanted), code=303)
        if not g.actor.can(policy.permission):
            raise NotFound
        return None

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        # The thread goes on to other work, which may write.
        db.set_reading(False)
