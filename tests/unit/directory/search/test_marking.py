"""Words that were asked for stand out where they are shown; nothing of a text is lost or changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from directory.search.marking import marked, stems_asked
from directory.search.thesaurus.rules import Ring, Thesaurus
from directory.search.understanding_rules import understand


def told(q: str, text: str, *corrected: tuple[str, str]) -> str:
    """The text with brackets around what is marked."""
    pieces = marked(text, stems_asked(understand(q), corrected))
    return "".join(f"[{piece.text}]" if piece.asked else piece.text for piece in pieces)


def test_words_are_marked_by_their_stem_whatever_their_letters() -> None:
    assert told("walk", "Walking, a WALK and cake.") == "[Walking], a [WALK] and cake."
    assert told("mens shed", "The Men’s Shed") == "The [Men’s] [Shed]"


def test_what_means_the_same_is_marked_and_a_mended_slip_as_it_was_meant() -> None:
    thesaurus = Thesaurus([Ring(("walk", "ramble"))])
    stems = stems_asked(understand("walk", thesaurus), ())
    assert [piece.text for piece in marked("A ramble", stems) if piece.asked] == ["ramble"]
    assert told("gardn", "A garden", ("gardn", "garden")) == "A [garden]"


def test_nothing_is_marked_where_nothing_was_asked() -> None:
    assert told("", "A walk") == "A walk"
    assert told("walk", "") == ""


@given(st.text(max_size=80), st.text(max_size=40))
def test_the_text_stays_whole(q: str, text: str) -> None:
    assert "".join(piece.text for piece in marked(text, stems_asked(understand(q), ()))) == text
