"""How far people get, in figures that point at nobody."""

from __future__ import annotations

import pytest

from core import small_numbers
from core.page_feedback.rules import EASE_WORDS, Ease
from core.steps.rules import Step, StepShown, Task, by_answer, shown

TASK = Task(
    "ask",
    "Ask",
    (Step("begin", "The form", "ask.form"), Step("done", "Sent", "ask.send", "POST", 303)),
)


def test_an_answer_reaches_a_step() -> None:
    again = Task("other", "Other", (Step("form", "The form", "ask.form"),))
    assert by_answer((TASK, again)) == {
        ("ask.form", "GET", 200): [("ask", "begin"), ("other", "form")],
        ("ask.send", "POST", 303): [("ask", "done")],
    }


def test_small_figures_are_hidden_and_others_rounded() -> None:
    (many,) = shown((TASK,), {("ask", "begin"): 42, ("ask", "done"): 13})
    assert many.steps == (StepShown("The form", 40, 100), StepShown("Sent", 15, 38))
    (few,) = shown((TASK,), {("ask", "begin"): 42, ("ask", "done"): 7})
    assert few.steps[1] == StepShown("Sent", "*", "*")
    (none,) = shown((TASK,), {})
    assert none.steps[0] == StepShown("The form", 0, None)


def test_a_share_of_what_is_shown() -> None:
    assert small_numbers.share(45, 40) == 100
    assert small_numbers.share(5, "*") == "*"
    with pytest.raises(ValueError, match="less than nothing"):
        small_numbers.suppress(-1)


def test_every_answer_has_words() -> None:
    assert set(EASE_WORDS) == set(Ease)
