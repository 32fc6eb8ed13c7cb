"""Whether this process can serve people. Each part that it leans on registers a check of itself."""

from __future__ import annotations

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

Check = Callable[[], None]
State = Callable[[], str]

_checks: dict[str, Check] = {}
_states: dict[str, State] = {}


def register(name: str, check: Check) -> None:
    """Ask `check` before calling this process ready; it raises where its part does not work. A name counts once."""
    _checks[name] = check


def readiness() -> dict[str, bool]:
    """Every check's name and whether it passed, inside an application context. Reasons go to the log alone."""
    return {name: _passes(name, check) for name, check in sorted(_checks.items())}


def register_state(name: str, tell: State) -> None:
    """Have `tell` say in a word how a part is that the process can do without. A name counts once."""
    _states[name] = tell


def states() -> dict[str, str]:
    """How each such part is, inside an application context."""
    return {name: tell() for name, tell in sorted(_states.items())}


def _passes(name: str, check: Check) -> bool:
    try:
        check()
    except Exception:
        log.exception("readiness check failed", extra={"check": name})
        return False
    return True
