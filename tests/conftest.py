"""What tests stand on: both databases, an app for each test, and a client that reads pages strictly."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis
import pytest
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from tests.postgres import Cluster, PostgresMissing

if TYPE_CHECKING:
    from types import CodeType

    from flask import Flask
    from jinja2.bccache import Bucket
    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.orm import Session

    from core.settings import Secrets, Settings
    from tests.html import HtmlClient

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
BOTH = ("sqlite", "postgresql")

hypothesis.settings.register_profile("golden_thread", deadline=None, print_blob=True)
hypothesis.settings.register_profile(
    "ci", parent=hypothesis.settings.get_profile("golden_thread"), derandomize=True
)
# `dev.py check` looks less hard, to be quick; `dev.py test` looks at everything.
hypothesis.settings.register_profile(
    "quick", parent=hypothesis.settings.get_profile("golden_thread"), max_examples=20
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "golden_thread")

NOT_RUN = pytest.StashKey[list[str]]()
CLUSTER = pytest.StashKey[Cluster]()


# --- what runs, and what is listed as not run ---------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--clock",
        type=datetime.fromisoformat,
        help="begin at this moment in UTC, such as 2027-03-28T00:50; processes that tests start keep the real time",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.clock is not None:
        _begin_at(config.option.clock.replace(tzinfo=UTC))
    config.stash[NOT_RUN] = []
    if not hasattr(config, "workerinput"):
        config.stash[CLUSTER] = Cluster.reserve()


def pytest_unconfigure(config: pytest.Config) -> None:
    cluster = config.stash.get(CLUSTER, None)
    if cluster is not None:
        cluster.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests in tests/integration meet both databases; others SQLite, unless marked `databases(...)`."""
    if "database_kind" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("databases")
    inside = (ROOT / "tests" / "integration") in metafunc.definition.path.parents
    kinds = marker.args if marker else BOTH if inside else ("sqlite",)
    metafunc.parametrize("database_kind", kinds, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if SHARED_DATA.is_dir():
        return
    absent = [item for item in items if item.get_closest_marker("shared_data")]
    items[:] = [item for item in items if item not in absent]
    config.stash[NOT_RUN] = [item.nodeid for item in absent]
    config.hook.pytest_deselected(items=absent)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not_run"] = session.config.stash[NOT_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[NOT_RUN] = getattr(node, "workeroutput", {}).get("not_run", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    names = config.stash[NOT_RUN]
    if names:
        terminalreporter.section("not run: ../shared/data is absent")
        for name in names:
            terminalreporter.line(name)


# --- other clocks -------------------------------------------------------------------------------------------


def _begin_at(moment: datetime) -> None:
    """Set the product's clock to `moment`, and let it run on from there."""
    from core import clock

    ahead = moment - clock.now()

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one
            return datetime.now(tz) + ahead

    vars(clock)["datetime"] = Ahead


# --- haste --------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting loads stays for the whole run: looking through it for what may go took a quarter of loading it,
    and part of every test after that."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _share_routes() -> None:
    """Werkzeug reads each route of each app, and writes and compiles functions for it. What comes of that depends on
    the route alone, every test has an app of its own, and hundreds of routes took most of the time of making one."""
    compiled: dict[object, tuple[dict[str, Any], set[str], tuple[Any, Any]]] = {}
    compile_route = Rule.compile

    def shared(rule: Rule) -> None:
        where = (rule.host, rule.subdomain, rule.map.host_matching)
        key = (rule.rule, where, rule.merge_slashes, repr(rule.defaults), *rule.map.converters.items())
        if key not in compiled:
            compile_route(rule)
            kept = {name: vars(rule)[name] for name in ("_parts", "_trace", "_converters")}
            builders = (rule._build.__func__, rule._build_unknown.__func__)  # type: ignore[attr-defined]  # bound
            compiled[key] = (kept, rule.arguments - {*(rule.defaults or ())}, builders)
            return
        kept, arguments, (build, build_unknown) = compiled[key]
        vars(rule).update(kept)
        rule.arguments |= arguments
        rule._build, rule._build_unknown = build.__get__(rule), build_unknown.__get__(rule)

    Rule.compile = shared  # type: ignore[method-assign, assignment]  # tests only


_share_routes()


# --- databases ----------------------------------------------------------------------------------------------


def make_secrets() -> Secrets:
    """Keys for tests only: fixed, so that a template database can be opened by every worker."""
    from core.settings import Secrets

    def key(digit: str) -> str:
        return (digit + "0123456789abcdef")[:16] * 4

    return Secrets(
        secret_key=key("1"),
        database_key=key("2"),
        audit_key=key("3"),
        index_key=key("4"),
        field_keys={"1": key("5")},
    )


def make_settings(url: str, instance: Path, **changes: Any) -> Settings:
    """Settings for a test: no HTTPS, no mail server, everything that is written goes to `instance`."""
    from core.settings import Settings

    values: dict[str, Any] = {
        "secrets": make_secrets(),
        "database_url": url,
        "instance": instance,
        "testing": True,
        "https": False,
        "base_url": "http://localhost",
    }
    return Settings(**(values | changes))


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates shared by the run on disk, and by the apps of one worker in its memory."""

    kept: ClassVar[dict[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket if anybody compiled that template as it stands."""
        name = bucket.key + bucket.checksum
        if name in self.kept:
            bucket.code = self.kept[name]
            return
        super().load_bytecode(bucket)
        if bucket.code is not None:
            self.kept[name] = bucket.code


def hurry(app: Flask, run_folder: Path) -> None:
    """What the product must not do and a test may: not wait for the disk, and share compiled templates and SQL."""
    from sqlalchemy import event

    from core.db import db

    templates = run_folder / "compiled-templates"
    templates.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = CompiledTemplates(str(templates))
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _do_not_wait_for_the_disk)
        _share_compiled_sql(db.engine)


