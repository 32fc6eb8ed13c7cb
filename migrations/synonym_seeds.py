"""Words for the same thing that a new database starts with; editors change them on a page from then on.

An entry: phrases that mean the same; what is also typed for them, one way; the slug of a need where every listing
that meets it is an answer.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

Entry = tuple[tuple[str, ...], tuple[str, ...], str | None]

ENTRIES: tuple[Entry, ...] = (
    (
        ("food bank", "food parcel", "food pantry", "pantry", "food club", "community fridge", "larder"),
        ("hungry", "starving", "emergency food", "food voucher", "trussell"),
        None,
    ),
    (("community meal", "shared meal", "soup kitchen", "lunch club", "free meal", "hot meal"), (), None),
    (
        ("debt", "money advice", "money worries", "benefits advice", "welfare rights"),
        ("skint", "broke", "owe", "bailiff", "loan shark", "arrears", "universal credit", "pip", "bills"),
        "money-and-debt",
    ),
    (
        ("warm space", "warm hub", "warm place", "energy bills", "fuel poverty", "heating"),
        ("cold house", "cold home", "electric", "gas bill", "prepayment", "boiler"),
        "fuel",
    ),
    (
        ("befriending", "friendship", "lonely", "loneliness", "isolated"),
        ("alone", "friends", "company", "meet people", "new people", "chat", "talk"),
        "loneliness",
    ),
    (
        ("bereavement", "grief", "grieving", "widow"),
        ("died", "death", "passed away", "funeral", "lost wife", "lost husband", "mourning"),
        "bereavement",
    ),
    (("carer", "unpaid carer", "respite", "young carer"), ("caring",), "caring"),
    (
        ("mental health", "mental wellbeing", "anxiety", "depression", "counselling", "low mood"),
        ("anxious", "sad", "stress", "worried", "panic", "feeling down", "feeling low"),
        "mental-wellbeing",
    ),
    (
        ("keep fit", "exercise", "fitness", "chair exercise", "chair based", "gentle exercise"),
        ("gym", "workout", "lose weight", "weight", "strength"),
        None,
    ),
    (("walk", "ramble", "stroll", "walking group"), (), None),
    (("dance", "zumba"), (), None),
    (("yoga", "pilates", "tai chi", "stretching"), (), None),
    (("football", "walking football", "soccer"), (), None),
    (("swimming", "aqua", "swimming pool"), (), None),
    (("singing", "choir", "chorus"), (), None),
    (("music", "band", "instrument", "ukulele", "drumming"), (), None),
    (("knitting", "crochet", "sewing", "craft", "textiles"), ("natter",), None),
    (("art", "painting", "drawing", "pottery"), (), None),
    (("gardening", "allotment", "plots"), ("growing",), None),
    (("men shed", "shedders", "woodwork"), (), None),
    (("coffee morning", "tea morning", "cuppa", "brew"), ("coffee", "tea"), None),
    (("toddler", "baby", "stay play", "parent toddler", "baby group"), ("newborn", "mum baby"), None),
    (("youth club", "young people", "teenagers", "teens", "youth"), (), None),
    (
        ("older people", "pensioners", "over 50s", "over 60s", "elderly", "seniors", "later life"),
        ("oap",),
        None,
    ),
    (
        ("pensioners", "older people"),
        ("nan", "nana", "gran", "granny", "grandma", "grandad", "grandpa"),
        None,
    ),
    (
        ("homeless", "rough sleeping", "night shelter"),
        ("evicted", "sofa surfing", "nowhere live"),
        "homelessness",
    ),
    (("housing", "tenancy", "tenants", "landlord"), ("damp", "repairs", "rent", "council house"), "housing"),
    (
        ("job club", "job search", "work club", "employment", "job seekers"),
        ("job", "cv", "interview", "unemployed", "redundant"),
        "work",
    ),
    (
        ("digital skills", "computer", "internet", "tablet", "online skills"),
        ("smartphone", "laptop", "wifi", "ipad", "email"),
        "digital",
    ),
    (("english class", "esol", "speak english", "learn english", "conversation class"), (), "language"),
    (("asylum", "refugee", "immigration", "migrants"), ("visa", "home office"), "legal-and-immigration"),
    (
        ("domestic abuse", "domestic violence", "refuge"),
        ("abusive", "hits", "violent", "controlling"),
        "safety",
    ),
    (("dementia", "alzheimers", "memory cafe", "memory loss", "forgetful"), (), None),
    (("stroke", "aphasia", "stroke survivors"), (), None),
    (("diabetes",), ("blood sugar", "insulin"), None),
    (("chronic pain", "fibromyalgia", "arthritis", "long term"), (), None),
    (("copd", "lungs", "breathe easy", "asthma"), ("breathing", "breathless"), None),
    (("cancer", "macmillan"), (), None),
    (("deaf", "bsl", "sign language", "hearing loss", "hard hearing"), (), None),
    (("blind", "sight loss", "visually impaired", "partially sighted"), (), None),
    (("disabled",), ("wheelchair",), None),
    (("autism", "autistic", "neurodivergent", "adhd"), (), None),
    (("learning disability",), ("learning difficulties", "downs syndrome"), None),
    (("volunteering",), ("useful",), None),
    (
        ("lifts", "community transport", "dial ride", "minibus"),
        ("bus pass", "hospital transport", "appointments"),
        "transport",
    ),
    (("lgbt", "lgbtq", "gay", "lesbian", "trans", "queer"), (), None),
    (("veteran", "ex forces", "armed forces", "army"), (), None),
    (("alcohol", "sober", "sobriety", "addiction", "drugs"), ("drink", "recovery"), None),
    (("smoking", "stop smoking", "quit smoking", "vaping"), (), None),
    (("cooking", "cookery"), (), None),
    (("games", "board games", "chess", "bingo", "dominoes"), (), None),
    (("books", "reading", "book club", "library"), (), None),
    (("school uniform", "baby clothes", "clothes bank", "clothing", "nappies"), (), None),
    (("repair cafe", "repair"), ("mend", "fix"), None),
)


def id_of(entry: Entry) -> UUID:
    """The same id in every borough, from the first phrase."""
    return uuid5(NAMESPACE_URL, f"golden-thread/synonyms/{entry[0][0]}")


def version_id_of(entry: Entry) -> UUID:
    """The id of an entry's first version."""
    return uuid5(id_of(entry), "1")
