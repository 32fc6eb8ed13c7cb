"""What the matrix and the bad inputs share: one app a worker, and what it met once it need not meet again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.things import Things

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is asked of one route stands side by side: where tests are shared out between workers, each of them
    makes, compiles and imports for the half of the routes alone."""
    keyed = [
        (place, str(item.callspec.params["key"]))
        for place, item in enumerate(items)
        if HERE in item.path.parents
        and isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and "key" in item.callspec.params
    ]
    turn = {key: at for at, key in reversed([*enumerate(key for _place, key in keyed)])}
    ordered = [items[place] for place, key in sorted(keyed, key=lambda each: turn[each[1]])]
    for (place, _key), item in zip(keyed, ordered, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def things(
    sqlite_template: Path, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Things]:
    """One app and database for every route, with the demo's routes too."""
    things = Things(sqlite_template, tmp_path_factory.mktemp("things"), run_folder)
    yield things
    things.close()
