"""Which page numbers are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.web.paging import page_numbers


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (1, 9, [1, 2, None, 9]),
        (3, 9, [1, 2, 3, 4, None, 9]),
        (5, 9, [1, None, 4, 5, 6, None, 9]),
        (4, 9, [1, 2, 3, 4, 5, None, 9]),
        (9, 9, [1, None, 8, 9]),
    ],
)
def test_first_last_and_neighbours_are_shown(page: int, pages: int, shown: list[int | None]) -> None:
    assert page_numbers(page, pages) == shown


@given(st.integers(1, 500).flatmap(lambda pages: st.tuples(st.integers(1, pages), st.just(pages))))
def test_a_gap_stands_for_two_pages_or_more(where: tuple[int, int]) -> None:
    page, pages = where
    shown = page_numbers(page, pages)
    assert shown[0] == 1
    assert shown[-1] == pages
    assert page in shown
    for before, gap, after in zip(shown, shown[1:], shown[2:], strict=False):
        if gap is None:
            assert before is not None
            assert after is not None
            assert after - before > 2
