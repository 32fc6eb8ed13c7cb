"""What tests of keeping listings true have in common."""

from __future__ import annotations

import pytest
from flask import Flask


@pytest.fixture(autouse=True)
def without_tokens(app: Flask) -> None:
    """That forms carry their token is asked of every form elsewhere."""
    app.config["WTF_CSRF_ENABLED"] = False
