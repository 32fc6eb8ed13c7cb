"""Settings: read once from the environment, typed, frozen, and refused when they would be unsafe."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from core.errors import UnsafeSettings

ROOT = Path(__file__).resolve().parent.parent

_KEY = re.compile(r"[0-9a-f]{64}")
# Which sites may show our widget in a frame, as CSP writes them.
_SITES = re.compile(r"\*|'none'|'self'|https://[a-z0-9.*:-]+( https://[a-z0-9.*:-]+)*")
# Before the @ there must be room for a + and a token.
_INBOUND = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,200}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# GOV.UK Notify's keys end in the ids of the service and of the secret.
_NOTIFY_KEY = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
)
# What people ring and write to: the example's own must not stand on a real service's pages.
_INVENTED = ("phone", "contact_email", "mail_from")
_SECRET_NAMES = ("secret_key", "database_key", "audit_key", "index_key")


@dataclass(frozen=True)
class Secrets:
    """Keys, each 32 bytes as 64 hex digits.

    `field_keys` is the key ring for encrypted fields: id to key; `field_key_id` names the one that writes.
    """

    secret_key: str
    database_key: str
    audit_key: str
    index_key: str
    field_keys: Mapping[str, str] = field(repr=False)
    field_key_id: str = "1"

    def __repr__(self) -> str:
        return "Secrets(...)"


@dataclass(frozen=True)
class Settings:
    """Everything that an operator may choose."""

    secrets: Secrets
    database_url: str = field(repr=False)
    instance: Path
    demo: bool = False
    debug: bool = False
    testing: bool = False
    https: bool = True
    base_url: str = "http://127.0.0.1:8000"
    trusted_proxies: int = 0
    service_name: str = "Find local support in Bury"
    borough_name: str = "Bury"
    organisation_name: str = "Bury Golden Thread"
    phone: str = "0161 496 0999"
    phone_hours: str = "Monday to Friday, 9am to 5pm"
    contact_email: str = "hello@goldenthread.example"
    # The council's adult safeguarding team.
    safeguarding_phone: str = ""
    accent_colour: str = "#0b5345"
    tile_url: str = ""
    tile_attribution: str = ""
    widget_sites: str = "*"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_starttls: bool = True
    mail_from: str = "no-reply@goldenthread.example"
    # Replies to reminders come in here, each with a token of its own: "listings@example.org".
    inbound_address: str = ""
    notify_api_key: str = field(default="", repr=False)
    notify_text_template: str = ""
    notify_base_url: str = "https://api.notifications.service.gov.uk"
    session_hours: int = 8
    resident_session_minutes: int = 30
    # Lets feeds and webhooks on this very computer be tried out; a real service asks strangers only.
    outbound_loopback: bool = False
    api_per_minute: int = 600
    # Who shows it may read figures on how the service runs; without one nobody can.
    metrics_token: str = field(default="", repr=False)

    @property
    def mail_folder(self) -> Path:
        """Where messages are written as files when no SMTP host is set."""
        return self.instance / "mail"

    @property
    def index_folder(self) -> Path:
        """Where the search index lives; it can be deleted and rebuilt at any time."""
        return self.instance / "index"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read settings from environment variables named `GT_...` and `DATABASE_URL`.

        Raises `UnsafeSettings`, with the remedy in words, for what is missing, malformed or unsafe.
        """
        env = os.environ if environment is None else environment
        instance = Path(env.get("GT_INSTANCE") or ROOT / "instance").resolve()
        demo = _flag(env, "GT_DEMO", default=False)
        settings = cls(
            secrets=_read_secrets(env, instance),
            database_url=_database_url(
                env.get("DATABASE_URL") or f"sqlite:///{instance / 'goldenthread.db'}"
            ),
            instance=instance,
            demo=demo,
            debug=_flag(env, "FLASK_DEBUG", default=False),
            https=_flag(env, "GT_HTTPS", default=not demo),
            base_url=(env.get("GT_BASE_URL") or cls.base_url).rstrip("/"),
            outbound_loopback=_flag(env, "GT_OUTBOUND_LOOPBACK", default=False),
            trusted_proxies=_number(env, "GT_TRUSTED_PROXIES", cls.trusted_proxies),
            smtp_port=_number(env, "GT_SMTP_PORT", cls.smtp_port),
            smtp_starttls=_flag(env, "GT_SMTP_STARTTLS", default=True),
            session_hours=_number(env, "GT_SESSION_HOURS", cls.session_hours),
            resident_session_minutes=_number(
                env, "GT_RESIDENT_SESSION_MINUTES", cls.resident_session_minutes
            ),
            api_per_minute=_number(env, "GT_API_PER_MINUTE", cls.api_per_minute),
            **{name: env[f"GT_{name.upper()}"] for name in _TEXTS if env.get(f"GT_{name.upper()}")},  # type: ignore[arg-type]
        )
        settings.refuse_unsafe()
        return settings

    def refuse_unsafe(self) -> None:
        """Raise `UnsafeSettings` when these settings must not serve people."""
        if not _COLOUR.fullmatch(self.accent_colour):
            raise UnsafeSettings("GT_ACCENT_COLOUR must be a colour such as #0b5345.")
        if not _SITES.fullmatch(self.widget_sites):
            raise UnsafeSettings(
                "GT_WIDGET_SITES must be * or addresses such as https://example.org with spaces between them."
            )
        if self.metrics_token and not _TOKEN.fullmatch(self.metrics_token):
            raise UnsafeSettings(
                "GT_METRICS_TOKEN can be guessed: use 32 random letters and digits or more, without spaces."
            )
        if self.inbound_address and not _INBOUND.fullmatch(self.inbound_address):
            raise UnsafeSettings(
                "GT_INBOUND_ADDRESS must be an address in small letters, such as listings@example.org, of which what"
                " stands before the @ has at most 31 characters and no +."
            )
        if self.demo:
            self._refuse_public_demo()
        elif not self.testing:
            self._refuse_unsafe_service()

    def _refuse_public_demo(self) -> None:
        """Anybody may sign in to the demo as anyone, so it must not look like, or stand behind, a public address."""
        if self.https or self.trusted_proxies or not is_this_computer(self.base_url):
            raise UnsafeSettings(
                "GT_DEMO is on: it has no passwords, and runs only on the computer that it is looked at from. Turn it"
                " off, or leave GT_HTTPS off, GT_TRUSTED_PROXIES at 0 and GT_BASE_URL at a 127.0.0.1 address."
            )

    def _refuse_unsafe_service(self) -> None:
        if self.debug:
            raise UnsafeSettings(
                "FLASK_DEBUG is on: it shows strangers the inside of the product. Turn it off."
            )
        if self.outbound_loopback:
            raise UnsafeSettings(
                "GT_OUTBOUND_LOOPBACK is on: a stranger's address could lead back into this computer. Turn it off."
            )
        if not self.https or not self.base_url.startswith("https://"):
            raise UnsafeSettings(
                "Sign-in cookies must travel over HTTPS: set GT_BASE_URL to the https:// address and leave GT_HTTPS on."
            )
        if not self.smtp_host:
            raise UnsafeSettings("Emails need somewhere to go: set GT_SMTP_HOST to the mail server's name.")
        if not self.smtp_starttls and not is_this_computer(f"smtp://{self.smtp_host}"):
            raise UnsafeSettings(
                "Emails carry links that let people in: leave GT_SMTP_STARTTLS on, or use a server on this computer."
            )
        invented = [name for name in _INVENTED if getattr(self, name) == getattr(Settings, name)]
        if invented:
            names = ", ".join(f"GT_{name.upper()}" for name in invented)
            raise UnsafeSettings(f"These are still those of the example, which reach nobody: set {names}.")
        if not self.notify_base_url.startswith("https://"):
            raise UnsafeSettings("GT_NOTIFY_BASE_URL must start with https://.")
        if not self.notify_api_key or not self.notify_text_template:
            raise UnsafeSettings(
                "Groups and residents sign in with a code by text: set GT_NOTIFY_API_KEY to a GOV.UK Notify key, and"
                " GT_NOTIFY_TEXT_TEMPLATE to the id of a text template that holds ((words)) and nothing else."
            )
        if not _NOTIFY_KEY.search(self.notify_api_key):
            raise UnsafeSettings(
                "GT_NOTIFY_API_KEY is not a whole GOV.UK Notify key: copy it again, to its end."
            )
        if not 1 <= self.session_hours <= 24 or not 1 <= self.resident_session_minutes <= 24 * 60:
            raise UnsafeSettings(
                "Nobody stays signed in for more than a day: set GT_SESSION_HOURS from 1 to 24, and"
                " GT_RESIDENT_SESSION_MINUTES from 1 to 1440."
            )


