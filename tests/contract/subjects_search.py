"""Words that mean the same, for the access matrix."""

from __future__ import annotations

from uuid import uuid4

from migrations.synonym_seeds import ENTRIES, id_of
from tests.contract.subjects import Cell, Subject, subject

FORM = {"same": "tea\nbrew up", "typed": "cuppa", "need": "food"}


@subject("synonyms.add")
def _new_words(cell: Cell) -> Subject:
    return Subject(form={**FORM, "idempotency_key": str(uuid4())})


@subject("synonyms.entry", "synonyms.change", "synonyms.remove")
def _words(cell: Cell) -> Subject:
    form = {**FORM, "idempotency_key": str(uuid4()), "version": "1"}
    return Subject({"ring_id": id_of(ENTRIES[0])}, form=form)


@subject("synonyms.put_back")
def _earlier_words(cell: Cell) -> Subject:
    return Subject({"ring_id": id_of(ENTRIES[0])}, form={"number": "1"})
