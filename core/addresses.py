"""Which numbers of the internet are a stranger's, and so may be asked: all that are public, and nothing of our own."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from core.errors import Invalid

# Public by number, yet answered by the machine, the data centre or the network that we stand in.
_OURS_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",
            "168.63.129.16/32",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "224.0.0.0/3",
        ),
    )
)
# All that has been given out for everybody is 2000::/3; these parts of it lead elsewhere.
_GIVEN_OUT = IPv6Network("2000::/3")
_OURS_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# A network without IPv4 of its own reaches it through these; the last 32 bits are the real address.
_NAT64 = IPv6Network("64:ff9b::/96")

_LONGEST = 2000
PORTS = {"http": 80, "https": 443}


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is the address of a stranger on the internet, as far as its number tells."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _OURS_4)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GIVEN_OUT and address.is_global and not any(address in network for network in _OURS_6)


def refuse_odd_url(url: str) -> None:
    """Raise `Invalid` for what is no address that a browser would be given: letters that break a line, or too many."""
    if len(url) > _LONGEST:
        raise Invalid(f"The address is longer than {_LONGEST:,} letters.")
    if not url.isascii() or any(letter <= " " or letter in '\x7f\\<>"^`{|}' for letter in url):
        raise Invalid("The address holds a space or a letter that no address has. Copy it from your browser.")
