"""`dev.py bench search|quality|page|caseload|needs|histories`: one measure with its baselines beside it, as a table."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from devtools import install
from devtools.steps import LOGS, ROOT, end

KINDS = ("search", "quality", "page", "caseload", "needs", "histories")


def bench(kind: str, more: Sequence[str]) -> int:
    """Run `tests/bench/<kind>.py` with the arguments `more`; gives its exit code."""
    print("Getting ready.")
    install.install_python(install.BENCH_LOCK, LOGS)
    if kind in {"page", "caseload"}:
        install.build_front_end(LOGS)
    command = [str(install.python_of(install.VENV)), "-m", f"tests.bench.{kind}", *more]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        return process.wait()
    except BaseException:
        end(process)
        raise
