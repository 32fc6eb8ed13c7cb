"""Whether a website answers, when to ask it again, and when to tell somebody that it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

# Our name in robots.txt; requests carry it with an address to read about us.
ROBOT = "GoldenThread"
ASK_AGAIN = timedelta(days=14)
ASK_AGAIN_FAILING = timedelta(days=1)
ASK_AGAIN_DEAD = timedelta(days=7)
BETWEEN_REQUESTS = timedelta(seconds=10)
ROBOTS_GOOD_FOR = timedelta(days=1)
# A site may be down for a day without being dead.
DEAD_AFTER = timedelta(days=2)
DEAD_FAILURES = 2
LONGEST_ROBOTS = 100_000
# Somebody is there, though not for us: a door for members, a guard against robots, a pause.
_THERE = frozenset({304, 401, 402, 403, 405, 406, 407, 429})


def answers(status: int) -> bool:
    """Whether an HTTP status says that somebody is there."""
    return 200 <= status < 400 or status in _THERE


def is_dead(failing_since: datetime | None, failures: int, now: datetime) -> bool:
    """Whether a website failed more than once, over days."""
    return failing_since is not None and failures >= DEAD_FAILURES and now - failing_since >= DEAD_AFTER


def next_visit(failing_since: datetime | None, failures: int, now: datetime) -> datetime:
    """When to ask again: soon while it is not sure, seldom otherwise."""
    if failing_since is None:
        return now + ASK_AGAIN
    return now + (ASK_AGAIN_DEAD if is_dead(failing_since, failures, now) else ASK_AGAIN_FAILING)


def host_of(url: str) -> str:
    """The host of a web address in small letters; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def robots_url(url: str) -> str:
    """Where the robots.txt of an address stands."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def may_visit(robots: str, url: str) -> bool:
    """Whether a robots.txt lets us ask for this address."""
    parser = RobotFileParser()
    parser.parse(robots[:LONGEST_ROBOTS].splitlines())
    return parser.can_fetch(ROBOT, url)
