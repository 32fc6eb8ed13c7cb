"""The headers of every answer, errors and files too."""

from __future__ import annotations

import base64
import gzip
import hashlib
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request, session

from core.access.guard import current_actor, policy_of
from core.settings import Settings

# The page template's one inline script: tells the stylesheet, before anything is drawn, that scripts run.
JS_ENABLED = (
    "document.body.className += ' js-enabled'"
    " + ('noModule' in HTMLScriptElement.prototype ? ' nhsuk-frontend-supported' : '');"
)

# How long a browser or a proxy may show a public page without asking again, in seconds.
PUBLIC_SECONDS = 60

_COMPRESSED_FROM = 1024
_TEXTS = ("text/", "application/json", "application/ld+json", "image/svg+xml")
_OFF = (
    "accelerometer",
    "camera",
    "display-capture",
    "gyroscope",
    "magnetometer",
    "microphone",
    "payment",
    "usb",
)


def request_id() -> str:
    """This request's own id: in the answer, on error pages and in the log, so that a report finds its lines."""
    found: str = g.setdefault("request_id", secrets.token_hex(8))
    return found


def security_headers(settings: Settings) -> dict[str, str]:
    """What every answer carries, by these settings."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": ", ".join(["geolocation=(self)", *(f"{feature}=()" for feature in _OFF)]),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def content_security_policy(settings: Settings) -> str:
    """Only our own files, the template's one inline script by its hash, and map tiles where settings name them."""
    digest = base64.b64encode(hashlib.sha256(JS_ENABLED.encode()).digest()).decode()
    parts = [
        "default-src 'self'",
        f"script-src 'self' 'sha256-{digest}'",
        "style-src 'self'",
        " ".join(["img-src 'self' data:", *tile_origins(settings.tile_url)]),
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    if settings.https:
        parts.append("upgrade-insecure-requests")
    return "; ".join(parts)


def tile_origins(tile_url: str) -> list[str]:
    """Where tiles come from, as CSP writes it: `{s}` stands for any subdomain."""
    parts = urlsplit(tile_url.replace("{s}", "*"))
    return [f"{parts.scheme}://{parts.netloc}"] if parts.scheme and parts.netloc else []


def framed_headers(settings: Settings) -> dict[str, str]:
    """As `security_headers`, for an answer that may stand in a frame on the sites that settings name."""
    headers = security_headers(settings)
    del headers["X-Frame-Options"]
    policy = headers["Content-Security-Policy"]
    wanted = f"frame-ancestors {settings.widget_sites}"
    return headers | {"Content-Security-Policy": policy.replace("frame-ancestors 'none'", wanted)}


def allow_framing() -> None:
    """Let the present answer, which holds nothing to press but links, stand in a frame on other sites."""
    g.may_be_framed = True


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of `app`."""
    fixed, framed = security_headers(settings), framed_headers(settings)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in (framed if g.get("may_be_framed") else fixed).items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-ID"] = request_id()
        if not _may_be_kept(app, response):
            response.headers["Cache-Control"] = "no-store"
            return response
        response.headers.setdefault("Cache-Control", f"public, max-age={PUBLIC_SECONDS}")
        return _compressed(response)


def _may_be_kept(app: Flask, response: Response) -> bool:
    """Whether a cache may keep the answer: anybody gets the same, and it holds no token of anyone's."""
    policy = policy_of(app, request.endpoint) if request.endpoint else None
    return (
        request.method in {"GET", "HEAD"}
        and response.status_code in {200, 304}
        and policy is not None
        and policy.permission is None
        and not policy.audits_read
        and not current_actor().signed_in
        and "csrf_token" not in g
        and not session.modified
        and "Set-Cookie" not in response.headers
        and response.cache_control.no_store is not True
    )


def _compressed(response: Response) -> Response:
    """The answer in gzip where the browser takes it. Only for pages without secrets: compression gives away lengths."""
    response.vary.add("Accept-Encoding")
    response.vary.add("Cookie")
    streamed = response.is_streamed or response.direct_passthrough
    if (
        streamed
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(_TEXTS)
        or request.accept_encodings.quality("gzip") <= 0
    ):
        return response
    body = response.get_data()
    if len(body) >= _COMPRESSED_FROM:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
