"""How a person's row keeps what is safe for them: numbers and addresses each in its column, the rest as one text."""

from __future__ import annotations

import json
from datetime import date

from prescribing.people.models import Person
from prescribing.people.safe_contact import MayAnswer, SafeContact


def safe_contact_of(person: Person) -> SafeContact:
    """What the person said is safe; what was never asked about counts as not safe."""
    kept = json.loads(person.safe_contact or "{}")
    return SafeContact(
        phones=tuple(number for number in (person.mobile, person.phone) if number),
        email=person.email or "",
        address=person.address or "",
        voicemail=bool(kept.get("voicemail", False)),
        texts=bool(kept.get("texts", False)),
        letters=bool(kept.get("letters", False)),
        may_answer=MayAnswer(kept.get("may_answer", MayAnswer.ONLY_THE_PERSON)),
        named=tuple(kept.get("named", ())),
        times=kept.get("times", ""),
        safety_flag=person.flagged_for_safety,
    )


def safety_text(contact: SafeContact) -> str:
    """The part of `contact` that has no column of its own, for the sealed text."""
    return json.dumps(
        {
            "voicemail": contact.voicemail,
            "texts": contact.texts,
            "letters": contact.letters,
            "may_answer": contact.may_answer,
            "named": list(contact.named),
            "times": contact.times,
        }
    )


def birth_date_of(person: Person) -> date | None:
    """The date of birth, where it is known."""
    text = person.date_of_birth
    return date.fromisoformat(text) if text else None
