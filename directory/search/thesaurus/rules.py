"""Different words for the same thing, as people in the borough say them: what typing one of them asks for besides."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap

from core.errors import Invalid
from directory.search.words import LONGEST_WORD, need_token, pair, plain_words, stem_of, telling_words

# How many telling words a phrase may have; an answer of more than two is looked for by its pairs.
LONGEST_PHRASE = 4
LONGEST_TEXT = 60
MOST_SAME = 12
MOST_TYPED = 40

# What a listing is worth that says it in other words, and one that was marked as meeting the need.
SAME = 0.7
NEED = 0.8


@dataclass(frozen=True, slots=True)
class Ring:
    """Phrases that mean the same. Each of `same` finds the others.

    `typed` go one way: somebody who types them means `same`, but a listing that says them is no answer by that alone.
    `need` is a need's slug where every listing that meets it is an answer.
    """

    same: tuple[str, ...]
    typed: tuple[str, ...] = ()
    need: str | None = None


class Thesaurus:
    """All rings, ready to be asked. Where one word has more meanings than are looked at, earlier rings win.

    `needs` are the needs in use, slug to name: a name of small words alone, such as "Getting about", is known whole.
    """

    def __init__(self, rings: Iterable[Ring] = (), needs: Mapping[str, str] | None = None) -> None:
        self._whole = {
            " ".join(plain_words(name)): slug
            for slug, name in (needs or {}).items()
            if not telling_words(name)
        }
        self._others: dict[str, dict[str, float]] = {}
        words: dict[str, None] = {}
        for ring in rings:
            answers = {need_token(ring.need): NEED} if ring.need else {}
            answers |= {token: SAME for phrase in ring.same for token in answering(phrase)}
            for phrase in (*ring.same, *ring.typed):
                key = key_of(phrase)
                if not key:
                    continue
                words |= dict.fromkeys(word for word in telling_words(phrase) if word.isalpha())
                own = set(answering(phrase))
                mine = self._others.setdefault(key, {})
                for token, worth in answers.items():
                    if token not in own:
                        mine[token] = max(worth, mine.get(token, 0.0))
        self.words = tuple(words)
        self.longest = max((key.count("_") + 1 for key in self._others), default=1)

    def others(self, key: str) -> Mapping[str, float]:
        """The tokens that a word or a phrase asks for besides its own, each with its worth from 0 to 1."""
        return self._others.get(key, {})

    def need_called(self, text: str) -> str | None:
        """The slug of the need that has this very name, where no word of it tells anything; None otherwise."""
        return self._whole.get(" ".join(plain_words(text)))

    def __contains__(self, key: str) -> bool:
        return key in self._others


EMPTY = Thesaurus()


def key_of(phrase: str) -> str:
    """What a phrase is known by: the stems of its telling words. Empty where it has none, or too many."""
    stems = [stem_of(word) for word in telling_words(phrase)]
    return "_".join(stems) if len(stems) <= LONGEST_PHRASE else ""


def answering(phrase: str) -> tuple[str, ...]:
    """The tokens by which listings that say a phrase are found: a word, a pair, or the pairs of a longer phrase."""
    return tokens_of(key_of(phrase))


def tokens_of(key: str) -> tuple[str, ...]:
    """As `answering`, for a phrase's key."""
    stems = key.split("_") if key else []
    if len(stems) < 3:
        return tuple([key] if key else [])
    return tuple(starmap(pair, pairwise(stems)))


# --- what an editor types -------------------------------------------------------------------------------------


def read_phrases(text: str, field: str, most: int) -> tuple[str, ...]:
    """Phrases out of a box: one on a line, or with commas between. Raises `Invalid` naming what cannot be used."""
    typed = [" ".join(part.split()) for part in re.split(r"[\n,;]", text)]
    phrases = tuple({part.casefold(): part.casefold() for part in typed if part})
    if len(phrases) > most:
        raise Invalid(f"Use at most {most} words or phrases here. Put the others in another entry.", field)
    for phrase in phrases:
        problem = problem_of(phrase)
        if problem:
            raise Invalid(problem, field)
    return phrases


