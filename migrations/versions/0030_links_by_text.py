"""A link to sign in goes by text as well, to whoever has a mobile and perhaps no email address.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import blind_index, sealed_context, unseal

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_LINKS = ("invitation", "password-reset", "sign-in")
_CODES = ("sign-in", "answer-link")
_AT_ONCE = 1000


def _purpose(*values: str) -> sa.Enum:
    return sa.Enum(*values, name="linkpurpose", native_enum=False, create_constraint=True, length=24)


def _code(length: int, *values: str) -> sa.Enum:
    return sa.Enum(*values, name="codepurpose", native_enum=False, create_constraint=True, length=length)


_OLD_CODE = _code(21, *_CODES)
_NEW_CODE = _code(26, "sign-in", "sign-in-emailed", "sign-in-read-out", "answer-link")
_FIRST = sa.Enum(
    "typed",
    "emailed-link",
    "texted-link",
    name="firststep",
    native_enum=False,
    create_constraint=True,
    length=22,
)


def upgrade() -> None:
    """Find accounts by their mobile, too; say how a session began; tell codes apart by how they came."""
    with op.batch_alter_table("accounts") as batch:
        batch.alter_column("email_index", existing_type=sa.String(length=64), nullable=True)
        batch.add_column(sa.Column("mobile_index", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("words_hash", sa.String(length=200), nullable=True))
        batch.create_index(op.f("ix_accounts_mobile_index"), ["mobile_index"])
    with op.batch_alter_table("sign_in_sessions") as batch:
        batch.add_column(sa.Column("came_by", _FIRST, nullable=True))
    _change("emailed_links", _purpose(*_LINKS), _purpose(*_LINKS, "sign-in-text"))
    _change("one_time_codes", _OLD_CODE, _NEW_CODE)
    _index_mobiles()


def downgrade() -> None:
    """Drop what only a text brought about; whoever has no email address cannot come in any more."""
    op.execute("DELETE FROM emailed_links WHERE purpose = 'sign-in-text'")
    op.execute("DELETE FROM one_time_codes WHERE purpose IN ('sign-in-emailed', 'sign-in-read-out')")
    _change("one_time_codes", _NEW_CODE, _OLD_CODE)
    _change("emailed_links", _purpose(*_LINKS, "sign-in-text"), _purpose(*_LINKS))
    with op.batch_alter_table("sign_in_sessions") as batch:
        batch.drop_constraint(op.f("ck_sign_in_sessions_firststep_came_by"), type_="check")
        batch.drop_column("came_by")
    _fill_email_index()
    with op.batch_alter_table("accounts") as batch:
        batch.drop_index(op.f("ix_accounts_mobile_index"))
        batch.drop_column("words_hash")
        batch.drop_column("mobile_index")
        batch.alter_column("email_index", existing_type=sa.String(length=64), nullable=False)


def _change(table: str, before: sa.Enum, after: sa.Enum) -> None:
    with op.batch_alter_table(table) as batch:
        batch.alter_column("purpose", existing_type=before, type_=after, existing_nullable=False)


_accounts = sa.table(
    "accounts",
    sa.column("id", sa.Uuid()),
    sa.column("email_index", sa.String()),
    sa.column("mobile_sealed", sa.LargeBinary()),
    sa.column("mobile_index", sa.String()),
)


def _index_mobiles() -> None:
    found = op.get_bind().execute(
        sa.select(_accounts.c.id, _accounts.c.mobile_sealed).where(_accounts.c.mobile_sealed.is_not(None))
    )
    _write(
        "mobile_index",
        [
            {"row_id": row_id, "index": blind_index("account-mobile", number)}
            for row_id, sealed in found
            if (number := unseal(sealed, sealed_context("Account", row_id, "mobile_sealed")))
        ],
    )


def _fill_email_index() -> None:
    found = op.get_bind().scalars(sa.select(_accounts.c.id).where(_accounts.c.email_index.is_(None)))
    _write(
        "email_index",
        [{"row_id": row_id, "index": blind_index("account-no-email", str(row_id))} for row_id in found],
    )


def _write(column: str, changed: list[dict[str, object]]) -> None:
    update = (
        _accounts.update()
        .where(_accounts.c.id == sa.bindparam("row_id"))
        .values({column: sa.bindparam("index")})
    )
    for start in range(0, len(changed), _AT_ONCE):
        op.get_bind().execute(update, changed[start : start + _AT_ONCE])
