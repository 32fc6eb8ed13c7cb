"""How somebody is: asked on their own phone, with one question left out, and read by their link worker."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.journeys.conftest import Arrivals
from tests.journeys.people import LinkWorker, Resident
from tests.journeys.site import Site

TABLET, NARROW = (820, 1180), (320, 640)
# The farthest that words stand from the box of which they speak, in pixels.
NEAR = 24


def test_somebody_answers_on_their_own_phone_and_leaves_one_out(site: Site, arrive: Arrivals) -> None:
    margaret = arrive(Resident, site, "phone")
    margaret.signs_in_as("Margaret Ashworth")
    margaret.presses("Answer the questions")
    scales = margaret.page.locator("fieldset.gt-scale")
    for width, height in (NARROW, (375, 740), TABLET):
        margaret.page.set_viewport_size({"width": width, "height": height})
        margaret.checks_the_frame()
        for number in range(scales.count()):
            the_ends_are_told_at_their_boxes(scales.nth(number))
    margaret.presses("Send my answers")
    margaret.sees("Answer at least one question")
    for number, answer in enumerate(("7", "6", "8")):
        scales.nth(number).get_by_label(answer, exact=True).check()
    scales.nth(3).get_by_label("Leave this one out").check()
    margaret.presses("Send my answers")
    margaret.sees("Thank you")
    margaret.goes_to("/me")
    margaret.sees("Online, you filled it in yourself")

    priya = arrive(LinkWorker, site, "desktop")
    priya.signs_in_as("Priya Nair")
    priya.opens_the_page_of("Margaret")
    priya.follows("All answers, and ask again")
    priya.sees("3 of 4 questions answered. The rest is not guessed.", "they filled it in themselves")


def the_ends_are_told_at_their_boxes(scale: Locator) -> None:
    """What 0 and 10 mean stands beside those boxes, and not above another one."""
    boxes = scale.locator(".gt-scale__step span")
    for words, text in (("0: not at all", "0"), ("10: completely", "10")):
        said = scale.get_by_text(words, exact=True).bounding_box()
        box = boxes.get_by_text(text, exact=True).bounding_box()
        assert said
        assert box
        above, below = box["y"] - (said["y"] + said["height"]), said["y"] - (box["y"] + box["height"])
        assert max(above, below) < NEAR, f"{words!r} stands {max(above, below)} pixels from its box"
