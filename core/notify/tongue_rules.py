"""The languages that people write down, by the names that they use: their tags, and how they are read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language in which somebody is written to. `code` is its BCP 47 tag, `name` what it is called in English."""

    code: str
    name: str
    from_right: bool = False

    @property
    def direction(self) -> str:
        """As pages say it."""
        return "rtl" if self.from_right else "ltr"


_FROM_RIGHT = frozenset({"ar", "ckb", "fa", "he", "ps", "prs", "sd", "ug", "ur", "yi"})
# The name that pages use first, then others that people write down.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "sq": ("Albanian",),
    "am": ("Amharic",),
    "ar": ("Arabic",),
    "bn": ("Bengali", "Bangla", "Sylheti"),
    "bg": ("Bulgarian",),
    "zh-Hant": ("Cantonese",),
    "zh-Hans": ("Chinese", "Mandarin"),
    "hr": ("Croatian",),
    "cs": ("Czech",),
    "prs": ("Dari",),
    "nl": ("Dutch",),
    "fa": ("Farsi", "Persian"),
    "fr": ("French",),
    "de": ("German",),
    "el": ("Greek",),
    "gu": ("Gujarati",),
    "ha": ("Hausa",),
    "he": ("Hebrew",),
    "hi": ("Hindi",),
    "hu": ("Hungarian",),
    "ig": ("Igbo",),
    "it": ("Italian",),
    "ja": ("Japanese",),
    "ko": ("Korean",),
    "ckb": ("Kurdish", "Sorani"),
    "kmr": ("Kurmanji",),
    "lv": ("Latvian",),
    "lt": ("Lithuanian",),
    "ml": ("Malayalam",),
    "ne": ("Nepali",),
    "om": ("Oromo",),
    "ps": ("Pashto", "Pushto"),
    "pl": ("Polish",),
    "pt": ("Portuguese",),
    "pa": ("Punjabi", "Panjabi"),
    "ro": ("Romanian",),
    "ru": ("Russian",),
    "sr": ("Serbian",),
    "sn": ("Shona",),
    "sd": ("Sindhi",),
    "si": ("Sinhala", "Sinhalese"),
    "sk": ("Slovak",),
    "so": ("Somali",),
    "es": ("Spanish",),
    "sw": ("Swahili",),
    "tl": ("Tagalog", "Filipino"),
    "ta": ("Tamil",),
    "te": ("Telugu",),
    "th": ("Thai",),
    "ti": ("Tigrinya",),
    "tr": ("Turkish",),
    "uk": ("Ukrainian",),
    "ur": ("Urdu",),
    "ug": ("Uyghur",),
    "vi": ("Vietnamese",),
    "cy": ("Welsh",),
    "yi": ("Yiddish",),
    "yo": ("Yoruba",),
}
TONGUES: Mapping[str, Tongue] = MappingProxyType(
    {code: Tongue(code, names[0], code in _FROM_RIGHT) for code, names in _NAMES.items()}
)
_BY_NAME = {name.casefold(): TONGUES[code] for code, names in _NAMES.items() for name in names}
# What stands in the box where somebody was asked and needs none.
_NONE_NEEDED = re.compile(
    r"(no|none|no thanks?|not? needed|not required|no interpreter.*|english( only)?|n/?a|-+)", re.IGNORECASE
)


def needs_none(interpreter: str) -> bool:
    """Whether what stands written about an interpreter says that none is needed."""
    said = interpreter.strip().rstrip(".")
    return not said or _NONE_NEEDED.fullmatch(said) is not None


def tongues_of(interpreter: str) -> tuple[Tongue, ...]:
    """The languages that are named in what stands written about an interpreter, in its order, English left out."""
    if needs_none(interpreter):
        return ()
    words = re.findall(r"\w+", interpreter.casefold())
    return tuple(dict.fromkeys(_BY_NAME[word] for word in words if word in _BY_NAME))


def tongue_of(interpreter: str) -> Tongue | None:
    """The language in which to write to somebody: the first that is named; none where they read English."""
    return next(iter(tongues_of(interpreter)), None)
