"""The one way in which the product asks a stranger's address for something, or sends it something.

A stranger may be hostile: an address that leads back to us, a name that changes its number between two looks, an answer
that never ends. So the name is resolved here, every number that it gives must be public, the connection goes to that
number and nowhere else, each redirect is checked the same way, and time and size are bounded for the whole of it,
headers and all. No cookies, no credentials, no proxy.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from core.addresses import PORTS, is_public, refuse_odd_url
from core.errors import GoldenThreadError, Invalid
from core.settings import current_settings

MOST_BYTES = 20 * 1024 * 1024
SECONDS = 20.0
MOST_REDIRECTS = 5
# Headers and the framing of an answer, over and above its body.
_FRAMING = 512 * 1024
_CHUNK = 64 * 1024
_MOST_TRIES = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class OutboundFailed(GoldenThreadError):
    """The address gave nothing that can be used. The words say why, for whoever typed the address."""

    status = 502


class AddressRefused(OutboundFailed):
    """We do not ask this address: it is no web address, or it leads to what is not public."""

    status = 400


class Unreachable(OutboundFailed):
    """Nobody answers there: no such name, nothing listening, or no trust in its certificate."""


class TooSlow(OutboundFailed):
    """It did not answer whole within the time."""


class TooLarge(OutboundFailed):
    """The answer is larger than we take."""


class BadAnswer(OutboundFailed):
    """What came is not HTTP as it should be, or redirects without end."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `url` is where it came from after redirects; `seconds` is how long all of it took.

    `headers` have lower-case names. `status` may be any: look at `ok`.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def fetch(
    url: str,
    *,
    accept: str = "*/*",
    max_bytes: int = MOST_BYTES,
    timeout: float = SECONDS,
    only_headers: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """Get what stands at `url`, following at most five redirects. `timeout` (seconds) holds for all of it together.

    `only_headers` leaves the body unread. `headers` may add some, as for a conditional request. Raises the errors of
    this module; an answer such as 404 is no error.
    """
    budget = _Budget(timeout, max_bytes)
    asked = {"Accept": accept, "Accept-Encoding": "gzip"} | dict(headers or {})
    at = url
    for _ in range(MOST_REDIRECTS + 1):
        answer = _ask("GET", at, asked, b"", budget, only_headers=only_headers)
        if answer.status not in _REDIRECTS or "location" not in answer.headers:
            return answer
        at = urljoin(at, answer.headers["location"])
    raise BadAnswer(f"The address redirects more than {MOST_REDIRECTS} times.")


def post(
    url: str,
    body: bytes,
    *,
    content_type: str,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = 64 * 1024,
    timeout: float = SECONDS,
) -> Fetched:
    """Send `body` to `url`. A redirect is not followed: its answer is given back. Raises as `fetch`."""
    asked = {"Content-Type": content_type, "Accept-Encoding": "identity"} | dict(headers or {})
    return _ask("POST", url, asked, body, _Budget(timeout, max_bytes), only_headers=False)


def check_url(url: str) -> None:
    """Raise `AddressRefused` for an address that can be seen not to be a stranger's, without asking anybody."""
    target = _Target.of(url)
    literal = _literal(target.host)
    if literal is not None:
        _refuse_private([literal])


class _Budget:
    """What is left of time and bytes for one question and all its redirects."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self.started = time.monotonic()
        self.ends = self.started + seconds
        self.seconds = seconds
        self.most_bytes = most_bytes
        self.wire = most_bytes + _FRAMING

    def left(self) -> float:
        """Seconds left. Raises `TooSlow` when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TooSlow(f"The address did not answer whole within {self.seconds:g} seconds.")
        return left

    def took(self, count: int) -> None:
        """Count bytes as they come off the wire, of whatever they are part. Raises `TooLarge`."""
        self.wire -= count
        if self.wire < 0:
            raise self.too_large()

    def too_large(self) -> TooLarge:
        size = self.most_bytes // 1024
        return TooLarge(
            f"The answer is larger than {size // 1024} MB." if size >= 1024 else "The answer is too large."
        )

    def spent(self) -> float:
        return time.monotonic() - self.started


class _PlainSocket(socket.socket):
    """A socket whose every read keeps to the budget, so that a drip of bytes cannot hold us."""

    budget: _Budget | None = None

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        if self.budget is None:
            return super().recv_into(buffer, nbytes, flags)
        self.settimeout(self.budget.left())
        count = super().recv_into(buffer, nbytes, flags)
        self.budget.took(count)
        return count


class _TlsSocket(ssl.SSLSocket):
    """The same for an encrypted connection."""

    budget: _Budget | None = None

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        if self.budget is None:
            return super().recv_into(buffer, nbytes, flags)
        self.settimeout(self.budget.left())
        count = super().recv_into(buffer, nbytes, flags)
        self.budget.took(count)
        return count


@dataclass(frozen=True, slots=True)
class _Target:
    """A web address in its parts, as far as it can be read."""

    parts: SplitResult
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> _Target:
        try:
            refuse_odd_url(url)
            parts = urlsplit(url)
            port = parts.port
        except Invalid as error:
            raise AddressRefused(error.message) from None
        except ValueError:
            raise AddressRefused("That is not a web address. Copy it from your browser.") from None
        if parts.scheme not in PORTS or not parts.hostname:
            raise AddressRefused("A web address starts with https:// or http:// and the name of a website.")
        if parts.username is not None or parts.password is not None:
            raise AddressRefused("Leave the user name and password out of the address.")
        if "%" in parts.hostname:
            raise AddressRefused("That is not a web address. Copy it from your browser.")
        return cls(parts, parts.hostname.rstrip("."), port or PORTS[parts.scheme])

    @property
    def path(self) -> str:
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.parts.scheme] else f"{host}:{self.port}"


