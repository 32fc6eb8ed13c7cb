"""What stands on a page for whoever answers, or answered: said to them, and not about them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from prescribing.measures.rules import COMPLETED_BY_WORDS, NOT_TODAY_WORDS, CompletedBy, NotToday

# How it was answered, as the person reads it.
OWN_COMPLETED_BY: Mapping[CompletedBy, str] = MappingProxyType(
    {
        **COMPLETED_BY_WORDS,
        CompletedBy.PERSON: "you filled it in yourself",
        CompletedBy.PROXY: "somebody answered for you",
    }
)
# Why it was not answered, as the person reads it later.
OWN_NOT_TODAY: Mapping[NotToday, str] = MappingProxyType(
    {
        **NOT_TODAY_WORDS,
        NotToday.DID_NOT_WANT: "you did not want to",
        NotToday.NOT_ABLE: "the questions did not work for you",
    }
)
# What the person may say themself, of today.
SAYS_NOT_TODAY: Mapping[NotToday, str] = MappingProxyType(
    {
        NotToday.DID_NOT_WANT: "I do not want to",
        NotToday.UPSET: "It is a hard day",
        NotToday.NO_TIME: "I have no time",
        NotToday.NOT_ABLE: "The questions do not work for me",
        NotToday.OTHER: "Another reason",
    }
)
