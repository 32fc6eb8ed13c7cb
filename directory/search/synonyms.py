"""Different words for the same thing, as people in the borough say them. Curated by hand: precision before reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from directory.search.words import need_token, phrase_token


@dataclass(frozen=True, slots=True)
class Ring:
    """Phrases of one or two telling words, each of which means the others.

    `need` is a need's slug where every listing that meets it is an answer. `also` only ask: somebody who types them
    means the ring, but a listing that says them is no answer by that alone.
    """

    phrases: tuple[str, ...]
    need: str | None = None
    also: tuple[str, ...] = ()


RINGS: tuple[Ring, ...] = (
    Ring(
        ("food bank", "food parcel", "food pantry", "pantry", "food club", "community fridge", "larder"),
        also=("hungry", "starving", "emergency food", "food voucher", "trussell"),
    ),
    Ring(("community meal", "shared meal", "soup kitchen", "lunch club", "free meal", "hot meal")),
    Ring(
        ("debt", "debts", "money advice", "money worries", "benefits advice", "welfare rights"),
        need="money-and-debt",
        also=(
            "skint",
            "broke",
            "owe",
            "bailiff",
            "loan shark",
            "arrears",
            "universal credit",
            "pip",
            "bills",
        ),
    ),
    Ring(
        ("warm space", "warm hub", "warm place", "energy bills", "fuel poverty", "heating"),
        need="fuel",
        also=("cold house", "cold home", "electric", "gas bill", "prepayment", "boiler"),
    ),
    Ring(
        ("befriending", "befriender", "friendship", "lonely", "loneliness", "isolated", "isolation"),
        need="loneliness",
        also=("alone", "friends", "friend", "company", "meet people", "new people", "chat", "talk"),
    ),
    Ring(
        ("bereavement", "bereaved", "grief", "grieving", "widow", "widowed", "widower"),
        need="bereavement",
        also=("died", "death", "passed away", "funeral", "lost wife", "lost husband", "mourning"),
    ),
    Ring(
        ("carer", "carers", "unpaid carer", "respite", "young carer"),
        need="caring",
        also=("caring",),
    ),
    Ring(
        ("mental health", "mental wellbeing", "anxiety", "depression", "counselling", "low mood"),
        need="mental-wellbeing",
        also=(
            "anxious",
            "depressed",
            "sad",
            "stress",
            "stressed",
            "worried",
            "panic",
            "feeling down",
            "feeling low",
        ),
    ),
    Ring(
        (
            "keep fit",
            "exercise",
            "fitness",
            "chair exercise",
            "chair based",
            "gentle exercise",
        ),
        also=("get fit", "gym", "workout", "lose weight", "weight", "strength"),
    ),
    Ring(("walk", "walking", "ramble", "stroll", "walking group")),
    Ring(("dance", "dancing", "zumba")),
    Ring(("yoga", "pilates", "tai chi", "stretching")),
    Ring(("football", "walking football", "soccer")),
    Ring(("swimming", "swim", "aqua", "swimming pool")),
    Ring(("singing", "choir", "sing", "chorus")),
    Ring(("music", "band", "instrument", "ukulele", "drumming")),
    Ring(("knitting", "knit", "crochet", "sewing", "craft", "crafts", "textiles"), also=("natter",)),
    Ring(("art", "painting", "drawing", "pottery")),
    Ring(("gardening", "garden", "allotment", "plots"), also=("growing", "grow")),
    Ring(("men shed", "mens shed", "shedders", "woodwork")),
    Ring(("coffee morning", "tea morning", "cuppa", "brew"), also=("coffee", "tea")),
    Ring(
        ("toddler", "toddlers", "baby", "babies", "stay play", "parent toddler", "baby group"),
        also=("newborn", "mum baby"),
    ),
    Ring(("youth club", "young people", "teenagers", "teens", "youth")),
    Ring(("older people", "pensioners", "over 50s", "over 60s", "elderly", "seniors", "later life")),
    Ring(
        ("homeless", "homelessness", "rough sleeping", "night shelter"),
        need="homelessness",
        also=("evicted", "sofa surfing", "nowhere live"),
    ),
    Ring(
        ("housing", "tenancy", "tenants", "landlord"),
        need="housing",
        also=("damp", "repairs", "rent", "council house"),
    ),
    Ring(
        ("job club", "job search", "work club", "employment", "job seekers"),
        need="work",
        also=("job", "jobs", "cv", "interview", "unemployed", "redundant"),
    ),
    Ring(
        ("digital skills", "computer", "computers", "internet", "tablet", "online skills"),
        need="digital",
        also=("smartphone", "laptop", "wifi", "ipad", "email"),
    ),
    Ring(("english class", "esol", "speak english", "learn english", "conversation class"), need="language"),
    Ring(
        ("asylum", "refugee", "refugees", "immigration", "migrants"),
        need="legal-and-immigration",
        also=("visa", "home office"),
    ),
    Ring(
        ("domestic abuse", "domestic violence", "refuge"),
        need="safety",
        also=("abusive", "hits", "violent", "controlling"),
    ),
    Ring(("dementia", "alzheimers", "memory cafe", "memory loss", "forgetful")),
    Ring(("stroke", "aphasia", "stroke survivors")),
    Ring(("diabetes", "diabetic")),
    Ring(("chronic pain", "fibromyalgia", "arthritis", "long term")),
    Ring(("copd", "lungs", "breathe easy", "asthma"), also=("breathing", "breathless")),
    Ring(("cancer", "macmillan")),
    Ring(("deaf", "bsl", "sign language", "hearing loss", "hard hearing")),
    Ring(("blind", "sight loss", "visually impaired", "partially sighted")),
    Ring(("disabled", "disability", "disabilities"), also=("wheelchair",)),
    Ring(("autism", "autistic", "neurodivergent", "adhd")),
    Ring(("learning disability", "learning disabilities")),
    Ring(("volunteering", "volunteer", "volunteers"), also=("useful",)),
    Ring(
        ("lifts", "community transport", "dial ride", "minibus"),
        need="transport",
        also=("lift", "bus pass", "hospital transport", "appointments"),
    ),
    Ring(("lgbt", "lgbtq", "gay", "lesbian", "trans", "queer")),
    Ring(("veteran", "veterans", "ex forces", "armed forces", "army")),
    Ring(("alcohol", "sober", "sobriety", "addiction", "drugs"), also=("drink", "drinking", "recovery")),
    Ring(("smoking", "stop smoking", "quit smoking", "vaping")),
    Ring(("cooking", "cookery", "cook")),
    Ring(("games", "board games", "chess", "bingo", "dominoes")),
    Ring(("books", "reading", "book club", "library")),
    Ring(("school uniform", "baby clothes", "clothes bank", "clothing", "nappies")),
    Ring(("repair cafe", "repair"), also=("mend", "fix")),
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What else a token asks for: other tokens, each with its worth from 0 to 1 beside the word itself."""

    tokens: Mapping[str, float]


SAME = 0.7
NEED = 0.8


@cache
def meanings() -> Mapping[str, Meaning]:
    """For each token that somebody may type, what it means besides itself."""
    known: dict[str, dict[str, float]] = {}
    for ring in RINGS:
        answers = dict.fromkeys((phrase_token(phrase) for phrase in ring.phrases), SAME)
        if ring.need:
            answers[need_token(ring.need)] = NEED
        for asked in (*ring.phrases, *ring.also):
            mine = known.setdefault(phrase_token(asked), {})
            mine |= {token: worth for token, worth in answers.items() if token != phrase_token(asked)}
    return {token: Meaning(worths) for token, worths in known.items()}


@cache
def known_pairs() -> frozenset[str]:
    """Every pair of words that somebody may ask for as one thing."""
    told = {token for meaning in meanings().values() for token in meaning.tokens}
    return frozenset(token for token in told | meanings().keys() if "_" in token)
