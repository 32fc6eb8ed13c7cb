"""How a person's row keeps what is safe for them: numbers and addresses each in its column, the rest as one text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from prescribing.people.models import Person
from prescribing.people.safe_contact import MayAnswer, SafeContact

# What the record keeps of it, apart from the flag.
CONTACT = ("safe_contact", "mobile", "phone", "email", "address")


def safe_contact_of(person: Person) -> SafeContact:
    """What the person said is safe; what was never asked about counts as not safe."""
    texts = {name: getattr(person, name) for name in CONTACT}
    return safe_contact_from(texts, flagged=person.flagged_for_safety)


def safe_contact_from(texts: Mapping[str, str | None], *, flagged: bool) -> SafeContact:
    """As `safe_contact_of`, of the texts of a row that are opened already, by name."""
    kept = json.loads(texts["safe_contact"] or "{}")
    return SafeContact(
        phones=tuple(number for number in (texts["mobile"], texts["phone"]) if number),
        email=texts["email"] or "",
        address=texts["address"] or "",
        voicemail=bool(kept.get("voicemail", False)),
        texts=bool(kept.get("texts", False)),
        letters=bool(kept.get("letters", False)),
        may_answer=MayAnswer(kept.get("may_answer", MayAnswer.ONLY_THE_PERSON)),
        named=tuple(kept.get("named", ())),
        times=kept.get("times", ""),
        safety_flag=flagged,
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
    return birth_date_from(person.date_of_birth)


def birth_date_from(text: str | None) -> date | None:
    """As `birth_date_of`, of the text that a row keeps."""
    return date.fromisoformat(text) if text else None
