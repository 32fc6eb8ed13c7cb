"""What is kept of a form that is not sent yet, and for how long. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from core.errors import Invalid

Fields = tuple[tuple[str, str], ...]

# The forms about an episode whose words are kept while they are typed.
FORMS = frozenset({"contact", "pause", "close", "need", "goal", "action", "feedback"})
# A letter, text or email, each kept by itself: its beginning, what it is about, how it goes, and in which language.
LETTERS = "letter-"
# The answers to one measure: its name, and the goal that they are about, where there is one.
MEASURE = "measure"
# A worry: whose copy of a record may hold it is decided as for worries that were sent. What was done about it, too.
WORRY = "worry"
WORRY_DONE = f"{WORRY}-done"
# What an officer begins to write about a request or a hold: work on the record, which is in no copy of it.
RIGHTS = "rights"
# What a group would be told, for each activity by itself: see `place`.
REFERRAL = "refer"
# The forms about an episode of which there are many: how the names of each begin, and what follows.
FAMILIES: Mapping[str, re.Pattern[str]] = {
    LETTERS: re.compile(r"[a-z]{1,16}-[a-z]{1,16}(-[A-Za-z-]{2,8})?"),
    f"{MEASURE}-": re.compile(r"[a-z0-9-]{1,16}(-[0-9a-f]{32})?"),
    f"{REFERRAL}-": re.compile(r"[0-9a-f]{32}"),
}
KEPT_FOR = timedelta(days=14)
# What is about many people, or about nobody whom we could tell yet, goes sooner.
OTHERS_KEPT_FOR = timedelta(days=7)
MOST_FIELDS = 60
LONGEST = 20_000
# What travels with every form and belongs to one sending only, and what somebody agrees to: that is asked anew.
_NEVER = frozenset(
    {"csrf_token", "idempotency_key", "version", "step", "sure", "share_offer", "share_accepted"}
)


def is_kept(form: str) -> bool:
    """Whether the words of the form of this name, which is about an episode, are kept."""
    return form in FORMS or any(
        form.startswith(begins) and goes_on.fullmatch(form, len(begins)) is not None
        for begins, goes_on in FAMILIES.items()
    )


@dataclass(frozen=True)
class About:
    """Whose record words belong to: that of an episode, that of a person, or nobody's."""

    episode_id: UUID | None = None
    person_id: UUID | None = None


NOBODY = About()


def is_worry(form: str) -> bool:
    """Whether what is kept under this name is a worry about somebody, or what was done about one."""
    return form == WORRY or form.startswith(f"{WORRY}-")


def is_new_worry(form: str) -> bool:
    """Whether it is a worry that nobody else knows of yet."""
    return is_worry(form) and not form.startswith(f"{WORRY_DONE}-")


def is_rights_work(form: str) -> bool:
    """Whether what is kept under this name is an officer's own work on what somebody asked."""
    return form.startswith(f"{RIGHTS}-")


def place(form: str, about_id: UUID | None = None) -> str:
    """Where the words of a form are kept that is not about one episode: its name, with what it was opened about."""
    return f"{form}-{about_id.hex}" if about_id is not None else form


def to_keep(pairs: Iterable[tuple[str, str]], also: Collection[str] = ()) -> Fields:
    """What is kept of what was typed: every answer that is not empty; of what belongs to one sending, only what is
    named in `also`. Raises Invalid for more than a form holds."""
    never = _NEVER - set(also)
    kept = tuple((name, text) for name, text in pairs if name not in never and text.strip())
    if len(kept) > MOST_FIELDS or sum(len(name) + len(text) for name, text in kept) > LONGEST:
        raise Invalid("That is too much to keep. Shorten the text.")
    return kept


def to_text(fields: Fields) -> str:
    """The fields as JSON text."""
    return json.dumps(fields)


def from_text(text: str) -> Fields:
    """Undo `to_text`."""
    return tuple((str(name), str(value)) for name, value in json.loads(text))