_COMPILED_SQL: dict[str, Any] = {}


def _share_compiled_sql(engine: Engine) -> None:
    """Every test has an engine of its own to the same server or library, so what one compiled fits the others.

    SQLAlchemy keeps compiled statements for each engine, and those of the unit of work for each mapper, under keys that
    hold the dialect: dialects of one kind are therefore alike.
    """
    kind = type(engine.dialect)
    if kind.__eq__ is not _is_of_one_kind:
        kind.__eq__ = _is_of_one_kind  # type: ignore[method-assign, assignment]  # tests only
        kind.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]  # tests only
    engine._compiled_cache = _COMPILED_SQL.setdefault(engine.dialect.name, engine._compiled_cache)


def _is_of_one_kind(one: Dialect, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(one: Dialect) -> int:
    return hash(type(one))


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def migrate(url: str, instance: Path) -> None:
    """Bring the database at `url` to the newest migration."""
    from core.db import db
    from wsgi import create_app

    app = create_app(make_settings(url, instance))
    result = app.test_cli_runner().invoke(args=["migrate", "upgrade"])
    with app.app_context():
        db.engine.dispose()
    if result.exit_code:
        raise RuntimeError(f"the migrations failed:\n{result.output}") from result.exception


@pytest.fixture(scope="session")
def worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def sqlite_template(run_folder: Path) -> Path:
    """An SQLite file as the migrations leave it; made once for all workers."""
    folder = run_folder / "sqlite-template"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready.db").exists():
            migrate(f"sqlite:///{folder / 'making.db'}", folder)
            # A closed database in write-ahead mode has everything in its one file.
            (folder / "making.db").rename(folder / "ready.db")
    return folder / "ready.db"


@pytest.fixture(scope="session")
def cluster(run_folder: Path) -> Cluster:
    """The run's PostgreSQL server, with the template database made."""
    cluster = Cluster.shared()
    try:
        cluster.ensure(lambda url: migrate(url, run_folder))
    except PostgresMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    return cluster


@pytest.fixture(scope="session")
def worker_database(cluster: Cluster, worker_name: str) -> str:
    """The name of this worker's own PostgreSQL database."""
    name = f"golden_thread_{worker_name}"
    cluster.create_from_template(name)
    return name


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database as the migrations leave it, this test's alone."""
    if database_kind == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        name: str = request.getfixturevalue("worker_database")
        yield cluster.url(name)
        cluster.reset(name)
        return
    path = tmp_path / "goldenthread.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite:///{path}"


@pytest.fixture
def empty_database_url(
    database_kind: str, tmp_path: Path, worker_name: str, request: pytest.FixtureRequest
) -> str:
    """The address of a database with nothing in it, for tests of the migrations themselves."""
    if database_kind == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        name = f"empty_{worker_name}"
        cluster.create(name)
        return cluster.url(name)
    return f"sqlite:///{tmp_path / 'empty.db'}"


# --- the app ------------------------------------------------------------------------------------------------


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    """Override in a test module to change settings, as in `{"demo": True}`."""
    return {}


@pytest.fixture
def settings(database_url: str, tmp_path: Path, settings_changes: dict[str, Any]) -> Settings:
    instance = tmp_path / "instance"
    instance.mkdir()
    return make_settings(database_url, instance, **settings_changes)


@pytest.fixture
def app(settings: Settings, run_folder: Path) -> Iterator[Flask]:
    """An app of this test's own. Compiled templates are shared by the run: compiling takes most of a second."""
    from core.db import db
    from wsgi import create_app

    app = create_app(settings)
    hurry(app, run_folder)
    yield app
    app.extensions["search_index"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The session in which a test makes and looks at rows. The test commits what others must see; `client` and
    `run_command` commit it before they start."""
    from core.db import db

    with app.app_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def before_others(app: Flask, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Ends the test's own transaction, so that it neither hides its rows nor holds SQLite's only write lock."""

    def end() -> None:
        if "session" in request.fixturenames:
            session: Session = request.getfixturevalue("session")
            session.commit()

    return end


@pytest.fixture
def make_client(app: Flask, before_others: Callable[[], None]) -> Callable[[], HtmlClient]:
    """Makes clients, each with cookies of its own: two people at once need two."""
    from tests.html import HtmlClient

    app.test_client_class = HtmlClient

    def make() -> HtmlClient:
        client = app.test_client()
        assert isinstance(client, HtmlClient)
        client.before_request = before_others
        return client

    return make


@pytest.fixture
def client(make_client: Callable[[], HtmlClient]) -> HtmlClient:
    """A browser without JavaScript: every answer's headers and every page's HTML are checked."""
    return make_client()


@pytest.fixture
def run_command(app: Flask, before_others: Callable[[], None]) -> Callable[..., str]:
    """Runs `flask ARGUMENTS...` in this process and gives what it printed; fails unless it ended well."""

    def run(*arguments: str, exit_code: int = 0) -> str:
        before_others()
        result = app.test_cli_runner().invoke(args=list(arguments))
        if result.exit_code != exit_code:
            raise AssertionError(
                f"{arguments} ended with {result.exit_code}:\n{result.output}"
            ) from result.exception
        return result.output

    return run