_TEXTS = (
    "service_name",
    "borough_name",
    "organisation_name",
    "phone",
    "phone_hours",
    "contact_email",
    "safeguarding_phone",
    "accent_colour",
    "tile_url",
    "tile_attribution",
    "widget_sites",
    "smtp_host",
    "smtp_user",
    "smtp_password",
    "mail_from",
    "inbound_address",
    "notify_api_key",
    "notify_text_template",
    "notify_base_url",
    "metrics_token",
)


def is_this_computer(url: str) -> bool:
    """Whether the address names the computer that we run on."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise UnsafeSettings(f"{name} must be yes or no, not {text!r}.")


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal():
        raise UnsafeSettings(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _database_url(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith(("sqlite://", "postgresql+psycopg://")):
        raise UnsafeSettings("DATABASE_URL must start with postgresql:// or sqlite://.")
    return url


def _read_secrets(env: Mapping[str, str], instance: Path) -> Secrets:
    """Keys come from the file that GT_SECRETS_FILE names, or `instance/secrets.toml`; never from a default."""
    path = Path(env.get("GT_SECRETS_FILE") or instance / "secrets.toml")
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnsafeSettings(
            f"There are no keys: {path.name} is missing. Make it with `python3 dev.py run`,"
            " or set GT_SECRETS_FILE to where it is."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UnsafeSettings(
            f"{path.name} is not a readable TOML file. Restore it from where you keep keys."
        ) from None
    ring = held.get("field_keys")
    key_id = str(held.get("field_key_id", "1"))
    if not isinstance(ring, dict) or key_id not in ring:
        raise UnsafeSettings(
            f"{path.name} needs a table field_keys that holds the key named by field_key_id."
        )
    values = {name: held.get(name) for name in _SECRET_NAMES}
    for name, value in [*values.items(), *((f"field_keys.{k}", v) for k, v in ring.items())]:
        if not isinstance(value, str) or not _KEY.fullmatch(value):
            raise UnsafeSettings(f"{path.name}: {name} must be 64 hexadecimal digits (32 random bytes).")
        if len(set(value)) < 6:
            raise UnsafeSettings(f"{path.name}: {name} is not random. Make a new key.")
    every = [*values.values(), *ring.values()]
    if len(set(every)) < len(every):
        raise UnsafeSettings(f"{path.name}: two keys are the same. Each must be one of its own.")
    return Secrets(
        secret_key=str(values["secret_key"]),
        database_key=str(values["database_key"]),
        audit_key=str(values["audit_key"]),
        index_key=str(values["index_key"]),
        field_keys={str(k): str(v) for k, v in ring.items()},
        field_key_id=key_id,
    )


def current_settings() -> Settings:
    """The settings of the application that is at work."""
    settings: Settings = current_app.extensions["settings"]
    return settings
