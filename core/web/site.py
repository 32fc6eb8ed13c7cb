"""What every page knows about the service that it belongs to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from core.errors import UnsafeSettings
from core.settings import Settings
from core.web.links import tel

# WCAG 2.2 level AA for text of ordinary size.
LEAST_CONTRAST = 4.5


@dataclass(frozen=True)
class Site:
    """Names, numbers and colours from the settings, as pages use them."""

    name: str
    borough: str
    organisation: str
    phone: str
    phone_href: str
    phone_hours: str
    email: str
    base_url: str
    accent: str
    theme: str
    theme_digest: str
    demo: bool


@dataclass(frozen=True)
class Tiles:
    """Where map pictures come from, with `{z}`, `{x}` and `{y}`, and whom to thank for them."""

    url: str
    attribution: str


def site_of(settings: Settings) -> Site:
    """What pages need of the settings. Raises `UnsafeSettings` for a colour that would be hard to read."""
    css = theme(settings.accent_colour)
    digest = hashlib.sha256(css.encode()).hexdigest()[:12]
    return Site(
        name=settings.service_name,
        borough=settings.borough_name,
        organisation=settings.organisation_name,
        phone=settings.phone,
        phone_href=tel(settings.phone),
        phone_hours=settings.phone_hours,
        email=settings.contact_email,
        base_url=settings.base_url,
        accent=settings.accent_colour,
        theme=css,
        theme_digest=digest,
        demo=settings.demo,
    )


def theme(accent: str) -> str:
    """The stylesheet that carries the borough's colour. Raises `UnsafeSettings` when white text on it, or it as
    text on the page's warm white, is harder to read than WCAG AA allows."""
    pale = mix(accent, "#ffffff", 0.9)
    if contrast(accent, "#ffffff") < LEAST_CONTRAST or contrast(accent, pale) < LEAST_CONTRAST:
        raise UnsafeSettings(
            f"GT_ACCENT_COLOUR {accent} is too pale to read. Choose a darker colour, such as #0b5345 or #5b2a5e."
        )
    shades = {
        "accent": accent,
        "accent-dark": mix(accent, "#000000", 0.25),
        "accent-darkest": mix(accent, "#000000", 0.5),
        "accent-soft": mix(accent, "#ffffff", 0.78),
        "accent-pale": pale,
    }
    return ":root{" + "".join(f"--gt-{name}:{colour};" for name, colour in shades.items()) + "}\n"


def mix(colour: str, other: str, share: float) -> str:
    """`colour` (#rrggbb) with `share` (0 to 1) of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two #rrggbb colours, from 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
