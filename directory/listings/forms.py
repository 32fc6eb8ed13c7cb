"""The forms of a listing: one small form for each part, so that people change only what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.validators import Optional

from core.geography.rules import readings
from core.web.fields import choices
from core.web.forms import CreateForm, Form
from core.web.validators import Between, EmailAddress, MaxLength, Required
from directory.listings.checks import LONGEST, MOST_PENCE, OLDEST
from directory.listings.rules import DeliveryMode, JoinMode
from directory.listings.section_form import Choices, SectionForm, Values, clean
from directory.listings.suggesting import likely_needs
from directory.listings.times_form import TimeForm

PRICES = 4
JOIN_CHOICES = choices(
    [
        (JoinMode.TURN_UP.value, "They just turn up"),
        (JoinMode.RING_FIRST.value, "They ring first"),
        (JoinMode.REFERRAL.value, "Someone refers them"),
    ]
)
MODE_CHOICES = choices([(mode.value, mode.label) for mode in DeliveryMode])


class NameForm(SectionForm):
    names = ("name", "summary")
    name = StringField("Name", validators=[Required(), MaxLength(LONGEST["name"])])
    summary = StringField(
        "In one sentence",
        validators=[MaxLength(LONGEST["summary"])],
        description="What you do, as you would tell a neighbour. It is the first thing that people read.",
    )

    def values(self) -> Values:
        return {name: value or "" for name, value in super().values().items()}


class AboutForm(SectionForm):
    names = ("description",)
    description = TextAreaField(
        "About it",
        validators=[MaxLength(LONGEST["description"])],
        description="What happens, who comes, and what it feels like.",
    )

    def values(self) -> Values:
        return {name: value or "" for name, value in super().values().items()}


class SuggestsNeeds(Form):
    """Offers the needs that the listing's own words speak of, none of them ticked.

    `suggested` is there once `suggest` found something that is not chosen yet.
    """

    suggested = SelectMultipleField(
        "Does it help with any of these?",
        description="We found these in your words. Tick the ones that are right.",
    )
    because: Mapping[str, str] = {}

    def suggest(
        self, names: Mapping[str, str], texts: Sequence[str | None], chosen: Collection[str]
    ) -> Collection[str]:
        """Offer what `texts` speak of; what was ticked before stays on offer. `names` are the needs' by slug.

        Gives the slugs that are on offer.
        """
        likely = {one.slug: one.because for one in likely_needs(*texts)}
        ticked = [slug for slug in self.suggested.data or () if slug in names]
        offered = dict.fromkeys(slug for slug in (*likely, *ticked) if slug in names and slug not in chosen)
        self.because = {slug: f"You wrote: {likely[slug]}" for slug in offered if slug in likely}
        if offered:
            self.suggested.choices = choices((slug, names[slug]) for slug in offered)
        else:
            del self["suggested"]
        return offered

    @property
    def taken(self) -> list[str]:
        """What was ticked of it."""
        return list(self.suggested.data or ()) if "suggested" in self else []


class NeedsForm(SuggestsNeeds, SectionForm):
    names = ("needs",)
    needs = SelectMultipleField("What it helps with", description="Choose what it helps with most.")

    def offer(self, words: Choices, content: Mapping[str, Any]) -> None:
        names = dict(words["needs"])
        texts = (content["name"], content["summary"], content["description"])
        offered = self.suggest(names, texts, self.needs.data or ())
        self.needs.choices = choices(pair for pair in names.items() if pair[0] not in offered)

    def values(self) -> Values:
        return {"needs": [*(self.needs.data or ()), *self.taken]}

    @property
    def hints(self) -> Mapping[str, str]:
        return self.because


class WhoForm(SectionForm):
    names = ("audience", "minimum_age", "maximum_age", "eligibility")
    audience = SelectMultipleField("Who it is for")
    minimum_age = IntegerField(
        "From age", validators=[Optional(), Between(0, OLDEST)], description="Leave empty for any age."
    )
    maximum_age = IntegerField("Up to age", validators=[Optional(), Between(0, OLDEST)])
    eligibility = StringField(
        "Anything else about who can come",
        validators=[MaxLength(LONGEST["eligibility"])],
        description="For example: people who live in Radcliffe.",
    )

    def offer(self, words: Choices, content: Mapping[str, Any]) -> None:
        self.audience.choices = choices(words["audience"])


class VisitForm(SectionForm):
    names = ("who_meets_you", "must_i_talk", "bring_someone", "religious", "what_to_bring")
    who_meets_you = TextAreaField("Who meets you?", validators=[MaxLength(500)])
    must_i_talk = TextAreaField("Do I have to talk?", validators=[MaxLength(500)])
    bring_someone = TextAreaField("Can someone come with me?", validators=[MaxLength(500)])
    religious = TextAreaField("Is it religious?", validators=[MaxLength(500)])
    what_to_bring = TextAreaField("What should I bring?", validators=[MaxLength(500)])


class PlaceForm(SectionForm):
    names = ("mode", "venue", "getting_there", "masked_location")
    mode = RadioField("How it happens", choices=MODE_CHOICES)
    venue = StringField(
        "Name of the place", validators=[MaxLength(200)], description="For example: Peel Mill Hall."
    )
    street = StringField("Street", validators=[MaxLength(300)])
    town = StringField("Town", validators=[MaxLength(100)])
    postcode = StringField("Postcode", validators=[MaxLength(10)])
    getting_there = TextAreaField(
        "Getting there",
        validators=[MaxLength(LONGEST["getting_there"])],
        description="Bus or tram, where the door is, and anything that newcomers miss.",
    )
    masked_location = BooleanField(
        "Keep the address private",
        description="For a place where people must be safe, such as a refuge. Nobody sees where it is.",
    )

    @classmethod
    def data_of(cls, content: Mapping[str, Any]) -> Values:
        return super().data_of(content) | dict(content.get("address") or {})

    def values(self) -> Values:
        address = {name: clean(self[name].data) for name in ("street", "town", "postcode")}
        kept = {name: text for name, text in address.items() if text}
        if typed := kept.get("postcode"):
            read = readings(typed)
            kept["postcode"] = read[0].code if read else typed
        return super().values() | {"address": kept or None}


class AccessForm(SectionForm):
    names = ("access",)
    access = SelectMultipleField("Getting in and around", description="Choose all that are there.")

    def offer(self, words: Choices, content: Mapping[str, Any]) -> None:
        self.access.choices = choices(words["access"])


class LanguagesForm(SectionForm):
    names = ("languages",)
    languages = StringField(
        "Languages that you can talk to people in",
        validators=[MaxLength(300)],
        description="With commas between them, such as: English, Urdu, British Sign Language.",
    )

    @classmethod
    def data_of(cls, content: Mapping[str, Any]) -> Values:
        return {"languages": ", ".join(content.get("languages") or ())}

    def values(self) -> Values:
        return {
            "languages": [part.strip() for part in (self.languages.data or "").split(",") if part.strip()]
        }


class JoinForm(SectionForm):
    names = ("join_mode", "accepting_referrals", "capacity")
    join_mode = RadioField(
        "How can people join?",
        choices=JOIN_CHOICES,
    )
    accepting_referrals = BooleanField("Link workers can refer people to us")
    capacity = IntegerField(
        "Places for people who are referred",
        validators=[Optional(), Between(0, 500)],
        description="Leave empty if there is no limit.",
    )


class ContactForm(SectionForm):
    names = ("phone", "email", "contact_name", "contact_role", "url")
    phone = TelField("Phone", validators=[MaxLength(40)])
    email = EmailField("Email", validators=[EmailAddress()])
    contact_name = StringField(
        "Who to ask for",
        validators=[MaxLength(LONGEST["contact_name"])],
        description="A first name is enough.",
        render_kw={"autocomplete": "off"},
    )
    contact_role = StringField("What they do in the group", validators=[MaxLength(LONGEST["contact_role"])])
    url = URLField("Website", validators=[MaxLength(500)])


class NoticeForm(SectionForm):
    names = ("notice",)
    notice = StringField(
        "Notice at the top of your page",
        validators=[MaxLength(LONGEST["notice"])],
        description="One line, for a while. For example: We are back on 5 January.",
    )


class TimesTextForm(SectionForm):
    names = ("opening_times_text",)
    opening_times_text = TextAreaField(
        "Times in words",
        validators=[MaxLength(LONGEST["opening_times_text"])],
        description="Only for what days and hours cannot say.",
    )


class CostForm(SectionForm):
    """Up to four prices; none at all says that it is free, where the box is ticked."""

    is_free = BooleanField("It is free for everybody")
    label_0 = StringField(
        "What is the price for?", validators=[MaxLength(100)], description="For example: Each session."
    )
    pounds_0 = DecimalField("Price in pounds", validators=[Optional(), Between(0, MOST_PENCE // 100)])
    label_1 = StringField("Second price: what for?", validators=[MaxLength(100)])
    pounds_1 = DecimalField("Second price in pounds", validators=[Optional(), Between(0, MOST_PENCE // 100)])
    label_2 = StringField("Third price: what for?", validators=[MaxLength(100)])
    pounds_2 = DecimalField("Third price in pounds", validators=[Optional(), Between(0, MOST_PENCE // 100)])
    label_3 = StringField("Fourth price: what for?", validators=[MaxLength(100)])
    pounds_3 = DecimalField("Fourth price in pounds", validators=[Optional(), Between(0, MOST_PENCE // 100)])

    @classmethod
    def data_of(cls, content: Mapping[str, Any]) -> Values:
        costs = content.get("costs") or []
        free = bool(costs) and all(cost["pence"] == 0 for cost in costs)
        data: Values = {"is_free": free}
        for number, cost in enumerate([] if free else costs[:PRICES]):
            data[f"label_{number}"] = cost["label"]
            data[f"pounds_{number}"] = Decimal(cost["pence"]) / 100
        return data

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the prices there are and one more, not a page of empty boxes."""
        super().__init__(*args, **kwargs)
        filled = sum(
            1 for n in range(PRICES) if self[f"pounds_{n}"].data is not None or self[f"label_{n}"].data
        )
        for n in range(min(filled + 1, PRICES), PRICES):
            for name in (f"label_{n}", f"pounds_{n}"):
                if not self[name].raw_data:
                    del self[name]

    def values(self) -> Values:
        if self.is_free.data:
            return {"costs": [{"label": "Free", "pence": 0}]}
        there = [n for n in range(PRICES) if f"pounds_{n}" in self and f"label_{n}" in self]
        return {
            "costs": [
                {
                    "label": (self[f"label_{n}"].data or "").strip(),
                    "pence": int(self[f"pounds_{n}"].data * 100),
                }
                for n in there
                if self[f"pounds_{n}"].data is not None
            ]
        }


