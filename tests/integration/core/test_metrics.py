"""Figures for the operator, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from core import clock
from core.jobs.models import Job, JobState
from tests.html import HtmlClient

TOKEN = "k3" * 20
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"metrics_token": TOKEN}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {TOKEN}x"}])
def test_without_the_key_there_is_no_such_page(client: HtmlClient, headers: dict[str, str]) -> None:
    assert client.get("/metrics", headers=headers).status_code == 404


def test_answers_are_counted_by_route_and_never_by_address(client: HtmlClient, session: Session) -> None:
    session.add(Job(kind="search.rebuild", payload={}, run_at=clock.now(), state=JobState.DEAD))
    client.get("/search?q=flibbertigibbet")
    answer = client.get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert 'golden_thread_answers_total{method="GET",route="search.results",status="200"}' in answer.text
    assert 'golden_thread_answer_seconds_bucket{le="0.025",route="search.results"}' in answer.text
    assert 'golden_thread_jobs{state="given-up"} 1.0' in answer.text
    assert "golden_thread_worker_alive 0.0" in answer.text
    assert 'golden_thread_ready{part="database"} 1.0' in answer.text
    assert 'golden_thread_state{part="search index",state="' in answer.text
    assert "flibbertigibbet" not in answer.text
