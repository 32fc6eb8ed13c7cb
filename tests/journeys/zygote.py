"""Starts gunicorn and the worker again and again without loading Python each time: asked on its input, it forks.

What runs in the forks is what an operator runs. `python -m tests.journeys.zygote PORT` reads "web" or "worker", one a
line, and prints the process id, which also leads the process group.
"""

from __future__ import annotations

import os
import signal
import sys

from gunicorn.app.wsgiapp import WSGIApplication

import wsgi
from core.db import db


def serve(port: str) -> None:
    """Gunicorn as it is run, until it is ended."""
    sys.argv = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "1"]
    sys.argv += ["--threads", "8", "wsgi:create_app()"]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


def work() -> None:
    """The worker, quick to look for more."""
    wsgi.create_app().test_cli_runner().invoke(args=["jobs", "work", "--every", "0.05"])


def warm_up() -> None:
    """Meet the page that everybody asks for once, so that no fork has to load what it needs."""
    app = wsgi.create_app()
    app.test_client().get("/ask", base_url=os.environ["GT_BASE_URL"])
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    """Fork for every line; the dead need no mourning."""
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid:
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        sys.stdin.close()
        if line.strip() == "web":
            serve(sys.argv[1])
        else:
            work()
        os._exit(0)


if __name__ == "__main__":
    main()
