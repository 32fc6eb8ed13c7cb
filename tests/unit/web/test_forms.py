"""Forms read what people type, and say in plain words how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import (
    BooleanField,
    DecimalField,
    EmailField,
    FieldList,
    FileField,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms import Form as WTForm
from wtforms.validators import InputRequired, Length, Optional

from core.web.fields import DateField, TimeField, choices, read_time, say
from core.web.forms import LONGEST_TEXT, CreateForm, Form, QueryForm
from core.web.macros import shown
from core.web.validators import (
    Between,
    EmailAddress,
    MaxLength,
    PhoneNumber,
    Required,
)

APP = Flask(__name__)


def sent(kind: type[Form], **typed: Any) -> Form:
    """A form of that kind as it is after `typed` was sent."""
    with APP.test_request_context(
        "/", method="POST", data={k.replace("__", "-"): v for k, v in typed.items()}
    ):
        form = kind()
        form.validate()
        return form


def messages(field: Any, typed: str | list[str] | None = None) -> list[str]:
    """What a form of this one field says about what was typed into it."""
    kind = type("OneField", (Form,), {"it": field})
    form = sent(kind, **({} if typed is None else {"it": typed}))
    return [message for _, message in form.problems()]


CHOICES = choices([("a", "Apples"), ("b", "Bread")])


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        (StringField("Your name", [Required()]), "", "Enter your name"),
        (StringField("Your name", [Required()]), "   ", "Enter your name"),
        (StringField("NHS number", [Required()]), "", "Enter NHS number"),
        (StringField("What is it?", [Required()]), "", "Answer the question: What is it?"),
        (StringField("Your name", [Required("Tell us who you are")]), "", "Tell us who you are"),
        (StringField("Your name", [InputRequired()]), "", "Enter your name"),
        (RadioField("Day", [Required()], choices=CHOICES), None, "Choose day"),
        (RadioField("Which?", [Required()], choices=CHOICES), None, "Choose an answer: Which?"),
        (RadioField("Day", choices=CHOICES), "z", "What you chose is not there any more. Choose day"),
        (
            SelectField("Ward", [Required()], choices=CHOICES),
            "z",
            "What you chose is not there any more. Choose ward",
        ),
        (
            SelectMultipleField("Days", [Required("Choose one day or more")], choices=CHOICES),
            None,
            "Choose one day or more",
        ),
        (
            SelectMultipleField("Days", choices=CHOICES),
            ["a", "z"],
            "What you chose is not there any more. Choose days",
        ),
        (BooleanField("I agree", [Required()]), None, "Tick the box: I agree"),
        (IntegerField("Places", [Optional()]), "lots", "Places must be a whole number, like 12"),
        (IntegerField("Places", [Between(1, 30)]), "31", "Places must be a number from 1 to 30"),
        (IntegerField("Places", [Between(least=1)]), "0", "Places must be a number 1 or more"),
        (IntegerField("Places", [Between(most=1000)]), "1001", "Places must be a number 1,000 or less"),
        (DecimalField("Price", [Between(0, 1000)]), "nan", "Price must be a number from 0 to 1,000"),
        (DecimalField("Price", [Optional()]), "x", "Price must be a number, like 12.50"),
        (
            TextAreaField("Story", [MaxLength(5)]),
            "123456",
            "Story must be 5 characters or fewer. You typed 6",
        ),
        (
            StringField("Story", [Length(max=5)]),
            "123456",
            "Check story: field cannot be longer than 5 characters",
        ),
        (EmailField("Email", [EmailAddress()]), "a@b", "Email must look like name@example.com"),
        (EmailField("Email", [EmailAddress()]), "a b@example.com", "Email must look like name@example.com"),
        (
            EmailField("Email", [EmailAddress()]),
            "a" * 250 + "@example.com",
            "Email must look like name@example.com",
        ),
        (
            TelField("Phone", [PhoneNumber()]),
            "12",
            "Phone must be a phone number, like 0161 496 0000 or 07700 900 000",
        ),
        (
            TelField("Phone", [PhoneNumber()]),
            "ring me",
            "Phone must be a phone number, like 0161 496 0000 or 07700 900 000",
        ),
        (
            StringField("Name"),
            "a\x00b",
            "Name has a hidden character that we cannot keep. Delete it and type it again",
        ),
        (StringField("Name"), "x" * (LONGEST_TEXT + 1), "Name must be 10,000 characters or fewer"),
        (TimeField("Start"), "25:00", "Start must be a time, like 10am, 2:30pm or 14:00"),
        (TimeField("Start"), "10", "Start needs am or pm, like 10am or 10pm"),
    ],
)
def test_a_message_names_its_field_and_the_remedy(field: Any, typed: Any, message: str) -> None:
    assert messages(field, typed) == [message]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        (StringField("Name", [Required()]), "Jean"),
        (StringField("Name", [MaxLength(5)]), "Jean"),
        (EmailField("Email", [EmailAddress()]), ""),
        (EmailField("Email", [EmailAddress()]), "jean.o'neil+x@mail.example.co.uk"),
        (TelField("Phone", [PhoneNumber()]), ""),
        (TelField("Phone", [PhoneNumber()]), "07700 900123"),
        (IntegerField("Places", [Optional(), Between(1, 30)]), ""),
        (IntegerField("Places", [Between(1, 30)]), "30"),
        (RadioField("Day", [Optional()], choices=CHOICES), None),
        (RadioField("Day", [Required()], choices=CHOICES), "a"),
        (BooleanField("I agree", [Required()]), "y"),
        (TimeField("Start"), ""),
        (TextAreaField("Story"), "Two\r\nlines,\tand a tab"),
    ],
)
def test_what_is_right_passes(field: Any, typed: Any) -> None:
    assert messages(field, typed) == []


def test_a_custom_message_stands_as_written() -> None:
    assert messages(IntegerField("Places", [Between(1, 2, "Two at most")]), "3") == ["Two at most"]
    assert messages(StringField("Name", [MaxLength(1, "Too long")]), "ab") == ["Too long"]


class Born(Form):
    born = DateField("Date of birth", [Required()])


@pytest.mark.parametrize(
    ("typed", "message", "box"),
    [
        (("", "", ""), "Enter date of birth", "born-day"),
        (("3", "", ""), "Date of birth must include a month and a year", "born-month"),
        (("3", "2", ""), "Date of birth must include a year", "born-year"),
        (("9" * 20, "2", "1958"), "Date of birth must be a real date, like 27 3 1958", "born-day"),
        (("3", "2", "58"), "Date of birth must have a year of four numbers, like 1958", "born-year"),
        (("31", "2", "1958"), "Date of birth must be a real date, like 27 3 1958", "born-day"),
        (("3", "Ma", "1958"), "Date of birth must be a real date, like 27 3 1958", "born-day"),
        (("3", "jubrember", "1958"), "Date of birth must be a real date, like 27 3 1958", "born-day"),
        (("x", "2", "1958"), "Date of birth must be a real date, like 27 3 1958", "born-day"),
        (("²", "2", "1958"), "Date of birth must be a real date, like 27 3 1958", "born-day"),
    ],
)
def test_a_wrong_date_says_which_box(typed: tuple[str, str, str], message: str, box: str) -> None:
    form = sent(Born, born__day=typed[0], born__month=typed[1], born__year=typed[2])
    assert form.problems() == [(box, message)]
    assert form.data["born"] is None


@pytest.mark.parametrize("month", ["3", "03", "March", "mar", "MARCH"])
def test_a_month_may_be_a_word(month: str) -> None:
    form = sent(Born, born__day=" 27", born__month=month, born__year="1958")
    assert form.data["born"] == date(1958, 3, 27)
    assert form.problems() == []


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_comes_back_as_it_was_shown(day: date) -> None:
    with APP.test_request_context("/"):
        typed = Born(data={"born": day}).born.typed
    form = sent(Born, **{f"born__{part}": text for part, text in typed.items()})
    assert form.data["born"] == day


def test_a_date_that_was_not_sent_keeps_its_default() -> None:
    class Dated(Form):
        on = DateField("Day", default=lambda: date(2026, 3, 3))

    with APP.test_request_context("/"):
        assert Dated().on.typed == {"day": "3", "month": "3", "year": "2026"}


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("10am", time(10)),
        ("10 AM", time(10)),
        ("10:30am", time(10, 30)),
        ("2.30pm", time(14, 30)),
        ("12pm", time(12)),
        ("12am", time(0)),
        ("14:00", time(14)),
        ("midday", time(12)),
        ("Noon", time(12)),
        ("midnight", time(0)),
    ],
)
def test_times_are_read_as_people_write_them(typed: str, at: time) -> None:
    assert read_time(typed, "Start") == at


@pytest.mark.parametrize("typed", ["13pm", "0am", "10:75am", "24:00", "ten", "10am-12pm", "-1am"])
def test_other_times_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Start must be a time"):
        read_time(typed, "Start")


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_time_that_is_said_can_be_read(at: time) -> None:
    assert read_time(say(at), "Start") == at


def test_a_time_is_shown_as_it_was_typed_or_kept() -> None:
    class At(Form):
        at = TimeField("Start")

    with APP.test_request_context("/"):
        assert shown(At()["at"]) == ""
        assert shown(At(data={"at": time(14, 30)})["at"]) == "2:30pm"
    assert shown(sent(At, at="half ten")["at"]) == "half ten"


def test_a_create_form_makes_its_own_key() -> None:
    with APP.test_request_context("/"):
        one, other = CreateForm().key, CreateForm().key
    assert isinstance(one, UUID)
    assert one != other


def test_a_key_that_is_no_key_is_replaced() -> None:
    form = sent(CreateForm, idempotency_key="zz")
    assert form.problems() == [("", "This form was open for too long. Check your answers and send it again")]
    assert isinstance(form, CreateForm)
    assert form.key.version == 4


def test_the_same_sending_has_the_same_key() -> None:
    key = "01890a5d-ac96-774b-bcce-b302099a8057"
    form = sent(CreateForm, idempotency_key=key)
    assert isinstance(form, CreateForm)
    assert form.key == UUID(key)
    assert form.problems() == []


class Simple(Form):
    name = StringField("Your name", [Required()])


def test_a_form_reads_only_what_is_sent_to_it() -> None:
    with APP.test_request_context("/?name=Jean"):
        form = Simple()
        assert form["name"].data is None
        assert not form.validate_on_submit()
        assert form.problems() == []
    with APP.test_request_context("/", method="POST", data={"name": "Jean"}):
        form = Simple()
        assert form.validate_on_submit()
        assert form["name"].data == "Jean"


def test_an_empty_sending_is_a_sending() -> None:
    assert sent(Simple).problems() == [("name", "Enter your name")]


def test_a_query_form_reads_the_address() -> None:
    class Find(QueryForm):
        q = StringField("Words", [MaxLength(3)])

    with APP.test_request_context("/?q=walk"):
        form = Find()
        assert form["q"].data == "walk"
        assert not form.validate()
    assert Find(MultiDict({"q": "tea"})).validate()


def test_files_come_with_the_form() -> None:
    class Upload(Form):
        file = FileField("File")
        name = StringField("Name")

    with APP.test_request_context(
        "/", method="POST", data={"file": (FileStorage().stream, "a.csv"), "name": "n"}
    ):
        form = Upload()
        assert form.validate()
        assert form["file"].data.filename == "a.csv"
        assert form["name"].data == "n"


def test_a_service_s_refusal_stands_beside_its_field_or_at_the_top() -> None:
    form = sent(Simple, name="Jean")
    form.add_error("name", "There is a Jean already")
    form.add_error(None, "The group is full")
    form.add_error("nonsense", "Something else")
    assert form.problems() == [
        ("name", "There is a Jean already"),
        ("", "The group is full"),
        ("", "Something else"),
    ]


def test_forms_inside_forms_are_checked_too() -> None:
    class Line(WTForm):
        price = IntegerField("Price", [InputRequired()])

    class Bill(Form):
        first = FormField(Line)
        notes = FieldList(StringField("Note", [MaxLength(3)]))

    form = sent(Bill, first__price="x", notes__0="long")
    assert form.problems() == [
        ("first-price", "Price must be a whole number, like 12"),
        ("notes-0", "Note must be 3 characters or fewer. You typed 4"),
    ]


@given(st.text(max_size=60))
def test_no_text_breaks_a_form(text: str) -> None:
    kind: Callable[..., Form] = Born
    with APP.test_request_context("/"):
        typed = MultiDict({"born-day": text, "born-month": text, "born-year": text})
        form = kind(typed)
        assert form.validate() is (form.problems() == [])
