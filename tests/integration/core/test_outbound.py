"""Asking strangers: what leads back to us is refused, what never ends is ended, and what is right comes through."""

from __future__ import annotations

import datetime as dt
import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from core import outbound
from core.outbound import AddressRefused, BadAnswer, OutboundFailed, TooLarge, TooSlow, Unreachable
from tests.conftest import make_settings

PUBLIC = "93.184.215.14"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application that may ask this computer, as only a test may."""
    made = Flask("outbound")
    made.extensions["settings"] = replace(make_settings("sqlite://", tmp_path), outbound_loopback=True)
    with made.app_context():
        yield made


@pytest.fixture
def strict(app: Flask) -> None:
    """The same, as a real service has it."""
    app.extensions["settings"] = replace(app.extensions["settings"], outbound_loopback=False)


@contextmanager
def server(
    answer: Callable[[socket.socket, bytes], Any], wrap: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A server that reads a question's head and lets `answer` do the rest; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[threading.Thread] = []

    def serve(link: socket.socket) -> None:
        try:
            with wrap.wrap_socket(link, server_side=True) if wrap else link as talk:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = talk.recv(65536)
                    if not piece:
                        return
                    head += piece
                answer(talk, head)
        except OSError:
            return

    def listen() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve, args=(link,), daemon=True)
            asked.append(thread)
            thread.start()

    accepting = threading.Thread(target=listen, daemon=True)
    accepting.start()
    try:
        yield f"{'https' if wrap else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(5)
        for thread in asked:
            thread.join(5)


def says(*parts: bytes) -> Callable[[socket.socket, bytes], None]:
    def answer(talk: socket.socket, _head: bytes) -> None:
        for part in parts:
            talk.sendall(part)

    return answer


def whole(body: bytes, extra: bytes = b"") -> bytes:
    return OK + extra + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_an_answer_comes_through(app: Flask) -> None:
    heads: list[bytes] = []

    def answer(talk: socket.socket, head: bytes) -> None:
        heads.append(head)
        talk.sendall(whole(b"hello"))

    with server(answer) as base:
        got = outbound.fetch(f"{base}/a?b=c", accept="text/plain", headers={"If-None-Match": '"1"'})
    assert (got.status, got.ok, got.body, got.content_type) == (200, True, b"hello", "text/plain")
    assert got.url == f"{base}/a?b=c"
    assert got.seconds < 5
    head = heads[0].decode()
    assert head.startswith("GET /a?b=c HTTP/1.1\r\n")
    assert f"Host: {base.removeprefix('http://')}\r\n" in head
    assert 'If-None-Match: "1"' in head
    assert "GoldenThread" in head
    assert "cookie" not in head.lower()


def test_a_post_carries_its_body_and_follows_nothing(app: Flask) -> None:
    heads: list[bytes] = []

    def answer(talk: socket.socket, head: bytes) -> None:
        while not head.endswith(b"{}"):
            head += talk.recv(100)
        heads.append(head)
        talk.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    with server(answer) as base:
        got = outbound.post(base, b"{}", content_type="application/json", headers={"X-Sign": "s"})
    assert got.status == 302
    assert b"POST / HTTP/1.1" in heads[0]
    assert b"X-Sign: s" in heads[0]


@pytest.mark.parametrize("status", [404, 410, 500])
def test_a_bad_status_is_an_answer(app: Flask, status: int) -> None:
    with server(says(b"HTTP/1.1 %d No\r\nContent-Length: 2\r\n\r\nno" % status)) as base:
        got = outbound.fetch(base)
    assert (got.status, got.ok) == (status, False)


def test_headers_alone_leave_the_body(app: Flask) -> None:
    with server(says(whole(b"x" * 5_000_000))) as base:
        got = outbound.fetch(base, only_headers=True, max_bytes=10)
    assert (got.status, got.body) == (200, b"")


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://0/",
        f"http://{PUBLIC}:22/",
        f"http://{PUBLIC}:6379/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//example.org/",
        "http:///path",
        "http://user:secret@example.org/",
        "http://user@example.org/",
        "http://example.org:99999/",
        "http://[fe80::1%25eth0]/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "",
        "nonsense",
    ],
)
def test_what_is_ours_or_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        outbound.fetch(url)
    assert refused.value.message.endswith(".")


@pytest.mark.usefixtures("strict")
def test_an_address_can_be_looked_at_before_anybody_is_asked() -> None:
    outbound.check_url("https://example.org/feed")
    with pytest.raises(AddressRefused):
        outbound.check_url("http://192.168.0.1/feed")


@pytest.mark.usefixtures("strict")
def test_a_name_that_gives_one_private_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, [[PUBLIC, "127.0.0.1"]])
    with pytest.raises(AddressRefused):
        outbound.fetch("http://mixed.example/")


@pytest.mark.usefixtures("strict")
def test_a_name_that_changes_its_number_is_asked_at_the_one_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = resolves_to(monkeypatch, [[PUBLIC], ["127.0.0.1"]])
    connected: list[str] = []

    def connect(_self: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise OSError("not in a test")

    monkeypatch.setattr(outbound._PlainSocket, "connect", connect)
    with pytest.raises(Unreachable):
        outbound.fetch("http://rebinding.example/")
    assert connected == [PUBLIC]
    assert len(looks) == 1


def test_each_redirect_is_checked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address may be asked; the second leads to a private number."""
    reached: list[str] = []

    def answer(talk: socket.socket, head: bytes) -> None:
        path = head.split()[1].decode()
        reached.append(path)
        talk.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/meta\r\nContent-Length: 0\r\n\r\n"
            if path == "/away"
            else b"HTTP/1.1 301 Moved\r\nLocation: /away\r\nContent-Length: 0\r\n\r\n"
        )

    with server(answer) as base, pytest.raises(AddressRefused):
        outbound.fetch(f"{base}/start")
    assert reached == ["/start", "/away"]


