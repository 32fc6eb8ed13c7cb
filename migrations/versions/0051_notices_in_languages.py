"""What goes out by itself, and the subjects of emails, in the languages that translators gave.

Revision ID: 0051
Revises: 0049
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0049"
branch_labels = None
depends_on = None

_TABLES = ("letter_versions", "letter_wishes")
_LETTERS = ("tried", "appointment", "agreed", "expected", "goodbye")
_NOTICES = (
    *("letter", "request-received", "message-waiting", "plan-ready", "questions"),
    *("session-off", "session-moved", "session-on", "invitation", "sign-in-open", "sign-in-link"),
    *("sign-in-code", "password-reset", "password-changed"),
)
_MEDIA = ("letter", "message")


def upgrade() -> None:
    """Allow them."""
    _change("kind", _LETTERS, "wording", (*_LETTERS, *_NOTICES))
    _change("medium", _MEDIA, "medium", (*_MEDIA, "subject"))


def downgrade() -> None:
    """Take them away."""
    for table in _TABLES:
        rows = sa.table(table, sa.column("kind", sa.String()), sa.column("medium", sa.String()))
        op.execute(rows.delete().where(sa.or_(rows.c.kind.in_(_NOTICES), rows.c.medium == "subject")))
    _change("wording", (*_LETTERS, *_NOTICES), "kind", _LETTERS)
    _change("medium", (*_MEDIA, "subject"), "medium", _MEDIA)


def _change(name: str, before: tuple[str, ...], after_name: str, after: tuple[str, ...]) -> None:
    """Hold the column of the enumeration `name` to other values, under another name."""
    column = "medium" if name == "medium" else "kind"
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_{name}_{column}"), type_="check")
            batch.alter_column(
                column, existing_type=_text(before), type_=_text(after), existing_nullable=False
            )
            batch.create_check_constraint(
                op.f(f"ck_{table}_{after_name}_{column}"), sa.column(column).in_(after)
            )


def _text(values: tuple[str, ...]) -> sa.String:
    return sa.String(max(map(len, values)) + 10)
