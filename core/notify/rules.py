"""How somebody takes what is written to them: its form, their language, and what a message adds for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.notify.tongue_rules import Tongue, needs_none, tongue_of, tongues_of


class Format(StrEnum):
    """How something written is laid out. All of them say the same."""

    PLAIN = "plain"
    LARGE = "large"
    EASY = "easy"
    LISTEN = "listen"


# What people say of themselves, the most telling first.
_ASKED = (
    (Format.EASY, ("easy read", "easy-read", "learning disab", "pictures")),
    (
        Format.LISTEN,
        ("audio", "read aloud", "read out", "blind", "cannot read", "screen reader", "recording"),
    ),
    (Format.LARGE, ("large print", "big print", "large letters", "eyesight", "sight", "macular")),
)


def format_for(needs: str) -> Format:
    """The form that somebody's communication needs, in their own words, ask for; plain where they ask for none."""
    said = needs.casefold()
    for form, words in _ASKED:
        if any(word in said for word in words):
            return form
    return Format.PLAIN


@dataclass(frozen=True)
class Language:
    """A language in which we can say one thing: that an interpreter can be asked for. `code` is its BCP 47 tag."""

    code: str
    asks: str
    from_right: bool = False

    def offer(self, phone: str) -> str:
        """The sentence with our number. Among words from right to left the parts of a number would change places, so
        there it stands between marks that keep them in order."""
        return self.asks.format(phone=f"\u2066{phone}\u2069" if self.from_right else phone)


ENGLISH = Language("en", "You can ask for an interpreter. Ring {phone}.")
# The sentence says in each: you can ask for an interpreter; ring this number.
_ASKS: Mapping[str, str] = MappingProxyType(
    {
        "ur": "آپ ترجمان کی درخواست کر سکتے ہیں۔ {phone} پر فون کریں۔",
        "pa": "ਤੁਸੀਂ ਦੁਭਾਸ਼ੀਏ ਦੀ ਮੰਗ ਕਰ ਸਕਦੇ ਹੋ। {phone} 'ਤੇ ਫ਼ੋਨ ਕਰੋ।",
        "pl": "Może Pan/Pani poprosić o tłumacza. Proszę zadzwonić pod numer {phone}.",
        "ar": "يمكنك طلب مترجم شفوي. اتصل بالرقم {phone}.",
        "ro": "Puteți cere un interpret. Sunați la {phone}.",
        "bn": "আপনি একজন দোভাষী চাইতে পারেন। {phone} নম্বরে ফোন করুন।",
        "fa": "می‌توانید مترجم شفاهی بخواهید. با شمارهٔ {phone} تماس بگیرید.",
        "zh-Hant": "您可以要求提供口譯員。請致電 {phone}。",
        "zh-Hans": "您可以要求提供口译员。请拨打 {phone}。",
    }
)


def language_of(interpreter: str) -> Language | None:
    """The language in which to offer an interpreter, of what stands written about one; plain English where we have no
    words in theirs, none where they need no interpreter."""
    if needs_none(interpreter):
        return None
    known = (one for one in tongues_of(interpreter) if one.code in _ASKS)
    return next((Language(one.code, _ASKS[one.code], one.from_right) for one in known), ENGLISH)


@dataclass(frozen=True)
class Manner:
    """How one reader takes what we write. `language` is none where they need no interpreter; `reads` is the language in
    which they are written to where somebody translated the words, none for English."""

    form: Format = Format.PLAIN
    language: Language | None = None
    reads: Tongue | None = None


PLAIN = Manner()


def manner_for(communication: str, interpreter: str) -> Manner:
    """The manner of somebody with these communication needs and this interpreter, in their own words."""
    return Manner(format_for(communication), language_of(interpreter), tongue_of(interpreter))


def laid_out(words: str, form: Format) -> tuple[tuple[str, ...], ...]:
    """Paragraphs of lines. Easy read gives every sentence a line of its own."""
    parts = (part.split("\n") for part in re.split(r"\n\s*\n", words.replace("\r\n", "\n").strip()))
    lines = (tuple(line.strip() for line in part if line.strip()) for part in parts)
    if form is not Format.EASY:
        return tuple(part for part in lines if part)
    return tuple(
        tuple(sentence for line in part for sentence in re.split(r"(?<=[.?!])\s+", line))
        for part in lines
        if part
    )


@dataclass(frozen=True)
class Piece:
    """A stretch of a line: words, or an address that the words lead to."""

    words: str
    address: str = ""


def pieces(line: str) -> tuple[Piece, ...]:
    """A line with its web addresses told apart, for a layout in which they are links."""
    parts = re.split(r"(https?://\S*[\w/])", line)
    return tuple(Piece(part, part if at % 2 else "") for at, part in enumerate(parts) if part)
