"""Reading what people looked for. Nothing that fewer than five people asked leaves here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.calendar.rules import london_day
from core.geography.queries import ward_facts
from core.paging import within
from directory.insight import rules
from directory.insight.models import SearchCount, SearchedWords, SearchGap
from directory.insight.rules import Kind
from directory.listings.models import Organization, Service
from directory.search import queries as search
from directory.search.facets import chosen_of
from directory.search.queries import Answer
from directory.search.rules import Criteria
from directory.search.thesaurus import queries as thesaurus
from directory.search.vocabularies import vocabularies

PER_PAGE = 20
MOST_ASKED = 10


@dataclass(frozen=True, slots=True)
class Count:
    """How many people asked, of them found nothing, found little, and gave up after a second try."""

    people: int
    nothing: int
    few: int
    gave_up: int

    @property
    def in_vain(self) -> int:
        return self.nothing + self.few


@dataclass(frozen=True, slots=True)
class LookedWords:
    """Words that several people typed, the needs that they are known to mean, and how many answers they have now."""

    words: str
    needs: tuple[str, ...]
    count: Count
    now: int


@dataclass(frozen=True, slots=True)
class LookedNeed:
    """A need that several people chose or meant. `gaps` counts what link workers wrote down, 0 below five."""

    slug: str
    name: str
    count: Count
    gaps: int


@dataclass(frozen=True, slots=True)
class LookedFor:
    """What people looked for and did not find, of one need in one ward (None: altogether)."""

    need_slug: str
    ward_code: str | None
    people: int
    in_vain: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What somebody wrote down as missing."""

    need_slug: str
    need: str
    ward_code: str | None
    ward: str
    words: str
    on: date


@dataclass(frozen=True, slots=True)
class GapNoted:
    """One gap, by need and ward (None: the whole borough)."""

    need_slug: str
    ward_code: str | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the pages offer to choose from: (value, label)."""

    needs: tuple[tuple[str, str], ...]
    wards: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Insight:
    """One page of what people looked for."""

    words: tuple[LookedWords, ...]
    needs: tuple[LookedNeed, ...]
    gaps: tuple[Gap, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class ToAsk:
    """A group that offers something like it, and where to write to."""

    answer: Answer
    email: str


def choices(session: Session) -> Choices:
    """Kinds of help, and the borough's wards."""
    needs = vocabularies(session).words["need"]
    wards = ward_facts(session)
    return Choices(
        tuple((word.slug, word.name) for word in needs), tuple((ward.code, ward.name) for ward in wards)
    )


