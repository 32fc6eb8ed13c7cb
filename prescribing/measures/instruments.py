"""The measures that we ship, and the slots for licensed ones. Sources: the measures contract and their owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from core.errors import Invalid
from prescribing.measures.rules import Band, Direction, Instrument, Item, Option, Total

# More answers than these are typed in as a number.
MOST_BOXES = 10
_GOOD_BANDS = (
    Band(0, 4, "low"),
    Band(5, 6, "medium"),
    Band(7, 8, "high"),
    Band(9, 10, "very high"),
)
_ANXIETY_BANDS = (
    Band(0, 1, "very low"),
    Band(2, 3, "low"),
    Band(4, 5, "medium"),
    Band(6, 10, "high"),
)
_NOT_AT_ALL, _COMPLETELY = "not at all", "completely"


def _ons4(key: str, label: str, question: str, *, anxiety: bool = False) -> Item:
    return Item(
        key=key,
        label=label,
        question=question,
        low=0,
        high=10,
        direction=Direction.LOWER_BETTER if anxiety else Direction.HIGHER_BETTER,
        low_words=_NOT_AT_ALL,
        high_words=_COMPLETELY,
        bands=_ANXIETY_BANDS if anxiety else _GOOD_BANDS,
    )


ONS4 = Instrument(
    key="ons4",
    name="Personal wellbeing (ONS4)",
    items=(
        _ons4("satisfaction", "Life satisfaction", "Overall, how satisfied are you with your life nowadays?"),
        _ons4(
            "worthwhile",
            "Feeling worthwhile",
            "Overall, to what extent do you feel that the things you do in your life are worthwhile?",
        ),
        _ons4("happiness", "Happiness", "Overall, how happy did you feel yesterday?"),
        _ons4("anxiety", "Anxiety", "Overall, how anxious did you feel yesterday?", anxiety=True),
    ),
)

_HOW_OFTEN = (Option(1, "hardly ever or never"), Option(2, "some of the time"), Option(3, "often"))


def _ucla(key: str, label: str, question: str) -> Item:
    return Item(key, label, question, 1, 3, Direction.LOWER_BETTER, options=_HOW_OFTEN)


UCLA3 = Instrument(
    key="ucla3",
    name="Loneliness (UCLA, three questions)",
    items=(
        _ucla("companionship", "Lacking companionship", "How often do you feel that you lack companionship?"),
        _ucla("left-out", "Feeling left out", "How often do you feel left out?"),
        _ucla("isolated", "Feeling isolated", "How often do you feel isolated from others?"),
    ),
    total=Total("Loneliness", Direction.LOWER_BETTER, bands=(Band(3, 5, "not lonely"), Band(6, 9, "lonely"))),
)

ONS_LONELINESS = Instrument(
    key="ons-loneliness",
    name="How often you feel lonely",
    items=(
        Item(
            "lonely",
            "Feeling lonely",
            "How often do you feel lonely?",
            1,
            5,
            Direction.NEITHER,
            options=(
                Option(1, "often or always"),
                Option(2, "some of the time"),
                Option(3, "occasionally"),
                Option(4, "hardly ever"),
                Option(5, "never"),
            ),
        ),
    ),
)

GOAL = Instrument(
    key="goal",
    name="Your own goal",
    items=(
        Item(
            "importance",
            "Importance",
            "How important is this goal to you?",
            1,
            10,
            Direction.NEITHER,
            _NOT_AT_ALL,
            _COMPLETELY,
        ),
        Item(
            "confidence",
            "Confidence",
            "How confident are you that you can do it?",
            1,
            10,
            Direction.HIGHER_BETTER,
            _NOT_AT_ALL,
            _COMPLETELY,
        ),
        Item(
            "progress",
            "Progress",
            "How far have you come with this goal?",
            1,
            10,
            Direction.HIGHER_BETTER,
            _NOT_AT_ALL,
            "all the way",
        ),
    ),
    by_proxy=True,
)

_RAW_7_TO_35 = (
    "7 9.51 11.25 12.40 13.33 14.08 14.75 15.32 15.84 16.36 16.88 17.43 17.98 18.59 19.25 19.98 20.73 21.54 22.35 "
    "23.21 24.11 25.03 26.02 27.03 28.13 29.31 30.70 32.55 35"
)
SWEMWBS_METRIC: Mapping[int, float] = MappingProxyType(
    {raw: float(metric) for raw, metric in zip(range(7, 36), _RAW_7_TO_35.split(), strict=True)}
)
# The wording is licensed: an operator who attests a licence adds it. We ship the scoring.
SWEMWBS = Instrument(
    key="swemwbs",
    name="Mental wellbeing (SWEMWBS)",
    items=tuple(
        Item(f"item-{number}", f"Statement {number}", "", 1, 5, Direction.HIGHER_BETTER)
        for number in range(1, 8)
    ),
    total=Total(
        "Mental wellbeing",
        Direction.HIGHER_BETTER,
        table=SWEMWBS_METRIC,
        matters_from=1.03,
        matters_to=2.87,
    ),
    licensed=True,
)

# Of these we keep the scores that a licence holder worked out, and ship neither wording nor scoring.
MYCAW = Instrument(
    key="mycaw",
    name="MYCaW",
    items=(
        Item("concern-1", "First concern", "", 0, 6, Direction.LOWER_BETTER),
        Item("concern-2", "Second concern", "", 0, 6, Direction.LOWER_BETTER),
        Item("wellbeing", "Wellbeing", "", 0, 6, Direction.LOWER_BETTER),
    ),
    licensed=True,
)
PAM = Instrument(
    key="pam",
    name="PAM",
    items=(Item("score", "Activation score", "", 0, 100, Direction.HIGHER_BETTER, decimals=1),),
    licensed=True,
)
EQ_5D = Instrument(
    key="eq-5d",
    name="EQ-5D",
    items=(
        Item("index", "Index value", "", -1, 1, Direction.HIGHER_BETTER, decimals=3),
        Item("scale", "Health today", "", 0, 100, Direction.HIGHER_BETTER),
    ),
    licensed=True,
    by_proxy=True,
)

SHIPPED: Mapping[str, Instrument] = MappingProxyType(
    {each.key: each for each in (ONS4, UCLA3, ONS_LONELINESS, GOAL)}
)
# May be asked once an operator has said that they hold a licence; SWEMWBS by its own words, the others by their scores.
LICENSED: Mapping[str, Instrument] = MappingProxyType(
    {each.key: each for each in (SWEMWBS, MYCAW, PAM, EQ_5D)}
)
INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType({**SHIPPED, **LICENSED})
# Licensed measures of which only the scores are kept.
SCORE_SLOTS: Mapping[str, str] = MappingProxyType({each.key: each.name for each in (MYCAW, PAM, EQ_5D)})
# What a page may ask about a person as a whole; the goal's questions belong to one goal of the plan.
ASKED: Mapping[str, Instrument] = MappingProxyType({each.key: each for each in (ONS4, UCLA3, ONS_LONELINESS)})


def with_wording(instrument: Instrument, wording: Sequence[str]) -> Instrument:
    """The instrument with the words that a licence holder typed, as `check_wording` lets them; as it is without any."""
    if not wording:
        return instrument
    count = len(instrument.items)
    items = (
        replace(item, question=words, options=_options(item, wording[count:]))
        for item, words in zip(instrument.items, wording[:count], strict=True)
    )
    return replace(instrument, items=tuple(items))


def read_back(instrument: Instrument, wording: Sequence[str]) -> Instrument:
    """As `with_wording`, with each question beside its short name, for whoever reads the answers."""
    items = (
        replace(item, label=f"{item.label} ({item.question})") if wording else item
        for item in with_wording(instrument, wording).items
    )
    return replace(instrument, items=tuple(items))


def check_wording(instrument: Instrument, questions: Sequence[str], answers: Sequence[str]) -> None:
    """Raise Invalid, naming the field, unless there is one text a question and one an answer, from the lowest to the
    highest. Both may be left out, and the answers alone; without them each answer is its number."""
    count, steps = len(instrument.items), _steps(instrument)
    if (questions or answers) and len(questions) != count:
        raise Invalid(
            f"{instrument.name} has {count} questions. Write each on a line of its own, or none", "wording"
        )
    if answers and not steps:
        raise Invalid(f"{instrument.name} has no answers to choose from. Leave this empty", "answer_words")
    if answers and len(answers) != steps:
        raise Invalid(
            f"{instrument.name} has {steps} answers to each question. Write each on a line of its own, or none",
            "answer_words",
        )


def is_typed(item: Item) -> bool:
    """Whether a number is typed: there are too many to choose from."""
    return bool(item.decimals) or item.high - item.low > MOST_BOXES


def _steps(instrument: Instrument) -> int:
    """How many answers there are to choose from, the same for every question; 0 where a score is typed in."""
    found = {int(item.high - item.low) + 1 if not is_typed(item) else 0 for item in instrument.items}
    return found.pop() if len(found) == 1 else 0


def _options(item: Item, answers: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(int(item.low) + step, words) for step, words in enumerate(answers)) or item.options
