"""Where one area puts something on another's page without importing it: navigation entries and named slots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request, url_for
from markupsafe import Markup

from core.access.guard import current_actor
from core.access.rules import Permission


@dataclass(frozen=True)
class NavigationEntry:
    """A link of the main menu. `permission` None is for everybody, signed in or not."""

    permission: Permission | None
    label: str
    endpoint: str
    order: int


@dataclass(frozen=True)
class NavigationLink:
    """A menu link as this reader sees it. `here` is "page" on that very page, "true" below it, else empty."""

    label: str
    href: str
    here: str


@dataclass(frozen=True)
class Menu:
    """The main menu: the links that always show, and those folded away behind "More" where there are many."""

    shown: tuple[NavigationLink, ...]
    folded: tuple[NavigationLink, ...] = ()


# So many links are two lines on a phone; of more than that, fewer are shown, and the rest are a press away.
_MOST_LINKS, _SHOWN_OF_MANY = 5, 4

_navigation: dict[tuple[str, str], NavigationEntry] = {}
_slots: dict[str, list[Callable[..., Markup]]] = {}


def add_navigation(permission: Permission | None, label: str, endpoint: str, order: int) -> None:
    """Put a link to `endpoint` into the main menu of whoever has `permission`. Saying it twice changes nothing."""
    _navigation[(endpoint, label)] = NavigationEntry(permission, label, endpoint, order)


def navigation() -> tuple[NavigationLink, ...]:
    """The main menu of the present actor, in order."""
    actor = current_actor()
    entries = sorted(_navigation.values(), key=lambda entry: (entry.order, entry.label))
    return tuple(
        _link(entry)
        for entry in entries
        if entry.endpoint in current_app.view_functions
        and (entry.permission is None or actor.can(entry.permission))
    )


def menu() -> Menu:
    """`navigation()` as it is laid out; the page that one is on is never folded away."""
    links = navigation()
    if len(links) <= _MOST_LINKS:
        return Menu(links)
    first = links[:_SHOWN_OF_MANY]
    here = tuple(link for link in links[_SHOWN_OF_MANY:] if link.here)
    shown = (*first[: _SHOWN_OF_MANY - len(here[:1])], *here[:1])
    return Menu(shown, tuple(link for link in links if link not in shown))


def _link(entry: NavigationEntry) -> NavigationLink:
    href = url_for(entry.endpoint)
    if request.endpoint == entry.endpoint:
        here = "page"
    elif href != "/" and request.path.startswith(href.rstrip("/") + "/"):
        here = "true"
    else:
        here = ""
    return NavigationLink(entry.label, href, here)


def fill(slot_name: str, render: Callable[..., Markup]) -> None:
    """Let `render(**context)` add to the slot of that name. Saying it twice changes nothing."""
    fillers = _slots.setdefault(slot_name, [])
    if render not in fillers:
        fillers.append(render)


def slot(slot_name: str, **context: object) -> Markup:
    """What the fillers of a slot give, one after the other; empty where nobody fills it."""
    return Markup("").join(render(**context) for render in _slots.get(slot_name, ()))


def part(template: str, **context: object) -> Markup:
    """What a filler gives, by a template that knows `context` and what every page knows. It is a part of a page that is
    being made, so that nothing is told or set up for it a second time."""
    made = current_app.jinja_env.get_template(template).render(context)
    return Markup(made)  # noqa: S704 - escaped by its template
