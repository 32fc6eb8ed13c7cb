"""Letters that come in by email: the address that says what one answers, what no person wrote, and its words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from hashlib import sha256
from html import unescape

from core.inbound.quoting_rules import new_words

# Of a letter so much is read: its words stand before what is attached.
LARGEST = 2_000_000
LONGEST_TEXT = 20_000
TOKEN_LENGTH = 32
_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_BY_MACHINE = frozenset({"bulk", "junk", "list", "auto_reply"})
_LISTS = ("list-id", "list-post", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-auto-reply")
_NOBODY = re.compile(r"\b(?:mailer-daemon|postmaster)@", re.IGNORECASE)
_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|undeliver|undelivered mail"
    r"|delivery (?:status notification|has failed)|mail delivery (?:failed|failure)|returned mail|failure notice)",
    re.IGNORECASE,
)
# Stands where the letters were not known.
_UNKNOWN = "\ufffd"
# What is read of a broken letter may fail in any of these ways.
_BROKEN = (MessageError, LookupError, ValueError, AttributeError, TypeError)


@dataclass(frozen=True, slots=True)
class Letter:
    """One email that answers one of ours. `key` is the same for the same letter sent twice; `text` is what is new in
    it; `dropped` counts what was attached and not taken; `is_automatic` says that no person wrote it."""

    token: str = field(repr=False)
    key: str = field(repr=False)
    text: str = field(repr=False)
    dropped: int = 0
    is_automatic: bool = False


def address_with(address: str, token: str) -> str:
    """The address by which an answer is known: "listings+0f3c...@example.org"."""
    name, _, domain = address.partition("@")
    return f"{name}+{token}@{domain}"


def read_letter(raw: bytes, address: str) -> Letter | None:
    """The letter in these bytes (RFC 5322), None where it is not addressed to `address` with a token."""
    message = message_from_bytes(raw[:LARGEST], policy=policy.default)
    heads = _heads(message)
    token = _token(heads, address)
    if token is None:
        return None
    automatic = _is_automatic(heads)
    return Letter(
        token=token,
        key=heads.get("message-id", [""])[0].strip()[:500] or sha256(raw[:LARGEST]).hexdigest(),
        text="" if automatic else new_words(_text(message)[:LONGEST_TEXT]),
        dropped=0 if automatic else sum(1 for part in message.walk() if _is_attached(part)),
        is_automatic=automatic,
    )


def _heads(message: EmailMessage) -> Mapping[str, list[str]]:
    """The lines of the head as they came, by small name: reading them more closely fails on broken ones."""
    heads: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        heads.setdefault(name.lower(), []).append(re.sub(r"\s+", " ", str(value)).strip())
    return heads


def _token(heads: Mapping[str, list[str]], address: str) -> str | None:
    name, _, domain = address.partition("@")
    wanted = re.compile(
        rf"(?<![\w.+-]){re.escape(name)}\+([0-9a-f]{{{TOKEN_LENGTH}}})@{re.escape(domain)}(?![\w-]|\.\w)",
        re.IGNORECASE,
    )
    for head in _TO:
        for line in heads.get(head, []):
            hit = wanted.search(line)
            if hit:
                return hit[1].lower()
    return None


def _is_automatic(heads: Mapping[str, list[str]]) -> bool:
    """Whether a machine wrote it: answering one could go on for ever."""

    def first(name: str) -> str:
        return heads.get(name, [""])[0]

    submitted = first("auto-submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or first("precedence").lower() in _BY_MACHINE
        or any(name in heads for name in _LISTS)
        or first("return-path") == "<>"
        or bool(_NOBODY.search(first("from")))
        or first("content-type").lower().startswith(("multipart/report", "message/delivery-status"))
        or bool(_AUTOMATIC_SUBJECT.search(first("subject")))
    )


def _is_attached(part: EmailMessage) -> bool:
    """Whether a part is something that somebody attached; a logo inside the text is not."""
    if part.is_multipart():
        return False
    if "attachment" in _raw(part, "content-disposition").lower():
        return True
    return part.get_content_maintype() != "text" and not _raw(part, "content-id")


def _raw(part: EmailMessage, wanted: str) -> str:
    return next((str(value) for name, value in part.raw_items() if name.lower() == wanted), "")


def _text(message: EmailMessage) -> str:
    """The words: the plain ones, or those of the page where there are no plain ones."""
    texts: dict[str, str] = {}
    for part in message.walk():
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_attached(part) and not texts.get(kind, "").strip():
            texts[kind] = _content(part)
    plain = texts.get("text/plain", "")
    return plain if plain.strip() else text_of_page(texts.get("text/html", ""))


def _content(part: EmailMessage) -> str:
    try:
        text = str(part.get_content())
    except _BROKEN:
        text = _UNKNOWN
    raw = part.get_payload(decode=True)
    if _UNKNOWN not in text or not isinstance(raw, bytes):
        return text.replace(_UNKNOWN, "")
    # It does not say truly in which letters it is written.
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


_NEW_LINE = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol"})
_UNREAD = frozenset({"script", "style", "head", "title"})
# Where Outlook and Yahoo begin what they quote without marking it as such; all that follows is older.
_OLDER = re.compile(r"yahoo_quoted|divrplyfwdmsg|appendonsend", re.IGNORECASE)


# Each part of a tag ends before the next "<", so that nothing is gone through twice, whatever somebody sends.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/<>]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*|[^<>]*)>|<[!?/][^<>]*>""",
)
_NAMED = re.compile(r"""\b(?:class|id)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)


def text_of_page(page: str) -> str:
    """The words of an HTML letter in lines, without what it quotes."""
    reader, at = _Page(), 0
    page = _without_comments(page)
    for tag in _TAG.finditer(page):
        reader.words_between(page[at : tag.start()])
        at = tag.end()
        if tag[2]:
            (reader.end if tag[1] else reader.begin)(tag[2].lower(), tag[3])
    reader.words_between(page[at:])
    lines = (re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in "".join(reader.words).split("\n"))
    return "\n".join(_one_gap(lines)).strip()


def _without_comments(page: str) -> str:
    """The page up to a comment that never ends, and without any that does."""
    kept: list[str] = []
    at = 0
    while (begun := page.find("<!--", at)) >= 0:
        kept.append(page[at:begun])
        ended = page.find("-->", begun + 2)
        if ended < 0:
            return "".join(kept)
        at = ended + 3
    return "".join([*kept, page[at:]])


def _one_gap(lines: Iterator[str]) -> Iterator[str]:
    """The lines with no two empty ones together."""
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


class _Page:
    """Collects the words of a page."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._unread = 0
        self._quoted = 0
        self._older = False

    def begin(self, tag: str, attributes: str) -> None:
        """A block begins a line; what quotes is skipped."""
        self._older = self._older or any(_OLDER.search(one) for one in _NAMED.findall(attributes))
        self._unread += tag in _UNREAD
        if tag == "blockquote":
            # Marked as in a plain letter, so that what stands below it is still read.
            self._say("\n>\n")
            self._quoted += 1
        if tag in _NEW_LINE:
            self._say("\n")

    def end(self, tag: str, _attributes: str) -> None:
        """A block ends a line."""
        self._unread -= tag in _UNREAD and self._unread > 0
        self._quoted -= tag == "blockquote" and self._quoted > 0
        if tag in _NEW_LINE and tag != "br":
            self._say("\n")

    def words_between(self, text: str) -> None:
        """Words; in a page a line break is a space."""
        self._say(re.sub(r"\s+", " ", unescape(text)))

    def _say(self, words: str) -> None:
        if not (self._unread or self._quoted or self._older):
            self.words.append(words)
