"""The borough's own colour, as long as it can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UnsafeSettings
from core.web.site import LEAST_CONTRAST, contrast, mix, site_of, theme
from tests.conftest import make_settings

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_black_on_white_is_the_most_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@given(colours, colours)
def test_contrast_does_not_mind_the_order(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.01


@given(colours, colours)
def test_mixing_goes_from_one_to_the_other(one: str, other: str) -> None:
    assert mix(one, other, 0) == one
    assert mix(one, other, 1) == other


@given(colours)
def test_a_colour_is_taken_only_if_its_words_can_be_read(accent: str) -> None:
    legible = (
        min(contrast(accent, "#ffffff"), contrast(accent, mix(accent, "#ffffff", 0.9))) >= LEAST_CONTRAST
    )
    if legible:
        assert f"--gt-accent:{accent};" in theme(accent)
    else:
        with pytest.raises(UnsafeSettings, match=f"{accent}.*darker"):
            theme(accent)


def test_the_stylesheet_s_address_changes_with_the_colour(tmp_path: Path) -> None:
    green = site_of(make_settings("sqlite://", tmp_path))
    plum = site_of(make_settings("sqlite://", tmp_path, accent_colour="#5b2a5e"))
    assert green.theme_digest != plum.theme_digest
    assert "#5b2a5e" in plum.theme
    assert green.phone_href == "tel:+441614960999"
