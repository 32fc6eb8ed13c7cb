"""What a resident keeps, says and shares by themself, for the access matrix."""

from __future__ import annotations

from core.access.rules import PUBLIC, Place
from core.accounts.sessions import digest_of
from prescribing.residents import drafts
from prescribing.residents.models import AskDraft
from tests import build
from tests.contract.subjects import Cell, Subject, subject
from tests.contract.subjects_episodes import created


@subject("ask.send")
def _ask(cell: Cell) -> Subject:
    build.place(cell.session, Place.TEAM)
    return Subject(form=created(who="me", name="Sam Example", phone="0161 496 0001"))


@subject("ask.resume", "ask.link", "ask.follow")
def _saved(cell: Cell) -> Subject:
    kept = drafts.keep(cell.session, PUBLIC, {"name": "Sam Example"})
    token = f"a-link-to-go-on-{build.number()}"
    cell.session.get_one(AskDraft, kept.id).link_digest = digest_of(token)
    return Subject({"token": token}, form={"reference": kept.reference, "code": kept.code})
