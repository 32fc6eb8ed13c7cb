"""Settings: what production refuses, one by one, and that what is left serves."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.errors import UnsafeSettings
from core.settings import Settings
from devtools.serve import write_secrets
from tests.conftest import make_secrets

NOTIFY_KEY = "ours-01234567-89ab-cdef-0123-456789abcdef-fedcba98-7654-3210-fedc-ba9876543210"
PRODUCTION: dict[str, Any] = {
    "base_url": "https://support.example.org",
    "phone": "0161 496 0123",
    "contact_email": "hello@example.org",
    "mail_from": "no-reply@example.org",
    "smtp_host": "mail.example.org",
    "notify_api_key": NOTIFY_KEY,
    "notify_text_template": "f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0f",
}
DEMO: dict[str, Any] = {"demo": True, "https": False, "base_url": "http://127.0.0.1:8000"}
ENVIRONMENT = {f"GT_{name.upper()}": value for name, value in PRODUCTION.items()}


def settings(**values: Any) -> Settings:
    return Settings(
        secrets=make_secrets(), database_url="sqlite:///nowhere.db", instance=Path("nowhere"), **values
    )


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    write_secrets(tmp_path)
    return tmp_path


def read(instance: Path, **changes: str) -> Settings:
    return Settings.from_environment(ENVIRONMENT | {"GT_INSTANCE": str(instance)} | changes)


def test_whole_settings_serve() -> None:
    settings(**PRODUCTION).refuse_unsafe()
    settings(**DEMO).refuse_unsafe()
    settings(**DEMO | {"base_url": "http://localhost:8123"}).refuse_unsafe()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"debug": True}, "FLASK_DEBUG"),
        ({"https": False}, "HTTPS"),
        ({"base_url": "http://support.example.org"}, "HTTPS"),
        ({"outbound_loopback": True}, "GT_OUTBOUND_LOOPBACK"),
        ({"smtp_host": ""}, "GT_SMTP_HOST"),
        ({"smtp_starttls": False}, "GT_SMTP_STARTTLS"),
        ({"phone": Settings.phone}, "GT_PHONE"),
        ({"contact_email": Settings.contact_email}, "GT_CONTACT_EMAIL"),
        ({"mail_from": Settings.mail_from}, "GT_MAIL_FROM"),
        ({"notify_api_key": ""}, "GT_NOTIFY_API_KEY"),
        ({"notify_api_key": NOTIFY_KEY[:-1]}, "GT_NOTIFY_API_KEY"),
        ({"notify_text_template": ""}, "GT_NOTIFY_TEXT_TEMPLATE"),
        ({"notify_base_url": "http://notify.example.org"}, "GT_NOTIFY_BASE_URL"),
        ({"accent_colour": "green"}, "GT_ACCENT_COLOUR"),
        ({"metrics_token": "short"}, "GT_METRICS_TOKEN"),
        ({"inbound_address": "listings+here@example.org"}, "GT_INBOUND_ADDRESS"),
        ({"inbound_address": "Listings@example.org"}, "GT_INBOUND_ADDRESS"),
        ({"session_hours": 0}, "GT_SESSION_HOURS"),
        ({"session_hours": 25}, "GT_SESSION_HOURS"),
        ({"resident_session_minutes": 0}, "GT_RESIDENT_SESSION_MINUTES"),
    ],
)
def test_production_refuses(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UnsafeSettings, match=words):
        settings(**PRODUCTION | changes).refuse_unsafe()


@pytest.mark.parametrize(
    "changes",
    [
        {"https": True},
        {"trusted_proxies": 1},
        {"base_url": "https://support.example.org"},
        {"base_url": "http://192.0.2.7:8000"},
        {"base_url": "http://localhost.example.org"},
        {"base_url": "http://[broken"},
        {"base_url": ""},
    ],
)
def test_the_demo_stays_on_its_own_computer(changes: dict[str, Any]) -> None:
    with pytest.raises(UnsafeSettings, match="GT_DEMO"):
        settings(**DEMO | changes).refuse_unsafe()


def test_a_mail_server_on_this_computer_needs_no_tls() -> None:
    settings(**PRODUCTION | {"smtp_host": "localhost", "smtp_starttls": False}).refuse_unsafe()
    settings(**PRODUCTION | {"smtp_host": "127.0.0.1", "smtp_starttls": False}).refuse_unsafe()


def test_the_environment_is_read(instance: Path) -> None:
    held = read(instance, DATABASE_URL="postgres://ours@db.example.org/ours", GT_TRUSTED_PROXIES="1")
    assert held.database_url == "postgresql+psycopg://ours@db.example.org/ours"
    assert (held.https, held.demo, held.debug, held.trusted_proxies) == (True, False, False, 1)
    assert held.phone == PRODUCTION["phone"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"GT_DEMO": "yes"}, "GT_DEMO"),
        ({"GT_DEMO": "perhaps"}, "GT_DEMO must be yes or no"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"GT_HTTPS": "no"}, "HTTPS"),
        ({"GT_TRUSTED_PROXIES": "-1"}, "GT_TRUSTED_PROXIES must be a whole number"),
        ({"GT_SMTP_PORT": "smtp"}, "GT_SMTP_PORT must be a whole number"),
        ({"DATABASE_URL": "mysql://db.example.org/ours"}, "DATABASE_URL"),
        ({"GT_SECRETS_FILE": "nowhere/keys.toml"}, "There are no keys"),
    ],
)
def test_the_environment_is_refused(instance: Path, changes: dict[str, str], words: str) -> None:
    with pytest.raises(UnsafeSettings, match=words):
        read(instance, **changes)


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("secret_key", "change me", "secret_key must be 64 hexadecimal digits"),
        ("audit_key", "0" * 64, "audit_key is not random"),
        ("index_key", None, "two keys are the same"),
    ],
)
def test_keys_that_are_no_keys_are_refused(instance: Path, name: str, key: str | None, words: str) -> None:
    path = instance / "secrets.toml"
    text = path.read_text(encoding="utf-8")
    held = tomllib.loads(text)
    path.write_text(text.replace(held[name], key or held["audit_key"]), encoding="utf-8")
    with pytest.raises(UnsafeSettings, match=words):
        read(instance)


@pytest.mark.parametrize(
    ("text", "words"),
    [("keys = [", "not a readable TOML file"), ('field_key_id = "2"', "needs a table field_keys")],
)
def test_a_broken_file_of_keys_is_refused(instance: Path, text: str, words: str) -> None:
    (instance / "secrets.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnsafeSettings, match=words):
        read(instance)


def test_keys_and_passwords_are_never_shown() -> None:
    held = settings(**PRODUCTION | {"smtp_password": "correct horse"})
    shown = repr(held) + repr(dataclasses.replace(held, database_url="postgresql://ours:staple@db/ours"))
    for secret in (NOTIFY_KEY, "correct horse", "staple", make_secrets().secret_key):
        assert secret not in shown
