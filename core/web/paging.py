"""Page numbers of a long list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

# What an address up to its number stands as, and what comes after it, until they are put in; and the first of the
# letters that numbers stand as. Those are private-use letters: no label holds one.
_ADDRESS = "#to"
_AFTER = "#then"
_FIRST = 0xE001


def page_numbers(page: int, pages: int) -> list[int | None]:
    """The numbers to show: the first, the last, this one and its neighbours; None stands for a gap."""
    wanted = sorted({1, pages, *(n for n in range(page - 1, page + 2) if 1 <= n <= pages)})
    shown: list[int | None] = []
    for number in wanted:
        before = shown[-1] if shown else None
        if before is not None and number == before + 2:
            shown.append(before + 1)
        elif before is not None and number > before + 2:
            shown.append(None)
        shown.append(number)
    return shown


@dataclass(frozen=True, slots=True)
class PagingShape:
    """The links to other pages without their numbers and addresses. There are few shapes, so their markup is worth
    keeping: `params` are for the macro, `filled` makes its markup that of one list."""

    params: dict[str, Any]
    numbers: dict[str, str]

    def filled(self, markup: str, address: str, place: str = "") -> Markup:
        """The macro's `markup` with the numbers, and the `address` that each of them is put after; `place` is the id of
        the part of the page that the list is in, where it is not at the top."""
        text = str(markup)
        for letter, number in self.numbers.items():
            text = text.replace(letter, number)
        marked = Markup(text).replace(_AFTER, f"#{place}" if place else "")  # noqa: S704 - the macro's own, and numbers
        return marked.replace(_ADDRESS, address)


def paging_shape(page: int, pages: int) -> PagingShape:
    """The shape of the links from `page` to the other `pages`."""
    letters: dict[int, str] = {}

    def letter(number: int) -> str:
        return letters.setdefault(number, chr(_FIRST + len(letters)))

    items: list[dict[str, Any]] = []
    for number in page_numbers(page, pages):
        if number is None:
            items.append({"ellipsis": True})
        else:
            stands = letter(number)
            items.append({"number": stands, "href": _ADDRESS + stands + _AFTER, "current": number == page})
    params = {
        "items": items,
        "previous": {"href": _ADDRESS + letter(page - 1) + _AFTER} if page > 1 else {},
        "next": {"href": _ADDRESS + letter(page + 1) + _AFTER} if page < pages else {},
    }
    return PagingShape(params, {stands: str(number) for number, stands in letters.items()})
