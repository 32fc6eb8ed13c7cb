"""`dev.py test` and `dev.py check`: every step in order, each timed, to the end even when one fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from devtools import install
from devtools.steps import ROOT, WORK, Stop, end

LOGS = WORK / "logs"
REPORTS = WORK / "reports"
COVERAGE = WORK / "coverage"

# Settings of whoever runs the tests must not leak into them.
_OURS = ("GT_", "FLASK_", "DATABASE_URL", "COVERAGE_", "PYTEST_ADDOPTS")


@dataclass(frozen=True)
class Outcome:
    """How one step ended: its name, seconds, and whether it went well."""

    name: str
    seconds: float
    passed: bool


@dataclass(frozen=True)
class Count:
    """How many tests passed and failed; one that could not be set up failed."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed)


class Run:
    """A row of steps; remembers how each ended."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.count = Count()
        self.begun = time.monotonic()
        names = [name for name in os.environ if not name.startswith(_OURS)]
        self.env = {name: os.environ[name] for name in names} | {"PYTHONUNBUFFERED": "1"}

    def step(self, name: str, command: Sequence[str | Path], **env: str) -> bool:
        """Run `command` with its output shown; whether it ended well."""
        print(f"\n== {name}", flush=True)
        begun = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, cwd=ROOT, env=self.env | env
        )
        try:
            passed = process.wait() == 0
        except BaseException:
            end(process)
            raise
        seconds = time.monotonic() - begun
        self.outcomes.append(Outcome(name, seconds, passed))
        print(f"-- {name}: {'ok' if passed else 'FAILED'} in {seconds:.1f} s", flush=True)
        return passed

    def together(self, commands: Mapping[str, Sequence[str | Path]]) -> None:
        """Run all `commands`, by the name of the step, at once; each one's output is shown when it has ended."""
        with ExitStack() as stack:
            begun = time.monotonic()
            started = {}
            for name, command in commands.items():
                output = stack.enter_context(tempfile.TemporaryFile())
                process = subprocess.Popen(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env=self.env,
                )  # fmt: skip
                # Does nothing to one that has ended; nothing is left behind where we are interrupted.
                stack.callback(end, process)
                started[name] = (process, output)
            for name, (process, output) in started.items():
                print(f"\n== {name}", flush=True)
                passed = process.wait() == 0
                output.seek(0)
                print(output.read().decode(errors="replace").rstrip())
                seconds = time.monotonic() - begun
                self.outcomes.append(Outcome(name, seconds, passed))
                print(
                    f"-- {name}: {'ok' if passed else 'FAILED'}, {seconds:.1f} s from the start", flush=True
                )

    def tests(self, *groups: str, measure: bool, profile: str | None = None) -> None:
        """Run the tests of each `tests/<group>` on every core, measuring coverage if told to.

        `profile` names how hard Hypothesis is to look (tests/conftest.py): the usual unless given.
        """
        groups = tuple(group for group in groups if any((ROOT / "tests" / group).rglob("test_*.py")))
        if not groups:
            return
        report = REPORTS / f"{'-'.join(groups)}.xml"
        report.unlink(missing_ok=True)
        passed = self.step(
            f"tests: {', '.join(groups)}",
            [
                _tool("python"), "-m", "pytest", *(f"tests/{group}" for group in groups), "-q",
                "-n", str(min(os.cpu_count() or 1, 4)), "--dist", "worksteal", "--durations=5",
                f"--junitxml={report}",
                *([f"--hypothesis-profile={profile}"] if profile else []),
                *(["--cov", "--cov-report="] if measure else []),
            ],
            COVERAGE_FILE=str(COVERAGE / "-".join(groups)),
        )  # fmt: skip
        count = read_count(report)
        if not passed and not count.failed:
            count += Count(failed=1)
        self.count += count

    def finish(self) -> int:
        """Print how each step ended and, last, how many tests passed; gives the exit code."""
        print("\n== summary")
        for outcome in self.outcomes:
            print(f"  {outcome.name:<34} {outcome.seconds:7.1f} s  {'ok' if outcome.passed else 'FAILED'}")
        print(f"  {'all':<34} {time.monotonic() - self.begun:7.1f} s")
        broken = [outcome.name for outcome in self.outcomes if not outcome.passed]
        if broken:
            print(f"\nFAILED: {', '.join(broken)}")
        print(f"\n{self.count.passed} passed, {self.count.failed} failed", flush=True)
        return 1 if broken else 0


def read_count(report: Path) -> Count:
    """What a JUnit XML report counts; nothing for a report that is not there."""
    if not report.exists():
        return Count()
    total = Count()
    for suite in ET.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        not_passed = failed + int(suite.get("skipped", 0))
        total += Count(passed=int(suite.get("tests", 0)) - not_passed, failed=failed)
    return total


def _tool(name: str) -> Path:
    return install.VENV / "bin" / name


def _static_checks(run: Run) -> None:
    run.together(
        {
            "format": [_tool("ruff"), "format", "--check", "."],
            "lint": [_tool("ruff"), "check", "."],
            "templates": [_tool("djlint"), "--lint", "--quiet", "templates"],
            "import contracts": [_tool("lint-imports")],
            "types": [_tool("mypy")],
        }
    )


def _coverage(run: Run) -> None:
    run.step(
        "coverage: rules are whole",
        [
            _tool("coverage"), "report", f"--data-file={COVERAGE / 'unit'}", "--include=*/rules.py,*/*_rules.py",
            "--fail-under=100", "--precision=2",
        ],
    )  # fmt: skip


def _prepare(*, programs: bool) -> None:
    print("Getting ready.")
    install.install_python(install.TEST_LOCK, LOGS)
    if (ROOT / "package-lock.json").exists():
        install.build_front_end(LOGS)
    if programs:
        install.install_test_programs(LOGS)
    for folder in (REPORTS, COVERAGE):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def check() -> int:
    """Before each commit: format, lint, types, contracts, templates, unit and contract tests, asked less hard.

    Left to `test`: the tests of tests/integration and tests/journeys, most random examples, every role at every route,
    and the coverage of the rules.
    """
    _prepare(programs=False)
    run = Run()
    _static_checks(run)
    run.tests("unit", "contract", measure=False, profile="quick")
    return run.finish()


def test() -> int:
    """Everything; gives 0 only when all of it went well."""
    _prepare(programs=True)
    run = Run()
    _static_checks(run)
    # Measuring doubles the time; only of the rules is asked that every branch is tested, and by unit tests alone.
    run.tests("unit", measure=True)
    _coverage(run)
    for group in ("integration", "contract", "journeys"):
        run.tests(group, measure=False)
    if run.count == Count():
        raise Stop("No test was found: the folder tests/ is incomplete.")
    return run.finish()
