"""What the fields and the codes of a record are called to whoever it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from core import clock
from core.calendar.rules import say_date, say_moment
from prescribing.episodes.contacts import OUTCOME_WORDS, Outcome
from prescribing.episodes.forms import PRIORITY_WORDS
from prescribing.episodes.models import RequestSource
from prescribing.episodes.moves import MoveKind, Mover
from prescribing.episodes.needs import NEED_WORDS, NeedState
from prescribing.episodes.rules import EPISODE_WORDS, REASON_WORDS, EpisodeState
from prescribing.measures.instruments import INSTRUMENTS
from prescribing.measures.own_words import OWN_NOT_TODAY
from prescribing.measures.rules import MODE_WORDS, POINT_WORDS, CompletedBy
from prescribing.people.consent import OWN_PURPOSE_WORDS
from prescribing.people.safe_contact import CHANNEL_WORDS
from prescribing.referrals.rules import DECLINE_WORDS, JOIN_WORDS, JoinMode
from prescribing.referrals.rules import OWN_WORDS as REFERRAL_WORDS
from prescribing.rights.rules import KIND_WORDS, SENT_WORDS, WAY_WORDS

# What a field is called where its own name would say little.
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "at": "When",
        "author": "Who wrote it down",
        "author_id": "Who wrote it down",
        "brought_someone": "You brought somebody along",
        "by_person": "You asked for it yourself",
        "complete": "Every question was answered",
        "completed_by": "Who answered",
        "created_at": "Written down",
        "direction": "Who got in touch",
        "fields": "What may be shared",
        "given_at": "Agreed",
        "instrument": "Questions",
        "join_mode": "How to join",
        "link_worker_id": "Your link worker",
        "made_by": "Who asked",
        "may_message": "They may write and read messages",
        "may_say": "They may say how it is going",
        "minutes": "How long, in minutes",
        "mode": "How it was asked",
        "need_slug": "What you need",
        "need_slugs": "What you asked for help with",
        "on": "Day",
        "organization_id": "Group",
        "own_priority": "How soon, as you were first told",
        "partner_id": "Who referred you",
        "point": "When in your support",
        "priority": "How soon you should be seen",
        "purpose": "What you agreed to",
        "recipient_id": "With whom",
        "recorded_at": "Written down",
        "recorded_by": "Who wrote it down",
        "requested_by_id": "Who asked them",
        "sent_by": "How you got it",
        "service_id": "Activity",
        "slug": "What you need",
        "source": "Before",
        "state": "Where it stands",
        "submitted_at": "Sent",
        "submitted_by_id": "Who sent it",
        "target": "Now",
        "team_id": "Team",
        "access_words": "What you need to take part",
        "goal_words": "What you hope for",
        "communication_words": "How to talk and write with you",
        "safe_yes_words": "What makes it safe for them to say yes",
        "heads_up": "What to look out for",
        "requested_at": "We asked them",
        "due_on": "By when",
        "owner": "Who does it",
        "presence": "Were you there",
        "proof": "How you showed who you are",
        "proof_seen_at": "When you showed who you are",
        "months_more": "Months that it takes longer",
        "way": "How it came",
        "needs_asked_on": "When we asked what you need",
        "content": "What was said",
        "ground": "Why they may",
        "done_at": "Done",
        "said_by": "Whose decision it was",
        "contact_notes": "Notes on how to reach you",
        "ward_code": "Ward",
        "wording_version": "Version of our words",
        "reason_person": "Why, in your words",
        "reason_referrer": "Why, in the words of whoever referred you",
        "may_answer": "Who may answer the phone",
    }
)
_OF_TABLES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("actions", "words"): "What",
        ("needs", "words"): "In your words",
        ("goals", "words"): "In your words",
        ("support_requests", "source"): "How it came",
        ("rights_requests", "kind"): "What you asked",
        ("consents", "how"): "How you agreed",
        ("rights_requests", "how"): "How it came",
        ("proxies", "account_id"): "Who may act for you",
        ("proxies", "how"): "How you let them",
        ("proxies", "understands"): "You are under 16, we talked about it, and you understand what it means",
        ("proxies", "given_by"): "Who wrote it down",
        ("contact_attempts", "channel"): "How",
        ("contact_attempts", "outcome"): "What came of it",
        ("drafts", "account_id"): "Who began it",
        ("emergency_looks", "account_id"): "Who opened it",
    }
)
# The fields that name needs, by slug.
NEEDS = ("slug", "need_slug", "need_slugs")
# What is said of somebody to their team, said to them.
_EPISODES = {**EPISODE_WORDS, EpisodeState.PERSON_DECLINED: "you said no"}
_NEEDS = {**NEED_WORDS, NeedState.MET: "met, in your own view", NeedState.DROPPED: "no longer wanted by you"}
_OUTCOMES = {**OUTCOME_WORDS, Outcome.CALL_BACK: "you asked us to ring again"}
_SOURCES = {
    RequestSource.SELF: "you asked yourself",
    RequestSource.SOMEONE_ELSE: "somebody asked for you",
    RequestSource.PARTNER: "you were referred",
    RequestSource.PHONE: "you rang us",
}
_ANSWERED_BY = {
    CompletedBy.PERSON: "you did, by yourself",
    CompletedBy.WITH_LINK_WORKER: "you did, together with us",
    CompletedBy.PROXY: "somebody answered for you",
}
_SAID_BY = {
    Mover.PERSON: "yours",
    Mover.REFERRER: "whoever referred you",
    Mover.CLOCK: "nobody's: the time was over",
    Mover.RULE: "nobody's: it follows from a rule",
}
_TAKEN_BACK = {
    MoveKind.UNDO_CLOSE: "that it was over was taken back",
    MoveKind.ENTERED_IN_ERROR: "this was a mistake",
}
# What a message was about, by its template; to whom it went, where that was not the person.
_MESSAGES = {
    "answer-code": "a code, to the group",
    "concern-raised": "a worry about you, to whoever decides",
    "concern-unheard": "a worry about you that nobody had taken up, to whoever decides",
    "concern-waiting": "a worry about you that waited, to whoever decides",
    "glass-broken": "your record was opened in an emergency, to our data protection officer",
    "help-nudge": "please answer about your offer to help, to the group",
    "help-offered": "you offered to help, to the group",
    "help-over": "you changed your mind about helping, to the group",
    "letter": "what your link worker wrote to you",
    "message-waiting": "a message to read online",
    "plan-ready": "something to read online",
    "proxy-given": "somebody may act for you, to them",
    "questions": "a few questions about how you are",
    "referral-accepted": "thanks, to the group",
    "referral-delete": "please delete what you have, to the group",
    "referral-heads-up": "somebody may come, to the group",
    "referral-new": "whether there is a place, to the group",
    "referral-nudge": "please answer, to the group",
    "request-delete": "please delete what you have, to whoever was told",
    "request-feedback": "what came of it, to whoever referred you",
    "request-question": "a question, to whoever referred you",
    "request-received": "we have what you asked for",
    "rights-asked": "you asked something about your record, to our data protection officer",
    "session-moved": "a session that moved",
    "session-off": "a session that was called off",
    "session-on": "a session that takes place after all",
}
# What features above this one write down.
_GROUNDS = {
    "own-word": "you told us so yourself",
    "parent": "you are under 16, and this is a parent or guardian",
    "court": "a court, or a registered lasting power of attorney",
}
_BY_YOURSELF = {"online, by themself": "online, by yourself"}
_MOVES = (("episode_events", _EPISODES), ("need_events", _NEEDS), ("referral_events", REFERRAL_WORDS))
# What a code means, by table and field.
_CODES: Mapping[tuple[str, str], Mapping[Any, str]] = MappingProxyType(
    {
        **{(table, name): words for table, words in _MOVES for name in ("source", "target")},
        **{(table, "said_by"): _SAID_BY for table, _words in _MOVES},
        ("actions", "owner"): {"person": "you", "link-worker": "your link worker"},
        ("consents", "purpose"): OWN_PURPOSE_WORDS,
        ("consents", "how"): _BY_YOURSELF,
        ("contact_attempts", "channel"): CHANNEL_WORDS,
        ("contact_attempts", "direction"): {"outbound": "we did", "inbound": "you did"},
        ("contact_attempts", "outcome"): _OUTCOMES,
        ("episodes", "close_reason"): REASON_WORDS,
        ("episodes", "state"): _EPISODES,
        ("episodes", "priority"): PRIORITY_WORDS,
        ("episodes", "own_priority"): PRIORITY_WORDS,
        ("measurements", "completed_by"): _ANSWERED_BY,
        ("measurements", "instrument"): {key: one.name for key, one in INSTRUMENTS.items()},
        ("measurements", "mode"): MODE_WORDS,
        ("measurements", "not_today_reason"): OWN_NOT_TODAY,
        ("measurements", "point"): POINT_WORDS,
        ("messages", "about"): _MESSAGES,
        ("needs", "state"): _NEEDS,
        ("proxies", "ground"): _GROUNDS,
        ("proxies", "how"): _BY_YOURSELF,
        ("episode_events", "reason"): {**REASON_WORDS, **_TAKEN_BACK},
        ("episode_events", "kind"): _TAKEN_BACK,
        ("referral_events", "kind"): _TAKEN_BACK,
        ("referral_events", "reason"): {**DECLINE_WORDS, JoinMode.TURN_UP: JOIN_WORDS[JoinMode.TURN_UP]},
        ("referrals", "decline_reason"): DECLINE_WORDS,
        ("referrals", "join_mode"): JOIN_WORDS,
        ("referrals", "state"): REFERRAL_WORDS,
        ("rights_requests", "kind"): KIND_WORDS,
        ("rights_requests", "sent_by"): SENT_WORDS,
        ("rights_requests", "way"): WAY_WORDS,
        ("support_requests", "source"): _SOURCES,
    }
)


def label(table: str, name: str) -> str:
    """What a field of a table is called."""
    return _OF_TABLES.get((table, name)) or _LABELS.get(name) or say_field(name.removesuffix("_id"))


def codes_of(table: str, name: str) -> Mapping[Any, str]:
    """What each code of a field means; empty where it holds none that we know."""
    return _CODES.get((table, name), {})


def plain(code: Any) -> Any:
    """A code without what joins its words, where nothing better is known of it."""
    return (
        code.replace("-", " ") if isinstance(code, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", code) else code
    )


def say_field(name: str) -> str:
    """A field's name as people read it."""
    return name.replace("_", " ").capitalize()


def say(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        said = ((say_field(str(name)), say(each)) for name, each in value.items())
        return "; ".join(f"{name}: {each}" for name, each in said if each)
    if isinstance(value, list):
        return ", ".join(filter(None, map(say, value)))
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value) if value[:4].isdecimal() and len(value) >= 10 else None
        except ValueError:
            moment = None
        if moment is not None:
            return say_date(moment.date()) if len(value) == 10 else say_moment(moment, clock.today())
        return value
    return "" if value is None else str(value)