class _Pinned(http.client.HTTPConnection):
    """A connection over a socket that is open already, to the number that was checked."""

    def __init__(self, host: str, opened: socket.socket) -> None:
        super().__init__(host)
        self.sock = opened
        self.auto_open = 0


def _ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes, budget: _Budget, *, only_headers: bool
) -> Fetched:
    target = _Target.of(url)
    addresses = _checked(target, budget)
    try:
        opened = _open(target, addresses, budget)
        try:
            return _talk(method, target, headers, body, budget, opened, only_headers=only_headers)
        finally:
            opened.close()
    except TimeoutError:
        raise TooSlow(f"The address did not answer whole within {budget.seconds:g} seconds.") from None
    except ssl.SSLError:
        raise Unreachable("The address has no certificate that we can trust.") from None
    except (http.client.HTTPException, ValueError, EOFError):
        raise BadAnswer("The address does not answer as a website does.") from None
    except OSError:
        raise Unreachable("Nobody answers at that address. Check that it is right.") from None


def _talk(
    method: str,
    target: _Target,
    headers: Mapping[str, str],
    body: bytes,
    budget: _Budget,
    opened: socket.socket,
    *,
    only_headers: bool,
) -> Fetched:
    connection = _Pinned(target.host, opened)
    sent = {"Host": target.host_header, "User-Agent": _name(), "Connection": "close"} | dict(headers)
    opened.settimeout(budget.left())
    connection.request(method, target.path, body=body or None, headers=sent)
    response = connection.getresponse()
    try:
        given = {name.lower(): value for name, value in response.getheaders()}
        skips_body = only_headers or response.status in _REDIRECTS
        content = b"" if skips_body else b"".join(_body(response, given, budget))
        return Fetched(target.parts.geturl(), response.status, given, content, budget.spent())
    finally:
        response.close()


def _body(response: http.client.HTTPResponse, headers: Mapping[str, str], budget: _Budget) -> Iterator[bytes]:
    """The body in pieces, unpacked, never more of it than the budget allows."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "", "gzip", "x-gzip"}:
        raise BadAnswer("The answer is packed in a way that we did not ask for.")
    unpack = zlib.decompressobj(wbits=31) if coding.endswith("gzip") else None
    left = budget.most_bytes
    while piece := response.read(_CHUNK):
        budget.left()
        pieces = _unpacked(unpack, piece, budget) if unpack else [piece]
        for part in pieces:
            left -= len(part)
            if left < 0:
                raise budget.too_large()
            yield part
    # http.client says nothing of a body that is shorter than it was said to be.
    if response.length or (unpack is not None and not unpack.eof):
        raise BadAnswer("The answer breaks off in the middle.")


def _unpacked(unpack: zlib._Decompress, piece: bytes, budget: _Budget) -> Iterator[bytes]:
    """Unpack a little at a time: a few bytes may hold gigabytes."""
    try:
        while piece:
            part = unpack.decompress(piece, _CHUNK)
            piece = unpack.unconsumed_tail
            budget.left()
            if part:
                yield part
            elif not piece:
                return
    except zlib.error:
        raise BadAnswer("The answer is packed wrongly and cannot be opened.") from None


def _name() -> str:
    settings = current_settings()
    return f"GoldenThread/1 (+{settings.base_url})"


def _may_ask_itself() -> bool:
    return current_settings().outbound_loopback


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _checked(target: _Target, budget: _Budget) -> list[IPv4Address | IPv6Address]:
    """The numbers of the host, all of which are public. Raises `AddressRefused` or `Unreachable`."""
    literal = _literal(target.host)
    found = [literal] if literal is not None else _resolve(target.host, budget)
    if not found:
        raise Unreachable("There is no website of that name. Check the address for a mistyped letter.")
    if _may_ask_itself() and all(one.is_loopback for one in found):
        return found
    _refuse_private(found)
    if target.port not in PORTS.values():
        raise AddressRefused("We only ask web addresses on the usual ports, 80 and 443.")
    return found


def _refuse_private(found: list[IPv4Address | IPv6Address]) -> None:
    if _may_ask_itself() and all(one.is_loopback for one in found):
        return
    if not all(is_public(one) for one in found):
        raise AddressRefused("That address is not on the public internet, so we do not ask it.")


def _resolve(host: str, budget: _Budget) -> list[IPv4Address | IPv6Address]:
    """Ask for the host's numbers, but wait no longer than the budget: the system's own patience is longer."""
    answer: list[list[IPv4Address | IPv6Address]] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answer.append(list(dict.fromkeys(ip_address(str(row[4][0])) for row in rows)))
        except (OSError, ValueError):
            answer.append([])

    asking = threading.Thread(target=look_up, daemon=True)
    asking.start()
    asking.join(budget.left())
    if not answer:
        raise TooSlow("The name of the website could not be looked up in time.")
    return answer[0]


def _open(target: _Target, addresses: list[IPv4Address | IPv6Address], budget: _Budget) -> socket.socket:
    """Connect to the first of the checked numbers that answers."""
    last: OSError = OSError("no address")
    for address in addresses[:_MOST_TRIES]:
        plain = _PlainSocket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            plain.settimeout(budget.left() / 2)
            plain.connect((str(address), target.port))
            plain.settimeout(budget.left())
            if target.parts.scheme == "http":
                plain.budget = budget
                return plain
            context = _tls()
            context.sslsocket_class = _TlsSocket
            tls = context.wrap_socket(plain, server_hostname=target.host)
        except ssl.SSLError:
            plain.close()
            raise
        except OSError as error:
            plain.close()
            last = error
            continue
        if isinstance(tls, _TlsSocket):
            tls.budget = budget
        return tls
    raise last


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
