"""What a new database holds from the start: the vocabularies, with slugs that never change."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection, MetaData, Table

NEEDS = (
    ("money-and-debt", "Money and debt", "Bills, benefits, debt and making money last"),
    ("food", "Food", "Enough to eat, and cooking it"),
    ("fuel", "Fuel and keeping warm", "Heating, energy bills and warm places"),
    ("housing", "Housing", "A home that is safe, affordable and in good repair"),
    ("homelessness", "Homelessness", "Nowhere to live, or about to lose it"),
    ("work", "Work", "Finding a job, keeping it, and rights at work"),
    ("learning", "Learning", "Courses, skills and reading"),
    ("transport", "Getting about", "Lifts, buses and getting to appointments"),
    ("digital", "Getting online", "Phones, computers and doing things online"),
    ("loneliness", "Company and friendship", "Meeting people and feeling less alone"),
    ("caring", "Caring for someone", "Help and rest for unpaid carers"),
    ("bereavement", "Bereavement", "After somebody has died"),
    ("mental-wellbeing", "Mental wellbeing", "Feeling low, worried or under strain"),
    ("being-active", "Being active", "Moving more and healthy habits"),
    ("long-term-condition", "Living with a condition", "A long-term illness, pain or disability"),
    ("safety", "Safety", "Abuse, violence, or feeling unsafe"),
    ("legal-and-immigration", "Legal and immigration", "Rights, visas, asylum and the law"),
    ("language", "Language", "English classes and help in other languages"),
    ("purpose", "Something to do", "Volunteering, hobbies and using what you are good at"),
)
AUDIENCES = (
    ("everyone", "Everyone"),
    ("families", "Families"),
    ("children", "Children"),
    ("young-people", "Young people"),
    ("adults", "Adults"),
    ("older-people", "Older people"),
    ("men", "Men"),
    ("women", "Women"),
    ("carers", "Carers"),
    ("parents", "Parents"),
    ("veterans", "Veterans"),
    ("lgbt", "LGBT+ people"),
    ("disabled-people", "Disabled people"),
    ("refugees-and-migrants", "Refugees and migrants"),
    ("faith-community", "A faith community"),
)
ACCESS = (
    ("step-free", "Step-free"),
    ("accessible-toilet", "Accessible toilet"),
    ("hearing-loop", "Hearing loop"),
    ("quiet-space", "Quiet space"),
    ("bsl", "British Sign Language"),
    ("parking", "Parking"),
    ("blue-badge-parking", "Blue Badge parking"),
    ("carers-welcome", "Carers welcome"),
    ("assistance-dogs", "Assistance dogs welcome"),
    ("baby-changing", "Baby changing"),
)
TAXONOMIES = (
    ("needs", "Needs", "What people want help with", NEEDS),
    ("audiences", "Who it is for", "Whom an activity is meant for", tuple((s, n, n) for s, n in AUDIENCES)),
    ("access", "Access", "What makes a place easier to use", tuple((s, n, n) for s, n in ACCESS)),
)


def _id(*parts: str) -> UUID:
    """The same id in every borough, so that exported vocabularies can be compared."""
    return uuid5(NAMESPACE_URL, "golden-thread/" + "/".join(parts))


def plant(connection: Connection) -> None:
    """Write the vocabularies and the start of the audit chain into empty tables."""
    metadata = MetaData()
    taxonomies, terms, heads = (
        Table(name, metadata, autoload_with=connection)
        for name in ("taxonomies", "taxonomy_terms", "audit_heads")
    )
    for slug, name, description, words in TAXONOMIES:
        _insert(
            connection,
            taxonomies,
            [{"id": _id(slug), "slug": slug, "name": name, "description": description}],
        )
        _insert(
            connection,
            terms,
            [
                {
                    "id": _id(slug, word),
                    "taxonomy_id": _id(slug),
                    "slug": word,
                    "name": label,
                    "description": text,
                    "position": position,
                }
                for position, (word, label, text) in enumerate(words)
            ],
        )
    _insert(connection, heads, [{"id": 1, "sequence": 0, "mac": "0" * 64}])


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, object]]) -> None:
    # Reflected SQLite columns are plain text: SQLAlchemy's own form of a UUID there is 32 hex digits.
    plain = connection.dialect.name == "sqlite"
    connection.execute(
        table.insert(),
        [{k: v.hex if plain and isinstance(v, UUID) else v for k, v in row.items()} for row in rows],
    )
