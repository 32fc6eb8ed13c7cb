"""`flask openreferral ...`: judge a feed, our own or another's."""

from __future__ import annotations

import time

import click
from flask import current_app
from flask.cli import AppGroup
from flask.testing import FlaskClient

from core import outbound
from directory.openreferral.judging import Answer, Ask, NoAnswer, judge
from directory.openreferral.profiles import PROFILES

openreferral_cli = AppGroup("openreferral", help="The open API and feeds of its kind.")


@openreferral_cli.command("check")
@click.argument("url", required=False)
@click.option(
    "--strict", is_flag=True, help="Fault properties that the profile does not have. Always on for our own."
)
@click.option(
    "--ids", default=10, show_default=True, help="How many objects of a page to ask for one by one."
)
def check(url: str | None, strict: bool, ids: int) -> None:
    """Judge the feed at URL, such as https://example.org/api/v3; both of our own bases where there is none."""
    if url is not None:
        judged = [(url, judge(url, _stranger, strict=strict, ids=ids))]
    else:
        client = current_app.test_client()
        judged = [
            (one.path, judge(one.path, _ourselves(client), strict=True, ids=ids)) for one in PROFILES.values()
        ]
    for where, report in judged:
        click.echo(where)
        for line in report.lines():
            click.echo(f"  {line}")
    if not all(report.passes for _, report in judged):
        raise SystemExit(1)


def _stranger(address: str) -> Answer:
    try:
        got = outbound.fetch(address, accept="application/json")
    except outbound.OutboundFailed as fault:
        raise NoAnswer(fault.message) from None
    return Answer(got.status, got.body, got.seconds)


def _ourselves(client: FlaskClient) -> Ask:
    def ask(address: str) -> Answer:
        begun = time.monotonic()
        answer = client.get(address, environ_base={"REMOTE_ADDR": f"check {begun}"})
        return Answer(answer.status_code, answer.get_data(), time.monotonic() - begun)

    return ask
