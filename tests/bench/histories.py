"""`python3 dev.py bench histories [--size N]`: the whole thread driven at random, N times.

Each history is an episode, its need, and the referrals that try to meet it, moved by whoever may and may not; after
every step the promises of the contract are held against it (`tests/unit/prescribing/test_thread_machine.py`, which
`dev.py test` runs on some). One that breaks a promise ends the run, cut down to the fewest steps that still break it.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.bench.tables import show
from tests.unit.prescribing.test_thread_machine import Thread

SIZE = 10_000
STEPS = 30


class Counted(Thread):
    """The machine, with a tally of what it went through."""

    histories = 0
    held = 0
    of_episodes: ClassVar[Counter[str]] = Counter()
    of_referrals: ClassVar[Counter[str]] = Counter()

    @invariant()
    def every_promise_was_held(self) -> None:
        Counted.held += 1

    def teardown(self) -> None:
        Counted.histories += 1
        Counted.of_episodes.update({str(event.target) for event in self.episode})
        Counted.of_referrals.update({str(event.target) for sent in self.referrals for event in sent.events})


def main() -> None:
    """Drive as many histories as were asked for, and say what they went through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="histories (10,000)")
    given = parser.parse_args()
    begun = time.perf_counter()
    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=given.size,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    seconds = time.perf_counter() - begun
    show(
        f"Random histories of up to {STEPS} steps, after each of which every promise held",
        ("", "number"),
        [
            ("histories", f"{Counted.histories:,}"),
            ("steps after which every promise held", f"{Counted.held:,}"),
            ("seconds", f"{seconds:,.0f}"),
        ],
    )
    for title, told in (("episode", Counted.of_episodes), ("referral", Counted.of_referrals)):
        rows = [(state, f"{number:,}") for state, number in told.most_common()]
        show(f"Histories that reached each state of the {title}", ("state", "histories"), rows)


if __name__ == "__main__":
    main()
