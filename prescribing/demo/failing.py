"""What went wrong for some people of the example borough, as their link workers marked it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from prescribing.demo.pace import Happening, Pace
from prescribing.episodes import contact_log
from prescribing.episodes.causes import Cause, Failing
from prescribing.episodes.contact_log import ContactNote
from prescribing.episodes.contacts import Direction, Outcome
from prescribing.episodes.rules import EpisodeState
from prescribing.failures.queries import failures_page
from prescribing.failures.services import decide
from prescribing.people.safe_contact import Channel

if TYPE_CHECKING:
    from prescribing.demo.supporting import Support

# Of a hundred people, so many had to get in touch because something failed.
CHASED = 42
# What people say of it, by why it came to that; the reasons that are common stand more often.
SAID: tuple[tuple[Cause, str], ...] = (
    (Cause.NO_ANSWER, "I rang three times. It rings and rings."),
    (Cause.NO_ANSWER, "I left a message last week, and nobody rang back."),
    (Cause.NO_ANSWER, "They never answered my email, so I did not know whether to go."),
    (Cause.NO_ANSWER, "The phone was always engaged, so I gave up until today."),
    (Cause.NO_ANSWER, "I asked to be rung on Monday, and I waited in."),
    (Cause.NO_ANSWER, "Nobody told me what happens next."),
    (Cause.LATE, "You said Tuesday. It is Friday."),
    (Cause.LATE, "I thought I had been forgotten."),
    (Cause.LATE, "Three weeks is a long time when you have plucked up the courage."),
    (Cause.LATE, "The first visit was to be this month, and the month is over."),
    (Cause.LATE, "I was told two days. That was a fortnight ago."),
    (Cause.NOT_PASSED_ON, "I had told the surgery all of that already."),
    (Cause.NOT_UNDERSTOOD, "I did not know that I had to ring first."),
    (Cause.LISTING_WRONG, "I stood at a locked door. The page said ten."),
)


@dataclass
class Chase:
    """Somebody gets in touch because something failed. `lots` are its own, so that it changes nobody's story."""

    support: Support
    lots: Random

    def happen(self) -> Happening:
        """Once, some days into the support."""
        if self.lots.randrange(100) >= CHASED:
            return
        pace = Pace(self.support.pace.now, self.lots)
        yield pace.work(3 + self.lots.randrange(6))
        episode = self.support.episode
        if episode.state is not EpisodeState.ACTIVE:
            return
        cause, words = self.lots.choice(SAID)
        note = ContactNote(
            channel=Channel.IN_PERSON if self.support.story.flagged else Channel.PHONE,
            outcome=Outcome.TALKED,
            direction=Direction.INBOUND,
            minutes=self.lots.choice((5, 10, 15, 20, 30)),
            note="They got in touch to ask what is happening.",
            failing=Failing(cause, words),
        )
        contact_log.record_contact(self.support.session, self.support.worker, episode.id, note)


def confirm(support: Support) -> None:
    """Before the end, most link workers say yes to what the system noticed."""
    if Random(f"noticed {support.story.key}").random() < 0.2:  # noqa: S311 - examples, no secret hangs on it
        return
    session, worker, episode_id = support.session, support.worker, support.episode.id
    for thing in failures_page(session, worker, episode_id).suggested:
        decide(session, worker, episode_id, thing.about, confirmed=True)
