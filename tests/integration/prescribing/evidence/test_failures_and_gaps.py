"""What is published of failures, of what is missing in a ward, and of people who help after they were helped."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts.models import Account
from core.errors import NotFound
from directory.insight.models import SearchCount
from directory.insight.rules import Kind as SearchKind
from prescribing.episodes.causes import Cause
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import EpisodeState
from prescribing.evidence import failure_queries, queries, services
from prescribing.evidence.models import Publication
from prescribing.evidence.rules import read_period
from prescribing.failures.models import FailureMark
from prescribing.failures.rules import Kind
from prescribing.referrals.rules import ReferralState
from prescribing.residents.models import OfferOfHelp
from prescribing.residents.rules import HelpKind
from tests import build
from tests.html import HtmlClient, parse
from tests.integration.prescribing.evidence import borough as places
from tests.integration.prescribing.evidence.borough import BROOK, MAY, MILL, Borough, day, small_borough

QUARTER = read_period("2026-Q1")


def marked(
    session: Session, at: Borough, episode: Episode, cause: Cause | None, on: datetime, **values: object
) -> None:
    row = FailureMark(
        episode_id=episode.id,
        about=f"request:{build.number()}",
        kind=Kind.CHASE,
        cause=cause,
        confirmed=values.get("confirmed", True),
        suggested=False,
        minutes=values.get("minutes"),
        on=on.date(),
        at=on,
        author_id=at.worker.account_id,
    )
    session.add(row)
    session.flush()


def offered(session: Session, person_id: UUID, started: datetime | None, *, may_count: bool) -> None:
    session.add(
        OfferOfHelp(person_id=person_id, kind=HelpKind.BUDDY, may_count=may_count, started_at=started)
    )


def telling_borough(session: Session) -> Borough:
    """The small borough; ten of Mill had to chase us in January, and began to help in March. In Brook eight wait."""
    at = small_borough(session)
    mill = session.scalars(
        select(Episode).where(Episode.state == EpisodeState.COMPLETED).order_by(Episode.id)
    ).all()
    for number, episode in enumerate(mill[:10]):
        marked(session, at, episode, Cause.LATE if number < 9 else None, day(1, 16), minutes=20)
        marked(session, at, episode, Cause.OTHER, day(4, 29))  # after the day on which it is looked at
        offered(session, episode.person_id, day(3, 3), may_count=True)
        offered(session, episode.person_id, day(4, 2), may_count=True)
    for episode in mill[10:]:
        marked(session, at, episode, Cause.NO_ROOM, day(1, 16), confirmed=False)
        offered(session, episode.person_id, day(3, 3), may_count=False)
        offered(session, episode.person_id, None, may_count=True)
    for _number in range(8):
        asked = [(EpisodeState.DRAFT, day(2, 9)), (EpisodeState.SUBMITTED, day(2, 9))]
        episode = places.request(session, at, [*asked, (EpisodeState.ACTIVE, day(2, 10))], ward=BROOK)
        moves = [(ReferralState.REQUESTED, day(2, 16)), (ReferralState.WAITLISTED, day(2, 18))]
        places.referred(session, at, episode, moves)
    for ward, week, people in ((BROOK, day(2, 9), 12), (MILL, day(2, 9), 4), (BROOK, day(4, 6), 50)):
        session.add(
            SearchCount(
                kind=SearchKind.NEED,
                key="loneliness",
                ward_code=ward,
                week=week.date(),
                people=people,
                found_nothing=people,
            )
        )
    session.commit()
    with clock.at(MAY):
        services.publish_due(session)
    return at


def test_people_who_met_a_failure_of_those_who_asked(session: Session) -> None:
    at = telling_borough(session)
    view = failure_queries.failures(session, at.commissioner, QUARTER)
    assert view is not None
    assert (view.failed, view.asked, view.share) == (10, 40, 25)
    assert (view.lower, view.upper) == (14, 40)  # Wilson of 10 of 40
    assert {line.label: line.people for line in view.causes if line.people != 0} == {
        "we were late": 10,
        "nobody said why": "*",
    }
    assert view.causes[0].label == "we were late"
    assert (view.minutes, view.timed) == (210, 10)  # ten times twenty, to the nearest half hour


def test_months_stand_beside_what_chance_does(session: Session) -> None:
    at = telling_borough(session)
    view = failure_queries.failures(session, at.commissioner, QUARTER)
    assert view is not None
    january, february, march = view.variation.months
    assert (january.share, january.signal.value if january.signal else "") == (50, "usual")
    assert (february.failed, february.share) == (0, 0)
    assert (march.asked, march.share) == ("*", None)
    assert (view.variation.centre, view.variation.steady) == (25, False)
    early = failure_queries.failures(session, at.commissioner, read_period("2026-01"))
    assert early is not None
    assert [month.slug for month in early.variation.months] == ["2026-01"]


def test_only_those_who_agreed_are_counted_as_helpers_and_each_once(session: Session) -> None:
    at = telling_borough(session)
    assert failure_queries.helping(session, at.commissioner, QUARTER) == 10
    assert failure_queries.helping(session, at.commissioner, read_period("2026-02")) == 0
    assert failure_queries.helping(session, at.commissioner, read_period("2026-03")) == 10


def test_what_is_missing_ward_by_ward_beside_need(session: Session) -> None:
    at = telling_borough(session)
    view = failure_queries.lacking(session, at.commissioner, QUARTER)
    assert view is not None
    assert [(line.label, line.people) for line in view.totals] == [
        ("we found nothing that fits", 0),
        ("a group said no", 10),
        ("on a waiting list", 10),
    ]
    wards = {ward.name: ward for ward in view.wards}
    assert (wards["Brook"].quintile, wards["Brook"].lacks, wards["Brook"].searches) == (3, (0, 10, 10), 10)
    assert (wards["Mill"].lacks, wards["Mill"].searches) == ((0, 0, 0), 0)
    month = failure_queries.lacking(session, at.commissioner, read_period("2026-02"))
    assert month is not None
    assert month.wards == ()


def test_what_was_published_before_these_were_counted_says_so(session: Session, client: HtmlClient) -> None:
    at = telling_borough(session)
    row = session.scalars(select(Publication).where(Publication.period_kind == "quarter")).one()
    kept = ("failure/", "lack/", "helping/")
    row.cube = {
        **row.cube,
        "figures": {key: value for key, value in row.cube["figures"].items() if not key.startswith(kept)},
    }
    session.commit()
    assert failure_queries.failures(session, at.commissioner, QUARTER) is None
    assert failure_queries.lacking(session, at.commissioner, QUARTER) is None
    assert failure_queries.helping(session, at.commissioner, QUARTER) is None
    enter(session, client, at)
    assert "We did not count this" in words(client, "/evidence/failures?period=2026-Q1")
    assert "We did not count this" in words(client, "/evidence/missing?period=2026-Q1")
    assert "From helped to helper" not in words(client, "/evidence?period=2026-Q1")


def test_nobody_else_reads_them(session: Session) -> None:
    telling_borough(session)
    for role in (Role.LINK_WORKER, Role.GROUP_MEMBER, Role.EDITOR):
        someone = build.actor(session, role)
        for read in (failure_queries.failures, failure_queries.lacking, failure_queries.helping):
            with pytest.raises(NotFound):
                read(session, someone, QUARTER)


# --- pages ----------------------------------------------------------------------------------------------------


def enter(session: Session, client: HtmlClient, at: Borough) -> None:
    build.sign_in(session, client, session.get_one(Account, at.commissioner.account_id))


def words(client: HtmlClient, path: str) -> str:
    return " ".join("".join(parse(client.get(path).get_data(as_text=True)).itertext()).split())


def test_the_pages_say_it_in_words_and_tables(session: Session, client: HtmlClient) -> None:
    at = telling_borough(session)
    enter(session, client, at)
    page = words(client, "/evidence/failures?period=2026-Q1")
    assert "Something went wrong for about 10 of the 40 people who asked." in page
    assert "It is never a target." in page
    assert "between 14 and 40 of 100" in page
    assert "We were late 10 100" in page
    assert "about 210 minutes altogether" in page
    assert "January 2026 20 10 50" in page
    missing = words(client, "/evidence/missing?period=2026-Q1")
    assert "Brook 3 - 20 0 10 10 10" in missing
    assert "What people in Brook look for" in missing
    assert "A month holds too few" in words(client, "/evidence/missing?period=2026-02")
    quiet = words(client, "/evidence/failures?period=2026-03")
    assert "Nobody marked anything that went wrong" in quiet
    assert "About 10 people who had been helped began to help others" in words(
        client, "/evidence?period=2026-Q1"
    )


def test_the_file_holds_them_too(session: Session, client: HtmlClient) -> None:
    at = telling_borough(session)
    enter(session, client, at)
    text = client.get("/evidence/download?period=2026-Q1").get_data(as_text=True)
    rows = {(row["table"], row["group"], row["figure"]): row for row in csv.DictReader(io.StringIO(text))}
    failed = rows["something went wrong", "everybody", "at least once"]
    assert (failed["value"], failed["denominator"], failed["lower"], failed["upper"]) == (
        "10",
        "40",
        "14",
        "40",
    )
    assert rows["what was missing, by ward", "Brook", "on a waiting list"]["value"] == "10"
    assert rows["helping others", "agreed to be counted", "began to help"]["value"] == "10"


def test_the_latest_period_unless_another_is_asked_for(session: Session, client: HtmlClient) -> None:
    at = telling_borough(session)
    enter(session, client, at)
    latest = queries.periods(session, at.commissioner)[0].slug
    for page in ("failures", "missing"):
        assert words(client, f"/evidence/{page}") == words(client, f"/evidence/{page}?period={latest}")
        assert client.get(f"/evidence/{page}?period=2019-Q1").status_code == 404
