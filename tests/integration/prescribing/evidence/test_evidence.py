"""What is published: counts that are known, hidden where few, the same on page and in file, and never changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Role
from core.accounts.models import Account
from core.errors import Invalid, NotFound, Refused
from prescribing.evidence import failure_queries, gathering, queries, services
from prescribing.evidence.cube import Breakdown
from prescribing.evidence.download import to_csv
from prescribing.evidence.jobs import publish_settled
from prescribing.evidence.models import Publication
from prescribing.evidence.queries import PublicationView
from prescribing.evidence.rules import Stage, read_period, slug_of
from tests import build
from tests.html import HtmlClient, parse
from tests.integration.prescribing.evidence.borough import MAY, Borough, borough, day, small_borough

QUARTER = read_period("2026-Q1")


def published(session: Session, at: Borough, slug: str = "2026-Q1") -> PublicationView:
    with clock.at(MAY):
        services.publish(session, read_period(slug))
    return queries.publication(session, at.commissioner, read_period(slug))


def test_the_flow_is_counted_and_rounded(session: Session) -> None:
    view = published(session, small_borough(session))
    assert {line.stage.value: (line.people, line.share) for line in view.flow} == {
        "requests": (35, 100),
        "contacted": (30, 86),
        "active": (30, 86),
        "referred-onward": (30, 86),
        "accepted": (20, 57),
        "started": (20, 57),
        "sustained": (20, 57),
    }
    # Working days from each step to the next: Monday to Wednesday, Wednesday to Monday, and so on.
    assert [line.days for line in view.flow] == [2, 0, 3, 2, 3, 10, None]
    assert (view.said, view.as_at.isoformat()) == ("January to March 2026", "2026-04-28")


def test_how_it_stands_and_what_did_not_work(session: Session) -> None:
    view = published(session, small_borough(session))
    assert {line.label: line.people for line in view.endings} == {
        "still going on": 10,
        "finished together": 20,
        "the person said no": 0,
        "could not be reached": "*",
        "not right for this service": 0,
        "no longer needed, moved away or died": 0,
    }
    met = {line.label: line.people for line in view.setbacks if line.people != 0}
    assert met == {"the group had no room": 10}


def test_breakdowns_hide_the_few(session: Session) -> None:
    view = published(session, small_borough(session))
    asked = {
        by.by: {group.label: group.people[0] for group in by.groups if group.people[0] != 0}
        for by in view.breakdowns
    }
    assert asked == {
        Breakdown.SOURCE: {"GP practice": 20, "asked for themselves": 10, "rang us": "*"},
        Breakdown.QUINTILE: {"1, the most deprived fifth of England": 20, "3": 10, "not known": "*"},
        Breakdown.AGE: {"55 to 74": 20, "18 to 34": 10, "not known": "*"},
        Breakdown.WARD: {"Mill": 20, "Brook": 10, "not known": "*"},
    }


def test_the_change_is_paired_with_its_denominator_and_interval(session: Session) -> None:
    view = published(session, small_borough(session))
    satisfaction, worthwhile, happiness, anxiety = view.outcomes
    assert (satisfaction.of, satisfaction.paired, satisfaction.better) == (20, 20, 20)
    # Ten went up by 4 and ten by 3: the mean is 3.5, the deviation 0.513, t at 19 degrees 2.093, half a width 0.24.
    assert (satisfaction.mean, satisfaction.lower, satisfaction.upper) == (3.5, 3.3, 3.7)
    assert (worthwhile.same, worthwhile.mean) == (20, 0.0)
    assert (happiness.worse, happiness.mean) == (20, -4.0)
    assert (anxiety.better, anxiety.mean, anxiety.lower_is_better) == (20, -4.0, True)
    assert (satisfaction.at_least, satisfaction.at_most) == (100, 100)


def test_a_month_has_no_breakdowns_and_hides_the_few(session: Session) -> None:
    view = published(session, small_borough(session), "2026-03")
    assert view.breakdowns == ()
    assert view.asked == "*"
    assert {line.share for line in view.flow} == {"*"}
    assert [each.mean for each in view.outcomes] == [3.5, 0.0, -4.0, -4.0]  # support that ended in March


def test_only_suppressed_figures_are_stored(session: Session) -> None:
    published(session, small_borough(session))
    cube = session.scalars(select(Publication.cube)).one()
    numbers = [value for value in cube["figures"].values() if value != "*"]
    assert all(value == 0 or (value > 7 and value % 5 == 0) for value in numbers)
    assert not any(value in str(cube) for value in ("Sam", "GT-"))


def test_what_is_published_never_changes(session: Session) -> None:
    at = small_borough(session)
    published(session, at)
    with clock.at(MAY), pytest.raises(Refused, match="never changes"):
        services.publish(session, QUARTER)


def test_a_period_is_published_when_it_has_settled(session: Session) -> None:
    small_borough(session)
    with clock.at(day(4, 28)), pytest.raises(Refused, match="before 29 April 2026"):
        services.publish(session, QUARTER)
    with clock.at(day(4, 29)):
        services.publish(session, QUARTER)


def test_what_happens_later_is_not_looked_at(session: Session) -> None:
    small_borough(session)
    with clock.at(MAY):
        early = gathering.count_period(session, SYSTEM, read_period("2026-01"))
    assert early.as_at.isoformat() == "2026-02-28"
    assert {case.ending.value for case in early.cases} == {"going-on"}


def test_only_the_product_itself_counts_and_only_some_may_look(session: Session) -> None:
    at = small_borough(session)
    with pytest.raises(NotFound):
        gathering.count_period(session, at.commissioner, QUARTER)
    published(session, at)
    for role in (Role.LINK_WORKER, Role.GROUP_MEMBER, Role.EDITOR, Role.ADMINISTRATOR):
        with pytest.raises(NotFound):
            queries.publication(session, build.actor(session, role), QUARTER)
        with pytest.raises(NotFound):
            queries.periods(session, build.actor(session, role))


def test_the_night_publishes_what_is_due_once(session: Session) -> None:
    small_borough(session)
    with clock.at(MAY):
        publish_settled(session)
        names = {
            slug_of(read_period(f"{start:%Y-%m}")) if kind.value == "month" else kind.value
            for kind, start in session.execute(
                select(Publication.period_kind, Publication.period_start)
            ).all()
        }
        assert names == {"2026-01", "2026-02", "2026-03", "quarter", "year"}
        publish_settled(session)
    assert session.scalar(select(func.count()).select_from(Publication)) == 5
    with clock.at(MAY + timedelta(days=30)):
        services.publish_due(session)
    assert session.scalar(select(func.count()).select_from(Publication)) == 6


def test_nothing_is_due_where_nobody_ever_asked(session: Session) -> None:
    borough(session)
    assert services.publish_due(session) == ()


def test_the_command_publishes_and_says_what_it_needs(
    session: Session, run_command: Callable[..., str]
) -> None:
    small_borough(session)
    assert run_command("evidence", "publish", "--period", "2026-Q1") == "Published: January to March 2026\n"
    assert "2026-Q1 or 2025-to-2026" in run_command("evidence", "publish", "--period", "March", exit_code=1)
    assert "is published already" in run_command("evidence", "publish", "--period", "2026-Q1", exit_code=1)
    assert "Published: January 2026" in run_command("evidence", "publish")
    assert "Nothing new to publish" in run_command("evidence", "publish")


def test_the_file_holds_the_figures_as_numbers(session: Session) -> None:
    view = published(session, small_borough(session))
    rows = list(csv.DictReader(io.StringIO(to_csv(view))))
    started = next(
        row for row in rows if row["table"] == "flow" and row["figure"] == "went for the first time"
    )
    assert (started["value"], started["denominator"], started["per cent"]) == ("20", "35", "57")
    assert {row["period"] for row in rows} == {"January to March 2026"}
    means = [row["value"] for row in rows if row["figure"] == "mean change in points"]
    assert means == ["3.5", "0.0", "-4.0", "-4.0"]


# --- pages ----------------------------------------------------------------------------------------------------


def enter(session: Session, client: HtmlClient, at: Borough) -> None:
    build.sign_in(session, client, session.get_one(Account, at.commissioner.account_id))


def words(client: HtmlClient, path: str) -> str:
    return " ".join("".join(parse(client.get(path).get_data(as_text=True)).itertext()).split())


def test_the_page_says_it_in_words_and_in_a_table(session: Session, client: HtmlClient) -> None:
    at = small_borough(session)
    enter(session, client, at)
    assert "Nothing is published yet." in words(client, "/evidence")
    with clock.at(MAY):
        services.publish_due(session)
    page = words(client, "/evidence")
    assert "What came of it: January to March 2026" in page
    assert "About 35 people asked for support. About 20 went to a group, and about 20 kept going." in page
    assert "it is not proof of cause" in page
    assert "The group had no room 10 29" in page
    assert "* is 1 to 7 people" in page
    assert "A month holds too few people" in words(client, "/evidence?period=2026-02")
    assert "Nobody: the group had no room; the group is for other people;" in words(
        client, "/evidence?period=2026-01"
    )
    assert "So few people asked" in words(client, "/evidence?period=2026-03")


def test_the_file_is_the_page(session: Session, client: HtmlClient) -> None:
    at = small_borough(session)
    published(session, at)
    enter(session, client, at)
    answer = client.get("/evidence/download?period=2026-Q1")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="what-came-of-it-2026-Q1.csv"'
    who = at.commissioner
    assert answer.get_data(as_text=True) == to_csv(
        queries.publication(session, who, QUARTER),
        failure_queries.failures(session, who, QUARTER),
        failure_queries.lacking(session, who, QUARTER),
        failure_queries.helping(session, who, QUARTER),
    )


def test_no_other_dates(session: Session, client: HtmlClient) -> None:
    at = small_borough(session)
    published(session, at)
    enter(session, client, at)
    assert client.get("/evidence?period=2026-01-01").status_code == 400
    assert client.get("/evidence?period=2019-Q1").status_code == 404
    assert client.get("/evidence/download").status_code == 400
    assert client.get("/evidence/download?period=2019-Q1").status_code == 404


def test_a_free_range_is_refused_with_the_remedy() -> None:
    with pytest.raises(Invalid, match="2025-to-2026"):
        read_period("2026-01-01 to 2026-01-02")


def test_stages_come_in_the_order_of_the_flow(session: Session) -> None:
    view = published(session, small_borough(session))
    assert [line.stage for line in view.flow] == list(Stage)
