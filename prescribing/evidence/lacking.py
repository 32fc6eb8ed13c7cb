"""What was missing for somebody who asked for support. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from prescribing.evidence.endings import Setback


class Lack(StrEnum):
    """How it showed that there was not enough; one person may meet several."""

    NOTHING_FITS = "nothing-fits"
    TURNED_AWAY = "turned-away"
    WAITING = "waiting"


LACK_WORDS: Mapping[Lack, str] = MappingProxyType(
    {
        Lack.NOTHING_FITS: "we found nothing that fits",
        Lack.TURNED_AWAY: "a group said no",
        Lack.WAITING: "on a waiting list",
    }
)
_SAID_NO = frozenset(
    {
        Setback.NO_CAPACITY,
        Setback.INELIGIBLE,
        Setback.UNSAFE,
        Setback.NOT_SUITABLE,
        Setback.LISTING_WRONG,
    }
)


def lack_key(lack: Lack, ward: str | None = None) -> str:
    return f"lack/{lack.value}/{ward}" if ward else f"lack/{lack.value}"


def lacks_met(setbacks: Collection[Setback], *, waiting: bool) -> frozenset[Lack]:
    """What was missing, from what went wrong and whether they are on a waiting list when their period is looked at."""
    met = {
        Lack.NOTHING_FITS: Setback.NOTHING_FITS in setbacks,
        Lack.TURNED_AWAY: not _SAID_NO.isdisjoint(setbacks),
        Lack.WAITING: waiting,
    }
    return frozenset(lack for lack, is_so in met.items() if is_so)
