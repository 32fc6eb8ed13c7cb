"""Nothing above its tier: a unique word stands in every personal field, and is looked for wherever anybody reads.

Each visitor opens every page that is theirs to open and follows what is linked there. What they were sent, what was
logged, the search index and every column that is not encrypted are read as well. Each word that was found is held
against what its reader's tier may see.
"""

from __future__ import annotations

import html
import logging
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from core.access.guard import policy_of
from core.access.rules import ROLES_OF, Role
from core.db import Base, db
from core.notify.models import Message
from prescribing.referrals import tiers
from prescribing.referrals.tiers import Tier
from tests.contract.canary_story import SHAPED, Borough, tell_the_story
from tests.contract.things import Things

OFFER = {
    f"Referral.{name}" for name in ("goal_words", "access_words", "communication_words", "safe_yes_words")
}
ACCEPTED = {
    "Person.preferred_name",
    *(
        f"Referral.{name}"
        for name in ("agreed_contact", "communication_words", "access_words", "risk_summary", "heads_up")
    ),
}
# What somebody would like to do for others, and once a group says yes, what to call them and how to reach them.
HELP_OFFERED = {"OfferOfHelp.words"}
HELP_AGREED = {"Person.preferred_name", "Person.mobile", "request.times"}
# Their own submission, and what they were told: numbers and dates are the same there as in the record.
REFERRERS_OWN = {*(f"Person.{name}" for name in SHAPED), "request.", "FeedbackToReferrer."}
# A practice's name, and whether somebody agreed by phone or face to face, name nobody.
OPEN = {"request.gp_practice", "request.consent_how"}
# Whoever answers what people ask about their record must know whose it is, and whoever looks after accounts whose.
SEEN_BY = {
    Role.DATA_PROTECTION_OFFICER: {"Person.preferred_name", "Account.name", "Account.name of who acts"},
    Role.ADMINISTRATOR: {"Account.name", "Account.name of who acts"},
}
# What the team keeps for itself, though it is about the person's safety. The rest of the record is theirs to read.
NOT_EVEN_ONES_OWN = ("Person.safeguarding", "Person.risk")
# Whoever acts for somebody: what is coming, the messages since they may, and their own name at the top.
ACTS_FOR = {
    "Person.preferred_name",
    "PersonMessage.words",
    "PersonMessage.author_name",
    "Account.name of who acts",
}
# Of each kind of page, so many are read.
MOST_OF_ONE_KIND = 3


@pytest.fixture(scope="module")
def borough(
    sqlite_template: Path, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Borough]:
    things = Things(sqlite_template, tmp_path_factory.mktemp("canary"), run_folder)
    with things.app.app_context():
        made = Borough(things.app)
        tell_the_story(db.session(), made)
        db.session.commit()
    yield made
    things.close()


def harvest(made: Borough, who: str) -> dict[str, set[str]]:
    """Every field that this visitor read, and where."""
    client, roles = made.clients[who], made.roles[who]
    found: dict[str, set[str]] = {}
    todo = list(addresses(made, roles))
    asked: set[str] = set()
    pages: Counter[str] = Counter()
    while todo:
        address = todo.pop(0)
        endpoint = guarded(made, address) if roles else address
        if address in asked or not endpoint or pages[endpoint] >= MOST_OF_ONE_KIND:
            continue
        asked.add(address)
        pages[endpoint] += 1
        body = read(client, address)
        for where in made.found(body):
            found.setdefault(where, set()).add(address)
        if roles:
            todo += [html.unescape(link) for link in re.findall(r'href="(/[^"#]*)', body)]
    return found


def guarded(made: Borough, address: str) -> str:
    """The endpoint of an address that not everybody may read; empty for others, which nobody in particular reads."""
    try:
        endpoint, _values = made.app.url_map.bind("localhost").match(address.partition("?")[0])
    except HTTPException:
        return ""
    policy = policy_of(made.app, endpoint)
    return endpoint if policy is not None and policy.permission is not None else ""


def read(client: FlaskClient, address: str) -> str:
    """What an address answers, its headers too."""
    answer = client.get(address)
    assert answer.status_code < 500, address
    return f"{answer.headers} {answer.get_data(as_text=False).decode('utf-8', 'replace')}"


def addresses(made: Borough, roles: frozenset[Role]) -> Iterator[str]:
    """Every page that somebody with these roles may ask for, about this person where it is about somebody."""
    with made.app.test_request_context():
        adapter = made.app.url_map.bind("localhost")
        for rule in made.app.url_map.iter_rules():
            policy = policy_of(made.app, rule.endpoint)
            if policy is None or "GET" not in (rule.methods or set()) or rule.endpoint == "static":
                continue
            needs = policy.permission
            if (needs is None) is bool(roles) or (needs is not None and not roles & ROLES_OF[needs]):
                continue
            if rule.arguments <= set(made.ids):
                yield adapter.build(rule.endpoint, {name: made.ids[name] for name in rule.arguments})


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("nobody", set()),
        *((f"another {role.value}", SEEN_BY.get(role, set())) for role in Role),
        ("referrer", REFERRERS_OWN),
        ("group", OFFER | ACCEPTED | HELP_OFFERED),
        ("group they help", HELP_OFFERED | HELP_AGREED),
        ("who acts", ACTS_FOR),
    ],
)
def test_nobody_reads_above_their_tier(borough: Borough, who: str, allowed: set[str]) -> None:
    above = {
        where: pages
        for where, pages in harvest(borough, who).items()
        if not any(where == one or (one.endswith(".") and where.startswith(one)) for one in allowed)
    }
    assert above == {}


