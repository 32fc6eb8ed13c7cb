"""Which numbers of the internet may be asked, and which addresses are none."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from core.addresses import is_public, refuse_odd_url
from core.errors import Invalid


@pytest.mark.parametrize("number", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::808:808"])
def test_strangers_may_be_asked(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize(
    "number",
    [
        "0.0.0.0",  # noqa: S104 - an address to refuse, not one to listen on
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.9.9.9",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.168.1.1",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::808:808",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_our_own_may_not(number: str) -> None:
    assert not is_public(ip_address(number))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/\r\nHost: b",
        "http://a.example/a b",
        "http://exämple.org/",
        "http://a\\b.example/",
        "h" * 2001,
    ],
)
def test_odd_letters_are_no_address(url: str) -> None:
    with pytest.raises(Invalid):
        refuse_odd_url(url)


def test_an_address_is_left_alone() -> None:
    refuse_odd_url("https://example.org/feeds?page=1&per_page=50#top")
