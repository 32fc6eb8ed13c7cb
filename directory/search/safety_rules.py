"""Hearing danger in a search, so that whom to ring comes before any list."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
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
            "grope",
            "harass",
            "blackmail",
            "sextort",
            "gaslight",
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
_PARTNER = r"(?:he|she|(?:my|our|her|his) (?:husband|wife|partner|boyfriend|girlfriend|ex))"
_CLOSE = rf"(?:he|she|{_OURS})"
_SOMEBODY = rf"(?:he|she|they|someone|somebody|{_OURS})"
# A bill hits us and grief hits me; whoever is kicked out has nowhere to live; and one hurts one's own back.
_NO_BLOW = "".join(
    rf"(?<!{what} )" for what in ("bills", "living", "prices", "costs", "crisis", "covid", "grief", "it")
)
_NOT_BY_BILLS = r"(?! (?:by (?:an?|the|energy|bills?|rent|prices?)|out|off)\b)"
_NOT_OUT = r"(?! (?:out|off)\b)"
_NOT_ACHING = r"(?! (?:back|knee|leg|arm|hip|foot|feet|wrist|ankle|head|hand|neck|shoulder)s?\b)"
_REFUSES = r"(?:wont|will not|doesnt|does not|never) (?:ever )?(?:lets? me|allows? me to|gives? me)"
_TAKES = r"(?:takes?|took|controls?|steals?|stole|hides?|keeps) (?:all )?(?:of )?(?:my|our|the)"
# Dogs are groomed, and beards.
_OF_PETS = r"(?:dogs?|cats?|pets?|pupp(?:y|ies)|horses?|hair|beards?|parlou?rs?|salons?)"
_NO_PET = "".join(
    rf"(?<!{pet} )"
    for pet in ("dog", "dogs", "cat", "cats", "pet", "pets", "puppy", "horse", "hair", "beard")
)
# What somebody does to them: nothing else is meant by it.
_DONE = (
    rf"{_NO_BLOW}(?:{_BLOWS}) (?:me|her|him|us|{_OURS}){_NOT_OUT}",
    rf"{_SOMEBODY} (?:is |keeps? |are )?hurt(?:s|ing)? (?:me|her|him|us|{_OURS}){_NOT_ACHING}",
    rf"{_SOMEBODY} touch(?:es|ed) me",
    rf"(?:{_BY}) by (?:{_OURS}|him|her|them)",
    rf"being (?:hit|hurt|punched|slapped|kicked|beaten|attacked){_NOT_BY_BILLS}",
    rf"kill (?:me|us|{_OURS})",
    r"lock(?:s|ed|ing)? me (?:in|up)",
    r"(?:wont|will not|doesnt|does not) let me (?:out|leave|see my)",
    rf"{_PARTNER} {_REFUSES} (?:have|keep|spend|use|any money|my own|my money|money|go|work|talk|eat|sleep)",
    rf"{_CLOSE} {_TAKES} (?:money|wages|benefits?|bank|pension|pip|universal credit|phone|passport)",
    rf"{_CLOSE} (?:checks?|tracks?|reads?|goes through) my (?:phone|messages|texts|emails)",
    r"not allowed to (?:leave the house|go out|have (?:any |my own )?(?:money|friends))",
    r"forc(?:e|es|ed|ing) (?:me |us |her |him )?(?:to have|into having|into|to do) (?:sex|sexual)",
    r"(?:made|makes|making) (?:me|her|him) have sex",
    r"forc(?:es|ed|ing) (?:him|her)self on (?:me|her|him|us)",
    rf"{_NO_PET}groom(?:ing|ed)(?! (?:for |my |the |a |our )*{_OF_PETS}\b)",
    r"(?:shar(?:es|ed|ing)|leak(?:s|ed|ing)|post(?:s|ed|ing)) (?:my )?(?:nudes|naked (?:pictures|photos))",
    r"(?:drink (?:was |got |been )?spiked|spiked my drink)",
    r"walking on egg ?shells",
)
_NO_WISH = r"(?:(?:not|dont|do not|never|no longer) (?:want|wish) to|dont wanna)"
_NO_MORNING = r"(?! (?:early|alone|in|at|to|for|so|tired|every|during|with)\b)"
# What somebody may do to themselves: nothing else is meant by it.
_DESPAIR = (
    r"end(?:ing)? (?:my life|it all)",
    r"take my (?:own )?life",
    r"(?:want to|wants to|wanna) die(?! (?:at|in)\b)",
    r"(?:hurt|hurting|kill|killing|cut|cutting|harm|harming) (?:my ?self|himself|herself|themselves)(?! off)",
    rf"{_NO_WISH} (?:live(?! (?:alone|with|in|on|near|here|by|at)\b)|be here|be alive|exist)",
    rf"{_NO_WISH} (?:ever )?wake up{_NO_MORNING}",
    rf"never wake up{_NO_MORNING}",
    r"(?:want to|wants to|wanna|wish i could|could) (?:just )?disappear(?! (?:for|into|to|from|on)\b)",
    r"no (?:reason|point) (?:to|in) liv(?:e|ing)",
    r"(?:dont|do not|cant) see (?:the|a|any) point (?:in|of) (?:life|living)",
    r"(?:not|isnt|no longer) worth living",
    r"nothing (?:left )?to live for",
    r"(?:lost|losing) (?:the|my) will to live",
    r"giv(?:e|en|ing) up on (?:my )?life",
    r"better off without me",
    r"(?:hate being|tired of being) alive",
    r"(?:want|wish|need) (?:it all|everything) to (?:end|stop)",
    r"(?:cant|cannot) (?:take|do|face|bear|stand) (?:it|this|life) any ?(?:more|longer)",
    r"jump(?:ing)? (?:off (?:a|the) (?:bridge|roof|building)|in front of)",
    r"unaliv(?:e|ing)",
    r"tired of living(?! (?:with|in|alone|here|on)\b)",
    r"better off dead",
    r"(?:wish i (?:was|were)|want to be) dead",
    r"cant go on(?! (?:the|a|an|my|with|to|holidays?|trips?|outings?|walks?|my own)\b)",
    r"going to die",
)
# What is called by its name: groups that help say it too.
_NAMED = {
    Danger.SELF_HARM: (r"self ?harm\w*",),
    Danger.ABUSE: (
        r"forced (?:marriage|to marry)",
        r"(?:women s|womens|domestic) refuges?",
        r"refuge",
        r"modern slavery",
        r"forced labour",
        r"sexual(?:ly)? exploit(?:ed|ation)",
        r"county lines",
        r"cuckoo(?:ed|ing)",
        r"revenge porn",
        r"honour based",
        r"fgm",
    ),
}
# What is done, or felt: the words would find boxing and band practice.
_DEEDS = {
    Danger.SELF_HARM: _DESPAIR,
    Danger.ABUSE: (
        *_DONE,
        r"(?:scared|afraid|frightened|terrified) of (?:my|him|her|going home|being at home)",
        r"(?:scared|afraid|frightened|terrified) (?:to go home|to be at home|at home)",
        r"(?:not safe|unsafe|in danger)",
        r"(?:dont|do not|never) feel safe",
        r"(?:controls|controlling) (?:me|my|partner|husband|wife|boyfriend|girlfriend)",
    ),
}
_SAID = {
    telling: {danger: re.compile(rf"\b(?:{'|'.join(texts)})\b") for danger, texts in said.items()}
    for telling, said in ((False, _DEEDS), (True, _NAMED))
}
# "Drug abuse" is asked by people who want to stop, or who care for one; a walk goes off the beaten track.
_HARMLESS = re.compile(r"\b(?:(drugs?|alcohol|substances?|solvents?) (?:abuse|misuse)|beaten (track|path))\b")


@dataclass(frozen=True, slots=True)
class Heard:
    """Words of a search that tell of danger, and the need whose groups help. `telling` ones are a name for it that
    groups use too, such as "refuge"; others would find something else."""

    words: str
    need: str
    telling: bool


def dangers_in(q: str, needs: tuple[str, ...] = ()) -> frozenset[Danger]:
    """What danger the words may come from; also that of having chosen the need "safety"."""
    plain = _HARMLESS.sub(lambda found: found[1] or found[2], _plain(q))
    stems = {stem_of(word) for word in telling_words(plain)}
    heard = {
        danger
        for danger in Danger
        if stems & _STEMS[danger] or any(said[danger].search(plain) for said in _SAID.values())
    }
    return frozenset(heard | ({Danger.ABUSE} if SAFETY_NEED in needs else set()))


def heard_in(q: str) -> tuple[tuple[Heard, ...], str]:
    """What `q` says of danger in words that belong together, and what else it says.

    Of "my husband hits me" that is "hits me", and "my husband" is left. What one danger is told by without its name
    is one thing, however often it is told.
    """
    rest = _plain(q)
    found: list[Heard] = []
    for telling, by_danger in _SAID.items():
        for danger, texts in by_danger.items():
            said = list(dict.fromkeys(match.group() for match in texts.finditer(rest)))
            found += [Heard(words, HELPS[danger], telling) for words in (said if telling else said[:1])]
            rest = " ".join(texts.sub(" ", rest).split())
    return tuple(found), rest


def need_of(words: str, dangers: Collection[Danger]) -> str | None:
    """The need whose groups help in that of these dangers which one of the words names; None where none does."""
    stems = {stem_of(word) for word in telling_words(words)}
    return next((HELPS[danger] for danger in Danger if danger in dangers and stems & _STEMS[danger]), None)


def _plain(q: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", q[:LONGEST].casefold().replace("'", "").replace("’", "")).split())
