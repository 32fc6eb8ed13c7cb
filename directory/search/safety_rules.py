"""Hearing danger in a search, so that whom to ring comes before any list."""

from __future__ import annotations

import re
from enum import StrEnum

from directory.listings.rules import SAFETY_NEED
from directory.search.words import stem_of, telling_words

# As much of a search as is looked at.
LONGEST = 200


class Danger(StrEnum):
    """What somebody may be in."""

    SELF_HARM = "self-harm"
    ABUSE = "abuse"


# The need whose groups help.
HELPS = {Danger.SELF_HARM: "mental-wellbeing", Danger.ABUSE: SAFETY_NEED}

# Stems, as `stem_of` gives them.
_STEMS = {
    Danger.SELF_HARM: frozenset({"suicid", "overdos"}),
    Danger.ABUSE: frozenset(
        {
            "abus",
            "assault",
            "molest",
            "rape",
            "violent",
            "violenc",
            "beaten",
            "strangl",
            "threaten",
            "stalk",
            "coerciv",
            "traffick",
        }
    ),
}
_BLOWS = (
    r"hit|hits|hitting|beat|beats|beating|kicks?|kicked|kicking|chokes?|choked|choking|punch|punches|punched|punching"
    r"|slaps?|slapped|slapping|pushes|pushed|shoves|shoved|grabs|grabbed|attacks?|attacked|attacking|assaults|assaulted"
)
_BY = r"hit|hurt|beaten|beat|punched|slapped|kicked|attacked|assaulted"
_OURS = (
    r"(?:my|our|the|her|his) (?:step ?)?(?:husband|wife|partner|boyfriend|girlfriend|ex|mum|mother|dad|father|son"
    r"|daughter|sister|brother|kids?|child|children|baby)"
)
_SOMEBODY = rf"(?:he|she|they|someone|somebody|{_OURS})"
# A bill hits us and grief hits me; whoever is kicked out has nowhere to live; and one hurts one's own back.
_NO_BLOW = "".join(
    rf"(?<!{what} )" for what in ("bills", "living", "prices", "costs", "crisis", "covid", "grief", "it")
)
_NOT_OUT = r"(?! (?:out|off)\b)"
_NOT_ACHING = r"(?! (?:back|knee|leg|arm|hip|foot|feet|wrist|ankle|head|hand|neck|shoulder)s?\b)"
# What somebody does to them: nothing else is meant by it.
_DONE = (
    rf"{_NO_BLOW}(?:{_BLOWS}) (?:me|her|him|us|{_OURS}){_NOT_OUT}",
    rf"{_SOMEBODY} (?:is |keeps? |are )?hurt(?:s|ing)? (?:me|her|him|us|{_OURS}){_NOT_ACHING}",
    rf"{_SOMEBODY} touch(?:es|ed) me",
    rf"(?:{_BY}) by (?:{_OURS}|him|her|them)",
    r"being (?:hit|punched|slapped|kicked|beaten|attacked)(?! (?:by (?:an?|the|energy|bills?|rent|prices?)|out|off)\b)",
    rf"kill (?:me|us|{_OURS})",
    r"lock(?:s|ed|ing)? me (?:in|up)",
    r"(?:wont|will not|doesnt|does not) let me (?:out|leave|see my)",
)
# What somebody may do to themselves: nothing else is meant by it.
_DESPAIR = (
    r"end(?:ing)? (?:my life|it all)",
    r"take my (?:own )?life",
    r"(?:want to|wants to|wanna) die(?! (?:at|in)\b)",
    r"(?:hurt|hurting|kill|killing|cut|cutting|harm|harming) (?:my ?self|himself|herself|themselves)(?! off)",
    r"(?:not|dont|no longer) want to (?:live(?! (?:alone|with|in|on|near|here|by|at)\b)|be here|be alive)",
    r"no (?:reason|point) (?:to|in) liv(?:e|ing)",
    r"tired of living(?! (?:with|in|alone|here|on)\b)",
    r"better off dead",
    r"(?:wish i (?:was|were)|want to be) dead",
    r"cant go on(?! (?:the|a|an|my|with|to|holidays?|trips?|outings?|walks?|my own)\b)",
)
# What the words say one after the other, whatever stands around them.
_TEXTS = {
    Danger.SELF_HARM: (
        r"self ?harm\w*",
        r"going to die",
        *_DESPAIR,
    ),
    Danger.ABUSE: (
        *_DONE,
        r"(?:scared|afraid|frightened|terrified) of (?:my|him|her|going home|being at home)",
        r"(?:not safe|unsafe|in danger)",
        r"(?:dont|do not|never) feel safe",
        r"forced (?:marriage|to marry)",
        r"(?:controls|controlling) (?:me|my|partner|husband|wife|boyfriend|girlfriend)",
        r"(?:women s|womens|domestic) refuges?",
        r"refuge",
        r"modern slavery",
        r"fgm",
    ),
}
# "Drug abuse" is asked by people who want to stop, or who care for one.
_OF_SUBSTANCES = re.compile(r"\b(drugs?|alcohol|substances?|solvents?) (abuse|misuse)")


# Words that tell what is done, and would find boxing and band practice.
_DEEDS = {
    danger: re.compile(rf"\b(?:{'|'.join(texts)})\b")
    for danger, texts in ((Danger.SELF_HARM, _DESPAIR), (Danger.ABUSE, _DONE))
}


def dangers_in(q: str, needs: tuple[str, ...] = ()) -> frozenset[Danger]:
    """What danger the words may come from; also that of having chosen the need "safety"."""
    plain = _OF_SUBSTANCES.sub(r"\1", _plain(q))
    stems = {stem_of(word) for word in telling_words(plain)}
    heard = {
        danger
        for danger in Danger
        if stems & _STEMS[danger] or any(re.search(rf"\b(?:{text})\b", plain) for text in _TEXTS[danger])
    }
    return frozenset(heard | ({Danger.ABUSE} if SAFETY_NEED in needs else set()))


def deeds_in(q: str) -> tuple[dict[str, str], str]:
    """What `q` says is done to somebody, each with the need whose groups help; and what else it says.

    Of "my husband hits me" the deed is "hits me", and "my husband" is left.
    """
    rest, found = _plain(q), {}
    for danger, deeds in _DEEDS.items():
        said = deeds.search(rest)
        if said:
            found[said.group()] = HELPS[danger]
            rest = " ".join(deeds.sub(" ", rest).split())
    return found, rest


def _plain(q: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", q[:LONGEST].casefold().replace("'", "").replace("’", "")).split())
