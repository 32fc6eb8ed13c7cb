"""The launcher says in a sentence what is wrong and how to mend it, and does not do twice what is done."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from core.settings import Settings
from devtools import checks, install, serve, steps
from devtools.main import main
from devtools.steps import Stop

ROOT = steps.ROOT


# --- failures are sentences -------------------------------------------------------------------------------


@pytest.mark.parametrize("port", ["0", "65536", "eight", "-1"])
def test_a_port_that_is_none_is_refused_with_what_to_give(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["run", f"--port={port}"])
    assert "such as 8000" in capsys.readouterr().err


def test_a_busy_port_is_named_and_another_offered() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            Stop, match=f"Port {port} is in use: .*--port {port + 1 if port < 65535 else 8000}"
        ):
            serve.refuse_busy_port(port)


def test_run_ends_with_the_sentence_and_no_traceback() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "dev.py", "run", "--port", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_child_shows_its_last_lines_and_where_to_read_more(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    script = "for n in range(40): print('line', n)\nraise SystemExit(3)"
    with pytest.raises(Stop) as stopped:
        steps.run_logged([sys.executable, "-c", script], log, failure="The child failed.", cwd=tmp_path)
    words = steps.explain(stopped.value)
    assert words.startswith("The child failed.")
    assert "line 39" in words
    assert "line 24\n" not in words
    assert str(log) in words


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"It failed\. \(no-such-program: No such file or directory\)"):
        steps.run_logged(["no-such-program"], tmp_path / "log", failure="It failed.")


def test_without_the_right_to_install_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    with pytest.raises(Stop, match=r"The tests need a browser\. .*apt-get install chromium"):
        install.apt_install(["chromium"], "The tests need a browser.", tmp_path / "log")


def test_a_python_without_ensurepip_and_no_rights_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(install, "_may_install", lambda: None)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with pytest.raises(Stop, match=f"apt-get install python{version}-venv"):
        install.make_venv(tmp_path / "venv", tmp_path)


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    source = (ROOT / "dev.py").read_text(encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        exec(compile(source, "dev.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own file
    assert "needs Python 3.11 or newer, and this is 3.9" in str(stopped.value.code)


# --- steps ------------------------------------------------------------------------------------------------


def test_a_step_shows_its_name_seconds_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    with steps.step("Packages") as step:
        step.note = "unchanged"
    shown = capsys.readouterr().out
    assert shown.startswith("  Packages ..")
    assert shown.rstrip().endswith(" s  unchanged")


def test_a_stubborn_process_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_GRACE", 0.2)
    script = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        steps.end(process)
        assert process.returncode == -signal.SIGKILL


# --- what is done is not done twice -----------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the launcher takes for the project's."""
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "WORK", tmp_path / ".dev")
    monkeypatch.setattr(serve, "INSTANCE", tmp_path / "instance")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command lines that the launcher would have run."""
    seen: list[str] = []

    def note(command: list[str | Path], log: Path, **_: object) -> None:
        seen.append(" ".join(str(part) for part in command))

    monkeypatch.setattr(install, "run_logged", note)
    return seen


def test_packages_are_installed_once_for_each_lock(house: Path, commands: list[str]) -> None:
    venv = house / ".venv"
    venv.mkdir()
    (house / install.RUN_LOCK).write_text("flask==1")
    (house / install.TEST_LOCK).write_text("flask==1\npytest==1")
    assert install.install_lock(venv, install.TEST_LOCK, house)
    assert not install.install_lock(venv, install.TEST_LOCK, house)
    assert not install.install_lock(venv, install.RUN_LOCK, house), (
        "the lock for tests holds the one for running"
    )
    (house / install.RUN_LOCK).write_text("flask==2")
    assert install.install_lock(venv, install.RUN_LOCK, house)
    assert install.install_lock(venv, install.TEST_LOCK, house), (
        "what is installed is no longer the tests' lock"
    )
    assert all("--require-hashes" in command for command in commands)
    assert len(commands) == 3


def test_a_broken_install_is_tried_again(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (house / install.RUN_LOCK).write_text("flask==1")

    def fail(*_: object, **__: object) -> None:
        raise Stop("no network")

    monkeypatch.setattr(install, "run_logged", fail)
    for _ in range(2):
        with pytest.raises(Stop):
            install.install_lock(house, install.RUN_LOCK, house)
    (house / "installed.json").write_text("{half a file")
    with pytest.raises(Stop):
        install.install_lock(house, install.RUN_LOCK, house)


def test_the_front_end_is_built_again_only_when_its_sources_change(
    house: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "node_environment", lambda logs: {"PATH": ""})
    source = house / "static" / "src" / "app.js"
    source.parent.mkdir(parents=True)
    source.write_text("1")
    for folder in ("static/dist", "node_modules"):
        (house / folder).mkdir()
    (house / "static" / "dist" / "app.js").write_text("built")
    install.build_front_end(house)
    assert [command.split()[1] for command in commands] == ["ci", "run"]
    assert "--ignore-scripts" in commands[0]
    (house / "static" / "dist" / "app.js").write_text("built otherwise")
    install.build_front_end(house)
    assert len(commands) == 2
    source.write_text("2")
    install.build_front_end(house)
    assert [command.split()[1] for command in commands] == ["ci", "run", "run"]
    (house / "package-lock.json").write_text("{}")
    install.build_front_end(house)
    assert [command.split()[1] for command in commands[3:]] == ["ci", "run"]


def test_a_fingerprint_knows_names_contents_and_absence(house: Path) -> None:
    one, two = house / "one", house / "two"
    seen = {install.fingerprint([one, two])}
    one.write_text("a")
    seen.add(install.fingerprint([one, two]))
    two.write_text("a")
    seen.add(install.fingerprint([one, two]))
    two.write_text("b")
    seen.add(install.fingerprint([one, two]))
    assert len(seen) == 4
    assert install.fingerprint([one, two]) == install.fingerprint([two, one])


def _locked(lock: str) -> set[str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {line.rstrip(" \\") for line in lines if line[:1].isalpha()}


def test_the_lock_for_tests_holds_the_lock_for_running() -> None:
    assert _locked(install.RUN_LOCK) - _locked(install.TEST_LOCK) == set()


def test_the_lock_for_measuring_holds_the_lock_for_tests() -> None:
    assert _locked(install.TEST_LOCK) - _locked(install.BENCH_LOCK) == set()


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {
        install.RUN_LOCK: project["project"]["dependencies"],
        install.TEST_LOCK: project["dependency-groups"]["dev"],
        install.BENCH_LOCK: project["dependency-groups"]["bench"],
        install.NODE_LOCK: project["dependency-groups"]["node"],
    }
    for lock, wanted in groups.items():
        held = {line.split("==")[0] for line in _locked(lock)}
        names = {re.split(r"[\[=<>~! ]", requirement)[0].lower() for requirement in wanted}
        assert names <= held, lock


# --- keys and data ----------------------------------------------------------------------------------------


def test_keys_are_random_readable_by_their_owner_only_and_kept(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    assert serve.write_secrets(instance)
    path = instance / "secrets.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    before = path.read_text()
    assert not serve.write_secrets(instance)
    assert path.read_text() == before
    held = tomllib.loads(before)
    keys = [held[name] for name in ("secret_key", "database_key", "audit_key", "index_key")]
    keys.append(held["field_keys"][held["field_key_id"]])
    assert len(set(keys)) == 5
    assert all(len(bytes.fromhex(key)) == 32 for key in keys)


def test_the_product_takes_the_keys_and_the_environment_that_the_launcher_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "INSTANCE", tmp_path)
    serve.write_secrets(tmp_path)
    settings = Settings.from_environment(serve.environment({"FLASK_DEBUG": ""}, 8123))
    assert settings.demo
    assert not settings.https
    assert settings.instance == tmp_path.resolve()
    assert settings.base_url == "http://127.0.0.1:8123"
    assert settings.safeguarding_phone, "the example's page for a worry names a number to ring"


def test_lost_keys_are_not_replaced_while_there_is_data(tmp_path: Path) -> None:
    (tmp_path / "goldenthread.db").touch()
    with pytest.raises(Stop, match="put the file back, or start over with --fresh"):
        serve.write_secrets(tmp_path)


def test_fresh_removes_the_instance_and_nothing_else(house: Path) -> None:
    (house / "instance" / "mail").mkdir(parents=True)
    (house / "mine").touch()
    serve.start_over({})
    serve.start_over({})
    assert [path.name for path in house.iterdir()] == ["mine"]


def test_fresh_leaves_another_database_and_a_linked_folder_alone(house: Path) -> None:
    with pytest.raises(Stop, match="DATABASE_URL"):
        serve.start_over({"DATABASE_URL": "postgresql://elsewhere/db"})
    elsewhere = house / "elsewhere"
    elsewhere.mkdir()
    (house / "instance").symlink_to(elsewhere)
    with pytest.raises(Stop, match="link"):
        serve.start_over({})
    assert elsewhere.is_dir()


# --- the tests' own count ---------------------------------------------------------------------------------


def test_the_count_is_read_from_the_reports(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(
        '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="1"/></testsuites>',
        encoding="utf-8",
    )
    assert checks.read_count(report) == checks.Count(passed=5, failed=3)
    assert checks.read_count(tmp_path / "none.xml") == checks.Count()


def test_every_step_runs_and_one_failure_fails_the_run(capfd: pytest.CaptureFixture[str]) -> None:
    run = checks.Run()
    assert not run.step("first", [sys.executable, "-c", "raise SystemExit(1)"])
    assert run.step("second", [sys.executable, "-c", "print('on it went')"])
    run.count = checks.Count(passed=4)
    assert run.finish() == 1
    shown = capfd.readouterr().out
    assert "on it went" in shown
    assert "FAILED: first" in shown
    assert shown.rstrip().splitlines()[-1] == "4 passed, 0 failed"


def test_steps_that_run_together_are_shown_one_after_the_other(capfd: pytest.CaptureFixture[str]) -> None:
    run = checks.Run()
    slow = "import time; time.sleep(0.3); print('slow was here')"
    run.together(
        {
            "slow": [sys.executable, "-c", slow],
            "wrong": [sys.executable, "-c", "import sys; sys.exit('wrong was here')"],
        }
    )
    assert [(outcome.name, outcome.passed) for outcome in run.outcomes] == [("slow", True), ("wrong", False)]
    shown = capfd.readouterr().out
    assert shown.index("== slow") < shown.index("slow was here") < shown.index("== wrong")
    assert shown.index("== wrong") < shown.index("wrong was here") < shown.index("-- wrong: FAILED")
    assert run.finish() == 1


def test_settings_of_whoever_runs_the_tests_do_not_reach_them(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("GT_DEMO", "DATABASE_URL", "FLASK_DEBUG"):
        monkeypatch.setenv(name, "leak")
    run = checks.Run()
    run.step("look", [sys.executable, "-c", "import os, json; print(json.dumps(sorted(os.environ)))"])
    shown = next(line for line in capfd.readouterr().out.splitlines() if line.startswith("["))
    assert not {"GT_DEMO", "DATABASE_URL", "FLASK_DEBUG"} & set(json.loads(shown))


# --- stopping ---------------------------------------------------------------------------------------------


def test_ending_the_launcher_ends_what_it_runs(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    child = f"import os, time, pathlib; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid())); time.sleep(60)"
    script = (
        "import sys; from pathlib import Path; from devtools import main, serve, steps\n"
        f"serve.run = lambda **_: steps.run_logged([sys.executable, '-c', {child!r}],"
        f" Path({str(tmp_path / 'log')!r}), failure='no')\n"
        "sys.exit(main.main(['run']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as launcher:
        last = time.monotonic() + 20
        while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < last:
            time.sleep(0.02)
        launcher.terminate()
        _, said = launcher.communicate(timeout=20)
    assert launcher.returncode == 130
    assert "Stopped." in said
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
