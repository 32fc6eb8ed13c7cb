"""Puts listings onto an application: where its people start, their menu, and groups as something to belong to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.access.rules import Permission, Place, Role
from core.accounts import landing, places
from core.web.slots import add_navigation
from directory.listings.editing_views import bp as editing_bp
from directory.listings.history_views import bp as history_bp
from directory.listings.models import Organization
from directory.listings.moderation_views import bp as moderation_bp
from directory.listings.rescheduling_views import bp as rescheduling_bp
from directory.listings.room import RoomSaid, on_capacity_changed
from directory.listings.views import bp as listings_bp


def init_app(app: Flask, *, capacity_changed: type[RoomSaid]) -> None:
    """Register the pages of activities and groups, of those who keep them, and of editors. `capacity_changed` is the
    event by which another area says that a group is full, or has room again."""
    events.subscribe(capacity_changed, on_capacity_changed)
    for blueprint in (listings_bp, editing_bp, history_bp, moderation_bp, rescheduling_bp):
        app.register_blueprint(blueprint)
    add_navigation(Permission.ANSWER_REFERRALS, "Your group", "editing.home", 6)
    add_navigation(Permission.MODERATE, "To look at", "moderation.queue", 7)
    add_navigation(Permission.MODERATE, "School terms", "rescheduling.school_terms", 76)
    landing.register_landing(Role.EDITOR, "moderation.queue")
    places.register(Place.ORGANIZATION, choices=_choices, names_of=_names_of)


def _choices(session: Session, words: str) -> Sequence[tuple[UUID, str]]:
    named = select(Organization.id, Organization.name).order_by(Organization.name).limit(places.MOST_CHOICES)
    if words.strip():
        named = named.where(Organization.name.icontains(words.strip(), autoescape=True))
    return [(one, name) for one, name in session.execute(named)]


def _names_of(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    named = select(Organization.id, Organization.name).where(Organization.id.in_(ids))
    return dict(session.execute(named).all())