class NewListingForm(SuggestsNeeds, CreateForm):
    """The first words of a new listing; when they speak of a need, that is asked before it is made.

    `looked` says that what they speak of was shown.
    """

    looked = HiddenField()

    name = StringField(
        "What is it called?", validators=[Required("Enter what it is called"), MaxLength(LONGEST["name"])]
    )
    summary = StringField(
        "What is it, in one sentence?",
        validators=[Required("Say in one sentence what it is"), MaxLength(LONGEST["summary"])],
    )
    mode = RadioField(
        "How does it happen?",
        choices=MODE_CHOICES,
        validators=[Required("Choose how it happens")],
    )
    join_mode = RadioField(
        "How can people join?", choices=JOIN_CHOICES, validators=[Required("Choose how people can join")]
    )

    def offer(self, words: Choices) -> None:
        """Look for needs in the words that were typed."""
        self.suggest(dict(words["needs"]), (self.name.data, self.summary.data), ())

    @property
    def asks(self) -> bool:
        """Whether this showing of the form asks about needs."""
        return "suggested" in self and self.looked.data == "yes"

    def asks_first(self) -> bool:
        """Whether needs are to be asked about now, which no earlier showing did."""
        if "suggested" not in self or self.asks:
            return False
        self.looked.data = "yes"
        return True

    def values(self) -> Values:
        """The new listing's first content."""
        first = {name: self[name].data.strip() for name in ("name", "summary", "mode", "join_mode")}
        return {**first, "needs": self.taken}


