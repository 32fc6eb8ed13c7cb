"""What tells a person from a machine that fills in forms. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

# Nobody reads a form and fills it in more quickly than this.
LEAST_TIME = timedelta(seconds=3)
LONGEST_TIME = timedelta(hours=24)
MOST_LINKS = 2
_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)


def too_quick(shown_at: datetime, sent_at: datetime) -> bool:
    """Whether a form came back sooner than anybody could have filled it in."""
    return sent_at - shown_at < LEAST_TIME


def too_many_links(text: str) -> bool:
    """Whether a text carries more web addresses than anybody needs to say what is wrong."""
    return len(_LINK.findall(text)) > MOST_LINKS
