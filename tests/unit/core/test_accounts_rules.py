"""Guessing is slowed down, codes work once, weak passwords are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.rules import Role
from core.accounts import passwords, rules
from core.accounts.rules import LIMITS, CodeWay, FirstStep, Guess, SecondFactor

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXP" * 2


@pytest.mark.parametrize("role", list(Role))
def test_staff_show_an_app_and_others_a_code(role: Role) -> None:
    others = {Role.RESIDENT, Role.PROXY, Role.GROUP_MEMBER}
    assert rules.second_factor_of([role]) is (SecondFactor.CODE if role in others else SecondFactor.APP)
    assert rules.second_factor_of([role, Role.EDITOR]) is SecondFactor.APP


@pytest.mark.parametrize("guess", list(Guess))
def test_the_wait_starts_after_the_free_tries_and_doubles_to_its_longest(guess: Guess) -> None:
    limit = LIMITS[guess]
    assert rules.wait_before(guess, limit.free - 1, NOW, NOW) == timedelta(0)
    assert rules.wait_before(guess, limit.free, NOW, NOW) == limit.first
    assert rules.wait_before(guess, limit.free + 1, NOW, NOW) == limit.first * 2
    assert rules.wait_before(guess, 10_000, NOW, NOW) == limit.longest
    assert rules.wait_before(guess, 10_000, NOW - limit.longest, NOW) == timedelta(0)
    assert rules.wait_before(guess, 0, None, NOW) == timedelta(0)


@pytest.mark.parametrize("guess", list(Guess))
def test_ten_thousand_guesses_in_a_day_come_to_few(guess: Guess) -> None:
    """Whoever tries again the moment that they may gets this many tries in 24 hours."""
    limit, moment, tries = LIMITS[guess], NOW, [NOW]
    while moment < NOW + timedelta(hours=24):
        recent = [t for t in tries if t > moment - limit.window]
        wait = rules.wait_before(guess, len(recent), recent[-1] if recent else None, moment)
        moment += wait or timedelta(seconds=1)
        if not wait:
            tries.append(moment)
    assert len(tries) < 150


@given(st.sampled_from(Guess), st.integers(0, 500), st.integers(0, 100_000))
def test_more_tries_never_wait_less(guess: Guess, tries: int, seconds: int) -> None:
    last = NOW - timedelta(seconds=seconds)
    assert rules.wait_before(guess, tries, last, NOW) <= rules.wait_before(guess, tries + 1, last, NOW)


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (3600, "60 minutes")]
)
def test_a_wait_is_said_in_whole_minutes(seconds: int, words: str) -> None:
    assert rules.say_wait(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    "password", ["kettle orange ladder", "correct horse battery", "Fenster Kaffee Wolke", "x7#Kq9!mVp2$"]
)
def test_three_random_words_will_do(password: str) -> None:
    assert rules.problem_with_password(password, ("Asha Khan", "asha@example.org")) is None


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "123456789012",
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "ashakhanashakhan",
        "asha@example.org",
        "Liverpool2024!",
    ],
)
def test_common_and_personal_passwords_are_refused(password: str) -> None:
    assert rules.problem_with_password(password, ("Asha Khan", "asha@example.org")) is not None


def test_length_is_counted_in_one_form_of_each_letter() -> None:
    assert rules.same_letters("ﬁ") == "fi"
    assert "12 characters" in (rules.problem_with_password("kettle ora", ()) or "")
    assert "128 characters" in (rules.problem_with_password("kettle " * 30, ()) or "")


class TestPasswords:
    """Argon2id."""

    def test_a_password_matches_its_hash_and_no_other(self) -> None:
        kept = passwords.hash_password("kettle orange ladder")
        assert kept.startswith("$argon2id$")
        assert passwords.matches(kept, "kettle orange ladder")
        assert not passwords.matches(kept, "kettle orange ladders")
        assert not passwords.matches("not a hash", "kettle orange ladder")
        assert not passwords.is_outdated(kept)

    def test_the_same_password_in_other_bytes_matches(self) -> None:
        kept = passwords.hash_password("cafe\u0301 orange ladder")
        assert passwords.matches(kept, "caf\u00e9 orange ladder")

    def test_where_there_is_no_account_the_same_work_is_done(self, monkeypatch: pytest.MonkeyPatch) -> None:
        worked: list[str] = []

        class Counting:
            def verify(self, kept: str, _typed: str) -> bool:
                worked.append(kept.rpartition("$")[0].rpartition("$")[0])
                return True

        kept = passwords.hash_password("kettle orange ladder")
        passwords.matches(None, "anything")
        monkeypatch.setattr(passwords, "_hasher", Counting())
        assert not passwords.matches(None, "a password that belongs to nobody")
        assert passwords.matches(kept, "kettle orange ladder")
        assert worked[0] == worked[1]


class TestAppCodes:
    """Codes of an authenticator app."""

    @given(st.integers(0, 2**31))
    def test_one_step_early_or_late_is_right_and_two_are_not(self, seconds: int) -> None:
        now = datetime.fromtimestamp(seconds + 100, UTC)
        step = int(now.timestamp()) // 30
        for offset in (-1, 0, 1):
            code = pyotp.TOTP(SECRET).generate_otp(step + offset)
            assert rules.totp_step(SECRET, code, now, None) is not None
        near = {pyotp.TOTP(SECRET).generate_otp(step + offset) for offset in (-1, 0, 1)}
        far = pyotp.TOTP(SECRET).generate_otp(step + 2)
        assert (rules.totp_step(SECRET, far, now, None) is None) == (far not in near)

    def test_a_used_step_and_all_before_it_are_wrong(self) -> None:
        step = int(NOW.timestamp()) // 30
        totp = pyotp.TOTP(SECRET)
        assert rules.totp_step(SECRET, totp.generate_otp(step), NOW, step - 1) == step
        assert rules.totp_step(SECRET, totp.generate_otp(step), NOW, step) is None
        assert rules.totp_step(SECRET, totp.generate_otp(step - 1), NOW, step) is None
        assert rules.totp_step(SECRET, totp.generate_otp(step + 1), NOW, step) == step + 1

    @pytest.mark.parametrize("typed", ["", "abcdef", "1234567", "٣٤٥٦٧٨", "½½½½½½"])
    def test_what_is_no_code_is_wrong(self, typed: str) -> None:
        assert rules.totp_step(SECRET, typed, NOW, None) is None

    def test_spaces_and_dashes_are_ours_to_ignore(self) -> None:
        assert rules.digits_of(" 123-456 ") == "123456"


def test_a_session_is_over_when_it_ran_out_or_was_left_alone() -> None:
    hour = timedelta(hours=1)
    assert not rules.is_over(NOW + hour, NOW - hour, None, NOW)
    assert rules.is_over(NOW, NOW, None, NOW)
    assert rules.is_over(NOW + hour, NOW - hour, hour, NOW)
    assert not rules.is_over(NOW + hour, NOW - hour / 2, hour, NOW)


def test_a_number_and_an_address_in_their_own_form() -> None:
    assert rules.hide_number("+447700900123") == "the number ending 123"
    assert rules.same_email("  Asha@EXAMPLE.org ") == "asha@example.org"


@pytest.mark.parametrize(
    ("first", "mobile", "email", "way"),
    [
        (FirstStep.TYPED, True, True, CodeWay.TEXT),
        (FirstStep.TYPED, False, True, None),
        (FirstStep.EMAILED_LINK, True, True, CodeWay.TEXT),
        (FirstStep.EMAILED_LINK, False, True, None),
        (FirstStep.TEXTED_LINK, True, True, CodeWay.EMAIL),
        (FirstStep.TEXTED_LINK, True, False, None),
    ],
)
def test_a_code_never_comes_the_way_the_link_came(
    first: FirstStep, mobile: bool, email: bool, way: CodeWay | None
) -> None:
    assert rules.code_way(first, mobile=mobile, email=email) is way


def test_own_words_go_with_a_link_and_not_with_a_password() -> None:
    assert [rules.takes_own_words(first) for first in FirstStep] == [False, True, True]


def test_own_words_are_the_same_however_a_phone_writes_them() -> None:
    assert rules.same_words(" Kettle  ORANGE ladder ") == "kettle orange ladder"


@pytest.mark.parametrize(
    ("typed", "starts"),
    [
        ("kettle orange ladder", None),
        ("kettle orange", "Enter three words"),
        ("the the the", "Those words are easy"),
        ("a b c", "Those words are easy"),
    ],
)
def test_own_words_are_three_that_nobody_guesses(typed: str, starts: str | None) -> None:
    problem = rules.problem_with_words(typed, "Sam Example")
    assert problem is None if starts is None else str(problem).startswith(starts)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 7700 900 123", "+447700900123"),
        ("12", None),
        ("nobody", None),
    ],
)
def test_a_mobile_is_known_however_it_is_typed(typed: str, number: str | None) -> None:
    assert rules.same_mobile(typed) == number


def test_an_email_address_is_told_from_a_number() -> None:
    assert rules.is_email("sam@example.org")
    assert not rules.is_email("07700 900123")
