"""Taking in what groups answer by email: read, shown back to them, and put on their page only when they press."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Role
from core.accounts import throttle
from core.accounts.queries import addresses_of_role
from core.accounts.rules import Guess
from core.audit import services as audit
from core.db import blind_index, hold
from core.errors import NotFound, Throttled
from core.inbound.events import LetterCame, LetterFailed
from core.inbound.rules import Letter
from core.notify import services as notify
from core.notify.models import Message
from directory.listings import services as listings
from directory.listings.models import Service
from directory.listings.services import Submitted
from directory.stewardship.freshness import links
from directory.stewardship.freshness.links import ANSWER_WAITS, OpenLink
from directory.stewardship.freshness.models import CheckLink
from directory.stewardship.freshness.owners import Owner, listings_of
from directory.stewardship.reach import services as reach
from directory.stewardship.replies import queries, rules
from directory.stewardship.replies.models import Reply, ReplyState
from directory.stewardship.replies.rules import Heard
from directory.stewardship.reports import services as reports
from directory.stewardship.reports.rules import ReportKind
from directory.stewardship.words.rules import read_words
from directory.stewardship.words.services import take_over

log = logging.getLogger(__name__)

# So long we know a letter again; its words go much sooner.
KNOWN_FOR = timedelta(days=90)
READ_TEMPLATE, RIGHT_TEMPLATE = "reply-read", "reply-right"
EDITOR_TEMPLATE, LATE_TEMPLATE, FAILED_TEMPLATE = "reply-editor", "reply-late", "reply-failed"
# However many fail, the editors hear of it once in this time.
TOLD_ONCE_IN = timedelta(days=1)


def on_letter(session: Session, event: LetterCame) -> None:
    """Somebody answered an email about their listings. Nothing on their page changes by it.

    What we write back goes to the mailbox that had our email, never to whoever the letter says it is from: that can be
    anybody. A token that we did not give out is therefore answered by nothing.
    """
    letter = event.letter
    link = links.find_by_reply(session, letter.token)
    if link is None or link.to is None:
        log.info("reply with a token that leads nowhere")
        return
    index = blind_index("reply-letter", letter.key)
    hold(session, f"reply {index}")
    if queries.is_known(session, index):
        return
    try:
        opened = links.opened(session, link)
    except NotFound:
        log.info("reply of somebody who keeps nothing now")
        return
    reach.note_answer(session, link.to)
    if link.expires_at <= clock.now():
        _say_too_late(session, link, index)
    elif _is_too_much(session, link):
        _keep(session, link, index, letter, ReplyState.EDITOR)
        _tell_editor(session, opened, letter.text)
    else:
        _read(session, link, opened, index, letter)


def on_failure(session: Session, _event: LetterFailed) -> None:
    """Tell the editors that somebody's answer cannot be read; what it says and whose it is nobody knows."""
    told = select(Message.id).where(
        Message.template == FAILED_TEMPLATE, Message.created_at > clock.now() - TOLD_ONCE_IN
    )
    if session.scalar(told.limit(1)) is not None:
        return
    for address in addresses_of_role(session, Role.EDITOR):
        notify.send_email(session, to=address, template=FAILED_TEMPLATE, context={})


def _read(session: Session, link: CheckLink, opened: OpenLink, index: str, letter: Letter) -> None:
    heard = rules.heard_of(letter.text, read_words(letter.text))
    state = ReplyState.EDITOR if heard is Heard.NOTHING else ReplyState.WAITING
    template = {Heard.RIGHT: RIGHT_TEMPLATE, Heard.CHANGES: READ_TEMPLATE}.get(heard, EDITOR_TEMPLATE)
    if heard is Heard.NOTHING:
        _tell_editor(session, opened, letter.text)
    now = _write_back(session, link, template, letter, "/reply" if heard is Heard.CHANGES else "")
    link.replied_at = now.replied_at = clock.now()
    _keep(session, now, index, letter, state)


def _write_back(
    session: Session, link: CheckLink, template: str, letter: Letter, then: str = ""
) -> CheckLink:
    """Email a new link to the mailbox that had the old one: of the old one only the digest is known."""
    owner = Owner(link.to or "", link.account_id)
    rows = list(listings_of(session, owner))
    asked = {item.service_id: item.position for item in link.items}
    # In the order of the email that was answered, which is what "the second one" means.
    rows.sort(key=lambda row: asked.get(row.id, len(asked)))
    return links.send_check(
        session,
        owner,
        rows,
        template=template,
        then=then,
        dropped=letter.dropped,
        empty=not letter.text,
    )


