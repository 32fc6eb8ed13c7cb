"""Where somebody finds themselves after signing in: the page that their work starts from."""

from __future__ import annotations

from flask import current_app, url_for

from core.access.rules import Actor, Role

_pages: dict[Role, str] = {}

# Who wears several hats starts with the one that has people waiting.
_ORDER = (
    Role.COORDINATOR,
    Role.LINK_WORKER,
    Role.GROUP_MEMBER,
    Role.REFERRER,
    Role.RESIDENT,
    Role.PROXY,
    Role.EDITOR,
    Role.COMMISSIONER,
    Role.DATA_PROTECTION_OFFICER,
    Role.ADMINISTRATOR,
)


def register_landing(role: Role, endpoint: str) -> None:
    """Start people with `role` at the page `endpoint`, whose address needs no values."""
    _pages[role] = endpoint


def page_of(actor: Actor) -> str:
    """The path where this actor's work starts; their own account where no area named a page."""
    for role in _ORDER:
        endpoint = _pages.get(role)
        if endpoint in current_app.view_functions and actor.has(role):
            return url_for(endpoint)
    return url_for("accounts.own_account")
