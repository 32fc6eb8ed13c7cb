"""A PostgreSQL of our own for one test run: on loopback, in a temporary folder, gone at the end."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

_FOLDER_VARIABLE = "GT_TEST_CLUSTER"
_LEADER_VARIABLE = "GT_TEST_LEADER"
TEMPLATE = "golden_thread_template"
_OWNER = "golden_thread"

# Speed over safety: these databases live for one run.
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}

# Every table notes that it was written to, so that a reset touches only those. The notes stand in a schema
# of their own, where neither the product nor the comparison of models with migrations sees them.
_NOTE_WRITES = """
CREATE SCHEMA harness;
CREATE UNLOGGED TABLE harness.written (name text NOT NULL);
CREATE TABLE harness.sequences AS
  SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION harness.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO harness.written VALUES (TG_TABLE_NAME); RETURN NULL; END $$;
DO $$ DECLARE t text; filled boolean; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TRIGGER zz_harness AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.%I'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION harness.note()', t);
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE harness.%I AS TABLE public.%I', 'kept_' || t, t); END IF;
  END LOOP;
END $$;
"""

_RESET = """
SET lock_timeout = '5s';
SET session_replication_role = replica;
DO $$ DECLARE t text; s record; BEGIN
  FOR t IN SELECT DISTINCT name FROM harness.written LOOP
    EXECUTE format('DELETE FROM public.%I', t);
    IF to_regclass(format('harness.%I', 'kept_' || t)) IS NOT NULL THEN
      EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM harness.%I', t, 'kept_' || t);
    END IF;
  END LOOP;
  FOR s IN SELECT * FROM harness.sequences LOOP
    PERFORM setval(format('public.%I', s.sequencename)::regclass,
                   coalesce(s.last_value, s.start_value), s.last_value IS NOT NULL);
  END LOOP;
  DELETE FROM harness.written;
END $$;
"""


class PostgresMissing(Exception):
    """PostgreSQL's server programs are not on this machine."""


def server_programs() -> Path:
    """The newest folder on this machine that holds `initdb` and `postgres`."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]), reverse=True
    )
    on_path = shutil.which("initdb")
    for candidate in [*debian, *([Path(on_path).resolve()] if on_path else [])]:
        if (candidate.parent / "postgres").exists():
            return candidate.parent
    raise PostgresMissing(
        "These tests need PostgreSQL's server programs (initdb, postgres): `apt-get install postgresql`."
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; whom to run it as instead, or None when we are not root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Cluster:
    """One server for the whole run, shared by the workers of pytest-xdist; the first to ask starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def reserve(cls) -> Cluster:
        """Make the folder (nothing is started yet) and tell the workers, through the environment, where it is."""
        folder = Path(tempfile.mkdtemp(prefix="gt-postgres-"))
        os.environ[_FOLDER_VARIABLE] = str(folder)
        os.environ[_LEADER_VARIABLE] = str(os.getpid())
        return cls(folder)

    @classmethod
    def shared(cls) -> Cluster:
        """The cluster that `reserve` made in the process that leads this run."""
        return cls(Path(os.environ[_FOLDER_VARIABLE]))

    def ensure(self, migrate: Callable[[str], None]) -> None:
        """Start the server and make the migrated template database, unless another worker has done so."""
        with _locked(self.folder / "lock"):
            if (self.folder / "ready").exists():
                return
            state = self.folder / "state.json"
            if not state.exists():
                state.write_text(json.dumps({"port": self._start()}))
            self.create(TEMPLATE)
            migrate(self.url(TEMPLATE))
            (self.folder / "ready").touch()

    def url(self, name: str) -> str:
        """The address of the database `name`, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{_OWNER}@127.0.0.1:{self._port()}/{name}"

    def create(self, name: str, template: str = "template0") -> None:
        """Make the database `name`; a database of that name from before is dropped."""
        with _locked(self.folder / "create-lock"), self._connect("postgres") as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )

    def create_from_template(self, name: str) -> None:
        """Make `name` as the migrations leave it, and have it note which tables are written to."""
        self.create(name, TEMPLATE)
        with self._connect(name) as connection:
            connection.execute(_NOTE_WRITES)

    def reset(self, name: str) -> None:
        """Put every table that was written to back to what the migrations left in it."""
        with self._connect(name) as connection:
            connection.execute(_RESET)

    def stop(self) -> None:
        """Stop the server, if it was started, and remove its folder."""
        if (self.folder / "pid").exists():
            self._pg_ctl("stop", "-m", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _port(self) -> int:
        port: int = json.loads((self.folder / "state.json").read_text())["port"]
        return port

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self._port(), user=_OWNER, dbname=name, autocommit=True, connect_timeout=10
        )

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            [str(part) for part in command],
            user=_unprivileged_user(),
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
        )
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")

    def _pg_ctl(self, *arguments: str) -> None:
        self._run(server_programs() / "pg_ctl", "-D", self.folder / "data", "-w", "-t", "60", *arguments)

    def _start(self) -> int:
        programs = server_programs()
        user = _unprivileged_user()
        if user is not None:
            entry = pwd.getpwnam(user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self._run(
            programs / "initdb", "-D", self.folder / "data", "-U", _OWNER, "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        port = _free_port()
        settings = {**_OPTIONS, "port": str(port)}
        with (self.folder / "data" / "postgresql.conf").open("a") as handle:
            handle.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self._watch()
        self._pg_ctl("-l", str(self.folder / "log"), "start")
        (self.folder / "pid").touch()
        return port

    def _watch(self) -> None:
        """Leave a watchman who stops the server if the run that leads it dies without a goodbye."""
        data = self.folder / "data"
        script = (
            f'(while kill -0 {os.environ[_LEADER_VARIABLE]} 2>/dev/null && [ -e "{data}" ]; do sleep 1; done; '
            f'[ -e "{data}/postmaster.pid" ] && kill -QUIT "$(head -n 1 "{data}/postmaster.pid")"; '
            f'rm -rf "{self.folder}") &'
        )
        subprocess.run(
            ["/bin/sh", "-c", script],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
