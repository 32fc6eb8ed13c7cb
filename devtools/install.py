"""What the launcher installs: a virtual environment, locked packages, the front end, and from apt what is missing."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from devtools.steps import ROOT, WORK, Stop, run_logged, step

VENV = ROOT / ".venv"
RUN_LOCK = "requirements.txt"
TEST_LOCK = "requirements-dev.txt"
BENCH_LOCK = "requirements-bench.txt"
NODE_LOCK = "requirements-node.txt"
OLDEST_NODE = 20


def python_of(venv: Path) -> Path:
    """The interpreter of the virtual environment `venv`."""
    return venv / "bin" / "python"


def fingerprint(paths: Iterable[Path]) -> str:
    """A digest (hex) of the names and contents of `paths`; a missing file counts as missing."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes() if path.is_file() else b"missing"
        name = os.path.relpath(path, ROOT).encode()
        digest.update(len(name).to_bytes(4) + name + len(content).to_bytes(8) + content)
    return digest.hexdigest()


# --- from apt -----------------------------------------------------------------------------------------------


def _may_install() -> list[str] | None:
    """What to put before apt-get so that it may install: nothing as root, sudo where it works, or None."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    if sys.stdin is not None and sys.stdin.isatty():
        return ["sudo"]
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if silent.returncode == 0 else None


def apt_install(packages: Sequence[str], need: str, log: Path) -> None:
    """Install Debian `packages`. Raises `Stop`, led by the sentence `need`, where we are not allowed to."""
    names = " ".join(packages)
    prefix = _may_install()
    if prefix is None:
        raise Stop(
            f"{need} Install it and try again (on Debian or Ubuntu, as root: apt-get install {names})."
        )
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    failure = f"{need} Installing it failed: see to that (apt-get install {names}) and try again."
    run_logged([*prefix, "apt-get", "update", "-q"], log, failure=failure, env=env)
    command = [*prefix, "apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    run_logged(command, log, failure=failure, env=env)


# --- Python -------------------------------------------------------------------------------------------------


def _works(venv: Path) -> bool:
    """Whether `venv` has a Python as new as we need, and pip."""
    if not python_of(venv).exists():
        return False
    asked = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python_of(venv), "-c", asked], capture_output=True, check=False).returncode == 0


def make_venv(venv: Path, logs: Path) -> bool:
    """Make the virtual environment `venv` unless it is there and works; whether it was made."""
    if _works(venv):
        return False
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        need = "This Python cannot make virtual environments: it lacks ensurepip."
        apt_install([f"python{version}-venv"], need, logs / "apt.log")
    run_logged(
        [sys.executable, "-m", "venv", "--clear", venv],
        logs / "venv.log",
        failure=f"Making {venv.name} failed: remove that folder and try again.",
    )
    return True


def install_lock(venv: Path, lock: str, logs: Path) -> bool:
    """Install the locked packages of the file `lock` into `venv` unless that has been done; whether it was."""
    stamp = venv / "installed.json"
    wanted = fingerprint([ROOT / lock])
    try:
        held: dict[str, str] = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        held = {}
    if held.get(lock) == wanted:
        return False
    stamp.unlink(missing_ok=True)
    run_logged(
        [
            python_of(venv), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
            "--require-hashes", "-r", ROOT / lock,
        ],
        logs / f"pip-{Path(lock).stem}.log",
        failure=f"Installing the packages of {lock} failed: check that this machine reaches PyPI and try again.",
    )  # fmt: skip
    # Each lock holds everything that the ones before it do, at the same versions.
    locks = (RUN_LOCK, TEST_LOCK, BENCH_LOCK)
    within = locks[: locks.index(lock)] if lock in locks else ()
    held = {lock: wanted} | {smaller: fingerprint([ROOT / smaller]) for smaller in within}
    stamp.write_text(json.dumps(held), encoding="utf-8")
    return True


def install_python(lock: str, logs: Path) -> None:
    """Bring `.venv` to what `lock` says."""
    with step("Python environment (.venv)") as made:
        if not make_venv(VENV, logs):
            made.note = "already there"
    with step(f"Packages ({lock})") as installed:
        if not install_lock(VENV, lock, logs):
            installed.note = "unchanged"


# --- the front end ------------------------------------------------------------------------------------------


def _node_major(node: str) -> int:
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=30, check=False
        ).stdout
        return int(said.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def node_environment(logs: Path) -> dict[str, str]:
    """The environment in which `node` and `npm` are found; where the machine has none, Node.js comes from PyPI."""
    node = shutil.which("node")
    if node and shutil.which("npm") and _node_major(node) >= OLDEST_NODE:
        return dict(os.environ)
    venv = WORK / "node"
    make_venv(venv, logs)
    install_lock(venv, NODE_LOCK, logs)
    return {**os.environ, "PATH": os.pathsep.join([str(venv / "bin"), os.environ.get("PATH", os.defpath)])}


def _front_end_sources() -> list[Path]:
    static = ROOT / "static"
    own = [
        path for path in static.rglob("*") if path.is_file() and "dist" not in path.relative_to(static).parts
    ]
    return [ROOT / "package.json", ROOT / "package-lock.json", *own]


def _stamped(stamp: Path, wanted: str, product: Path) -> bool:
    return product.is_dir() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def build_front_end(logs: Path) -> None:
    """Fetch the locked npm packages and build `static/dist`, each only when its sources changed."""
    packages_stamp, build_stamp = WORK / "npm.stamp", WORK / "front-end.stamp"
    packages = fingerprint([ROOT / "package.json", ROOT / "package-lock.json"])
    sources = fingerprint(_front_end_sources())
    with step("Front end (styles and scripts)") as built:
        if _stamped(build_stamp, sources, ROOT / "static" / "dist"):
            built.note = "unchanged"
            return
        WORK.mkdir(exist_ok=True)
        env = node_environment(logs)
        npm = shutil.which("npm", path=env.get("PATH")) or "npm"
        if not _stamped(packages_stamp, packages, ROOT / "node_modules"):
            packages_stamp.unlink(missing_ok=True)
            run_logged(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev"],
                logs / "npm-ci.log",
                failure="Fetching the front end's packages failed: check that this machine reaches the npm registry.",
                env=env,
            )
            packages_stamp.write_text(packages, encoding="utf-8")
        build_stamp.unlink(missing_ok=True)
        run_logged(
            [npm, "run", "build"], logs / "npm-build.log", failure="Building the front end failed.", env=env
        )
        build_stamp.write_text(sources, encoding="utf-8")


# --- what only tests need -----------------------------------------------------------------------------------


def has_browser() -> bool:
    """Whether a Chromium is on this machine."""
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def has_postgresql() -> bool:
    """Whether PostgreSQL's server programs are on this machine."""
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_libatomic() -> bool:
    """Whether the library is here that Playwright's own Node.js needs on Linux; a bare Debian lacks it."""
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True


def install_test_programs(logs: Path) -> None:
    """Install Chromium, PostgreSQL and what drives the browser where they are missing."""
    missing = [] if has_postgresql() else ["postgresql"]
    if not has_browser():
        missing += ["chromium", "fonts-liberation"]
    if not has_libatomic():
        missing += ["libatomic1"]
    with step("Chromium and PostgreSQL, for tests") as installed:
        if not missing:
            installed.note = "already there"
            return
        apt_install(missing, f"The tests need {' and '.join(missing)}.", logs / "apt.log")
