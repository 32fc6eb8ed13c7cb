"""How somebody proves that they speak for a group, and what they may then do in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from directory.stewardship.reach.rules import host_of


class Proof(StrEnum):
    """How a claim is proved."""

    EMAIL = "email"
    CHARITY = "charity"
    LETTER = "letter"
    EDITOR = "editor"

    @property
    def label(self) -> str:
        return PROOF_LABELS[self]

    @property
    def is_by_post(self) -> bool:
        """Whether an editor posts a letter with a code."""
        return self in (Proof.CHARITY, Proof.LETTER)


PROOF_LABELS: Mapping[Proof, str] = {
    Proof.EMAIL: "A code by email to the group's own address",
    Proof.CHARITY: "A code by post to the charity's registered address",
    Proof.LETTER: "A code by post to where the group meets",
    Proof.EDITOR: "An editor rings the group",
}


class ClaimState(StrEnum):
    """Where a claim is."""

    OPEN = "open"
    PROVED = "proved"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        return CLAIM_LABELS[self]


CLAIM_LABELS: Mapping[ClaimState, str] = {
    ClaimState.OPEN: "Waiting",
    ClaimState.PROVED: "Proved",
    ClaimState.REFUSED: "Refused",
}


class Part(StrEnum):
    """What somebody does in a group: an owner also invites others and hands over; a helper keeps the listings."""

    OWNER = "owner"
    HELPER = "helper"

    @property
    def label(self) -> str:
        return PART_LABELS[self]


PART_LABELS: Mapping[Part, str] = {Part.OWNER: "Owner", Part.HELPER: "Helper"}

CODE_LIFE: Mapping[Proof, timedelta] = {
    Proof.EMAIL: timedelta(minutes=30),
    Proof.CHARITY: timedelta(days=30),
    Proof.LETTER: timedelta(days=30),
    Proof.EDITOR: timedelta(days=30),
}
MOST_TRIES = 5
# Anybody can have an address at these (or, at the health service's, too many can), so only the group's own whole
# address proves anything.
PUBLIC_MAIL = frozenset(
    {
        "aol.co.uk",
        "aol.com",
        "blueyonder.co.uk",
        "btinternet.com",
        "btopenworld.com",
        "fastmail.com",
        "freeserve.co.uk",
        "fsmail.net",
        "gmail.com",
        "gmx.co.uk",
        "gmx.com",
        "googlemail.com",
        "hotmail.co.uk",
        "hotmail.com",
        "icloud.com",
        "lineone.net",
        "live.co.uk",
        "live.com",
        "mac.com",
        "mail.com",
        "me.com",
        "msn.com",
        "nhs.net",
        "ntlworld.com",
        "o2.co.uk",
        "orange.net",
        "outlook.co.uk",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "rocketmail.com",
        "sky.com",
        "supanet.com",
        "talk21.com",
        "talktalk.net",
        "tesco.net",
        "tiscali.co.uk",
        "tutanota.com",
        "uwclub.net",
        "virgin.net",
        "virginmedia.com",
        "wanadoo.co.uk",
        "yahoo.co.uk",
        "yahoo.com",
        "yandex.com",
        "ymail.com",
        "zoho.com",
    }
)
# Hosts where anybody can have a page, so that the host says nothing about who writes from it.
SHARED_HOSTS = frozenset(
    {
        "blogspot.com",
        "eventbrite.co.uk",
        "facebook.com",
        "instagram.com",
        "meetup.com",
        "sites.google.com",
        "twitter.com",
        "weebly.com",
        "wixsite.com",
        "wordpress.com",
        "x.com",
    }
)


def domain_of(email: str) -> str:
    """What stands after the @, in small letters."""
    return email.strip().rpartition("@")[2].casefold()


def site_of(website: str) -> str:
    """The host of a web address without "www."; empty where there is none."""
    return host_of(website if "://" in website else f"https://{website}").removeprefix("www.")


def proves_by_email(email: str, group_email: str, website: str) -> bool:
    """Whether reading mail at `email` proves that one speaks for the group: it is the group's own published address,
    or at a domain that is the group's alone."""
    address, own = email.strip().casefold(), group_email.strip().casefold()
    if own and address == own:
        return True
    domain = domain_of(address)
    if not domain or "@" not in address or domain in PUBLIC_MAIL:
        return False
    if own and domain == domain_of(own):
        return True
    host = site_of(website) if website.strip() else ""
    return bool(host) and domain == host and not _is_shared(host)


def _is_shared(host: str) -> bool:
    return any(host == shared or host.endswith(f".{shared}") for shared in SHARED_HOSTS)


def same_charity_number(typed: str, known: str) -> bool:
    """Whether two charity numbers are one, however they are spaced; an empty one is none."""
    first, second = _digits(typed), _digits(known)
    return bool(first) and first == second


def can_be_proved(*, has_email: bool, has_charity_number: bool, has_address: bool) -> tuple[Proof, ...]:
    """The proofs that can hold for a group, by what we have published of it. An editor's word always can."""
    possible = {
        Proof.EMAIL: has_email,
        Proof.CHARITY: has_charity_number,
        Proof.LETTER: has_address,
        Proof.EDITOR: True,
    }
    return tuple(proof for proof, holds in possible.items() if holds)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold()).lstrip("0")


def leaves_nobody(owners: int, people: int, *, is_owner: bool) -> bool:
    """Whether the group is left with nobody who may run it when this person leaves."""
    return people <= 1 or (is_owner and owners <= 1)
