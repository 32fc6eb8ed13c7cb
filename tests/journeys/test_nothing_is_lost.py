"""Whoever was told "we have your request" has one: however often the processes are killed, nothing is lost or half."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage
from http.cookiejar import CookieJar
from typing import IO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit.models import AuditEntry
from core.db import db
from core.idempotency.models import IdempotencyKey
from core.jobs.models import Job, JobState
from core.jobs.services import work_once
from core.notify.models import Message, MessageState
from core.settings import Settings
from prescribing.episodes.intake import content_of
from prescribing.episodes.models import Episode, EpisodeEvent, Need, SupportRequest
from prescribing.episodes.rules import EpisodeState
from prescribing.people.models import Consent, Person
from tests.journeys.people import REFERENCE
from tests.journeys.site import ROOT, Site
from wsgi import create_app

ROUNDS = 20
ASKERS = 4
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"')
PATIENCE = 60.0


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect is the acknowledgement: it is looked at, not followed."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow nothing."""


@dataclass
class Askers:
    """People who ask for support, several at once, and send the form again when no answer comes."""

    url: str
    stop: threading.Event = field(default_factory=threading.Event)
    asked: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    sent_again: int = 0
    faults: list[str] = field(default_factory=list)

    def keep_asking(self, who: int) -> None:
        """One asker after another, until told to stop; the last one finishes."""
        try:
            number = 0
            while not self.stop.is_set():
                number += 1
                # Each has a phone of their own: more than a few messages to one number are not sent.
                self.ask(f"Asker {who} {number}", f"07700 900{(who * 200 + number) % 1000:03}")
        except Exception as fault:
            self.faults.append(repr(fault))
            raise

    def ask(self, name: str, phone: str) -> None:
        """Open the form, send it until it is acknowledged, and read the reference off the page after it."""
        opener = urllib.request.build_opener(_StayHere, urllib.request.HTTPCookieProcessor(CookieJar()))
        form = dict(HIDDEN.findall(self._until_answered(opener, "/ask", None)[1]))
        form |= {"who": "me", "name": name, "phone": phone, "texts": "y", "need_slugs": "food"}
        status, _page = self._until_answered(opener, "/ask", urllib.parse.urlencode(form).encode())
        assert status in {302, 303}, f"{name} was answered {status}"
        _status, page = self._until_answered(opener, "/ask/sent", None)
        found = REFERENCE.search(page)
        assert found, f"{name} was acknowledged without a reference"
        self.asked[name] = found.group()

    def _until_answered(
        self, opener: urllib.request.OpenerDirector, path: str, data: bytes | None
    ) -> tuple[int, str]:
        until = time.monotonic() + PATIENCE
        tries = 0
        while time.monotonic() < until:
            tries += 1
            if data is not None:
                self.sent += 1
                self.sent_again += tries > 1
            try:
                with opener.open(self.url + path, data, timeout=20) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as answer:
                with answer:
                    if answer.code < 400:
                        return answer.code, ""
                    raise AssertionError(f"{path} answered {answer.code}: {answer.read()[:2000]!r}") from None
            except (OSError, HTTPException):
                time.sleep(0.02)
        raise AssertionError(f"{path} was not answered for {PATIENCE} seconds")


@dataclass
class Mortal:
    """Gunicorn and the worker, killed together and started again."""

    site: Site
    zygote: subprocess.Popen[str]
    running: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Start both; returns once the site answers."""
        assert self.zygote.stdin
        assert self.zygote.stdout
        for what in ("web", "worker"):
            self.zygote.stdin.write(f"{what}\n")
            self.zygote.stdin.flush()
            self.running.append(int(self.zygote.stdout.readline()))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.site.url}/livez", timeout=5):
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the site did not come back")

    def kill(self) -> None:
        """As when the machine fails: no goodbye, whatever is under way."""
        for pid in self.running:
            os.killpg(pid, signal.SIGKILL)
        self.running.clear()


@contextmanager
def mortal(site: Site) -> Iterator[Mortal]:
    """The site's own processes give way to ones that die often."""
    site.stop()
    with (site.instance / "zygote.log").open("wb") as log:
        zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.zygote", site.url.rpartition(":")[2]],
            cwd=ROOT,
            env=site.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    both = Mortal(site, zygote)
    try:
        yield both
    finally:
        both.kill()
        zygote.kill()
        zygote.communicate()


