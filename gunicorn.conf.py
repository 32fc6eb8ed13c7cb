"""How gunicorn serves the product: `gunicorn "wsgi:create_app()"` finds this file by itself.

Threads wait for the database, so a few processes with several threads each do more than many processes. Put it behind
a proxy that buffers slow clients.
"""

from __future__ import annotations

import os
import shutil
import tempfile

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger

from core.logging import JsonLines

worker_class = "gthread"
workers = int(os.environ.get("GT_WEB_PROCESSES", "2"))
threads = int(os.environ.get("GT_WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 30
keepalive = 5
# The most that gunicorn reads: whoever pastes a whole letter into the search box still gets an answer.
limit_request_line = 8190
limit_request_fields = 60

# Signals are control enough; a socket in the user's home would be shared by every borough on the machine.
control_socket_disable = True

# The app logs each request by its route. Gunicorn's own access log would hold addresses and what was searched for.
accesslog = None
errorlog = "-"

# Every process counts its answers in a file of this folder, so that whichever is asked tells the sum. It goes with us.
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
_OURS = "golden-thread-counts-"
if os.environ.get("GT_METRICS_TOKEN") and _COUNTS not in os.environ:
    os.environ[_COUNTS] = tempfile.mkdtemp(prefix=_OURS)


def on_exit(_server: Arbiter) -> None:
    """Leave no counts behind."""
    if _OURS in os.environ.get(_COUNTS, ""):
        shutil.rmtree(os.environ[_COUNTS], ignore_errors=True)


class JsonLogger(Logger):
    """Gunicorn's own messages, as JSON lines."""

    def setup(self, cfg: Config) -> None:
        """Set gunicorn's handlers up, then have them write as the app does."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


logger_class = JsonLogger
