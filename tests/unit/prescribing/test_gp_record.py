"""The text that goes into a practice's record."""

from __future__ import annotations

from datetime import date

from prescribing.episodes.contributions import Score
from prescribing.episodes.feedback import ACCEPTED_CODE, Feedback
from prescribing.episodes.gp_record import gp_text


def test_the_text_holds_codes_what_was_done_and_what_was_not() -> None:
    told = Feedback(
        "being supported",
        done=("Went to the choir",),
        did_not_work=("The lunch club",),
        scores=(Score("Life satisfaction", "3", ""),),
        codes=(ACCEPTED_CODE,),
    )
    text = gp_text(
        name="Margaret Example",
        born=date(1948, 3, 27),
        reference="GT-7K4M-2Q",
        needs=["Company"],
        told=told,
        on=date(2026, 3, 3),
    )
    assert f"Code: {ACCEPTED_CODE} Referral to social prescribing service (SNOMED CT)\n" in text
    assert "Done: Went to the choir\nTried, did not work: The lunch club\n" in text
    assert text.endswith("Life satisfaction: 3, then not taken\n")


def test_nothing_is_said_as_none() -> None:
    text = gp_text(
        name="Sam", born=None, reference="GT-7K4M-2Q", needs=[], told=Feedback("x"), on=date(2026, 3, 3)
    )
    assert "\nSam\nReference: GT-7K4M-2Q\nNeeds: none written down\nState: x\nDone: none\n" in text
