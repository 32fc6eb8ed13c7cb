"""Doing what a form asks for: what its reader can mend is put beside the box where it is mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.db import db
from core.errors import Conflict, Invalid, Refused
from core.web.forms import Form, VersionedForm

# What whoever comes second is told, before what to look at.
SECOND = (
    "Somebody else has changed this. What you typed is still here: read how it stands, then send it again."
)


def refused(
    form: Form,
    act: Callable[[], object],
    *,
    version: int | None = None,
    over: str = "",
    boxes: Mapping[str, str] | None = None,
) -> bool:
    """Whether `act` met a problem that the reader can mend, which then stands on the form; nothing is kept of it.

    With the record's `version` as it is now, whoever comes second keeps what was typed and may send it again; `over`
    says why that is of no use any more, where it is so, and is told instead. `boxes`
    says which box of the form takes a field that the service calls otherwise.
    """
    try:
        act()
    except Conflict:
        if version is None or not isinstance(form, VersionedForm):
            raise
        db.session.rollback()
        form.version.data = str(version)
        form.add_error(None, over or SECOND)
    except (Invalid, Refused) as problem:
        db.session.rollback()
        field = problem.field if isinstance(problem, Invalid) else None
        form.add_error((boxes or {}).get(field or "", field), problem.message)
    else:
        return False
    return True
