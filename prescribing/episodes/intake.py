"""Taking a request for support in: a person, what they asked for, and the episode that begins."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.accounts.rules import Guess
from core.audit import services as audit
from core.errors import Invalid, Refused, Throttled, Unavailable
from core.geography import queries as geography
from core.references.drawing import free_reference
from core.settings import current_settings
from prescribing.episodes import known, services
from prescribing.episodes.content import RequestContent, from_text, to_text
from prescribing.episodes.models import Episode, RequestSource, SupportRequest
from prescribing.episodes.moves import BasedOnReason, Mover
from prescribing.episodes.plan import raise_need
from prescribing.episodes.queries import is_supported
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState, Priority
from prescribing.episodes.scope import episode_for_update, own_episode_for_update
from prescribing.people import notices
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Partner, Person, RecipientKind, Team
from prescribing.people.notices import Notice
from prescribing.people.rules import AgeBand, Ask, Problem, check_birth_date, problems_with
from prescribing.people.safe_contact import Channel, message_way

# Who asks, for the rules: whoever asks for somebody else refers them.
_MOVER = {
    RequestSource.SELF: Mover.PERSON,
    RequestSource.PHONE: Mover.PERSON,
    RequestSource.SOMEONE_ELSE: Mover.REFERRER,
    RequestSource.PARTNER: Mover.REFERRER,
}
# Which parts of a request are the person's own record from the start.
_PERSON_TEXTS = (
    *("name", "preferred_name", "phone", "mobile", "email", "address", "postcode", "access_needs"),
    *(
        "communication_needs",
        "interpreter",
        "carer",
        "safeguarding",
        "risks",
        "nhs_number",
        "gp_practice",
        "ethnicity",
        "gender",
    ),
)


def submit_request(
    session: Session,
    actor: Actor,
    content: RequestContent,
    source: RequestSource,
    *,
    partner_id: UUID | None = None,
    sent_for: UUID | None = None,
    team_id: UUID | None = None,
    priority: Priority = Priority.ROUTINE,
    draft: bool = False,
    same_as: UUID | None = None,
    apart: bool = False,
) -> tuple[SupportRequest, Episode]:
    """Take in a request: the person, the request as it was sent, and its episode, submitted unless it is a draft.

    A partner's request names the partner, in which the actor refers; `sent_for` is the partner for which somebody of
    the team takes in what it sent by email. Without `team_id` the team is the one of the
    person's ward, or the only one. `same_as` is an earlier request of the partner's own about the same person, `apart`
    says that it is somebody else who looks alike. Raises `Invalid` naming the field, `Refused` for a partner that is
    not the actor's, `NotFound` for an earlier request that is not.
    """
    _check(content, source, draft=draft)
    partner = _partner(session, actor, source, partner_id)
    content = _with_partner(content, partner, actor) if partner is not None else content
    team = _team(session, content, team_id)
    person = None if draft or same_as is None else known.person_of_own(session, actor, same_as)
    if person is None:
        person = people.make_person(session, actor, team.id, _change(content), unsent=draft)
    else:
        team = person.team
    if not draft:
        _flag(session, actor, person, content, apart=apart)
    request = SupportRequest(
        reference=free_reference(session, SupportRequest.reference),
        source=source,
        partner_id=partner.id if partner is not None else sent_for,
        submitted_by_id=actor.account_id,
        team_id=team.id,
        need_slugs=list(content.need_slugs),
        has_risk=content.has_risk,
        content=to_text(content),
    )
    session.add(request)
    session.flush()
    episode = Episode(
        reference=request.reference,
        support_request_id=request.id,
        person_id=person.id,
        team_id=team.id,
        state=EpisodeState.DRAFT,
        priority=priority,
    )
    services.begin(session, actor, episode, frozenset({_MOVER[source]}))
    if not draft:
        _submit(session, actor, request, episode, content)
    return request, episode


def change_draft(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    content: RequestContent,
    *,
    expected_version: int,
    send: bool,
    same_as: UUID | None = None,
    apart: bool = False,
) -> Episode:
    """Keep what a partner typed into its own draft, and send it if `send`. Raises `Refused` once it was sent.

    `same_as` and `apart` as for `submit_request`.
    """
    episode = own_episode_for_update(session, actor, episode_id, expected_version)
    request = episode.support_request
    if episode.state is not EpisodeState.DRAFT:
        raise Refused("This was sent already. You can add to it when we ask for more.")
    _check(content, request.source, draft=not send)
    partner = _partner(session, actor, request.source, request.partner_id)
    content = _with_partner(content, partner, actor) if partner is not None else content
    request.content, request.need_slugs, request.has_risk = (
        to_text(content),
        list(content.need_slugs),
        content.has_risk,
    )
    people.change_unsent(session, episode.person, _change(content))
    session.flush()
    audit.record(session, actor, "request.draft", "support_request", request.id)
    if send:
        if same_as is not None:
            _join_own(session, actor, episode, same_as)
        _flag(session, actor, episode.person, content, apart=apart)
        _submit(session, actor, request, episode, content)
    return episode


def start_again(
    session: Session, actor: Actor, episode_id: UUID, reason: BasedOnReason, words: str
) -> Episode:
    """A new episode for somebody whose last one has closed, linked to it: closed ones do not reopen.

    `words` are the person's own. Raises `Refused` while any of theirs is open, and after a death.
    """
    old = episode_for_update(session, actor, episode_id)
    if old.state not in EPISODE_CLOSED or old.person.died_at is not None:
        raise Refused("Support starts again once it has closed, and while the person lives.")
    if is_supported(session, old.person_id):
        raise Refused("They have support that is open already. Write what they want now there.")
    if not words.strip():
        raise Invalid("Write down what they want now, in their own words.", "words")
    content = RequestContent(name=old.person.name or "", reason_person=words.strip())
    request = SupportRequest(
        reference=free_reference(session, SupportRequest.reference),
        source=RequestSource.PHONE,
        submitted_by_id=actor.account_id,
        team_id=old.team_id,
        need_slugs=[],
        has_risk=True if old.person.risks else (False if old.person.no_known_risks else None),
        content=to_text(content),
    )
    session.add(request)
    session.flush()
    episode = Episode(
        reference=request.reference,
        support_request_id=request.id,
        person_id=old.person_id,
        team_id=old.team_id,
        state=EpisodeState.DRAFT,
        priority=Priority.ROUTINE,
        based_on_id=old.id,
        based_on_reason=reason,
    )
    services.begin(session, actor, episode, frozenset({Mover.PERSON}))
    _submit(session, actor, request, episode, content)
    return episode


def add_information(session: Session, actor: Actor, episode_id: UUID, words: str) -> Episode:
    """Let a partner answer what we asked about its own request; the request itself stays as it was sent.

    Raises `Refused` unless we are waiting for it.
    """
    episode = own_episode_for_update(session, actor, episode_id)
    if episode.state is not EpisodeState.NEEDS_INFO:
        raise Refused("We are not waiting for more about this one. Ring us if something has changed.")
    if not words.strip():
        raise Invalid("Write down what we asked for.", "words")
    return services.hear_from_referrer(session, actor, episode, words.strip())


def content_of(request: SupportRequest) -> RequestContent:
    """The request as it was sent."""
    return from_text(request.content or '{"name": ""}')


def problems(content: RequestContent, source: RequestSource) -> tuple[Problem, ...]:
    """All that must be mended before this request can be sent; empty when it can."""
    ask = Ask(
        name=content.name,
        ways=content.ways,
        for_someone_else=source is RequestSource.SOMEONE_ELSE,
        knows_and_agrees=content.knows_and_agrees,
        whom_to_ring=content.whom_to_ring,
        asker_phone=content.referrer_contact,
        born=None if source is RequestSource.PARTNER else content.born,
        says_under_16=content.age_group == AgeBand.UNDER_16,
    )
    found = list(problems_with(ask, clock.today()))
    if content.born is not None:
        try:
            check_birth_date(content.born, clock.today())
        except Invalid as wrong:
            found.append(Problem(wrong.field or "", wrong.message))
    if source is RequestSource.PARTNER:
        if content.has_risk is None:
            found.append(Problem("risks", "Say what the risks are, or choose “no known risks”."))
        if not content.consent_how.strip() and not content.consent_why_not.strip():
            found.append(Problem("consent_how", "Say how the person agreed, or why they were not asked."))
    return tuple(found)


def _check(content: RequestContent, source: RequestSource, *, draft: bool) -> None:
    if not draft:
        for problem in problems(content, source):
            raise Invalid(problem.message, problem.field)
    elif not content.name.strip():
        raise Invalid("Enter a name, so that you can find the draft again.", "name")


def _partner(
    session: Session, actor: Actor, source: RequestSource, partner_id: UUID | None
) -> Partner | None:
    if source is not RequestSource.PARTNER:
        return None
    if partner_id is None or (actor.kind != "system" and partner_id not in actor.partner_ids()):
        raise Refused("Choose the organisation that you refer for.")
    return session.get_one(Partner, partner_id)


def _with_partner(content: RequestContent, partner: Partner, actor: Actor) -> RequestContent:
    return replace(
        content,
        referrer_organization=content.referrer_organization or partner.name,
        referrer_name=content.referrer_name or actor.name,
    )


def _team(session: Session, content: RequestContent, team_id: UUID | None) -> Team:
    teams = session.scalars(select(Team).order_by(Team.created_at, Team.id)).all()
    if not teams:
        raise Unavailable("No team is set up to take requests.")
    if team_id is not None:
        return next(team for team in teams if team.id == team_id)
    if len(teams) == 1 or not content.postcode:
        return teams[0]
    place = geography.locate(session, content.postcode)
    ward = place.ward_code if isinstance(place, geography.Place) else None
    return next((team for team in teams if ward in team.ward_codes), teams[0])


def _flag(session: Session, actor: Actor, person: Person, content: RequestContent, *, apart: bool) -> None:
    """Flag the record for safety where the request says so, and at once the one that it is very likely about: that is
    the one thing that waits for nobody's word, since a message to the home may be read there today."""
    if not content.flagged_for_safety:
        return
    people.flag_for_safety(session, actor, person)
    alike = None if apart else known.sure_person(session, person.team_id, content)
    if alike is not None:
        people.flag_for_safety(session, actor, alike)


