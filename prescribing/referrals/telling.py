"""Telling somebody who is expected at a session that it is off, has moved, or is on again: by a message that names
nothing where one is safe, else their link worker rings."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import clock
from core.access.rules import SYSTEM
from core.audit import services as audit
from core.calendar.rules import london, london_day
from core.calendar.when_rules import When
from core.notify.services import cancel_about
from directory import published
from prescribing.episodes.models import Action, ActionOwner
from prescribing.episodes.plan import ActionText, add_action
from prescribing.episodes.rules import EPISODE_OPEN
from prescribing.people.notices import Notice, tell
from prescribing.people.safe_contact import Channel
from prescribing.referrals.models import Referral, SessionNotice
from prescribing.referrals.rules import AGREED, SESSION_OFF, SESSION_ON, Heard, expected_on
from prescribing.referrals.visits import attended_days
from prescribing.referrals.words import say_stands, when_stands

_TEMPLATES = {SESSION_OFF: "session-off", SESSION_ON: "session-on"}
_WAYS = {Channel.TEXT: Heard.TEXT, Channel.EMAIL: Heard.EMAIL}


def tell_off(
    session: Session, service_id: UUID, on: date, starts: time | None, *, stands: str = SESSION_OFF
) -> None:
    """Tell everybody who is expected at that session that it is off, or when it is now, as `SessionNotice.stands`;
    saying it again changes nothing. `starts` is on London's clocks, None for all of that day."""
    if on < clock.today():
        return
    key = _key(starts)
    there = Referral.service_id.in_(published.known_ids(session, service_id))
    coming = session.scalars(
        select(Referral)
        .where(Referral.state.in_(AGREED), there)
        .options(selectinload(Referral.attendances), selectinload(Referral.notices))
        .order_by(Referral.episode_id, Referral.id)
    ).all()
    for referral in coming:
        if not expected_on(referral.state, referral.scheduled_for, attended_days(referral), on):
            continue
        notice = next((one for one in referral.notices if (one.on, one.starts) == (on, key)), None)
        if notice is None:
            notice = SessionNotice(
                **dict.fromkeys(("stands", "said", "knew"), SESSION_ON),
                referral=referral,
                on=on,
                starts=key,
                at=clock.now(),
            )
            session.add(notice)
            session.flush()
        _set(session, notice, stands)


def tell_on(session: Session, service_id: UUID, on: date, starts: time | None) -> None:
    """Tell those who were told that the session is off or has moved that it is on again, and nobody else."""
    if on < clock.today():
        return
    there = Referral.service_id.in_(published.known_ids(session, service_id))
    told = session.scalars(
        select(SessionNotice)
        .join(Referral, Referral.id == SessionNotice.referral_id)
        .where(
            there,
            SessionNotice.on == on,
            SessionNotice.starts == _key(starts),
            SessionNotice.stands != SESSION_ON,
        )
        .order_by(Referral.episode_id, SessionNotice.referral_id)
    ).all()
    for notice in told:
        _set(session, notice, SESSION_ON)


def ring_instead(session: Session, address: str) -> None:
    """Where the server of an email address says that nobody reads it, the link worker rings instead."""
    sent = session.scalars(
        select(SessionNotice)
        .join(Referral, Referral.id == SessionNotice.referral_id)
        .where(SessionNotice.way == Heard.EMAIL, SessionNotice.on >= clock.today())
        .order_by(Referral.episode_id, SessionNotice.id)
    ).all()
    for notice in sent:
        if (notice.referral.person.email or "").strip() == address:
            _promise_call(session, notice)


def ring_rather_than_send(session: Session, person_id: UUID) -> None:
    """Where a message to them waits to be sent, the link worker rings instead."""
    notices = session.scalars(
        select(SessionNotice)
        .join(Referral, Referral.id == SessionNotice.referral_id)
        .where(Referral.person_id == person_id)
        .order_by(Referral.episode_id, SessionNotice.id)
    ).all()
    for notice in notices:
        if cancel_about(session, notice.id):
            _promise_call(session, notice)


def hush(session: Session, referral: Referral) -> None:
    """Let nothing reach them any more about a referral that has ended."""
    for notice in referral.notices:
        if _take_back(session, notice):
            notice.said, notice.way = notice.knew, None
    session.flush()


def _set(session: Session, notice: SessionNotice, stands: str) -> None:
    """Let a notice stand as the session does. What has not left or been rung yet is taken back rather than corrected:
    they never heard of it."""
    if notice.stands == stands:
        return
    notice.stands = stands
    if _take_back(session, notice):
        notice.said = notice.knew
        if notice.said == SESSION_ON:
            notice.way = None
    gone = notice.referral.state not in AGREED or notice.referral.person.died_at is not None
    if notice.said != stands and not gone:
        notice.knew, notice.said = notice.said, stands
        _say(session, notice)
    session.flush()


def _take_back(session: Session, notice: SessionNotice) -> bool:
    """Cancel what was promised and not done yet. Gives whether there was anything."""
    if cancel_about(session, notice.id):
        return True
    action = notice.action
    if action is None or action.done_at is not None:
        return False
    notice.action = None
    session.flush()
    audit.record(session, SYSTEM, "action.drop", "action", action.id)
    session.delete(action)
    return True


def _say(session: Session, notice: SessionNotice) -> None:
    person = notice.referral.person
    notice.at, notice.action = clock.now(), None
    template = _TEMPLATES.get(notice.stands, "session-moved")
    context = {"when": _when(session, notice), "now": when_stands(notice.stands, clock.today()) or ""}
    way = tell(session, person, Notice(template, notice.id, context))
    if way is None:
        _promise_call(session, notice)
        return
    notice.way = _WAYS[way]
    audit.record(session, SYSTEM, f"referral.{template}", "referral", notice.referral_id, way=notice.way)


def _promise_call(session: Session, notice: SessionNotice) -> None:
    referral = notice.referral
    notice.way = Heard.RING
    if referral.episode.state not in EPISODE_OPEN:
        return
    name = published.offer(session, referral.service_id).name
    when, now = _when(session, notice), say_stands(notice.stands, clock.today())
    said = {
        SESSION_OFF: f"{name} is not on this {when}.",
        SESSION_ON: f"{name} is on after all this {when}.",
    }.get(notice.stands, f"{name} of {when} has moved. It is now {now}.")
    notice.action = _task(session, referral, f"Ring them: {said}")
    session.flush()


def _task(session: Session, referral: Referral, words: str) -> Action:
    text = ActionText(words=words, owner=ActionOwner.LINK_WORKER, due_on=clock.today())
    return add_action(session, SYSTEM, referral.episode_id, text)


def _when(session: Session, notice: SessionNotice) -> When:
    """The session, with its hours where one starts then."""
    today = clock.today()
    sessions = published.sessions_between(session, notice.referral.service_id, notice.on, notice.on)
    for one in sessions:
        if london_day(one.start) == notice.on and _key(london(one.start).time()) == notice.starts:
            return When.of_session(one.start, one.end, today)
    return When(notice.on, time.fromisoformat(notice.starts) if notice.starts else None, today=today)


def _key(starts: time | None) -> str:
    return starts.isoformat("minutes") if starts is not None else ""
