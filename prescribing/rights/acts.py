"""What each act of the trail means, in words that the person whose record it is can read. Pure.

A test walks every act that prescribing writes down: what is not named here fails it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ACTS: Mapping[str, str] = MappingProxyType(
    {
        # The record
        "person.read": "Looked at your record",
        "person.read-own": "You looked at your own record",
        "person.copy": "You took a copy of your record",
        "person.make": "Started your record",
        "person.update": "Changed what we know about you",
        "person.flag": "Marked your record to keep it safe",
        "person.died": "Wrote down that you had died",
        "person.not-died": "Put right that you had not died",
        "person.emergency": "Opened your record in an emergency",
        "person.emergency-over": "Closed your record after an emergency",
        "person.let-in": "Gave you a way in to your own record",
        "person.keep-out": "Closed the way in to your own record",
        "record.delete": "Deleted your record",
        "record.delete-again": "Deleted your record again after old data came back",
        # Asking for support
        "ask.save": "Kept what you had filled in so far",
        "ask.forget": "Threw away what you had filled in but not sent",
        "request.draft": "Began to ask for support for you",
        "request.list": "Looked at a list that you are on",
        "request.read": "Looked at what was asked for you",
        "request.join": "Put two requests of yours together",
        "request.add": "Added a request to the support that you have",
        "request.take-out": "Took a request out of the support that you have",
        "request.part": "Took apart two requests that were put together",
        "triage.read": "Looked at what was asked for you",
        "fhir.create": "A computer of a partner asked for support for you",
        "fhir.update": "A computer of a partner changed what it had asked for you",
        "fhir.read": "A computer of a partner looked at what it had asked for you",
        "fhir-team.read": "A computer of your team looked at your record",
        "fhir-group.read": "A computer of a group looked at what was shared with it",
        # Support
        "episode.read": "Looked at your support",
        "episode.move": "Moved your support on",
        "episode.undo-close": "Opened your support again",
        "episode.entered-in-error": "Marked your support as entered by mistake",
        "episode.allocate": "Gave you a link worker",
        "episode.hand-over": "Gave you another link worker",
        "episode.priority": "Changed how soon you should be seen",
        "episode.put-off": "Set a later day to get back to you",
        "caseload.read": "Looked at a list that you are on",
        "contact.mistake": "Marked a contact with you as a mistake",
        "contact.record": "Wrote down that we talked, or tried to",
        "letter.write": "Wrote to you",
        "need.raise": "Wrote down what you need",
        "need.move": "Wrote down where a need of yours stands",
        "need.close": "Wrote down what became of a need",
        "goal.add": "Wrote down a goal of yours",
        "goal.change": "Changed a goal of yours",
        "action.add": "Wrote down who does what",
        "action.finish": "Ticked off something that was done",
        "action.drop": "Took off something that need not be done any more",
        "plan.give": "Gave you your plan",
        "feedback.send": "Told whoever asked for you how it went",
        "concern.raise": "Said that they were worried about you",
        "concern.take-up": "Took up a worry about you",
        "concern.chase": "Reminded the team of a worry about you that nobody had taken up",
        "concern.close": "Wrote down what became of a worry about you",
        "concern.copy": "Decided whether a worry about you goes into your copy",
        "failures.read": "Looked at what went wrong for you",
        "failure.mark": "Wrote down that something went wrong for you",
        "failure.change": "Wrote down more about what went wrong for you",
        "failure.dismiss": "Wrote down that something did not go wrong",
        # Measures
        "measures.read": "Looked at your answers",
        # Older versions wrote this whenever the questions were opened.
        "measures.ask": "Opened the questions about how things are",
        "measurement.record": "Wrote down how things are for you",
        "measurement.mistake": "Marked answers of yours as a mistake",
        "measurement.send-link": "Sent you questions to answer by yourself",
        # Groups
        "referral.requested": "Asked a group for you",
        "referral.accepted": "Wrote down what a group answered: yes",
        "referral.waitlisted": "Wrote down what a group answered: you are on its waiting list",
        "referral.scheduled": "Set the day of your first visit to a group",
        "referral.started": "Wrote down that you went to a group for the first time",
        "referral.completed": "Wrote down that you kept going to a group",
        "referral.withdrawn": "Took back what was asked of a group",
        "referral.declined": "Wrote down what a group answered: no",
        "referral.expired": "Wrote down that a group did not answer in time",
        "referral.never-started": "Wrote down that you did not go to a group",
        "referral.stopped": "Wrote down that you stopped going to a group",
        "referral.entered-in-error": "Marked something asked of a group as a mistake",
        "referral.read": "Looked at what was shared with a group",
        "referral.link-opened": "A group opened what was shared with it",
        "referral.code-refused": "A group typed a wrong code for what was shared with it",
        "referral.code-read-out": "Read out a code to a group, so that it can answer",
        "referral.nudge": "Reminded a group to answer",
        "referral.ask-link-worker": "Asked your link worker to ring a group",
        "referral.reschedule": "Changed the day of your first visit to a group",
        "referral.listing-wrong": "Wrote down that what we knew of a group was wrong",
        "referral.shut": "Closed what was shared with a group",
        "referral.session-off": "Told you that a session is off",
        "referral.session-moved": "Told you that a session has moved",
        "referral.session-on": "Told you that a session is on again",
        "referral.word": "Wrote down what you say of a group",
        "attendance.record": "Wrote down whether you were there",
        "attendance.correct": "Put right whether you were there",
        "signpost.make": "Told you about something near you",
        "gap.record": "Wrote down that what you need is not there yet",
        # Agreeing
        "consent.give": "Wrote down what you agreed to",
        "consent.withdraw": "Wrote down that you took your agreement back",
        "consent.expire": "What you agreed to came to its end",
        "consent.deletion-confirmed": "Wrote down that a group deleted what it knew of you",
        # Messages, helping, and those who act for the person
        "message.person": "You wrote a message",
        "message.team": "Wrote you a message",
        "message.proxy": "Wrote a message for you",
        "message.change": "You changed something, and your team was told",
        "message.tell": "Told you that a message waits for you",
        "message.read": "Read your messages",
        "help.offer": "You offered to help others",
        "help.take-back": "You took back an offer to help others",
        "help.start": "Wrote down that you help others now",
        "help.put-to-group": "Put your offer to help to a group",
        "help.read": "Saw that you would like to help there",
        "help.answer": "Answered your offer to help",
        "help.link-opened": "A group opened what was shared with it of your offer to help",
        "help.code-refused": "A group typed a wrong code for your offer to help",
        "help.code-read-out": "Read out a code to a group, so that it can see who offers to help",
        "proxy.list": "Saw your name among those for whom they act",
        "proxy.read": "Looked at what is coming for you",
        "proxy.give": "Wrote down who may act for you",
        "proxy.end": "Ended that somebody acts for you",
        # Rights
        "rights.ask": "Took what you asked about your record",
        "rights.read": "Looked at your record to answer what you asked",
        "rights.proof": "Wrote down how you showed who you are",
        "rights.take-longer": "Told you that your answer takes longer",
        "rights.review": "Read your record, to take out words about others before you get your copy",
        "rights.review-emergency": "Checked why your record was opened in an emergency",
        "rights.answer": "Answered what you asked about your record",
        "rights.hold": "Decided that your record must stay",
        "rights.lift": "Decided that your record need not stay any more",
    }
)
_LOOKS = (".read", ".read-own", ".link-opened", ".emergency")
_OTHER = "Did something with your record"


def say_act(action: str) -> str:
    """An act in words; an act of an older version that nothing names any more is not shown by its code."""
    return ACTS.get(_plain(action), _OTHER)


def is_look(action: str) -> bool:
    """Whether somebody only read."""
    return _plain(action).endswith(_LOOKS)


def is_own(action: str) -> bool:
    """Whether it is, by its kind, the person's own look at their own record."""
    return action.endswith(".read-own")


def _plain(action: str) -> str:
    # A computer names the kind of thing that it reads or finds, such as "fhir.read-task" or "fhir-team.search-goal".
    whose, _dot, done = action.partition(".")
    looked = whose.startswith("fhir") and done.startswith(("read-", "search-"))
    return f"{whose}.read" if looked else action
