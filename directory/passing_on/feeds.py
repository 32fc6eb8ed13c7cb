"""A search as an Atom feed: what is new and what changed, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from feedgenerator import Atom1Feed

from directory.listings.pages import ListingPage
from directory.search.rules import Criteria


def query_of(criteria: Criteria) -> str:
    """The question mark and what follows it in an address that asks for this; empty where nothing is asked."""
    pairs = criteria.pairs()
    return f"?{urlencode(pairs)}" if pairs else ""


def atom(pages: Sequence[ListingPage], title: str, base_url: str, here: str) -> bytes:
    """The feed's bytes. `here` is its own path with its parameters."""
    feed = Atom1Feed(
        title=title, link=f"{base_url}/", description=title, feed_url=f"{base_url}{here}", language="en-GB"
    )
    for page in sorted(pages, key=lambda one: one.updated_at, reverse=True):
        times = "; ".join(page.timetable) or page.times_text
        said = [page.summary, f"By {page.group}.", times, page.where, page.cost]
        feed.add_item(
            title=page.name,
            link=f"{base_url}{page.path}",
            description=" ".join(part for part in said if part),
            unique_id=f"urn:uuid:{page.id}",
            updateddate=page.updated_at,
        )
    text: str = feed.writeString("utf-8")
    return text.encode()
