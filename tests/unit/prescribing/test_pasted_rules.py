"""Reading an emailed referral: what is found stands in the text, and nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from prescribing.pasted.rules import LONGEST, Found, read_day, read_referral

TODAY = date(2026, 3, 2)
EMAIL = """From: Dr Ash
Sent: Monday
Dear team,
Patient name: Margaret Example
DOB: 27/03/1948
NHS No: 943 476 5919
Tel:\t0161 496 0001
Email:
Address: 1 The Street
Bury
bl9 0aa

GP Surgery = The Practice
Reason for referral: She is lonely.

She used to sing.
Name: Margaret again
Kind regards
"""


def test_an_email_with_labels_is_read() -> None:
    assert read_referral(EMAIL, TODAY) == Found(
        name="Margaret Example",
        born=date(1948, 3, 27),
        nhs_number="943 476 5919",
        phone="0161 496 0001",
        address="1 The Street\nBury\nbl9 0aa",
        postcode="BL9 0AA",
        gp_practice="The Practice",
        reason="She is lonely.\n\nShe used to sing.\n\nDear team,\nName: Margaret again\nKind regards",
        referrer_name="Dr Ash",
    )


def test_risks_and_needs_are_read_and_what_stands_above_the_reason_is_not_lost() -> None:
    found = read_referral(
        "She has a key safe\nRisks: a dog, do not visit alone\nAccess needs: no stairs\nCommunication: large print\n"
        "Reason: Often alone",
        TODAY,
    )
    assert found.risks == "a dog, do not visit alone"
    assert (found.access_needs, found.communication_needs) == ("no stairs", "large print")
    assert found.reason == "Often alone\n\nShe has a key safe"


@pytest.mark.parametrize(
    ("text", "interpreter"),
    [
        ("Language: Urdu, needs an interpreter", "Urdu, needs an interpreter"),
        ("Interpreter needed: yes\nFirst language: Polish", "Polish"),
        ("Interpreter: BSL\nLanguage: English", "BSL"),
        ("Interpreter: no\nLanguage: Urdu", "no"),
        ("Language: English", ""),
    ],
)
def test_the_language_of_an_interpreter_is_read(text: str, interpreter: str) -> None:
    assert read_referral(text, TODAY).interpreter == interpreter


def test_what_has_no_label_is_kept_as_the_reason() -> None:
    found = read_referral("Please see Margaret, 9434765919.\nShe sings.\nPostcode: BL9 0AA", TODAY)
    assert found.reason == "Please see Margaret, 9434765919.\nShe sings."
    assert found.nhs_number == "943 476 5919"
    assert found.postcode == "BL9 0AA"
    assert found.name == ""
    assert read_referral("1234567890", TODAY).nhs_number == ""


LETTER = """From: "Dr Imogen Vale" <i.vale@tenterfield.example>
To: Bury link workers
Subject: Referral - Mrs Beryl Nuttall

Dear team,
Please see Mrs Beryl Nuttall dob 04/02/1947 NHS 943 476 5919, of 12 Pattern Street, Bury BL9 5AB, tel 07700 900123.
She has been low since her husband died.
With kind thoughts for her.

Kind regards,
Dr Imogen Vale
GP, Tenterfield Health Centre, 3 High Street, Bury BL9 0AA
Tel 0161 496 0050
"""


def test_an_email_as_people_write_it_is_read() -> None:
    found = read_referral(LETTER, TODAY, ["Tenterfield Health Centre", "Weir Lane Surgery"])
    assert found.name == "Beryl Nuttall"
    assert found.born == date(1947, 2, 4)
    assert found.nhs_number == "943 476 5919"
    assert found.phone == "07700 900123"
    assert found.address == "12 Pattern Street, Bury"
    assert found.postcode == "BL9 5AB"
    assert found.gp_practice == "Tenterfield Health Centre"
    assert found.referrer_name == "Dr Imogen Vale"
    assert "Subject" not in found.reason
    assert "low since her husband died" in found.reason


def test_of_two_nobody_guesses_which_is_meant() -> None:
    both = "Mr Tom Ash, born 1 2 1950, and Mrs Ann Ash, born 3 4 1951. 07700 900123 or 07700 900124. BL9 0AA, BL9 5AB."
    found = read_referral(both, TODAY, ["Elm Surgery"])
    assert (found.name, found.born, found.phone, found.postcode) == ("", None, "", "")
    assert (found.gp_practice, found.referrer_name) == ("", "")
    assert read_referral("Referral: Beryl Nuttall\nShe sings", TODAY).name == "Beryl Nuttall"
    assert read_referral("re the patient we talked about", TODAY).name == ""
    assert (
        read_referral("From: i.vale@tenterfield.example", TODAY).referrer_name == "i.vale@tenterfield.example"
    )


def test_a_text_that_is_no_one_referral_is_refused() -> None:
    with pytest.raises(Invalid, match="one email at a time"):
        read_referral("a" * (LONGEST + 1), TODAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("27/03/1948", date(1948, 3, 27)),
        ("27.3.1948 (78)", date(1948, 3, 27)),
        ("1st March 1948", date(1948, 3, 1)),
        ("2 Mar 2026", TODAY),
        ("3 March 2026", None),
        ("31 February 1948", None),
        ("3 Smarch 1948", None),
        ("1 1 1800", None),
        ("27/03/48", None),
        ("", None),
    ],
)
def test_a_date_of_birth_is_read_the_day_first(text: str, day: date | None) -> None:
    assert read_day(text, TODAY) == day


LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.tuples(
            st.sampled_from(["Name: ", "DOB:", "Address:", "Reason =", "Tel\t"]), st.text(max_size=40)
        ).map("".join),
    ),
    max_size=20,
).map("\n".join)


@given(LINES)
def test_whatever_is_pasted_is_read_and_nothing_is_made_up(text: str) -> None:
    found = read_referral(text, TODAY)
    stripped = {line.strip() for line in text.splitlines()}
    for value in (found.name, found.phone, found.email, found.gp_practice, found.referrer_name):
        assert value in text
    for line in (*found.reason.splitlines(), *found.address.splitlines()):
        assert any(line in each for each in stripped)
    assert found.postcode in text.upper()
    assert found.born is None or found.born <= TODAY


@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("Re: Social prescribing referral", ""),
        ("Subject: New referral Social Prescribing", ""),
        ("Referral: Urgent Please", ""),
        ("Subject: Referral Form Completed", ""),
        ("RE: Margaret Ashworth DOB 01/02/1948", "Margaret Ashworth"),
        ("new referral for Hope Ann Field", "Hope Ann Field"),
    ],
)
def test_a_title_is_no_name(first: str, name: str) -> None:
    assert read_referral(f"{first}\nShe lives alone.", TODAY).name == name