def insight(
    session: Session,
    actor: Actor,
    offered: Choices,
    *,
    since: date,
    ward_code: str = "",
    need: str = "",
    everything: bool = False,
    page: int = 1,
) -> Insight:
    """What people looked for since a week, most in vain first. Raises `NotFound` for whoever may not see it."""
    actor.must(Permission.SEE_SEARCHES)
    counts = _counts(session, Kind.WORDS, since, ward_code)
    texts = _texts(session, counts)
    known = thesaurus.current(session)
    found = [
        (words, rules.needs_meant(words, known), counts[key])
        for key, words in texts.items()
        if everything or counts[key].in_vain
    ]
    kept = [one for one in found if not need or need in one[1]]
    kept.sort(key=lambda one: (-one[2].in_vain, -one[2].people, one[0]))
    page, pages = within(page, len(kept), PER_PAGE)
    shown = kept[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Insight(
        words=tuple(LookedWords(words, needs, count, _now(session, words)) for words, needs, count in shown),
        needs=_needs(session, offered, since, ward_code, need),
        gaps=_gaps(session, offered, since),
        page=page,
        pages=pages,
        total=len(kept),
    )


def to_ask(session: Session, actor: Actor, offered: Choices, need: str, ward_code: str) -> tuple[ToAsk, ...]:
    """Groups that offer this kind of help, the nearest to a ward first, and their public email addresses."""
    actor.must(Permission.SEE_SEARCHES)
    ward = dict(offered.wards).get(ward_code, "")
    answers = search.search(session, Criteria(place=ward, chosen=chosen_of(need=(need,)))).answers[
        :MOST_ASKED
    ]
    emails = _emails(session, [answer.card.id for answer in answers])
    return tuple(ToAsk(answer, emails.get(answer.card.id, "")) for answer in answers)


def looked_for(session: Session, since: date, *, until: date | None = None) -> tuple[LookedFor, ...]:
    """Needs that five people or more looked for since a week (and until the week that holds `until`), altogether and by
    ward, most in vain first."""
    wanted = _sums(Kind.NEED, since).add_columns(SearchCount.ward_code).group_by(SearchCount.ward_code)
    if until is not None:
        wanted = wanted.where(SearchCount.week <= until)
    rows = session.execute(wanted).all()
    found = [
        LookedFor(key, ward or None, people, nothing + few) for key, people, nothing, few, _, ward in rows
    ]
    return tuple(sorted(found, key=lambda one: (-one.in_vain, one.need_slug, one.ward_code or "")))


def gaps_seen(session: Session, since: date) -> tuple[GapNoted, ...]:
    """Gaps that editors and commissioners wrote down, the latest first."""
    rows = session.scalars(select(SearchGap).order_by(SearchGap.at.desc()))
    return tuple(GapNoted(row.need_slug, row.ward_code) for row in rows if london_day(row.at) >= since)


def near_group(session: Session, organization_id: UUID, since: date) -> tuple[LookedFor, ...]:
    """What people in the wards where a group meets looked for and did not find; at most three."""
    codes = {
        one.location.ward_code
        for row in session.scalars(select(Service).where(Service.organization_id == organization_id))
        for one in row.public_places
        if one.location.ward_code
    }
    found = [one for one in looked_for(session, since) if one.ward_code in codes]
    return tuple(one for one in found if one.in_vain >= rules.FEWEST_PEOPLE)[:3]


def _sums(kind: Kind, since: date) -> Select[str, int, int, int, int]:
    """Sums by key of what enough people asked for."""
    people = func.sum(SearchCount.people)
    return (
        select(
            SearchCount.key,
            people,
            func.sum(SearchCount.found_nothing),
            func.sum(SearchCount.found_few),
            func.sum(SearchCount.gave_up),
        )
        .where(SearchCount.kind == kind, SearchCount.week >= since)
        .group_by(SearchCount.key)
        .having(people >= rules.FEWEST_PEOPLE)
    )


def _counts(session: Session, kind: Kind, since: date, ward_code: str) -> dict[str, Count]:
    rows = session.execute(_sums(kind, since).where(SearchCount.ward_code == ward_code))
    return {
        key: Count(people, nothing, few, min(gave_up, people)) for key, people, nothing, few, gave_up in rows
    }


def _texts(session: Session, keys: Collection[str]) -> dict[str, str]:
    rows = session.execute(select(SearchedWords.key, SearchedWords.words))
    return {key: words for key, words in rows if key in keys}


def _now(session: Session, words: str) -> int:
    hits = search.find(session, Criteria(q=words), None)
    return 0 if hits.relaxed else hits.whole


def _needs(
    session: Session, offered: Choices, since: date, ward_code: str, need: str
) -> tuple[LookedNeed, ...]:
    names = dict(offered.needs)
    counts = _counts(session, Kind.NEED, since, ward_code)
    gaps = _counts(session, Kind.GAP, since, ward_code)
    none = Count(0, 0, 0, 0)
    found = [
        LookedNeed(slug, names[slug], counts.get(slug, none), gaps.get(slug, none).people)
        for slug in {*counts, *gaps}
        if slug in names and (not need or slug == need)
    ]
    return tuple(sorted(found, key=lambda one: (-one.count.in_vain, -one.gaps, -one.count.people, one.name)))


def _gaps(session: Session, offered: Choices, since: date) -> tuple[Gap, ...]:
    needs, wards = dict(offered.needs), dict(offered.wards)
    rows = session.scalars(select(SearchGap).order_by(SearchGap.at.desc()).limit(PER_PAGE))
    return tuple(
        Gap(
            row.need_slug,
            needs.get(row.need_slug, row.need_slug),
            row.ward_code,
            wards.get(row.ward_code or "", ""),
            row.words,
            london_day(row.at),
        )
        for row in rows
        if london_day(row.at) >= since
    )


def _emails(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Service.id, func.coalesce(Service.email, Organization.email))
        .join(Organization, Organization.id == Service.organization_id)
        .where(Service.id.in_(ids))
    )
    return {service_id: email for service_id, email in rows if email}


def period_start(period: str) -> date:
    """The first week that a page of this period counts."""
    return rules.since(period, clock.today())
