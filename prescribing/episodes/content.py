"""What a request for support says, exactly as it was sent: one typed value, kept as JSON text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from prescribing.people.safe_contact import Channel, MayAnswer, SafeContact


@dataclass(frozen=True)
class RequestContent:
    """What was sent in. An empty text or None is "not known yet".

    `whom_to_ring` says whom to ring first when it is for somebody else. `no_known_risks` is True only when it was
    said; `age_group` is an age in words where no date of birth was asked; `consent_how` tells how the person agreed,
    `consent_why_not` why nobody asked them.
    `share_feedback` is the person's agreement that whoever referred them hears what came of it.
    """

    name: str
    preferred_name: str = ""
    born: date | None = None
    age_group: str = ""
    phone: str = ""
    mobile: str = ""
    email: str = ""
    address: str = ""
    postcode: str = ""
    voicemail: bool = False
    texts: bool = False
    letters: bool = False
    may_answer: MayAnswer = MayAnswer.ONLY_THE_PERSON
    named: tuple[str, ...] = ()
    times: str = ""
    flagged_for_safety: bool = False
    for_someone_else: bool = False
    knows_and_agrees: bool | None = None
    whom_to_ring: str = ""
    need_slugs: tuple[str, ...] = ()
    reason_person: str = ""
    reason_referrer: str = ""
    access_needs: str = ""
    communication_needs: str = ""
    interpreter: str = ""
    carer: str = ""
    risks: str = ""
    no_known_risks: bool | None = None
    safeguarding: str = ""
    nhs_number: str = ""
    gp_practice: str = ""
    ethnicity: str = ""
    gender: str = ""
    referrer_name: str = ""
    referrer_service: str = ""
    referrer_organization: str = ""
    referrer_contact: str = ""
    consent_how: str = ""
    consent_why_not: str = ""
    share_feedback: bool = False
    added: tuple[str, ...] = ()

    @property
    def safe_contact(self) -> SafeContact:
        """How the person may be reached, as the request says."""
        return SafeContact(
            phones=tuple(number for number in (self.mobile, self.phone) if number),
            email=self.email,
            address=self.address,
            voicemail=self.voicemail,
            texts=self.texts,
            letters=self.letters,
            may_answer=self.may_answer,
            named=self.named,
            times=self.times,
            safety_flag=self.flagged_for_safety,
        )

    @property
    def ways(self) -> dict[Channel, str]:
        """Each way to reach the person that the request gives."""
        return {
            Channel.PHONE: self.phone or self.mobile,
            Channel.EMAIL: self.email,
            Channel.LETTER: self.address,
        }

    @property
    def has_risk(self) -> bool | None:
        """Whether a risk was named; None when nobody said either way."""
        if self.risks.strip() or self.safeguarding.strip() or self.flagged_for_safety:
            return True
        return False if self.no_known_risks else None

    def known(self) -> frozenset[str]:
        """Which of the standard's musts this answers; see `prescribing.people.rules.MUST_KNOW`."""
        answers = {
            "name": self.name,
            "date_of_birth": self.born,
            "address": self.address,
            "practice": self.gp_practice,
            "referrer_name": self.referrer_name,
            "referrer_service": self.referrer_service,
            "referrer_organization": self.referrer_organization,
            "referrer_contact": self.referrer_contact,
            "risks": self.has_risk is not None,
        }
        return frozenset(name for name, answer in answers.items() if answer)


def to_text(content: RequestContent) -> str:
    """The request as JSON text."""
    values = asdict(content)
    values["born"] = content.born.isoformat() if content.born else None
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> RequestContent:
    """Undo `to_text`; what an older version did not ask is "not known yet"."""
    held: dict[str, Any] = json.loads(text)
    known = {each.name for each in fields(RequestContent)}
    values = {name: value for name, value in held.items() if name in known}
    values["born"] = date.fromisoformat(held["born"]) if held.get("born") else None
    values["may_answer"] = MayAnswer(held.get("may_answer", MayAnswer.ONLY_THE_PERSON))
    for name in ("named", "need_slugs", "added"):
        values[name] = tuple(held.get(name, ()))
    return RequestContent(**values)
