"""Pages of a long list."""

from __future__ import annotations


def within(page: int, total: int, size: int) -> tuple[int, int]:
    """The page to show of `total` things, `size` to a page, and how many pages there are, at least one: what is asked
    for before the first is the first, and past the last the last."""
    pages = max(1, -(-total // size))
    return min(max(1, page), pages), pages
