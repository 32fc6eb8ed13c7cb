"""Many referrals at once: what each row of a file would do, and doing it, each row once however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid5

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, Refused
from core.idempotency import services as idempotency
from core.idempotency.models import IdempotencyKey
from core.spreadsheets import live
from prescribing.episodes import intake, known
from prescribing.episodes.asking_forms import ReferForm, is_whole
from prescribing.episodes.content import RequestContent
from prescribing.episodes.models import RequestSource, SupportRequest
from prescribing.episodes.queries import need_names
from prescribing.partners.rules import Row, as_boxes, odd_answers, read_rows
from prescribing.people.same_rules import Sameness, sameness


class Fate(StrEnum):
    """What becomes of a row."""

    READY = "ready"
    MEND = "mend"
    ALREADY = "already"
    SENT = "sent"


@dataclass(frozen=True)
class Checked:
    """One row: what it would do, or did; what to mend; and the reference of what it made or may be like."""

    row: Row
    name: str
    fate: Fate
    problems: tuple[str, ...] = ()
    reference: str = ""
    request_id: UUID | None = None


@dataclass(frozen=True)
class _Wanted:
    """A row that can be sent: its content, and whose it is by the sender's word."""

    content: RequestContent
    same_as: UUID | None
    apart: bool


def check(session: Session, actor: Actor, partner_id: UUID, text: str) -> tuple[Checked, ...]:
    """What sending this file would do, row by row; nothing is kept. Raises `Invalid` for what is no such file."""
    return tuple(line for line, _wanted in _read(session, actor, partner_id, text))


def send(session: Session, actor: Actor, partner_id: UUID, text: str) -> tuple[Checked, ...]:
    """Send every row that is ready, once: the others stay as they are. Raises `Invalid` for what is no such file."""
    done: list[Checked] = []
    for line, wanted in _read(session, actor, partner_id, text):
        if wanted is None:
            done.append(line)
            continue
        key = _key(partner_id, line.row)
        try:
            with session.begin_nested():
                if idempotency.earlier(session, key) is not None:
                    done.append(_checked(line, Fate.ALREADY))
                    continue
                request, _episode = intake.submit_request(
                    session,
                    actor,
                    wanted.content,
                    RequestSource.PARTNER,
                    partner_id=partner_id,
                    same_as=wanted.same_as,
                    apart=wanted.apart,
                )
                idempotency.remember(session, key, str(request.id))
        except (Invalid, Refused) as problem:
            done.append(_checked(line, Fate.MEND, (problem.message,)))
            continue
        done.append(_checked(line, Fate.SENT, reference=request.reference, request_id=request.id))
    sent = sum(line.fate is Fate.SENT for line in done)
    audit.record(session, actor, "request.bulk", "partner", partner_id, sent=sent, rows=len(done))
    return tuple(done)


def _read(
    session: Session, actor: Actor, partner_id: UUID, text: str
) -> list[tuple[Checked, _Wanted | None]]:
    if partner_id not in actor.partner_ids():
        raise Refused("Choose the organisation that you refer for.")
    needs = need_names(session)
    found: list[tuple[Checked, _Wanted | None]] = []
    before: list[tuple[int, RequestContent]] = []
    for raw in read_rows(text):
        row = replace(raw, texts={box: live(cell) for box, cell in raw.texts.items()})
        line, wanted = _row(session, actor, partner_id, row, needs, before)
        if wanted is not None:
            before.append((row.line, wanted.content))
        found.append((line, wanted))
    return found


def _row(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    row: Row,
    needs: dict[str, str],
    before: Sequence[tuple[int, RequestContent]],
) -> tuple[Checked, _Wanted | None]:
    name = row.texts.get("name", "").strip()[:120]
    line = Checked(row, name, Fate.READY)
    sent = _sent_before(session, partner_id, row)
    if sent is not None:
        return _checked(line, Fate.ALREADY, reference=sent.reference, request_id=sent.id), None
    if row.is_example:
        return _checked(line, Fate.MEND, ("This is the example of the template. Take the row out.",)), None
    boxes: MultiDict[str, str] = MultiDict()
    for box, values in as_boxes(row, needs).items():
        boxes.setlist(box, values)
    boxes["partner_id"] = str(partner_id)
    form = ReferForm(formdata=boxes)
    form.offer(list(needs.items()), [(partner_id, "")])
    whole, odd = is_whole(form, RequestSource.PARTNER), odd_answers(row, needs)
    if odd or not whole:
        return _checked(line, Fate.MEND, tuple((dict(form.problems()) | odd).values())), None
    content = form.content()
    same, answer = row.texts.get("same", "").strip().casefold(), known.marks_of(content)
    earlier = known.own_earlier(session, actor, partner_id, content)
    apart = same in {"no", "other", "somebody else"}
    chosen = next((each for each in earlier if each.reference.casefold() == same and not each.is_draft), None)
    if earlier and chosen is None and not apart:
        ways = " or ".join(each.reference for each in earlier)
        words = f"You may have sent them already: {ways}. Under “Sent before”, write that reference, or “no”."
        return _checked(line, Fate.MEND, (words,), reference=earlier[0].reference), None
    twin = next(
        (number for number, other in before if sameness(answer, known.marks_of(other)) is not Sameness.NO),
        None,
    )
    if twin is not None and not apart:
        words = (
            f"This may be the same person as in line {twin}. Take one out, or write “no” under “Sent before”."
        )
        return _checked(line, Fate.MEND, (words,)), None
    return line, _Wanted(content, chosen.request_id if chosen else None, apart)


def _sent_before(session: Session, partner_id: UUID, row: Row) -> SupportRequest | None:
    """What this very row made when it was sent before."""
    kept = session.get(IdempotencyKey, str(_key(partner_id, row)))
    return session.get(SupportRequest, UUID(kept.location)) if kept is not None and kept.location else None


def _key(partner_id: UUID, row: Row) -> UUID:
    return uuid5(partner_id, sha256(row.words.encode("utf-8", "replace")).hexdigest())


def _checked(
    line: Checked,
    fate: Fate,
    problems: tuple[str, ...] = (),
    *,
    reference: str = "",
    request_id: UUID | None = None,
) -> Checked:
    return Checked(line.row, line.name, fate, problems, reference, request_id)