def _join_own(session: Session, actor: Actor, episode: Episode, same_as: UUID) -> None:
    """By the sender's word the request is about somebody whom they sent before; the draft's own record goes."""
    drafted, found = episode.person, known.person_of_own(session, actor, same_as)
    if found.id == drafted.id:
        return
    episode.person, episode.team_id, episode.support_request.team_id = found, found.team_id, found.team_id
    session.flush()
    session.delete(drafted)
    session.flush()


def take_apart(
    session: Session, actor: Actor, episode_id: UUID, *, expected_version: int | None = None
) -> Episode:
    """Give a request a record of its own: a coordinator says that it is not about whom it was put with.

    Raises `Refused` once it was decided, and where the record is its own already.
    """
    episode = known.undecided(session, actor, episode_id, expected_version)
    if not any(each.joined for each in known.known_people(session, actor, episode_id)):
        raise Refused("This request has a record of its own already.")
    made = people.make_person(session, actor, episode.team_id, _change(content_of(episode.support_request)))
    known.part(session, actor, episode, made)
    return episode


def _change(content: RequestContent) -> people.PersonChange:
    texts = {name: getattr(content, name) for name in _PERSON_TEXTS if getattr(content, name)}
    return people.PersonChange(
        texts=texts,
        born=content.born,
        contact=content.safe_contact,
        no_known_risks=bool(content.no_known_risks) and not content.risks.strip(),
        flagged_for_safety=content.flagged_for_safety,
    )