def test_a_redirect_to_this_computer_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    secret: list[bytes] = []
    with server(lambda _talk, head: secret.append(head)) as inside:
        moved = b"HTTP/1.1 302 Found\r\nLocation: " + inside.encode() + b"/\r\nContent-Length: 0\r\n\r\n"

        def answer(talk: socket.socket, _head: bytes) -> None:
            # From here on this is a real service again, to which its own computer is out of bounds.
            app.extensions["settings"] = replace(app.extensions["settings"], outbound_loopback=False)
            talk.sendall(moved)

        with server(answer) as base, pytest.raises(AddressRefused):
            outbound.fetch(base)
    assert secret == []


def test_redirects_without_end_are_ended(app: Flask) -> None:
    count: list[int] = []

    def answer(talk: socket.socket, _head: bytes) -> None:
        count.append(1)
        talk.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")

    with server(answer) as base, pytest.raises(BadAnswer):
        outbound.fetch(base)
    assert len(count) == 6


@pytest.mark.parametrize("where", ["head", "body", "chunks"])
def test_a_drip_of_bytes_is_cut_off(app: Flask, where: str) -> None:
    start = {
        "head": b"HTTP/1.1 200 OK\r\nX-Slow: ",
        "body": OK + b"Content-Length: 1000000\r\n\r\n",
        "chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n5;",
    }[where]

    def drip(talk: socket.socket, _head: bytes) -> None:
        talk.sendall(start)
        for _ in range(100):
            talk.sendall(b"x")
            time.sleep(0.03)

    with server(drip) as base:
        begun = time.monotonic()
        with pytest.raises(TooSlow):
            outbound.fetch(base, timeout=0.3)
        assert time.monotonic() - begun < 1.5


def test_silence_is_cut_off(app: Flask) -> None:
    with server(lambda _talk, _head: time.sleep(0.8)) as base, pytest.raises(TooSlow):
        outbound.fetch(base, timeout=0.2)