def _keep(session: Session, link: CheckLink, index: str, letter: Letter, state: ReplyState) -> None:
    reply = Reply(
        letter_index=index,
        link_id=link.id,
        received_at=clock.now(),
        state=state,
        dropped=letter.dropped,
    )
    reply.text = letter.text if state is ReplyState.WAITING else None
    session.add(reply)
    session.flush()
    audit.record(session, SYSTEM, "reply.come", "reply", reply.id, state=state.value)


def _say_too_late(session: Session, link: CheckLink, index: str) -> None:
    """An old email was answered: say once how to do it by the page, and keep nothing of the words."""
    told = queries.was_told_late(session, link.id)
    letter = Letter(token="", key="", text="")
    _keep(session, link, index, letter, ReplyState.LATE)
    if not told:
        _write_back(session, link, LATE_TEMPLATE, letter)


def _is_too_much(session: Session, link: CheckLink) -> bool:
    """Whether this mailbox answers more often than anybody would by hand. An editor sees it; nothing is written back,
    so that two machines cannot go on answering one another."""
    try:
        throttle.count(session, Guess.REPORTING, f"reply {link.to_index}")
    except Throttled:
        return True
    return False


def _tell_editor(session: Session, opened: OpenLink, text: str) -> None:
    """Put the words where editors look. Several of one group are one report, which keeps the last of them."""
    if not text:
        return
    about = queries.meant(text, queries.names_of(session, opened))
    group = session.get_one(Service, about or opened.service_ids[0]).organization_id
    reports.tell(session, ReportKind.WROTE, about, group, text)


def confirm(
    session: Session,
    link: OpenLink,
    service_id: UUID,
    said: Mapping[str, str],
    expected_version: int,
    for_editor: str = "",
) -> Submitted | None:
    """Whoever wrote the reply says what of it is right: `said` goes on their page as any change, `for_editor` to an
    editor. Gives what became of the change, None where there was none.

    Raises `NotFound` where the listing is not of this link, and as `take_over`.
    """
    if service_id not in link.service_ids:
        raise NotFound
    done = None
    if said:
        done = take_over(session, link.actor, service_id, said, expected_version)
        listings.confirm(session, link.actor, service_id)
    if for_editor.strip():
        group = session.get_one(Service, service_id).organization_id
        reports.tell(session, ReportKind.WROTE, service_id, group, for_editor)
    for reply, row in queries.waiting_for_update(session, link.link_id):
        if len(link.service_ids) == 1 or _all_spoken_for(session, row):
            _end(session, reply, ReplyState.DONE)
    return done


def tidy(session: Session) -> None:
    """Drop the words of replies that nobody needs here now; those that nobody pressed for in two weeks an editor
    reads. Forget letters that came long ago."""
    for reply, link in queries.waiting_for_update(session):
        if _all_spoken_for(session, link):
            _end(session, reply, ReplyState.DONE)
        elif reply.received_at < clock.now() - ANSWER_WAITS:
            _give_up_waiting(session, reply, link)
    session.execute(delete(Reply).where(Reply.received_at < clock.now() - KNOWN_FOR))


def _give_up_waiting(session: Session, reply: Reply, link: CheckLink) -> None:
    text = reply.text or ""
    # "All is right" that nobody pressed for is asked again; an editor could do nothing with it.
    state = ReplyState.DONE if rules.says_all_right(text) else ReplyState.EDITOR
    _end(session, reply, state)
    if state is ReplyState.EDITOR:
        try:
            _tell_editor(session, links.opened(session, link), text)
        except NotFound:
            reply.state = ReplyState.DONE


def _all_spoken_for(session: Session, link: CheckLink) -> bool:
    """Whether every listing of the link was confirmed since it was sent."""
    asked = [item.service_id for item in link.items]
    open_ones = select(Service.id).where(
        Service.id.in_(asked),
        Service.confirmed_at.is_(None) | (Service.confirmed_at < link.created_at),
    )
    return session.scalar(open_ones.limit(1)) is None


def _end(session: Session, reply: Reply, state: ReplyState) -> None:
    reply.state, reply.text = state, None
    session.flush()
