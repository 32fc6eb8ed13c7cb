"""A link worker's day, for the access matrix."""

from __future__ import annotations

from datetime import timedelta

from core import clock
from core.access.rules import Role
from core.calendar.rules import next_working_day
from prescribing.caseloads.services import arrange_cover
from prescribing.concerns.services import raise_concern
from prescribing.episodes import closing
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.listing_notes.services import add_note
from tests import build, build_directory
from tests.contract.subjects import Cell, Subject, subject
from tests.contract.subjects_episodes import active, by_episode, coordinator, created, team_of

AHEAD = {"day": "1", "month": "3", "year": "2099"}


@subject("episodes.put_off", "episodes.do_put_off")
def _to_put_off(cell: Cell) -> Subject:
    day = next_working_day(clock.today() + timedelta(days=2))
    return by_episode(
        active(cell),
        **{"until-day": str(day.day), "until-month": str(day.month), "until-year": str(day.year)},
    )


@subject("caseloads.one", "caseloads.hand_over", "caseloads.cover")
def _caseload(cell: Cell) -> Subject:
    episode = active(cell)
    colleague = build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    return Subject(
        {"account_id": episode.link_worker_id},
        form=created(
            people=str(episode.id),
            to_id=str(colleague.account_id),
            note="Ring in the mornings",
            stand_in_id=str(colleague.account_id),
            **{f"{name}-{part}": text for name in ("first_day", "last_day") for part, text in AHEAD.items()},
        ),
    )


@subject("caseloads.end_cover")
def _cover(cell: Cell) -> Subject:
    team_id = team_of(cell)
    away, here = (build.actor(cell.session, Role.LINK_WORKER, place_id=team_id) for _ in range(2))
    assert away.account_id is not None
    assert here.account_id is not None
    day = clock.today()
    made = arrange_cover(
        cell.session, coordinator(cell.session, team_id), away.account_id, here.account_id, day, day
    )
    return Subject({"cover_id": made.id})


@subject("caseloads.handed_over")
def _handed_over(cell: Cell) -> Subject:
    return by_episode(active(cell))


@subject("begun.keep")
def _begun(cell: Cell) -> Subject:
    return Subject({"episode_id": active(cell).id, "form": "contact"}, form={"note": "She laughed"})


@subject("concerns.tell")
def _to_tell(cell: Cell) -> Subject:
    return Subject(form=created(person_id=str(active(cell).person_id), seen="A bruise"))


@subject("concerns.show", "concerns.take_up", "concerns.done")
def _concern(cell: Cell) -> Subject:
    episode = active(cell)
    who = coordinator(cell.session, episode.team_id)
    made = raise_concern(cell.session, who, episode.person_id, "A bruise on her arm")
    return Subject({"concern_id": made.id}, form={"done": "The police have seen her"})


@subject("listing_notes.show", "listing_notes.add")
def _listing(cell: Cell) -> Subject:
    return Subject({"service_id": build_directory.listing(cell.session)}, form=created(words="Ring Dave"))


@subject("listing_notes.take_down")
def _note(cell: Cell) -> Subject:
    who = coordinator(cell.session, team_of(cell))
    return Subject(
        {"note_id": add_note(cell.session, who, build_directory.listing(cell.session), "Ring Dave").id}
    )


@subject("gp_record.show")
def _gp_record(cell: Cell) -> Subject:
    return by_episode(active(cell))


@subject("deaths.ask", "deaths.undo")
def _died(cell: Cell) -> Subject:
    episode = active(cell)
    other = coordinator(cell.session, episode.team_id)
    closing.close(cell.session, other, episode.id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED)
    return Subject({"person_id": episode.person_id}, form={"reason": "It was her neighbour"})


@subject("letters.choose")
def _letters(cell: Cell) -> Subject:
    return by_episode(active(cell))


@subject("letter_versions.home")
def _versions(_cell: Cell) -> Subject:
    return Subject(query={"language": "ur"})


@subject("letter_versions.edit", "letter_versions.save")
def _version(_cell: Cell) -> Subject:
    return Subject(
        {"language": "so", "medium": "message", "kind": "tried"},
        form={
            "version": "0",
            "words": "Wac {writer} {phone}.",
            "translated_by": "The translators",
            "checked_by": "Asha",
            "then": "keep",
        },
    )


@subject("letters.write", "letters.send", "letters.ask")
def _letter(cell: Cell) -> Subject:
    episode = active(cell)
    episode.person.email, episode.person.interpreter = "post@person.example", "Somali"
    return Subject(
        {"episode_id": episode.id, "kind": "tried"},
        query={"by": "email"},
        form=created(by="email", words="Please ring us."),
    )
