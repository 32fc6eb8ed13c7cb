"""Whom to ring when it cannot wait: the one table of numbers that pages show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.web.links import tel


@dataclass(frozen=True, slots=True)
class Helpline:
    """A number that anybody in England may ring. `when` says for what and at what hours."""

    name: str
    number: str
    when: str

    @property
    def href(self) -> str:
        """The number as an address to press."""
        return _address(self.number)


@lru_cache(maxsize=16)
def _address(number: str) -> str:
    """Every page shows some of these few numbers, so each is read once."""
    return tel(number)


@dataclass(frozen=True, slots=True)
class Helplines:
    """All of them, by what they are for."""

    emergency: Helpline
    medical: Helpline
    mental_health: Helpline
    samaritans: Helpline
    abuse: Helpline
    childline: Helpline


HELPLINES = Helplines(
    emergency=Helpline(
        "Emergency", "999", "Someone is hurt or in danger now. If you cannot speak, press 55."
    ),
    medical=Helpline("NHS 111", "111", "Medical help that cannot wait. Day and night, free."),
    mental_health=Helpline(
        "NHS 111, then option 2", "111", "A crisis of mental health. Day and night, free."
    ),
    samaritans=Helpline("Samaritans", "116 123", "To talk to somebody about anything. Day and night, free."),
    abuse=Helpline(
        "National Domestic Abuse Helpline",
        "0808 2000 247",
        "If somebody hurts, frightens or controls you. Day and night, free.",
    ),
    childline=Helpline("Childline", "0800 1111", "For everybody under 19. Day and night, free."),
)
