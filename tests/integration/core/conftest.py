"""Core's own tests do not depend on where the areas let people start."""

from __future__ import annotations

import pytest

from core.accounts import landing


@pytest.fixture(autouse=True)
def _everybody_starts_at_their_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "page_of", lambda _actor: "/account")