def test_twenty_kills_lose_nothing_that_was_acknowledged(site: Site) -> None:
    askers = Askers(site.url)
    threads = [threading.Thread(target=askers.keep_asking, args=(who,)) for who in range(ASKERS)]
    began = clock.now()

    with mortal(site) as processes:
        processes.start()
        for thread in threads:
            thread.start()
        for _round in range(ROUNDS):
            someone_asks(askers)
            processes.kill()
            processes.start()
        askers.stop.set()
        for thread in threads:
            thread.join(PATIENCE)

    assert not askers.faults
    assert len(askers.asked) >= ROUNDS
    assert askers.sent_again, "no kill met anybody: the test proved nothing"
    nothing_is_lost_or_half(site, askers, began_after=began - timedelta(seconds=1))
    site.flask("audit", "verify")


def someone_asks(askers: Askers) -> None:
    """Wait until forms are on their way, and a moment of chance longer."""
    before, until = askers.sent, time.monotonic() + PATIENCE
    while askers.sent < before + 2 and time.monotonic() < until and not askers.faults:
        time.sleep(0.005)
    time.sleep(random.uniform(0, 0.15))


def nothing_is_lost_or_half(site: Site, askers: Askers, *, began_after: datetime) -> None:
    """Everybody asked exactly once, with all that belongs to asking, and nothing else came into being."""
    settings = replace(Settings.from_environment(site.env), testing=True)
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        all_promised_work_is_done(session)
        requests = {
            request.reference: request
            for request in session.scalars(
                select(SupportRequest).where(SupportRequest.created_at > began_after)
            )
        }
        by_name = Counter(content_of(request).name for request in requests.values())
        assert by_name == Counter(dict.fromkeys(askers.asked, 1)), "somebody is missing, or is there twice"
        assert {content_of(requests[reference]).name: reference for reference in requests} == askers.asked
        episodes = {
            episode.support_request_id: episode
            for episode in session.scalars(select(Episode).where(Episode.created_at > began_after))
        }
        assert set(episodes) == {request.id for request in requests.values()}
        assert {episode.state for episode in episodes.values()} == {EpisodeState.SUBMITTED}
        people = session.scalars(select(Person.id).where(Person.created_at > began_after)).all()
        assert sorted(people) == sorted(episode.person_id for episode in episodes.values())
        everything_belongs_together(session, requests, episodes)
        assert not session.scalars(select(IdempotencyKey.key).where(IdempotencyKey.location.is_(None))).all()
        session.rollback()


def everything_belongs_together(
    session: Session, requests: dict[str, SupportRequest], episodes: dict[UUID, Episode]
) -> None:
    """Every request has the same events, audit entries, consents, needs and messages as every other."""
    audited: dict[UUID | None, Counter[str]] = defaultdict(Counter)
    for subject_id, action in session.execute(select(AuditEntry.subject_id, AuditEntry.action)):
        audited[subject_id][action] += 1
    jobs = {
        job.payload["message_id"]: job
        for job in session.scalars(select(Job).where(Job.kind == "notify.send"))
    }
    kinds = set()
    for request in requests.values():
        episode = episodes[request.id]

        needs = session.scalars(select(Need.id).where(Need.episode_id == episode.id)).all()
        consents = session.scalars(select(Consent.id).where(Consent.person_id == episode.person_id)).all()
        events = session.scalars(select(EpisodeEvent.id).where(EpisodeEvent.episode_id == episode.id)).all()
        messages = session.scalars(select(Message).where(Message.about_id == episode.person_id)).all()
        assert [message.state for message in messages] == [MessageState.SENT]
        assert jobs[str(messages[0].id)].state is JobState.DONE
        kinds.add(
            (
                len(events),
                len(needs),
                len(consents),
                *(
                    tuple(sorted(audited[subject].items()))
                    for subject in (request.id, episode.id, episode.person_id, *needs, *consents)
                ),
            )
        )
    assert len(kinds) == 1, f"some requests are not whole: {kinds}"
    assert "episode." in str(kinds), kinds


def all_promised_work_is_done(session: Session) -> None:
    """A job whose worker was killed waits until nobody can hold it any more, then is done."""
    with clock.at(clock.now() + timedelta(minutes=10)):
        while work_once(session):
            pass
