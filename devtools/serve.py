"""`dev.py run`: from a fresh clone to a served example borough, and back to a quiet machine."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devtools import install
from devtools.steps import INSTANCE, LOGS, ROOT, WORK, Stop, end, run_logged, step

HOST = "127.0.0.1"
READY_SECONDS = 90.0


def run(*, port: int, fresh: bool) -> int:
    """Install, migrate, fill and serve, until Ctrl-C; gives the exit code."""
    refuse_busy_port(port)
    with _alone():
        print("Golden Thread: getting ready.")
        if fresh:
            with step("Throw the old data away"):
                start_over(os.environ)
        # Data, keys and logs are for whoever runs this, and for nobody else on the machine.
        INSTANCE.mkdir(mode=0o700, exist_ok=True)
        install.install_python(install.RUN_LOCK, LOGS)
        install.build_front_end(LOGS)
        with step("Keys (instance/secrets.toml)") as keys:
            if not write_secrets(INSTANCE):
                keys.note = "already there"
        env = environment(os.environ, port)
        _prepare_data(env)
        _serve(env, port)
    return 0


def refuse_busy_port(port: int) -> None:
    """Raise `Stop` when something already listens on `port`, or we may not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Stop(
                    f"Port {port} needs more rights than we have: choose one from 1024 up, as in --port 8000."
                ) from None
            other = port + 1 if port < 65535 else 8000
            raise Stop(
                f"Port {port} is in use: stop what uses it (perhaps another Golden Thread),"
                f" or choose another, as in --port {other}."
            ) from None


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder's lock, so that two runs never share one set of data."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop("Golden Thread already runs from this folder: stop that first (Ctrl-C).") from None
        yield


def start_over(env: Mapping[str, str]) -> None:
    """Remove `instance/`: data, keys, index, mail and logs."""
    if env.get("DATABASE_URL"):
        raise Stop(
            "--fresh only starts over with our own file, and DATABASE_URL is set: empty that database yourself."
        )
    if INSTANCE.is_symlink():
        raise Stop("instance is a link to another folder: remove it yourself, then run again.")
    if INSTANCE.exists():
        shutil.rmtree(INSTANCE)


def write_secrets(instance: Path) -> bool:
    """Write random 256-bit keys, readable by their owner only, unless they are there; whether they were written."""
    path = instance / "secrets.toml"
    if path.exists():
        return False
    if (instance / "goldenthread.db").exists():
        raise Stop(
            "The keys in instance/secrets.toml are gone, and without them the data cannot be read:"
            " put the file back, or start over with --fresh."
        )
    instance.mkdir(mode=0o700, exist_ok=True)
    names = ("secret_key", "database_key", "audit_key", "index_key")
    lines = [f'{name} = "{secrets.token_hex(32)}"' for name in names]
    lines += ['field_key_id = "1"', "", "[field_keys]", f'1 = "{secrets.token_hex(32)}"', ""]
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("\n".join(lines))
    return True


def environment(outer: Mapping[str, str], port: int) -> dict[str, str]:
    """What the served example needs to know, on top of the `outer` environment."""
    return {
        "GT_BASE_URL": f"http://{HOST}:{port}",
        "GT_INBOUND_ADDRESS": "listings@goldenthread.example",
        "GT_SAFEGUARDING_PHONE": "0161 496 0777",
        **outer,
        "GT_DEMO": "yes",
        "GT_HTTPS": "no",
        "GT_INSTANCE": str(INSTANCE),
        "PYTHONUNBUFFERED": "1",
    }


def flask(*arguments: str) -> list[str | Path]:
    """The command line of `flask ARGUMENTS...`."""
    return [install.python_of(install.VENV), "-m", "flask", "--app", "wsgi", *arguments]


def _prepare_data(env: Mapping[str, str]) -> None:
    with step("Database"):
        run_logged(
            flask("migrate", "upgrade"),
            LOGS / "migrate.log",
            failure="Bringing the database up to date failed.",
            env=env,
        )
    with step("Example borough"):
        run_logged(
            flask("demo", "load", "--if-empty"),
            LOGS / "demo.log",
            failure="Making the example borough failed.",
            env=env,
        )
    with step("Search index") as index:
        if any((INSTANCE / "index").glob("*")):
            index.note = "already there"
            return
        run_logged(
            flask("search", "rebuild"),
            LOGS / "search.log",
            failure="Building the search index failed.",
            env=env,
        )


def _start(name: str, command: list[str | Path], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""
    with (LOGS / f"{name}.log").open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=dict(env),
            start_new_session=True,
        )


def _serve(env: Mapping[str, str], port: int) -> None:
    web: list[str | Path] = [
        install.python_of(install.VENV), "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--worker-class", "gthread",
        "--workers", "2", "--threads", "8", "--graceful-timeout", "10", "--no-control-socket", "wsgi:create_app()",
    ]  # fmt: skip
    servers: dict[str, subprocess.Popen[bytes]] = {}
    try:
        with step("Web server and worker"):
            servers["web"] = _start("web", web, env)
            servers["worker"] = _start("worker", flask("jobs", "work"), env)
            _wait_until_ready(f"http://{HOST}:{port}", servers)
        print(_WELCOME.format(address=f"http://{HOST}:{port}", logs=LOGS), flush=True)
        while True:
            _refuse_dead(servers)
            time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)
    finally:
        end(*servers.values())


def _refuse_dead(servers: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, server in servers.items():
        if server.poll() is not None:
            raise Stop(
                f"The {name} process stopped by itself (code {server.returncode}).", LOGS / f"{name}.log"
            )


def _wait_until_ready(address: str, servers: Mapping[str, subprocess.Popen[bytes]]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    last = time.monotonic() + READY_SECONDS
    while time.monotonic() < last:
        _refuse_dead(servers)
        try:
            with opener.open(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Stop(f"The web server was not ready after {READY_SECONDS:.0f} seconds.", LOGS / "web.log")


_WELCOME = """
Golden Thread is at {address}

  Try a search        {address}/
  Sign in as ...      {address}/sign-in-as  (link worker, group, coordinator, resident, ...)

Everything in it is invented. Emails are written to instance/mail, logs to {logs}.
Your data stays for next time; --fresh starts over. Ctrl-C stops it.
"""
