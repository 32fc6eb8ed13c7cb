"""What can go wrong on purpose. Each error carries words that a person can act on."""

from __future__ import annotations

from collections.abc import Mapping


class GoldenThreadError(Exception):
    """Base of the product's own errors; `status` is the HTTP answer that it becomes."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(GoldenThreadError):
    """The thing is missing, or out of the actor's scope: the two look the same from outside."""

    status = 404

    def __init__(self, message: str = "We cannot find that page.") -> None:
        super().__init__(message)


class Invalid(GoldenThreadError):
    """Input that cannot be used; `field` names the input it belongs to, if one does."""

    status = 400

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Refused(GoldenThreadError):
    """A rule of the domain forbids it in the present state."""

    status = 409


class Conflict(GoldenThreadError):
    """Somebody else changed it first. Both texts are kept so that nothing typed is lost.

    `yours` and `theirs` map field labels to texts.
    """

    status = 409

    def __init__(self, message: str, yours: Mapping[str, str], theirs: Mapping[str, str]) -> None:
        super().__init__(message)
        self.yours = dict(yours)
        self.theirs = dict(theirs)


class Throttled(GoldenThreadError):
    """Too many tries; `retry_after` is in seconds."""

    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(GoldenThreadError):
    """Something that we depend on does not answer just now."""

    status = 503


class UnsafeSettings(GoldenThreadError):
    """The settings would run the product in a way that its contract forbids."""
