"""Which page of a list is shown, and how many there are."""

from __future__ import annotations

import pytest

from core.paging import within


@pytest.mark.parametrize(
    ("page", "total", "shown", "pages"),
    [(1, 0, 1, 1), (1, 20, 1, 1), (2, 20, 1, 1), (2, 21, 2, 2), (0, 21, 1, 2), (-3, 21, 1, 2), (9, 21, 2, 2)],
)
def test_there_is_always_a_page_to_show(page: int, total: int, shown: int, pages: int) -> None:
    assert within(page, total, 20) == (shown, pages)