def problem_of(phrase: str) -> str:
    """Why a phrase can never be found, and how to mend it; empty where it can."""
    shown = phrase[:LONGEST_TEXT] + "…" * (len(phrase) > LONGEST_TEXT)
    if len(phrase) > LONGEST_TEXT or any(len(word) > LONGEST_WORD for word in phrase.split()):
        return f"“{shown}” is too long. Use at most {LONGEST_TEXT} letters, and {LONGEST_WORD} in one word."
    telling = telling_words(phrase)
    if not telling:
        return f"“{shown}” has no word that searches look at. Leave out small words like “the” or “for”."
    if len(telling) > LONGEST_PHRASE:
        return f"“{shown}” has too many words. Use at most {LONGEST_PHRASE}."
    return ""


def check_ring(ring: Ring) -> None:
    """Raise `Invalid` for an entry that would change no search."""
    if not ring.same and not ring.need:
        raise Invalid("Enter what these words should find: other words, or a kind of help.", "same")
    if len(ring.same) + len(ring.typed) + bool(ring.need) < 2 or not (ring.same or ring.typed):
        raise Invalid("Enter at least two words or phrases, so that one can find the other.", "same")
    known: dict[str, str] = {}
    for field, phrases in (("same", ring.same), ("typed", ring.typed)):
        for phrase in phrases:
            key = key_of(phrase)
            if key in known:
                raise Invalid(
                    f"“{phrase}” and “{known[key]}” are one and the same to a search. Keep one of them.",
                    field,
                )
            known[key] = phrase


# --- lists of synonyms as others publish them -----------------------------------------------------------------

_LINE = re.compile(r"-\s*(?P<kind>search|index|both)\s*:\s*(?P<left>[^#]*?)\s*=>\s*(?P<right>[^#]*)")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file of synonyms holds: entries, and what could not be used, with the number of its line from 1.

    `needless` counts lines whose phrases are one and the same to a search already.
    """

    rings: tuple[Ring, ...]
    problems: tuple[tuple[int, str], ...]
    needless: int


def read_list(lines: Iterable[str]) -> Listed:
    """Entries out of lines like "- search: car, vehicle => car, vehicle", as GOV.UK publishes its own.

    What stands on both sides means the same. What stands on the left alone finds the right, and is not found by it.
    """
    rings: dict[Ring, None] = {}
    problems: list[tuple[int, str]] = []
    needless = 0
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith(("#", "---")):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            problems.append((number, "This line is not of the form “- search: one, two => three”."))
            continue
        left, right = _phrases(match["left"]), _phrases(match["right"])
        unusable = {phrase: problem for phrase in (*left, *right) if (problem := problem_of(phrase))}
        problems += [(number, problem) for problem in unusable.values()]
        found = [
            ring
            for ring in _rings(_each_once(left, unusable), _each_once(right, unusable))
            if len(ring.same) + len(ring.typed) > 1
        ]
        needless += not found and not unusable
        rings |= dict.fromkeys(found)
    return Listed(tuple(rings), tuple(problems), needless)


def _phrases(text: str) -> tuple[str, ...]:
    plain = (" ".join(part.strip(" \"'").replace("_", " ").casefold().split()) for part in text.split(","))
    return tuple(dict.fromkeys(part for part in plain if part))


def _each_once(phrases: Sequence[str], unusable: Container[str]) -> dict[str, str]:
    """By key: the first of those phrases that are one and the same to a search."""
    known: dict[str, str] = {}
    for phrase in phrases:
        if phrase not in unusable:
            known.setdefault(key_of(phrase), phrase)
    return known


def _rings(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[Ring]:
    """One entry where the right is on the left too; else one for each of the right, as those need not be the same."""
    if right.keys() <= left.keys():
        alone = tuple(phrase for key, phrase in left.items() if key not in right)
        yield Ring(tuple(right.values())[:MOST_SAME], alone[:MOST_TYPED])
        return
    for target, phrase in right.items():
        typed = tuple(other for key, other in left.items() if key != target)
        yield Ring((phrase,), typed[:MOST_TYPED])


def mentions(ring: Ring, wanted: str) -> bool:
    """Whether one of its phrases holds what an editor looks for."""
    plain = " ".join(plain_words(wanted))
    return any(plain in " ".join(plain_words(phrase)) for phrase in (*ring.same, *ring.typed))
