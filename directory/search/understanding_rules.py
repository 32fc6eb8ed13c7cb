"""What the words of a search ask for, within bounds whatever is typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from directory.search.safety_rules import Danger, Heard, dangers_in, heard_in, need_of
from directory.search.thesaurus.rules import EMPTY, Thesaurus, tokens_of
from directory.search.words import SOFT, need_token, stem_of, telling_words, tokens

LONGEST = 200
MOST_WORDS = 12
SHORTEST_PREFIX = 3
MOST_MEANINGS = 12

_MARKS = '["“”„«»]'
_QUOTED = re.compile(f'{_MARKS}([^"“”„«»]*){_MARKS}')


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that was asked for: a word or a phrase as typed, and the tokens that answer it.

    `tokens` gives each its worth from 0 to 1. A soft one counts and is not required. `parts` are the words that a
    phrase falls apart into when nothing answers it whole. `must` marks what stood in quotation marks: every answer
    meets it, whatever else is given up.
    """

    label: str
    tokens: Mapping[str, float]
    soft: bool = False
    parts: tuple[Asked, ...] = ()
    must: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a search ask for. `cut` says that some were left out for being too many.

    `exact` says that nothing is to be taken for a slip of the keyboard. `text` is what was typed, as far as it is
    looked at.
    """

    asked: tuple[Asked, ...]
    cut: bool = False
    unusable: bool = False
    exact: bool = False
    text: str = ""
    thesaurus: Thesaurus = field(default=EMPTY, repr=False, compare=False)

    @property
    def required(self) -> tuple[int, ...]:
        """Positions in `asked` that an answer should meet; soft ones only where there is nothing else."""
        hard = tuple(index for index, one in enumerate(self.asked) if not one.soft)
        return hard or tuple(range(len(self.asked)))

    def word(self, plain: str) -> Asked:
        """What one plain word asks for, as if it had been typed."""
        return _word(plain, self.thesaurus)


def understand(q: str, thesaurus: Thesaurus = EMPTY, *, exact: bool = False) -> Words:
    """What `q` asks for, within bounds whatever it holds: 200 characters, 12 words, 12 other meanings each."""
    text = q[:LONGEST]
    dangers = dangers_in(text)
    # Whoever puts a cry for help in quotation marks gets help, whether or not a listing says it so.
    quoted = [part for part in _QUOTED.findall(text) if telling_words(part) and not dangers_in(part)]
    plain = _QUOTED.sub(lambda found: found[0] if dangers_in(found[1]) else " ", text)
    heard, rest = heard_in(plain)
    typed = telling_words(rest if heard else plain)
    room = max(0, MOST_WORDS - len(heard) - sum(len(telling_words(part)) for part in quoted))
    asked = [_told(one) for one in heard]
    asked += [one for part in quoted for one in _exactly(part)][:MOST_WORDS]
    asked += [_beside(one, dangers) for one in _plainly(typed[:room], thesaurus)]
    need = None if asked else thesaurus.need_called(text)
    if need is not None:
        asked = [Asked(" ".join(text.split()), {need_token(need): 1.0})]
    once = tuple({one.label: one for one in asked}.values())
    return Words(
        once,
        cut=len(q) > LONGEST or len(typed) > room,
        unusable=bool(q.strip()) and not once,
        exact=exact or bool(dangers),
        text=text,
        thesaurus=thesaurus,
    )


def without_marks(q: str) -> str:
    """The same words with no quotation marks: each of them may stand anywhere."""
    return " ".join(re.sub(_MARKS, " ", q).split())


def _told(heard: Heard) -> Asked:
    """What is told of danger: whoever helps answers it, and where it is called by its name, whoever says that."""
    said = dict.fromkeys(_neighbours(heard.words), 1.0) if heard.telling else {}
    return Asked(heard.words, said | {need_token(heard.need): 1.0})


def _beside(one: Asked, dangers: Collection[Danger]) -> Asked:
    """What else is said by somebody in danger: a word that names it finds whoever helps; of others none is required."""
    need = need_of(one.label, dangers)
    if need is not None:
        return replace(one, tokens={**one.tokens, need_token(need): 1.0}, soft=False)
    return replace(one, soft=True) if dangers else one


def _plainly(typed: Sequence[str], thesaurus: Thesaurus) -> list[Asked]:
    """Words one after the other; those that together mean something known are one thing."""
    asked: list[Asked] = []
    place = 0
    while place < len(typed):
        for size in range(min(thesaurus.longest, len(typed) - place), 1, -1):
            phrase = _phrase(typed[place : place + size], thesaurus)
            if phrase is not None:
                asked.append(phrase)
                place += size
                break
        else:
            asked.append(_word(typed[place], thesaurus))
            place += 1
    return asked


def _word(word: str, thesaurus: Thesaurus) -> Asked:
    token = stem_of(word)
    return Asked(word, {token: 1.0} | _others(token, thesaurus), soft=word in SOFT)


def _phrase(words: Sequence[str], thesaurus: Thesaurus) -> Asked | None:
    """Words that together mean something known; nothing otherwise."""
    key = "_".join(stem_of(word) for word in words)
    if key not in thesaurus:
        return None
    return Asked(
        " ".join(words),
        dict.fromkeys(tokens_of(key), 1.0) | _others(key, thesaurus),
        parts=tuple(_word(word, thesaurus) for word in words),
    )


def _others(key: str, thesaurus: Thesaurus) -> dict[str, float]:
    return dict(list(thesaurus.others(key).items())[:MOST_MEANINGS])


def _exactly(quoted: str) -> list[Asked]:
    """What stood in quotation marks, as `_neighbours`."""
    labels = {stem_of(word): word for word in reversed(telling_words(quoted))}
    return [
        Asked(" ".join(labels.get(stem, stem) for stem in token.split("_")), {token: 1.0}, must=True)
        for token in _neighbours(quoted)
    ]


def _neighbours(text: str) -> list[str]:
    """Each pair of neighbours, and each word that is in none."""
    found = tokens(text)
    paired = {stem for token in found if "_" in token for stem in token.split("_")}
    return [token for token in found if "_" in token or token not in paired]
