"""What a person types when they ask to join an activity, and what they agree that its group sees."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields import SearchField

from core.web.fields import choices
from core.web.forms import CreateForm, QueryForm
from core.web.validators import MaxLength, Required
from prescribing.referrals.words import LONGEST, Agreement, Words
from prescribing.residents.joining import BY_THEMSELF, Asking


class ChooseForm(QueryForm):
    """An activity, by its name or what it is about. None of it names anybody."""

    q = SearchField("Name, or what it is about", validators=[MaxLength(200)])
    page = StringField("Page")

    @property
    def words(self) -> str:
        return str(self.q.data or "").strip()[:200]

    @property
    def number(self) -> int:
        """The page that was asked for."""
        text = str(self.page.data or "")
        return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 4 and int(text) else 1


class _JoinForm(CreateForm):
    need_id = RadioField("What is it for?", validators=[Required("Choose what it is for")])
    access = TextAreaField("What do you need to get there and take part?", validators=[MaxLength(LONGEST)])
    knows_it_is_full = BooleanField("I know that it is full, and want to go on the waiting list")

    def offer(self, about: Asking) -> None:
        """Say what it can be for: the likeliest is chosen already."""
        needs: Sequence[tuple[UUID, str]] = about.needs
        self.need_id.choices = choices((str(need_id), name) for need_id, name in needs)
        if not self.need_id.data and needs:
            self.need_id.data = str(needs[0][0])

    @property
    def need(self) -> UUID:
        """What it is for; ask only after the form validated."""
        return UUID(str(self.need_id.data))


class JoinForm(_JoinForm):
    """What the group sees before and after it says yes, in the person's own words."""

    goal = TextAreaField("What do you hope for?", validators=[MaxLength(LONGEST)])
    communication = TextAreaField("How should they speak or write to you?", validators=[MaxLength(LONGEST)])
    share_offer = BooleanField("I agree that they see this now")
    agreed_contact = TextAreaField("How may they reach you?", validators=[MaxLength(LONGEST)])
    share_accepted = BooleanField("I agree that they see this if they say yes")

    def agreed(self) -> Agreement:
        """What the person agreed to."""
        return Agreement(
            how=BY_THEMSELF,
            share_offer=bool(self.share_offer.data),
            share_accepted=bool(self.share_accepted.data),
        )

    def words(self) -> Words:
        """The person's words."""
        return Words(
            goal=self.goal.data or "",
            access=self.access.data or "",
            communication=self.communication.data or "",
            agreed_contact=self.agreed_contact.data or "",
        )


class TurnUpForm(_JoinForm):
    """Where people just turn up nothing has to be sent; the group can look out for them if they like."""

    share_accepted = BooleanField("I would like them to look out for me")
    heads_up = TextAreaField("What should they look out for?", validators=[MaxLength(LONGEST)])

    def agreed(self) -> Agreement:
        """What the person agreed to."""
        return Agreement(how=BY_THEMSELF, share_offer=False, share_accepted=bool(self.share_accepted.data))

    def words(self) -> Words:
        """The person's words; none where nothing is shared."""
        if not self.share_accepted.data:
            return Words()
        return Words(heads_up=self.heads_up.data or "", access=self.access.data or "")
