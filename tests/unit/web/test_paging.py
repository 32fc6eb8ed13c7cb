"""Which page numbers are shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, PackageLoader

from core.web.paging import page_numbers, paging_shape
from core.web.undefined import CarefulUndefined

NHS = Environment(loader=PackageLoader("nhsuk_frontend_jinja"), autoescape=True, undefined=CarefulUndefined)


def macro(name: str, folder: str) -> Any:
    return getattr(NHS.get_template(f"nhsuk/components/{folder}/macro.jinja").module, name)


PAGINATION = macro("pagination", "pagination")


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


@given(
    st.integers(1, 3_000),
    st.integers(2, 3_000),
    st.sampled_from(["/search?q=a&page=", "/people?page="]),
    st.sampled_from(["", "thread"]),
)
def test_links_to_pages_are_those_that_their_macro_makes(
    page: int, pages: int, address: str, place: str
) -> None:
    after = f"#{place}" if place else ""
    links = [
        {"ellipsis": True}
        if number is None
        else {"number": number, "href": f"{address}{number}{after}", "current": number == page}
        for number in page_numbers(page, pages)
    ]
    beside = {"previous": page - 1 if page > 1 else 0, "next": page + 1 if page < pages else 0}
    whole = {name: {"href": f"{address}{to}{after}"} if to else {} for name, to in beside.items()}
    shape = paging_shape(page, pages)
    assert shape.filled(PAGINATION(shape.params), address, place) == PAGINATION({"items": links, **whole})


def test_the_first_pages_of_many_lists_have_few_shapes() -> None:
    assert len({repr(paging_shape(1, pages).params) for pages in range(2, 500)}) == 4
