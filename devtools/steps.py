"""How the launcher shows its work: each step by name, with the seconds it took, and failures as sentences."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
LOGS = INSTANCE / "logs"
WORK = ROOT / ".dev"

_TAIL = 15
_GRACE = 15.0


class Stop(Exception):
    """The launcher cannot go on. `sentence` says what is wrong and what to do; `log` holds the whole story."""

    def __init__(self, sentence: str, log: Path | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.log = log


def explain(stop: Stop) -> str:
    """`stop` in words: its sentence, and where there is a log, its last lines and where to read the rest."""
    if stop.log is None or not stop.log.exists():
        return stop.sentence
    with stop.log.open(encoding="utf-8", errors="replace") as lines:
        tail = [f"  | {line.rstrip()}" for line in deque(lines, maxlen=_TAIL)]
    return "\n".join([stop.sentence, *tail, f"More: {stop.log}"])


@dataclass
class Step:
    """A step under way; set `note` to say more than how long it took, as in "unchanged"."""

    note: str = ""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Print `name`, then when the block ends its note and the seconds it took."""
    print(f"  {name} ".ljust(58, "."), end=" ", flush=True)
    begun = time.monotonic()
    under_way = Step()
    try:
        yield under_way
    except BaseException as error:
        print("failed" if isinstance(error, Exception) else "stopped", flush=True)
        raise
    took = f"{time.monotonic() - begun:6.1f} s"
    print(f"{took}  {under_way.note}".rstrip(), flush=True)


def run_logged(
    command: Sequence[str | Path],
    log: Path,
    *,
    failure: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> None:
    """Run `command` with its output in `log`. Raises `Stop` with the sentence `failure` unless it ends well."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=None if env is None else dict(env),
            )
        except OSError as error:
            raise Stop(f"{failure} ({Path(command[0]).name}: {error.strerror})") from error
        try:
            code = process.wait()
        except BaseException:
            end(process)
            raise
    if code:
        raise Stop(failure, log)


def end(*processes: subprocess.Popen[bytes]) -> None:
    """Ask all `processes` to stop, and insist with those that have not within 15 seconds."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    last = time.monotonic() + _GRACE
    for process in processes:
        try:
            process.wait(max(0.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