def test_a_look_up_that_hangs_is_cut_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_args: Any, **_named: Any) -> list[Any]:
        time.sleep(0.6)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(TooSlow):
        outbound.fetch("http://slow.example/", timeout=0.1)
    time.sleep(0.6)


def zip_bomb() -> bytes:
    return gzip.compress(bytes(60 * 1024 * 1024))


def test_a_bomb_is_not_unpacked(app: Flask) -> None:
    with server(says(whole(zip_bomb(), b"Content-Encoding: gzip\r\n"))) as base, pytest.raises(TooLarge):
        outbound.fetch(base, max_bytes=1024 * 1024)


@pytest.mark.parametrize(
    "answer",
    [
        whole(b"x" * 3_000_000),
        OK + b"\r\n" + b"x" * 3_000_000,
        OK
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"ffff\r\n"
        + b"x" * 65535
        + b"\r\n"
        + b"fffff\r\n"
        + b"x" * 1048575,
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n0\r\n" + b"X-Trailer: y\r\n" * 200_000,
    ],
    ids=["said", "unsaid", "chunks", "trailers"],
)
def test_too_much_is_refused(app: Flask, answer: bytes) -> None:
    with server(says(answer)) as base, pytest.raises(TooLarge):
        outbound.fetch(base, max_bytes=1_000_000)


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"X-Huge: " + b"x" * 200_000 + b"\r\n\r\n",
        OK + b"".join(b"X-%d: y\r\n" % i for i in range(2000)) + b"\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
        b"HTTP/1.1 banana\r\n\r\n",
        OK + b"Content-Length: 50\r\n\r\nshort",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
        whole(gzip.compress(b"hello" * 100)[:-12], b"Content-Encoding: gzip\r\n"),
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /a\\b c\r\n\r\n",
    ],
)
def test_what_is_no_proper_answer_is_said_so(app: Flask, answer: bytes) -> None:
    with server(says(answer)) as base, pytest.raises(OutboundFailed) as failed:
        outbound.fetch(base, timeout=5)
    assert not isinstance(failed.value, TooSlow)
    assert failed.value.message.endswith(".")


def test_packed_answers_are_unpacked(app: Flask) -> None:
    text = b"hello " * 50_000
    with server(says(whole(gzip.compress(text), b"Content-Encoding: gzip\r\n"))) as base:
        assert outbound.fetch(base).body == text
    assert zlib.decompress(gzip.compress(text), wbits=31) == text


def test_nobody_there(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(says(b"")) as base:
        gone = base
    with pytest.raises(Unreachable):
        outbound.fetch(gone)
    resolves_to(monkeypatch, [[]])
    with pytest.raises(Unreachable):
        outbound.fetch("http://no-such-name.example/")


def test_a_certificate_must_be_for_the_name_and_one_that_we_trust(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, "right.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with server(says(whole(b"secret")), context) as base:
        port = base.rpartition(":")[2]
        resolves_to(monkeypatch, [["127.0.0.1"]] * 3)
        with pytest.raises(Unreachable):
            outbound.fetch(f"https://right.example:{port}/")
        monkeypatch.setattr(outbound, "_tls", lambda: ssl.create_default_context(cafile=str(certificate)))
        assert outbound.fetch(f"https://right.example:{port}/").body == b"secret"
        with pytest.raises(Unreachable):
            outbound.fetch(f"https://wrong.example:{port}/")


def resolves_to(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]) -> list[str]:
    """Every look-up gives the next of the answers; the names that were looked up."""
    looks: list[str] = []

    def look_up(host: str, *_args: Any, **_named: Any) -> list[Any]:
        numbers = answers[min(len(looks), len(answers) - 1)]
        looks.append(host)
        return [
            (
                socket.AF_INET6 if ip_address(one).version == 6 else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, 0),
            )
            for one in numbers
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looks


def make_certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path
