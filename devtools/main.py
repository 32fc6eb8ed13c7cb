"""The launcher's commands and what they take."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from devtools import bench, checks, serve
from devtools.steps import Stop, explain


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(
            f"{text} is not a port: give a number from 1024 to 65535, such as 8000."
        )
    return int(text)


def _size(text: str) -> int:
    if not text.isdecimal() or not 100 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(
            f"{text} is not a size: give a number from 100 to 1000000, such as 20000."
        )
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Run Golden Thread, or test it.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | test | check | bench")
    run = commands.add_parser("run", help="install what is missing, make the example borough, and serve it")
    run.add_argument("--port", type=_port, default=8000, help="the port on this machine (8000)")
    run.add_argument("--fresh", action="store_true", help="throw the data away and start over")
    commands.add_parser("test", help="everything: format, lint, types, and all tests")
    commands.add_parser(
        "check", help="format, lint, types, unit and contract tests, asked less hard than test asks"
    )
    measure = commands.add_parser(
        "bench",
        help="measure search, its quality, its page, a caseload, suggested needs, or random histories",
    )
    measure.add_argument("kind", choices=bench.KINDS)
    measure.add_argument("--size", type=_size, help="how many listings, episodes or histories")
    return parser


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Carry out one command; gives the exit code. Failures end as sentences, not as tracebacks."""
    parser = _parser()
    chosen, more = parser.parse_known_args(arguments)
    if more and chosen.command != "bench":
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    signal.signal(signal.SIGTERM, _leave)
    # Compiled files make every later start of a child two to three times as quick.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.name != "posix":
        print("Golden Thread runs on Linux and macOS: on Windows, run it inside WSL.", file=sys.stderr)
        return 1
    try:
        if chosen.command == "run":
            return serve.run(port=chosen.port, fresh=chosen.fresh)
        if chosen.command == "test":
            return checks.test()
        if chosen.command == "bench":
            return bench.bench(chosen.kind, [*(["--size", str(chosen.size)] if chosen.size else []), *more])
        return checks.check()
    except Stop as stop:
        print(f"\n{explain(stop)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
