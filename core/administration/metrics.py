"""Figures for whoever watches the service, in the format of Prometheus: answers by route, work in the background, the
state of each part. They name routes, never addresses, and nobody who asked.

Where several processes serve, `PROMETHEUS_MULTIPROC_DIR` names a folder that they share, so that whichever is asked
answers for all; gunicorn.conf.py makes one.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable, Iterator

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core import clock, health
from core.access.guard import public
from core.db import db
from core.errors import NotFound
from core.jobs import queries as jobs
from core.settings import Settings, current_settings

bp = Blueprint("metrics", __name__)

SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
NO_ROUTE = "(none)"

ANSWERS = Counter("golden_thread_answers", "Requests answered.", ("route", "method", "status"), registry=None)
TOOK = Histogram(
    "golden_thread_answer_seconds", "How long answers took.", ("route",), buckets=SECONDS, registry=None
)


def init_app(app: Flask, settings: Settings) -> None:
    """Register the page; count answers where there is a key to read them by."""
    app.register_blueprint(bp)
    if not settings.metrics_token:
        return

    @app.before_request
    def start() -> None:
        g.measured_from = time.perf_counter()

    @app.after_request
    def answered(response: Response) -> Response:
        route = request.endpoint or NO_ROUTE
        ANSWERS.labels(route, request.method, str(response.status_code)).inc()
        if "measured_from" in g:
            TOOK.labels(route).observe(time.perf_counter() - g.measured_from)
        return response


@bp.get("/metrics")
@public("The operator's own key is the proof")
def metrics() -> Response:
    """All figures. Without the key there is no such page."""
    settings = current_settings()
    given = request.headers.get("Authorization", "").encode()
    if not settings.metrics_token or not hmac.compare_digest(
        given, f"Bearer {settings.metrics_token}".encode()
    ):
        raise NotFound
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        _sum_of_processes(registry)
    else:
        registry.register(ANSWERS)
        registry.register(TOOK)
    registry.register(_Now())
    response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


# It says nothing of its types.
_sum_of_processes: Callable[[CollectorRegistry], object] = MultiProcessCollector


class _Now(Collector):
    """What is read when it is asked for: the same whichever process answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        board = jobs.board(db.session())
        counts = GaugeMetricFamily("golden_thread_jobs", "Work in the background.", labels=["state"])
        counts.add_metric(["waiting"], board.waiting)
        counts.add_metric(["given-up"], board.dead_count)
        yield counts
        late = (clock.now() - board.oldest_due).total_seconds() if board.oldest_due else 0.0
        yield GaugeMetricFamily(
            "golden_thread_jobs_late_seconds",
            "Since when the longest waiting work could have run.",
            value=late,
        )
        yield GaugeMetricFamily(
            "golden_thread_worker_alive", "1 while a worker runs.", value=float(board.worker_alive)
        )
        ready = GaugeMetricFamily("golden_thread_ready", "1 where a part works.", labels=["part"])
        for part, works in health.readiness().items():
            ready.add_metric([part], float(works))
        yield ready
        states = GaugeMetricFamily(
            "golden_thread_state", "How a part is, in a word.", labels=["part", "state"]
        )
        for part, state in health.states().items():
            states.add_metric([part, state], 1.0)
        yield states
