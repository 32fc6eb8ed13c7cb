"""What SQLite has read and deciphered once is there for the next request, and takes no more memory than it may."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from core.db import db
from core.engines import SQLITE_CACHE, SQLITE_CACHES

pytestmark = pytest.mark.databases("sqlite")


def test_the_connection_that_was_used_last_is_used_next(app: Flask) -> None:
    with app.app_context():
        one, other = db.engine.connect(), db.engine.connect()
        last = other.connection.driver_connection
        one.close()
        other.close()
        for _again in range(3):
            with db.engine.connect() as following:
                assert following.connection.driver_connection is last


def test_what_is_kept_is_bounded_for_a_connection_and_for_the_process(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA cache_size")) == -SQLITE_CACHE // 1024
        assert connection.scalar(text("PRAGMA soft_heap_limit")) == SQLITE_CACHES