class CancelForm(Form):
    """Calling off one session. `session` is its start as `Choice.key`."""

    session = HiddenField()
    note = StringField(
        "Why? (you can leave this empty)",
        validators=[MaxLength(200)],
        description="People see it on your page. For example: The hall is closed.",
    )


class MoveForm(Form):
    """Closing, pausing or opening again."""

    reason = StringField("Why? (you can leave this empty)", validators=[MaxLength(300)])


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a listing: its word in addresses, its heading, the content fields it shows, and its form."""

    slug: str
    heading: str
    fields: tuple[str, ...]
    form: type[SectionForm]


SECTIONS: tuple[Section, ...] = (
    Section("name", "Name", ("name", "summary"), NameForm),
    Section("about", "About it", ("description",), AboutForm),
    Section("notice", "Notice", ("notice",), NoticeForm),
    Section("times", "Times", ("schedules",), TimeForm),
    Section("times-in-words", "Times in words", ("opening_times_text",), TimesTextForm),
    Section("place", "Place", ("mode", "venue", "address", "getting_there", "masked_location"), PlaceForm),
    Section("access", "Access", ("access",), AccessForm),
    Section("cost", "Cost", ("costs",), CostForm),
    Section("join", "How to join", ("join_mode", "accepting_referrals", "capacity"), JoinForm),
    Section("contact", "Whom to ask", ContactForm.names, ContactForm),
    Section("first-visit", "Your first visit", VisitForm.names, VisitForm),
    Section("who", "Who it is for", WhoForm.names, WhoForm),
    Section("needs", "What it helps with", ("needs",), NeedsForm),
    Section("languages", "Languages", ("languages",), LanguagesForm),
)
BY_SLUG: Mapping[str, Section] = {section.slug: section for section in SECTIONS}
