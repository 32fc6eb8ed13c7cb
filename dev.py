#!/usr/bin/env python3
"""The one launcher: `python3 dev.py run`, `python3 dev.py test`, `python3 dev.py check`. Standard library only."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said in a sentence, not by a traceback
    sys.exit(
        "Golden Thread needs Python 3.11 or newer, and this is"
        f" {sys.version_info[0]}.{sys.version_info[1]}: install a newer one, and run it as `python3.11 dev.py run`."
    )

from devtools.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
