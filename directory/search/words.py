"""From what people type, and from what listings say, to the tokens that are compared. Both sides come through here.

A token is an English stem ("walk"), two neighbouring stems ("food_bank"), or a need ("=food").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from whoosh.lang.porter2 import stem

LONGEST_WORD = 30

_APOSTROPHES = re.compile(r"['’‘`´]")
_WORD = re.compile(r"[a-z0-9]+")

# One word to some people and two to others: always two here.
_TOGETHER = {
    "foodbank": "food bank",
    "foodbanks": "food banks",
    "childcare": "child care",
    "chairbased": "chair based",
    "jobcentre": "job centre",
    "babygroup": "baby group",
    "playgroup": "play group",
    "playgroups": "play groups",
    "lunchclub": "lunch club",
    "workclub": "work club",
    "toddlergroup": "toddler group",
    "handcraft": "hand craft",
    "needlework": "needle work",
    "woodwork": "wood work",
}

# Spelt alike by many, and never told apart here: what one does, and what one gives.
_AS_ONE = {"advise": "advice", "practise": "practice"}


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _listed(
    """
    a about after again all also am an and any anyone anything anywhere are around as at be because been but by
    can cannot cant could did do does doing dont each else even ever every find for from get gets getting give go
    going got had has have he her here him his how i id if im in into is isnt it its ive just like look looking
    lot made make may me might mine more most much my myself near nearby need needs no nobody not of off on one
    only or other our ours out over own please really she should so some someone something somewhere such than
    that thats the their them then there theres these they theyre this those thru to too try under until up us
    very want wants was we were what when where which while who why will with within without would you your
    yours
    """
)

# Words that do not part a pair: "stay and play", "dial a ride".
LINKS = _listed("a an and for in of on s the to up")

# Words that hardly narrow anything in a directory of support, and whom somebody asks for: they count, and are never
# required.
SOFT = _listed(
    """
    activity activities advice area available borough centre class classes club clubs community free group groups
    help helping local meeting meetings people person place places project service services session sessions
    support things today tomorrow tonight week weekly
    aunt auntie brother dad daughter father gran grandad grandma grandpa granny grandson husband mother mum nan nana
    neighbour partner sister son uncle wife
    """
)


def flat_words(text: str) -> list[str]:
    """Small letters and digits only, accents and apostrophes off, emoji and operators gone: "Men's" is "mens"."""
    flat = _APOSTROPHES.sub("", text).casefold()
    if not flat.isascii():
        flat = "".join(
            one for one in unicodedata.normalize("NFKD", flat) if not unicodedata.combining(one)
        ).casefold()
    return [word for word in _WORD.findall(flat) if len(word) <= LONGEST_WORD]


def plain_words(text: str) -> Iterator[str]:
    """As `flat_words`, in one spelling: what some write as one word and others as two is always two."""
    for word in flat_words(text):
        yield from _in_one_spelling(word)


def _in_one_spelling(word: str) -> list[str]:
    return _TOGETHER.get(word, _AS_ONE.get(word, word)).split()


def telling_words(text: str) -> list[str]:
    """The words that tell something: no stop words, no single letters or digits."""
    return [word for word in plain_words(text) if word not in STOP and len(word) > 1]


@lru_cache(maxsize=50_000)
def stem_of(word: str) -> str:
    """The English stem of a plain word. Words with digits stay as they are."""
    return word if any(letter.isdigit() for letter in word) else str(stem(word))


def may_stem_from(word: str, letters: Collection[str]) -> bool:
    """Whether a stem of `word`, as it stands in a text, may begin with one of `letters`. Quick, and never wrongly no:
    a stem begins as its word does, unless that has more than plain letters or is two words here."""
    small = word.lower()
    return small[:1] in letters or not small.isascii() or not small.isalnum() or small in _TOGETHER


def compared(words: Collection[str]) -> dict[str, str]:
    """Of `words` those that compare, to the plain one that they come from: "longer" and "longest" to "long".

    Both must be there, so that a forest is not taken for the most of something; where the plain word is not, the
    first of the two stands for it.
    """
    held, found = set(words), {}
    for most in held:
        stump = most.removesuffix("est")
        more = f"{stump}er"
        if stump == most or more not in held:
            continue
        plain = (stump, f"{stump}e", f"{stump[:-1]}y", stump[:-1])
        found[most] = found[more] = next((one for one in plain if one in held), more)
    return found


def tokens(text: str) -> list[str]:
    """The stems of a text, then each pair of neighbouring ones; only the smallest words may stand between two."""
    marked = marked_stems(flat_words(text))
    pairs = [pair(one, other) for one, other in pairwise(marked) if one and other]
    return [stem for stem in marked if stem] + pairs


def marked_stems(words: Iterable[str]) -> list[str]:
    """The stems of the flat words of a text in their order, and nothing ("") where no pair spans what is between."""
    return [stem for word in words for stem in _read(word)[0]]


def spelt_words(words: Iterable[str]) -> Iterator[str]:
    """Of flat words those that tell something, as people spell them: letters only."""
    return (word for told in words for word in _read(told)[1])


@lru_cache(maxsize=100_000)
def _read(flat: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a flat word comes to: its marked stems, and what of it people spell."""
    marked: list[str] = []
    spelt: list[str] = []
    for word in _in_one_spelling(flat):
        if word in STOP or len(word) == 1:
            marked += [] if word in LINKS else [""]
            continue
        marked.append(stem_of(word))
        spelt += [word] if word.isalpha() else []
    return tuple(marked), tuple(spelt)


def pair(one: str, other: str) -> str:
    """The token of two neighbouring stems."""
    return f"{one}_{other}"


def need_token(slug: str) -> str:
    """The token that a listing carries for each need that it meets."""
    return f"={slug}"


def is_need(token: str) -> bool:
    """Whether a token stands for a need."""
    return token.startswith("=")


def joined(texts: Iterable[str]) -> str:
    """Tokens of several texts, as an index takes them; no pair spans two texts."""
    return " ".join(token for text in texts for token in tokens(text))