def _submit(
    session: Session, actor: Actor, request: SupportRequest, episode: Episode, content: RequestContent
) -> None:
    mover = frozenset({_MOVER[request.source]})
    services.shift(session, actor, episode, EpisodeState.SUBMITTED, movers=mover)
    episode.submitted_at = clock.now()
    person = session.get_one(Person, episode.person_id)
    person.unsent = False
    for slug in dict.fromkeys(content.need_slugs):
        raise_need(session, actor, episode, slug, movers=mover)
    how = content.consent_how or ("asked for it online" if request.source is RequestSource.SELF else "")
    if request.source is RequestSource.PHONE:
        how = content.consent_how or "by phone"
    if request.source is RequestSource.SOMEONE_ELSE:
        how = "told whoever asked for them"
    if how:
        people.record_consent(
            session,
            actor,
            person,
            recipient_kind=RecipientKind.TEAM,
            recipient_id=episode.team_id,
            purpose=ConsentPurpose.SUPPORT,
            fields=("request",),
            how=how,
        )
    if content.share_feedback and request.partner_id is not None:
        people.record_consent(
            session,
            actor,
            person,
            recipient_kind=RecipientKind.PARTNER,
            recipient_id=request.partner_id,
            purpose=ConsentPurpose.FEEDBACK_TO_REFERRER,
            fields=("outcome",),
            how=how or "told whoever referred them",
        )
    _confirm(session, request, person, content)
    session.flush()


def _confirm(session: Session, request: SupportRequest, person: Person, content: RequestContent) -> None:
    """Say that it arrived, where a message is safe: never more than the reference and our number."""
    if request.source not in {RequestSource.SELF, RequestSource.PHONE}:
        return
    settings = current_settings()
    notice = Notice("request-received", person.id, {"reference": request.reference, "phone": settings.phone})
    contact = content.safe_contact
    way = message_way(contact, mobile=bool(content.mobile))
    if way is None:
        return
    to = content.mobile if way is Channel.TEXT else contact.email
    # A request counts though it is not confirmed: its reference is on the page too.
    with suppress(Throttled):
        notices.write(session, way, to, notices.manner_of(content), notice, guess=Guess.SENDING)
