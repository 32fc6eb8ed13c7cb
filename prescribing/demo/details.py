"""The facts that every example person needs and no story tells: numbers that reach nobody, birthdays, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from prescribing.demo.stories import Story
from prescribing.episodes.content import RequestContent
from prescribing.people.rules import is_nhs_number
from prescribing.people.safe_contact import MayAnswer

STREETS = ("Example Row", "Sample Street", "Example Terrace", "Pattern Close", "Sample Brow")


@dataclass
class Details:
    """Hands out details in turn. Mobiles are of the range that television uses, NHS numbers of the test range."""

    today: date
    lots: Random
    _given: int = 0
    _nhs: int = 999_000_000

    def request(self, story: Story, practice: str) -> RequestContent:
        """What was sent in for a story. `practice` is the GP practice, if they are known to have one."""
        self._given += 1
        by_partner, for_other = story.source == "partner", story.source == "someone-else"
        return RequestContent(
            name=story.name,
            preferred_name=story.called,
            born=self._born(story.age),
            mobile=f"07700 900{self._given:03d}",
            phone=f"0161 496 0{self._given:03d}" if story.age > 70 else "",
            email=f"{story.key}@post.example" if story.age < 60 and not story.flagged else "",
            address=f"{self.lots.randint(1, 88)} {self.lots.choice(STREETS)}",
            postcode=story.sector,
            voicemail=not story.flagged and self.lots.random() < 0.6,
            texts=not story.flagged and story.age < 80,
            letters=not story.flagged and "Ring, do not write" not in story.communication,
            may_answer=MayAnswer.NAMED_PEOPLE if story.named else MayAnswer.ONLY_THE_PERSON,
            named=story.named,
            times=story.times,
            flagged_for_safety=story.flagged,
            for_someone_else=for_other,
            knows_and_agrees=True if for_other else None,
            whom_to_ring=f"Ring them first. {story.asker} asked, and they know." if for_other else "",
            need_slugs=story.needs,
            reason_person=story.reason,
            reason_referrer=story.referrer,
            access_needs=story.access,
            communication_needs=story.communication,
            interpreter=story.interpreter,
            carer=story.carer,
            risks=story.risks,
            no_known_risks=True if by_partner and not story.risks else None,
            nhs_number=self._nhs_number() if by_partner and practice else "",
            gp_practice=practice,
            ethnicity=story.ethnicity,
            gender=story.gender,
            referrer_name="" if by_partner else story.asker,
            consent_how="face to face, in the surgery" if practice else "face to face" if by_partner else "",
            share_feedback=by_partner and self.lots.random() < 0.85,
        )

    def _born(self, age: int) -> date:
        return self.today - timedelta(days=round(age * 365.25) + self.lots.randint(5, 350))

    def _nhs_number(self) -> str:
        while True:
            self._nhs += 37
            for digit in range(10):
                if is_nhs_number(number := f"{self._nhs}{digit}"):
                    return number
