"""How often somebody asked in this minute, counted for all workers of this computer together.

The counts stand in a small SQLite file of their own beside the product's data, so that reading the open data never
waits for, or takes, the write lock of the real database. It holds keyed digests and figures only, and may be lost at
any time.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from core.db import blind_index
from directory.openreferral.rules import WINDOW

log = logging.getLogger(__name__)

_TABLE = (
    "CREATE TABLE IF NOT EXISTS asked (who TEXT PRIMARY KEY, minute INTEGER NOT NULL, used INTEGER NOT NULL)"
)
_COUNT = """
INSERT INTO asked (who, minute, used) VALUES (?, ?, ?)
ON CONFLICT (who) DO UPDATE SET
  used = CASE WHEN minute = excluded.minute THEN used + excluded.used ELSE excluded.used END,
  minute = excluded.minute
RETURNING used
"""


def count(file: Path, who: str, cost: int, now: float) -> int:
    """Count a question of `who` (a network address or a key's id) at `now` (seconds); gives how much this minute holds.

    Where the file cannot be written nothing is counted: open data stays open.
    """
    minute = int(now // WINDOW)
    try:
        with closing(_open(file)) as connection, connection:
            used = int(connection.execute(_COUNT, (blind_index("api", who), minute, cost)).fetchone()[0])
            if used == cost:
                connection.execute("DELETE FROM asked WHERE minute < ?", (minute - 1,))
            return used
    except sqlite3.Error:
        log.warning("the open API cannot count who asks", exc_info=True)
        return 0


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=1)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(_TABLE)
    return connection
