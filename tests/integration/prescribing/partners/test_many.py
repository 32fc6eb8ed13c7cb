"""A partner refers many people from a spreadsheet: checked first, each once, what is wrong kept to mend."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit.models import AuditEntry
from prescribing.episodes.models import Episode, SupportRequest
from prescribing.people.models import Person
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import referrer

HEADING = "Name,Phone,Date of birth,Why,Risks,Agreed,Sent before\n"
GOOD = (
    "Margaret Hall,1614960001,27/3/1948,Often alone,none,by phone,\n"
    "Sam Marsh,0161 496 0002,,New here,none,in writing,\n"
)
BAD = "Pat Hale,,30/2/1960,,,,\n"


def test_a_list_is_checked_then_sent_once_and_the_rest_kept_to_mend(
    session: Session, make_client: MakeClient
) -> None:
    walk.team(session)
    client = signed_in(session, make_client, referrer(session))
    path = "/requests/many"
    assert "spreadsheet" in words(client.get("/requests"))
    template = client.get(f"{path}/template.csv").get_data(as_text=True)
    assert template.startswith("\ufeffName,Phone")
    assert "Choose a file, or paste the rows" in words(send(client, path, then="check"))
    assert "must name the columns" in words(send(client, path, rows="Sam,0161", then="check"))

    count = select(func.count()).select_from(Episode)
    data = (HEADING + GOOD + BAD).encode("cp1252")
    page = words(send(client, path, file=(BytesIO(data), "list.csv"), then="check"))
    assert "2 ready to send, 1 to mend" in page
    for mend in ("Give one safe way", "Date of birth must be a real date", "no known risks"):
        assert mend in page
    assert session.scalar(count) == 0

    page = words(send(client, path, rows=HEADING + GOOD + BAD, then="send"))
    assert "2 sent. 1 left to mend" in page
    assert "Pat Hale,,30/2/1960" in page
    assert "Sam Marsh,0161" not in page
    page = words(send(client, path, rows=HEADING + GOOD, then="send"))
    assert "Nothing sent. 2 sent before." in page
    assert page.count("Sent before") == 2
    session.expire_all()
    assert session.scalar(count) == 2
    assert session.scalar(select(func.count()).where(AuditEntry.action == "request.bulk")) == 2
    assert {row.phone for row in session.scalars(select(Person))} == {"01614960001", "0161 496 0002"}


def test_what_somebody_needs_has_columns_of_its_own(session: Session, make_client: MakeClient) -> None:
    walk.team(session)
    client = signed_in(session, make_client, referrer(session))
    heading = "Name,Phone,Risks,Agreed,Communication needs,Interpreter,Access needs\n"
    rows = (
        "Margaret Hall,0161 496 0001,none,by phone,Large print,Urdu,No stairs\n"
        "Pat Hale,0161 496 0002,none,by phone,,none,\n"
    )
    send(client, "/requests/many", rows=heading + rows, then="send")
    before = "Name,Phone,Risks,Agreed,Communication and access needs\n"
    row = "Sam Marsh,0161 496 0003,none,by phone,An interpreter for Polish\n"
    send(client, "/requests/many", rows=before + row, then="send")
    assert {
        person.name: (person.communication_needs, person.interpreter, person.access_needs)
        for person in session.scalars(select(Person))
    } == {
        "Margaret Hall": ("Large print", "Urdu", "No stairs"),
        "Pat Hale": (None, None, None),
        "Sam Marsh": (None, "Polish", "An interpreter for Polish"),
    }


def test_a_list_says_what_to_write_and_what_it_leaves_out(session: Session, make_client: MakeClient) -> None:
    walk.team(session)
    client = signed_in(session, make_client, referrer(session))
    path = "/requests/many"
    whole = send(client, path, file=(BytesIO(b"PK\x03\x04\x14\x00"), "list.xlsx"), then="check")
    assert "save it as CSV" in words(whole)
    assert "PK" not in whole.text
    template = client.get(f"{path}/template.csv").get_data(as_text=True)
    assert "the example of the template" in words(send(client, path, rows=template, then="send"))
    assert session.scalars(select(Person)).all() == []
    heading = "Name,Phone,Risks,Agreed,What would help,Allergies,Shoe size\n"
    rows = "Pat Hale,0161 496 0004,none,verbal,knitting,nuts,\nSam Marsh,0161 496 0005,none,Face-to-face,,,\n"
    page = words(send(client, path, rows=heading + rows, then="check"))
    assert "1 ready to send, 1 to mend" in page
    assert "“Agreed” cannot be “verbal”. Write “face to face”, “by phone”" in page
    assert "“What would help” cannot be “knitting”. Write one of:" in page
    assert "not there any more" not in page
    assert "What stands under “Allergies” is not sent" in page
    assert "Shoe size" not in page.partition("The rows, to mend here")[0]


def test_what_cannot_be_kept_as_written_is_never_ready(session: Session, make_client: MakeClient) -> None:
    walk.team(session)
    client = signed_in(session, make_client, referrer(session))
    heading = "Name,Phone,Date of birth,Risks,Agreed,Someone at home must not know\n"
    rows = (
        "Pat Hale,0161 496 0004,,none,by phone,yes - husband\n"
        "Sam Marsh,0161 496 0005,1/1/2199,none,by phone,\n"
        "Moor, Kim,0161 496 0006,,none,by phone,no\n"
    )
    page = words(send(client, "/requests/many", rows=heading + rows, then="check"))
    assert "Nothing is ready to send. 3 to mend." in page
    assert "“Someone at home must not know” cannot be “yes - husband”. Write “yes” or “no”." in page
    assert "A date of birth cannot be in the future" in page
    assert "more cells than the heading" in page


def test_a_list_in_the_spreadsheets_own_letters_is_read_and_ends_somewhere(
    session: Session, make_client: MakeClient
) -> None:
    walk.team(session)
    client = signed_in(session, make_client, referrer(session))
    data = (HEADING + GOOD).replace(",", "\t").encode("utf-16")
    page = words(send(client, "/requests/many", file=(BytesIO(data), "list.txt"), then="check"))
    assert "2 ready to send" in page
    page = words(send(client, "/requests/many", rows=HEADING + GOOD, then="send"))
    assert "2 sent." in page
    assert "Refer more people" in page
    assert "The rows" not in page
    page = words(send(client, "/requests/many", rows=HEADING + GOOD, then="check"))
    assert "Nothing is ready to send. 2 sent before." in page
    assert "Refer more people" in page
    cut = (HEADING + GOOD).encode("utf-16")[:-1]
    page = words(send(client, "/requests/many", file=(BytesIO(cut), "list.txt"), then="check"))
    assert "must name the columns" not in page


def test_somebody_who_was_sent_already_is_asked_about_in_the_list_too(
    session: Session, make_client: MakeClient
) -> None:
    walk.team(session)
    client = signed_in(session, make_client, referrer(session))
    path = "/requests/many"
    send(client, path, rows=HEADING + GOOD, then="send")
    reference = session.scalars(select(SupportRequest.reference).order_by(SupportRequest.id)).first()
    again = "Maggie Hall,0161 496 0003,27/3/1948,Still alone,none,by phone,"
    page = words(send(client, path, rows=f"{HEADING}{again}\n", then="send"))
    assert f"You may have sent them already: {reference}" in page
    rest = "1/2/1960,Why,none,by phone,\n"
    both = f"{HEADING}Pat Hale,0161 496 0004,{rest}P Hale,0161 496 0005,{rest}"
    assert "the same person as in line 2" in words(send(client, path, rows=both, then="check"))
    assert "1 sent" in words(send(client, path, rows=f"{HEADING}{again}{reference}\n", then="send"))
    assert "1 sent" in words(
        send(client, path, rows=f"{HEADING}M Hall,0161 496 0006,27/3/1948,Why,none,by phone,no", then="send")
    )
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Episode)) == 4
    assert session.scalar(select(func.count()).select_from(Person)) == 3
