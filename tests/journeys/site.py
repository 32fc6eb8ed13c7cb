"""The product as an operator runs it, for one journey: its own data, gunicorn and worker, on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from core.db import Base, db
from core.settings import Settings
from devtools.serve import write_secrets
from wsgi import create_app

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60.0


@dataclass
class Site:
    """A served borough. `url` has no slash at its end; `mail` is the folder of what it sent."""

    url: str
    instance: Path
    env: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def mail(self) -> Path:
        return self.instance / "mail"

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """Run a command of the product's, which reads `stdin`; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            raise AssertionError(f"flask {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def work(self) -> None:
        """Do all promised work that is due now: emails, the index."""
        self.flask("jobs", "work", "--once")

    def messages(self) -> list[str]:
        """What was sent so far, oldest first."""
        files = sorted(self.mail.glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_text(encoding="utf-8") for path in files]

    def start(self) -> None:
        """Start gunicorn; returns once it answers that it is ready."""
        port = self.url.rpartition(":")[2]
        log = (self.instance / "gunicorn.log").open("ab")
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--bind",
                f"127.0.0.1:{port}",
                "--worker-class",
                "gthread",
                "--workers",
                "1",
                "--threads",
                "4",
                "wsgi:create_app()",
            ],
            cwd=ROOT,
            env=self.env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                text = (self.instance / "gunicorn.log").read_text(encoding="utf-8")
                raise AssertionError(f"the site did not become ready:\n{text[-3000:]}")
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End what was started."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, how)
            process.wait(timeout=30)
        self.processes.clear()


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(instance: Path, port: int, database_url: str | None = None) -> dict[str, str]:
    """What the served product needs to know; nothing of ours leaks in."""
    outer = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("GT_", "FLASK_", "DATABASE_URL", "COVERAGE_"))
    }
    return {
        **outer,
        "GT_DEMO": "yes",
        "GT_HTTPS": "no",
        "GT_INSTANCE": str(instance),
        "GT_BASE_URL": f"http://127.0.0.1:{port}",
        "GT_INBOUND_ADDRESS": "listings@goldenthread.example",
        "GT_SAFEGUARDING_PHONE": "0161 496 0777",
        "PYTHONUNBUFFERED": "1",
        **({"DATABASE_URL": database_url} if database_url else {}),
    }


def make_borough(instance: Path) -> None:
    """Fill `instance` with keys, the example borough and its index."""
    instance.mkdir(parents=True, exist_ok=True)
    write_secrets(instance)
    site = Site("", instance, environment(instance, 0))
    site.flask("migrate", "upgrade")
    site.flask("demo", "load")
    site.flask("search", "rebuild")
    site.work()


def copy_to_postgresql(template: Path, url: str) -> None:
    """Put the borough in `template` into the empty database at `url`, row by row, under the same keys."""
    Site("", template, environment(template, 0, url)).flask("migrate", "upgrade")
    app = create_app(replace(Settings.from_environment(environment(template, 0)), testing=True))
    target = create_engine(url)
    with app.app_context(), db.engine.connect() as source, target.begin() as out:
        # Rows come in no order that foreign keys would like; all of them come.
        out.exec_driver_sql("SET session_replication_role = replica")
        for table in Base.metadata.tables.values():
            out.execute(table.delete())
            rows = [dict(row._mapping) for row in source.execute(table.select())]
            if rows:
                out.execute(table.insert(), rows)
    target.dispose()


@contextmanager
def serve(template: Path, folder: Path, database_url: str | None = None, **settings: str) -> Iterator[Site]:
    """Serve a copy of the borough in `template` from `folder`; `settings` are environment variables."""
    instance = folder / "instance"
    shutil.copytree(template, instance)
    port = free_port()
    env = {**environment(instance, port, database_url), **settings}
    site = Site(f"http://127.0.0.1:{port}", instance, env)
    try:
        site.start()
        yield site
    finally:
        site.stop()


@contextmanager
def inside(site: Site) -> Iterator[Session]:
    """The site's own data, for what a journey takes as given."""
    app = create_app(Settings.from_environment(site.env))
    with app.app_context():
        yield db.session()
        db.session.commit()
