"""What people look for, for the access matrix."""

from __future__ import annotations

from uuid import uuid4

from tests.contract.subjects import Cell, Subject, subject


@subject("insight.record_gap")
def _gap(cell: Cell) -> Subject:
    return Subject(form={"need": "food", "ward": "", "words": "", "idempotency_key": str(uuid4())})
