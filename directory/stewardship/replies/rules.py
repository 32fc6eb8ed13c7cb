"""What an answer to our email says: that all is right, what a listing can hold, or what an editor must read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from directory.stewardship.words.rules import Confidence, Read, Reading

K = TypeVar("K")


class Heard(StrEnum):
    """What a reply is taken for."""

    RIGHT = "right"
    CHANGES = "changes"
    NOTHING = "nothing"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words of which an answer is made that says that all is right, and nothing else.
_YES = _set(
    "yes yep yeah yup aye right correct good fine ok okay true accurate current same unchanged confirmed confirm"
    " perfect date"
)
_BESIDE = _set(
    "it it's its is are that that's this all everything everything's they they're still the our we as before up to at"
    " moment for us here now very just quite exactly absolutely looks look page pages listing listings details entry"
    " information times both can i so far too and with me"
    " thanks thank you many much again asking checking reminder your email hi hello dear kind best regards wishes"
    " cheers ta have a nice day weekend morning afternoon evening problem"
)
_NO_CHANGE = re.compile(
    r"\b(?:no[ ,]+)?(?:(?:there (?:are|is|have been|has been) )?(?:no|not any) (?:further |other )?"
    r"(?:changes?|updates?|amendments?)(?: (?:needed|required|to (?:make|report)))?"
    r"|nothing(?: has| is|'s)? (?:changed|different|new))\b"
)
_CONTACT = ("phone", "email", "url")
# What stands beside a number in a signature.
_LABELS = _set("t m tel telephone phone mob mobile e mail email w web website www call ring us on or and at")


def heard_of(text: str, reading: Reading) -> Heard:
    """What a reply is taken for. It says that all is right only where it says nothing else."""
    if says_all_right(text):
        return Heard.RIGHT
    return Heard.CHANGES if reading.found else Heard.NOTHING


def says_all_right(text: str) -> bool:
    """Whether the text says that all is right, and is made of nothing but words that say so, or are friendly. Any
    other word, a "not" or a number among them, may be a change."""
    plain = _NO_CHANGE.sub("unchanged", text.casefold().replace("\u2019", "'"))
    words = set(re.findall(r"[^\W_]+(?:'[^\W_]+)?", plain))
    return bool(words & _YES) and words <= _YES | _BESIDE


def named_in(text: str, names: Mapping[K, str]) -> K | None:
    """The one of several listings that the text names; None where it names none, or more than one."""
    said = _words(text)
    hits = [key for key, name in names.items() if f" {_words(name).strip()} " in said]
    if len(hits) > 1:
        # "Tea" stands in "Tea and talk" as well: the longer name is meant.
        longest = max(hits, key=lambda key: len(names[key]))
        others = [key for key in hits if key != longest]
        hits = [longest] if all(_words(names[one]) in _words(names[longest]) for one in others) else []
    return hits[0] if hits else None


def _words(text: str) -> str:
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    return f" {words} "


def ticked(found: Iterable[Read]) -> list[str]:
    """The fields that are ticked before anybody looked: not a guess, and not a number or an address that stands alone
    in its line, which may be out of a signature."""
    return [one.name for one in found if one.confidence is not Confidence.GUESS and not _stands_alone(one)]


def _stands_alone(one: Read) -> bool:
    if one.name not in _CONTACT:
        return False
    line = re.sub(r"\S+@\S+|(?:https?://|www\.)\S+|\b\S+\.\S+/?\S*", " ", one.words.casefold())
    return set(re.findall(r"[a-z]+", line)) <= _LABELS
