"""Page numbers of a long list."""

from __future__ import annotations


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