def test_ones_own_view_keeps_what_the_team_keeps_for_itself(borough: Borough) -> None:
    seen = harvest(borough, "the person")
    assert {"Person.name", "PersonMessage.words", "Proxy.name"} <= set(seen)
    assert {one for one in seen if one.startswith(NOT_EVEN_ONES_OWN)} == set()


def test_what_is_posted_wrongly_shows_no_more_than_the_page(borough: Borough) -> None:
    said = {"words": "", "text": "Name: Not Ours", "then": "read", "name": "Not Ours"}
    for who, path, allowed in (
        ("link worker", "/today/pasted", set()),
        ("group", f"/referrals/{borough.ids['referral_id']}/answer", OFFER),
        ("who acts", f"/for/{borough.ids['person_id']}/messages", ACTS_FOR),
        ("nobody", "/today/pasted", set()),
    ):
        answer = borough.clients[who].post(path, data=said)
        assert answer.status_code < 500, path
        assert borough.found(answer.get_data(as_text=True)) <= allowed, path


def told(borough: Borough, program: str, *kinds: str) -> set[str]:
    """Every field that this program is told of."""
    client, bearer = borough.app.test_client(), {"Authorization": f"Bearer {borough.tokens[program]}"}
    seen: set[str] = set()
    for kind in kinds:
        answer = client.get(f"/fhir/R4/{kind}", headers=bearer)
        assert answer.status_code == 200, kind
        seen |= borough.found(answer.get_data(as_text=True))
    return seen


def test_a_program_reads_its_partners_own_submission_and_what_it_was_told(borough: Borough) -> None:
    seen = told(borough, "program", "ServiceRequest", "Task", "Patient", "Consent")
    assert "request.name" in seen
    assert not [one for one in seen if not one.startswith(tuple(REFERRERS_OWN))]


def test_a_teams_program_reads_the_record_and_not_what_the_team_keeps_for_itself(borough: Borough) -> None:
    every = ("Patient", "ServiceRequest", "Task", "Consent", "Goal", "Observation", "QuestionnaireResponse")
    seen = told(borough, "team's program", *every)
    assert {"Person.name", "Goal.words", "request.reason_referrer", "Referral.goal_words"} <= seen
    listed = ("request.", "Person.", "Goal.words", "Referral.goal_words")
    assert not [one for one in seen if not one.startswith(listed) or one in NOT_EVEN_ONES_OWN]


def test_a_groups_program_reads_the_offer_and_after_its_yes_no_more(borough: Borough) -> None:
    assert told(borough, "group's program", "ServiceRequest", "Task") == OFFER


def test_a_group_reads_the_offer_and_after_its_yes_no_more_than_that_tier(borough: Borough) -> None:
    client = borough.clients["group"]
    before, after = (
        borough.found(read(client, f"/referrals/{borough.ids[one]}")) for one in ("referral_id", "second")
    )
    assert before == OFFER
    assert after <= ACCEPTED
    assert "Person.preferred_name" in after
    by_link = borough.found(read(borough.app.test_client(), f"/answer/{borough.tokens['asked']}"))
    assert by_link == OFFER
    # Whoever only holds the link of an accepted one sees nothing before the code.
    assert borough.found(read(borough.app.test_client(), f"/answer/{borough.tokens['accepted']}")) == set()


def test_a_group_reads_who_would_help_after_its_yes_and_by_link_behind_the_code(borough: Borough) -> None:
    asked, helped = (
        borough.found(read(borough.app.test_client(), f"/answer/help/{borough.tokens[one]}"))
        for one in ("offered", "helping")
    )
    assert asked == HELP_OFFERED
    assert helped == set()
    seen = harvest(borough, "group they help")
    assert set(seen) >= HELP_OFFERED | HELP_AGREED


def test_a_widened_tier_is_seen(borough: Borough, monkeypatch: pytest.MonkeyPatch) -> None:
    wider = {**tiers.FIELDS, Tier.OFFER: tiers.OFFER_FIELDS | {"risk_summary"}}
    monkeypatch.setattr(tiers, "FIELDS", MappingProxyType(wider))
    by_link = borough.found(read(borough.app.test_client(), f"/answer/{borough.tokens['asked']}"))
    assert by_link - OFFER == {"Referral.risk_summary"}


def test_no_word_leaves_by_message_log_index_or_an_open_column(
    borough: Borough, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # Where all is read, the words are there to be found.
    seen = set(harvest(borough, "link worker"))
    assert {"Person.name", "Person.what_matters", "Need.words", "Goal.words", "Referral.risk_summary"} <= seen
    assert borough.found(caplog.text) == set()
    with borough.app.app_context():
        session = db.session()
        for message in session.scalars(select(Message)):
            said = f"{message.subject} {message.body} {message.html}"
            assert borough.found(said) == set(), message.template
        for table in Base.metadata.sorted_tables:
            open_columns = [one for one in table.columns if not one.name.endswith("_sealed")]
            rows = session.execute(select(*open_columns)).all() if open_columns else []
            assert borough.found(" ".join(str(value) for row in rows for value in row)) <= OPEN, table.name
        folder = Path(borough.app.extensions["settings"].instance)
    index = [path for path in folder.rglob("*") if path.is_file() and "index" in str(path)]
    assert index
    for path in index:
        assert borough.found(path.read_bytes().decode("latin-1")) == set(), path
