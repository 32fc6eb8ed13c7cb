"""Ask the open API ten thousand questions, right, wrong and mad, and count what it answers.

    python -m tests.bench.open_api [--inputs 10000]

Ends with an error on the first answer that its OpenAPI document does not have; a 500 is one.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from flask import Flask

from core.db import db
from tests import build_directory
from tests.conftest import hurry, make_settings, migrate
from tests.contract.mischief import ask, ask_anything, operations
from wsgi import create_app


def main() -> None:
    """Ask, and print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=10_000)
    inputs: int = options.parse_args().inputs
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        os.chdir(folder)
        url = f"sqlite:///{folder / 'goldenthread.db'}"
        migrate(url, folder)
        app = create_app(make_settings(url, folder, api_per_minute=1_000_000_000))
        hurry(app, folder)
        with app.app_context():
            for number in range(3):
                build_directory.listing(
                    db.session(), name=f"Tea {number}", minimum_age=18, access=["step-free"]
                )
            db.session.commit()
        _ask(inputs, app)


def _ask(inputs: int, app: Flask) -> None:
    begun = time.monotonic()
    documented: Counter[int] = Counter()
    mad: Counter[int] = Counter()
    all_operations = list(operations(app))
    for operation in all_operations:
        ask(operation, max(1, inputs // 2 // len(all_operations)), documented, database=False)
    ask_anything(app, max(1, inputs - documented.total()), mad, database=False)
    seconds = time.monotonic() - begun
    both = documented + mad
    print("| answer | by the document | anything | all |")
    print("| --- | ---: | ---: | ---: |")
    for status in sorted(both):
        print(f"| {status} | {documented[status]:,} | {mad[status]:,} | {both[status]:,} |")
    print(f"| all | {documented.total():,} | {mad.total():,} | {both.total():,} |")
    broken = sum(count for status, count in both.items() if status >= 500)
    print(f"\n{both.total():,} inputs in {seconds:.0f} s; answers of 500 or more: {broken}.")


if __name__ == "__main__":
    main()
