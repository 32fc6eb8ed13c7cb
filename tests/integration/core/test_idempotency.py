"""One click is one thing, however often the browser sends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from flask import Flask, get_flashed_messages
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from core import clock
from core.db import db, new_id
from core.idempotency import services as idempotency
from core.idempotency.models import IdempotencyKey
from core.jobs.models import Worker
from core.web.forms import CreateForm
from core.web.sending import only_once

AT_ONCE = 10
KEYS = 100


def make_something(session: Session, key: UUID) -> str:
    """What a view does: ask, make, remember. Gives where it led."""
    first = idempotency.earlier(session, key)
    if first is not None:
        return first
    made = Worker(id=new_id(), started_at=clock.now(), seen_at=clock.now())
    session.add(made)
    session.flush()
    idempotency.remember(session, key, f"/made/{made.id}")
    session.commit()
    return f"/made/{made.id}"


def test_ten_at_once_with_one_key_make_one_row(app: Flask) -> None:
    keys = [uuid4() for _ in range(KEYS)]
    start = Barrier(AT_ONCE)

    def click(_number: int) -> list[str]:
        led = []
        for key in keys:
            start.wait(timeout=30)
            with app.app_context():
                led.append(make_something(db.session(), key))
        return led

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(click, range(AT_ONCE)))
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Worker)) == KEYS
    assert all(result == results[0] for result in results)
    assert len(set(results[0])) == KEYS


def test_a_sending_that_came_to_nothing_leaves_its_key_free(session: Session) -> None:
    key = uuid4()
    assert idempotency.earlier(session, key) is None
    session.rollback()
    assert idempotency.earlier(session, key) is None
    idempotency.remember(session, key, "/made/1")
    session.commit()
    assert idempotency.earlier(session, key) == "/made/1"


@pytest.mark.parametrize(
    ("said", "there"), [("", ""), ("Sent.", ""), ("", "/board?ids=1"), ("Sent.", "//evil")]
)
def test_a_second_sending_is_answered_where_the_first_one_led(app: Flask, said: str, there: str) -> None:
    key = str(uuid4())
    with app.test_request_context("/", method="POST", data={"idempotency_key": key}):
        form = CreateForm()
        assert form.validate()
        only_once(form, said=said, there=there)
        idempotency.remember(db.session(), form.key, "/made/1")
        db.session.commit()
        with pytest.raises(HTTPException) as answered:
            only_once(form, said=said, there=there)
        answer = answered.value.get_response()
        assert answer.status_code == 303
        assert answer.headers["Location"] == {"": "/made/1", "//evil": "/"}.get(there, there)
        assert get_flashed_messages() == ([said] if said else [])


def test_old_keys_are_forgotten(session: Session) -> None:
    session.add(IdempotencyKey(key=str(uuid4()), created_at=clock.now() - idempotency.KEPT_FOR * 2))
    idempotency.earlier(session, uuid4())
    idempotency.forget_old(session)
    assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1
