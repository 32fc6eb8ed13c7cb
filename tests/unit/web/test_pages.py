"""The frame of every page, its parts and its forms, read by a client that accepts no unsound page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Response, flash, redirect, render_template_string
from markupsafe import Markup
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)

from core import clock, health
from core.access.rules import Actor, Membership, Permission, Role
from core.web import slots
from core.web.fields import DateField, TimeField, choices
from core.web.forms import CreateForm
from core.web.macros import macro_call
from core.web.validators import EmailAddress, MaxLength, Required
from tests.html import parse, text_of
from tests.unit.web.conftest import Small

JEAN = Actor(UUID(int=1), "Jean Carter", (Membership(Role.LINK_WORKER),))


def page(body: str, title: str = "A page", head: str = "") -> str:
    return (
        '{% extends "core/layout.html" %}{% import "core/parts.html" as parts %}'
        '{% from "core/forms.html" import form_tag, ask_tag, fields, field, submit, button_form %}'
        f"{{% block title %}}{title}{{% endblock %}}{head}{{% block content %}}{body}{{% endblock %}}"
    )


def shown(small: Small, body: str, **context: Any) -> str:
    """The text of a page with this body."""
    name = f"/page{len(small.app.view_functions)}"
    small.add(name, lambda: render_template_string(page(body), **context))
    answer = small.client().get(name)
    assert answer.status_code == 200, answer.text
    return answer.text


# --- the frame ----------------------------------------------------------------------------------------------


def test_the_frame_carries_the_borough_s_names_and_number(make: Callable[..., Small]) -> None:
    small = make(
        service_name="Find help in Testham", organisation_name="Testham Council", phone="0161 496 0123"
    )
    text = shown(small, "<p>Words</p>")
    tree = parse(text)
    assert text_of(tree.findall(".//title")[0]) == "A page - Find help in Testham"
    assert text_of(tree.findall(".//h1")[0]) == "A page"
    assert 'href="tel:+441614960123"' in text
    assert "Run by Testham Council." in text
    assert "NHS England" not in text


def test_demo_says_that_all_is_made_up(make: Callable[..., Small]) -> None:
    assert "are made up" in shown(make(demo=True), "")
    assert "are made up" not in shown(make(), "")


def test_whoever_is_signed_in_can_sign_out(small: Small) -> None:
    small.actor[0] = JEAN
    tree = parse(shown(small, ""))
    form = tree.find(".//nav//form")
    assert form is not None
    assert (form.attrib["method"], form.attrib["action"]) == ("post", "/sign-out")
    assert "Jean Carter" in text_of(form)
    assert form.find("./input[@name='csrf_token']") is not None


def test_strangers_are_offered_to_sign_in(small: Small) -> None:
    assert '<a class="gt-nav__link" href="/sign-in">Sign in</a>' in shown(small, "")


@pytest.mark.parametrize("path", ["/accessibility", "/privacy", "/contact"])
def test_the_service_s_own_pages_stand(small: Small, path: str) -> None:
    answer = small.client().get(path)
    assert answer.status_code == 200
    assert "0161 496 0999" in answer.text


def test_messages_of_the_page_before_are_shown_once(small: Small) -> None:
    def leave() -> Response:
        flash("The listing is saved.")
        flash("It is shown from tomorrow.", "notice")
        return redirect("/after")  # type: ignore[return-value]

    small.add("/leave", leave)
    small.add("/after", lambda: render_template_string(page("")))
    client = small.client()
    client.get("/leave")
    text = client.get("/after").text
    assert "The listing is saved." in text
    assert "It is shown from tomorrow." in text
    assert "is saved" not in client.get("/after").text


# --- menu and slots -----------------------------------------------------------------------------------------


def test_the_menu_shows_what_the_reader_may_open(small: Small) -> None:
    small.add("/find", lambda: render_template_string(page("")))
    small.add("/today", lambda: render_template_string(page("")))
    small.add("/find/one", lambda: render_template_string(page("")))
    slots.add_navigation(Permission.WORK_CASELOAD, "Today", "small_today", 2)
    slots.add_navigation(None, "Find activities", "small_find", 1)
    slots.add_navigation(None, "Find activities", "small_find", 1)
    slots.add_navigation(None, "Not built", "nowhere.index", 0)

    def menu(path: str) -> list[tuple[str, str | None]]:
        links = parse(small.client().get(path).text).findall(".//nav//ul//a")
        return [(text_of(link), link.attrib.get("aria-current")) for link in links]

    assert menu("/find") == [("Find activities", "page")]
    assert menu("/find/one") == [("Find activities", "true")]
    small.actor[0] = JEAN
    assert menu("/today") == [("Find activities", None), ("Today", "page")]


def test_a_long_menu_folds_its_end_away_but_never_the_page_one_is_on(small: Small) -> None:
    for number in range(7):
        small.add(f"/part{number}", lambda: render_template_string(page("")))
        slots.add_navigation(None, f"Part {number}", f"small_part{number}", number)
    client = small.client()

    def menu(path: str) -> tuple[list[str], list[str]]:
        tree = parse(client.get(path).text)
        folded = [text_of(link) for link in tree.findall(".//nav//details//a")]
        every = [text_of(link) for link in tree.findall(".//nav//ul//a")]
        return [link for link in every if link not in folded], folded

    assert menu("/part1") == (["Part 0", "Part 1", "Part 2", "Part 3"], ["Part 4", "Part 5", "Part 6"])
    assert menu("/part5") == (["Part 0", "Part 1", "Part 2", "Part 5"], ["Part 3", "Part 4", "Part 6"])


def test_slots_are_filled_in_turn_and_empty_otherwise(small: Small) -> None:
    def need(**context: Any) -> Markup:
        return Markup("<p>Need {}</p>").format(context["need"])

    slots.fill("listing.aside", need)
    slots.fill("listing.aside", need)
    slots.fill("listing.aside", lambda **_: Markup("<p>Second</p>"))
    text = shown(small, "{{ slot('listing.aside', need='<b>') }}{{ slot('nobody') }}")
    assert "<p>Need &lt;b&gt;</p><p>Second</p>" in text


# --- parts --------------------------------------------------------------------------------------------------


def test_every_part_is_sound(small: Small) -> None:
    text = shown(
        small,
        """
        {{ parts.breadcrumbs([("Home", "/"), ("Groups", "/groups")]) }}
        {{ parts.back_link("/groups") }}
        {{ parts.tag("Just turn up", "green") }}
        {{ parts.summary([("Name", "Jean", "/change", "your name"), ("Phone", number, "/change"), ("Gone", none)]) }}
        {% call parts.card("A card", "/card") %}<p>Inside the card</p>{% endcall %}
        {% call parts.card() %}<p>A card without a heading</p>{% endcall %}
        {% call parts.details("More") %}<p>Inside details</p>{% endcall %}
        {% call parts.warning("Ring first") %}<p>The door is locked</p>{% endcall %}
        {% call parts.inset() %}<p>Bring a mug</p>{% endcall %}
        {{ parts.button_link("Ask for support", "/ask") }}
        {{ parts.facts([("Cost", "Free"), ("Left out", "")]) }}
        {{ parts.table("Sessions", ["Day", "People"], [["Monday", 12], ["Tuesday", 7]], numeric=[1]) }}
        {{ parts.phone("0161 496 0000") }}
        {{ parts.outside("https://example.org/", "Their website") }}
        {{ parts.outside("javascript:alert(1)", "Click") }}
        {{ button_form("/cancel", "Cancel", values={"id": "7"}) }}
        {% call ask_tag("/find", role="search") %}{{ submit("Search") }}{% endcall %}
        """,
        number=Markup("<b>0161</b>"),
    )
    for words in ("Inside the card", "Inside details", "The door is locked", "Bring a mug", "A card without"):
        assert text.count(words) == 1
    assert "<b>0161</b>" in text
    assert "Change<span" in text.replace("\n", "").replace("  ", "")
    assert "Left out" not in text
    assert "Gone" not in text
    assert "javascript:" not in text
    assert 'href="tel:+441614960000"' in text


def test_a_panel_holds_the_heading(small: Small) -> None:
    small.add(
        "/done",
        lambda: render_template_string(
            page(
                '{% call parts.panel("Your request is with us") %}<p>GT-7K4M-2Q</p>{% endcall %}',
                head="{% block h1 %}{% endblock %}",
            )
        ),
    )
    assert "GT-7K4M-2Q" in small.client().get("/done").text


def test_pages_of_a_list_keep_the_rest_of_the_address(small: Small) -> None:
    small.add(
        "/list", lambda: render_template_string(page("{{ parts.paging(2, 3) }}{{ parts.paging(1, 1) }}"))
    )
    tree = parse(small.client().get("/list?q=tea&page=2").text)
    links = {text_of(a): a.attrib["href"] for a in tree.findall(".//nav[@aria-label='Pagination']//a")}
    assert links["Previous page"] == "/list?q=tea&page=1"
    assert links["Next page"] == "/list?q=tea&page=3"
    assert len(tree.findall(".//nav[@aria-label='Pagination']")) == 1


def test_a_map_is_there_only_where_settings_name_its_pictures(make: Callable[..., Small]) -> None:
    body = "{{ parts.map([{'name': 'O\\'Neil & \"Co\"', 'lat': 53.6, 'lon': -2.3}]) }}"
    with_tiles = make(tile_url="https://tiles.example/{z}/{x}/{y}.png", tile_attribution="© Tiles")
    text = shown(with_tiles, body)
    holder = next(e for e in parse(text).iter("div") if e.attrib.get("data-module") == "gt-map")
    assert '"lat": 53.6' in holder.attrib["data-points"]
    assert holder.attrib["data-attribution"] == "© Tiles"
    assert holder.attrib["data-script"] == "/static/map-0123abcd.js"


def test_without_tiles_there_is_no_map(small: Small) -> None:
    body = "{{ parts.map([{'name': 'A', 'lat': 53.6, 'lon': -2.3}]) }}"
    assert "gt-map" not in shown(small, body)


def test_a_chart_s_specification_cannot_break_out(small: Small) -> None:
    text = shown(
        small,
        "{% call parts.chart(spec, 'flow', 'People a month') %}<p>The table</p>{% endcall %}{{ parts.chart_script() }}",
        spec={"title": "</script><script>alert(1)</script>"},
    )
    assert "<script>alert(1)" not in text
    assert 'src="/static/charts-0123abcd.js"' in text


def test_dates_are_said_as_seen_from_today(small: Small) -> None:
    moment = datetime(2026, 3, 3, 10, tzinfo=UTC)
    with clock.at(moment):
        text = shown(
            small,
            "{{ say_session(start, end) }}; {{ day | say_day }}; {{ start | say_ago }}; {{ day | say_due }};"
            " {{ at | say_time }}; {{ day | say_date }}; {{ start | say_moment }}",
            start=moment,
            end=moment.replace(hour=12),
            day=date(2026, 3, 3),
            at=time(10, 30),
        )
    assert (
        "Tuesday 3 March, 10am to 12pm; Tuesday 3 March; just now; due today; 10:30am; 3 March 2026;"
        " Tuesday 3 March at 10am"
    ) in text


# --- forms --------------------------------------------------------------------------------------------------


class Everything(CreateForm):
    source = HiddenField(default="leaflet")
    name = StringField("Your name", [Required()], description="First and last name")
    email = EmailField("Your email", [EmailAddress()])
    phone = TelField("Your phone")
    website = URLField("Website")
    postcode = StringField("Postcode")
    code = StringField("Code")
    places = IntegerField("Places", [Required()])
    born = DateField("Date of birth", [Required()])
    start = TimeField("Start", [Required()])
    reach = RadioField("How?", [Required()], choices=choices([("text", "By text"), ("ring", "By phone")]))
    days = SelectMultipleField("Days", [Required()], choices=choices([("mon", "Monday"), ("tue", "Tuesday")]))
    ward = SelectField("Ward", [Required()], choices=choices([("e", "Elton")], first="Choose a ward"))
    story = TextAreaField("What matters", [MaxLength(5)])
    notes = TextAreaField("Notes")
    agree = BooleanField("I agree", [Required()], description="You can change your mind")
    password = PasswordField("Password", [Required()])
    new_password = PasswordField("New password")
    file = FileField("File", [Required()])


@pytest.fixture
def filled(small: Small) -> Small:
    def view() -> str:
        form = Everything()
        if form.validate_on_submit():
            return render_template_string(page("<p>Thank you</p>"))
        return render_template_string(
            page(
                "{% call form_tag(form, multipart=true) %}{{ fields(form) }}{{ submit('Send') }}{% endcall %}"
            ),
            form=form,
        )

    small.add("/form", view, methods=("GET", "POST"))
    return small


def token_of(text: str) -> str:
    return parse(text).findall(".//main//input[@name='csrf_token']")[0].attrib["value"]


def test_every_kind_of_field_is_shown_with_its_label(filled: Small) -> None:
    text = filled.client().get("/form").text
    tree = parse(text)
    main = next(tree.iter("main"))
    labels = {label.attrib["for"] for label in main.iter("label")}
    boxes = [
        box
        for kind in ("input", "select", "textarea")
        for box in main.iter(kind)
        if box.attrib.get("type") != "hidden"
    ]
    assert {box.attrib["id"] for box in boxes} == labels
    by_name = {box.attrib["name"]: box.attrib for box in boxes}
    assert by_name["email"]["type"] == "email"
    assert by_name["phone"]["autocomplete"] == "tel"
    assert by_name["website"]["type"] == "url"
    assert by_name["postcode"]["autocomplete"] == "postal-code"
    assert by_name["code"]["autocomplete"] == "one-time-code"
    assert by_name["places"]["inputmode"] == "numeric"
    assert by_name["born-day"]["autocomplete"] == "bday-day"
    assert by_name["password"]["autocomplete"] == "current-password"
    assert by_name["new_password"]["autocomplete"] == "new-password"
    assert "Error:" not in text
    assert next(main.iter("form")).attrib["enctype"] == "multipart/form-data"


def test_errors_stand_on_top_linked_to_their_boxes_and_in_the_title(filled: Small) -> None:
    client = filled.client()
    token = token_of(client.get("/form").text)
    answer = client.post(
        "/form", data={"csrf_token": token, "story": "too long", "born-day": "3", "name": "<Jean>"}
    )
    tree = parse(answer.text)
    assert text_of(tree.findall(".//title")[0]).startswith("Error: A page")
    summary = next(e for e in tree.iter("div") if "nhsuk-error-summary" in e.attrib.get("class", "").split())
    links = {text_of(a): a.attrib["href"] for a in summary.iter("a")}
    assert links["Date of birth must include a month and a year"] == "#born-month"
    assert links["What matters must be 5 characters or fewer. You typed 8"] == "#story"
    assert links["Choose an answer: How?"] == "#reach"
    assert links["Tick the box: I agree"] == "#agree"
    # The strict client has followed every link and every aria-describedby already.
    assert "&lt;Jean&gt;" in answer.text
    assert 'value="leaflet"' in answer.text


def test_a_form_that_is_right_goes_through(filled: Small) -> None:
    client = filled.client()
    text = client.get("/form").text
    key = parse(text).findall(".//input[@name='idempotency_key']")[0].attrib["value"]
    answer = client.post(
        "/form",
        data={
            "csrf_token": token_of(text),
            "idempotency_key": key,
            "name": "Jean",
            "places": "2",
            "born-day": "27",
            "born-month": "3",
            "born-year": "1958",
            "start": "10am",
            "reach": "text",
            "days": ["mon", "tue"],
            "ward": "e",
            "agree": "y",
            "password": "three random words",
            "file": (BytesIO(b"a,b"), "a.csv"),
        },
    )
    assert "Thank you" in answer.text


def test_a_page_may_say_how_a_field_looks(small: Small) -> None:
    class Look(CreateForm):
        reach = RadioField(
            "How?", choices=choices([("text", "By text"), ("ring", Markup("By <b>phone</b>"))])
        )
        agree = BooleanField(Markup("I <b>agree</b>"))
        price = StringField("Price")
        when = DateField("When")
        words = StringField("Words")

    body = """{% call form_tag() %}
        {{ field(form.reach, size="m", inline=true, small=true, hints={"text": "We send one text"},
                 conditional={"ring": "<p>Which number?</p>" | safe}) }}
        {{ field(form.agree, conditional={"y": "<p>Thank you</p>" | safe}, hint="Now" ) }}
        {{ field(form.price, prefix="£", width=5, size="l", hint=hint) }}
        {{ field(form.when, hide_label=true) }}
        {{ field(form.words, hide_label=true, autocomplete="off") }}
        {% endcall %}"""
    small.add(
        "/look",
        lambda: render_template_string(page(body), form=Look(), hint=Markup("In <b>pounds</b>")),
    )
    text = small.client().get("/look").text
    for words in (
        "We send one text",
        "Which number?",
        "By <b>phone</b>",
        "I <b>agree</b>",
        "In <b>pounds</b>",
        "£",
    ):
        assert words in text
    assert "nhsuk-radios--inline nhsuk-radios--small" in text
    assert text.count("nhsuk-u-visually-hidden") >= 2


def test_a_question_alone_on_its_page_is_the_heading(small: Small) -> None:
    class One(CreateForm):
        name = StringField("What is your name?")
        born = DateField("When were you born?")

    def view(name: str) -> str:
        alone = page("{{ field(form[name], heading=true) }}", head="{% block h1 %}{% endblock %}")
        return render_template_string(alone, form=One(), name=name)

    small.add("/ask/<name>", view)
    for name, question in (("name", "What is your name?"), ("born", "When were you born?")):
        heading = parse(small.client().get(f"/ask/{name}").text).findall(".//h1")[0]
        assert text_of(heading) == question


def test_an_unknown_way_to_look_is_an_error(small: Small) -> None:
    with small.app.test_request_context("/"), pytest.raises(TypeError, match="colour"):
        macro_call(Everything()["name"], colour="red")


# --- health and colours -------------------------------------------------------------------------------------


def test_readiness_names_what_does_not_work_and_logs_why(
    small: Small, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("the disk at /srv is full")

    health.register("database", lambda: None)
    assert small.client().get("/readyz").get_json() == {
        "ready": True,
        "checks": {"database": True},
        "states": {},
    }
    health.register("index", broken)
    answer = small.client().get("/readyz")
    assert answer.status_code == 503
    health.register_state("spare", lambda: "missing")
    assert answer.get_json() == {"ready": False, "checks": {"database": True, "index": False}, "states": {}}
    assert small.client().get("/readyz").get_json()["states"] == {"spare": "missing"}
    assert "disk" not in answer.text
    assert "disk" in caplog.text
    assert small.client().get("/livez").text == "ok\n"


def test_the_colours_are_served_for_good_at_their_own_address(make: Callable[..., Small]) -> None:
    small = make(accent_colour="#5b2a5e")
    text = shown(small, "")
    address = next(link.attrib["href"] for link in parse(text).iter("link") if "theme" in link.attrib["href"])
    answer = small.client().get(address)
    assert "#5b2a5e" in answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    assert small.client().get("/theme-000000000000.css").status_code == 404
