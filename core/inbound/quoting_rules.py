"""What is new in an email that answers another: without what it quotes, its greeting and its signature. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUOTE = re.compile(r"^\s*>")
# "On Monday somebody wrote:", which mail programs break over up to three lines.
_SOMEBODY_WROTE = re.compile(r"^\s*on\b.{5,300}\bwrote:?\s*$", re.IGNORECASE)
_WROTE_LINES = 3
_SEPARATOR = re.compile(
    r"^\s*(?:-{2,}\s*(?:original|forwarded|begin forwarded)\b|begin forwarded message:)", re.IGNORECASE
)
# Outlook puts the head of what it answers below, one line each and in any order.
_HEAD = re.compile(r"^\s*\*?(?:from|sent|date|to|subject):", re.IGNORECASE)
_HEAD_LINES = 4
_RULE = re.compile(r"^\s*[_-]{8,}\s*$")
_DASHES = re.compile(r"^\s*--\s*$")
_SENT_FROM = re.compile(
    r"^\s*(?:sent (?:from|via|using) (?:my |the )?[\w .&-]{2,40}|get outlook for \w+.*|sent from .{2,60}<https?://\S+>)\s*$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"^\s*(?:(?:many |with )?thanks(?: you)?(?: so much| very much| again| a lot| in advance| and best wishes)?"
    r"|thank you(?: so much| very much| again)?"
    r"|(?:kind(?:est)?|best|warm(?:est)?|with (?:kind|best)) (?:regards|wishes)"
    r"|regards|best|all the best|cheers|ta|yours(?: sincerely| faithfully| truly)?|sincerely)\s*[,.!]*\s*$",
    re.IGNORECASE,
)
# The shortest line that mail programs fill before they break it.
_WRAPPED_AT = 66
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening))\b(?:[ ,]+[\w'.-]+){0,4}\s*[,.!:]*\s*$",
    re.IGNORECASE,
)


def without_quotes(text: str) -> str:
    """The text without the email that it answers, whether the answer stands above it, below it or between its lines."""
    lines = re.sub(r"\r\n?", "\n", text).split("\n")
    return "\n".join(_own_lines(lines)).strip()


def _own_lines(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        taken = _attribution(lines, at)
        if taken:
            if not _quotes_follow(lines, at + taken):
                # Nothing marks where what it quotes ends: all the rest is that.
                return
            at += taken
        elif _SEPARATOR.search(lines[at]) or _head_begins(lines, at):
            return
        else:
            if not _QUOTE.search(lines[at]):
                yield lines[at]
            at += 1


def _attribution(lines: list[str], at: int) -> int:
    """How many lines from here on say who wrote what follows; 0 where none do."""
    for many in range(1, _WROTE_LINES + 1):
        if _SOMEBODY_WROTE.search(" ".join(lines[at : at + many])):
            return many
    return 0


def _quotes_follow(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return bool(_QUOTE.search(following))


def _head_begins(lines: list[str], at: int) -> bool:
    """Whether a head like Outlook's begins here, perhaps below a ruled line."""
    if _RULE.search(lines[at]):
        rest = [line for line in lines[at + 1 : at + 3] if line.strip()]
        return bool(rest) and bool(_HEAD.search(rest[0]))
    return sum(bool(_HEAD.search(line)) for line in lines[at : at + _HEAD_LINES]) >= 3 and bool(
        _HEAD.search(lines[at])
    )


def new_words(text: str) -> str:
    """What somebody wrote in answer: without quotes, without their greeting, without their signature.

    A signature ends the answer, for whose telephone number stands in it is not said.
    """
    kept: list[str] = []
    said = False
    for line in without_quotes(text.replace("\xa0", " ").replace("\u200b", "")).split("\n"):
        plain = " ".join(line.split())
        if _DASHES.search(plain) or _SENT_FROM.search(plain):
            break
        if _SIGN_OFF.search(plain):
            if said:
                break
            continue
        if not said and _GREETING.search(plain):
            continue
        said = said or bool(plain)
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_unwrapped(kept))).strip()


def _unwrapped(lines: list[str]) -> list[str]:
    """The lines without the breaks that a mail program made because the next word had no room."""
    whole: list[str] = []
    last = ""
    for line in lines:
        first, *_ = line.split(maxsplit=1) or [""]
        if first and last and len(last) + 1 + len(first) > _WRAPPED_AT:
            whole[-1] += f" {line.strip()}"
        else:
            whole.append(line)
        last = line
    return whole
