"""Every page by the rules of accessibility that a program can judge, at a desk and where text is very large."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browser.visits import DESK, NAMES, NARROWEST, Visit

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations", "incomplete"], "preload": False}
#: What axe leaves undecided, and why it holds.
SIGNED_OFF = {
    "color-contrast": "it does not judge what is scrolled out of sight, or single characters: the next test does",
}
#: Every element with text of its own: its colour, size and weight, and the colour of the ground it stands on.
TEXTS = """[...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && !e.matches('script, option'))
    .map(e => { let ground = e, style = getComputedStyle(e);
        while (ground && getComputedStyle(ground).backgroundColor.endsWith(', 0)')) ground = ground.parentElement;
        return { text: e.textContent.trim().slice(0, 40), colour: style.color, size: parseFloat(style.fontSize),
            bold: +style.fontWeight >= 700, image: style.backgroundImage,
            ground: ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)' } })"""
#: A4 on paper, less the margins that browsers give it, in CSS pixels.
PAPER_WIDTH, PAPER_HEIGHT = 718, 1047


def _found(results: list[dict[str, Any]]) -> list[str]:
    return [f"{rule['id']}: {node['html'][:120]}" for rule in results for node in rule["nodes"]]


@pytest.mark.parametrize("width", [DESK, NARROWEST])
def test_axe_finds_nothing_and_what_it_leaves_open_is_signed_off(width: int, browser: Browser, address: str) -> None:
    axe = Axe()
    with Visit(browser, address, width) as visit:
        for name in NAMES:
            page = visit.open(name)
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            results = axe.run(page, options=OPTIONS).response
            assert not _found(results["violations"]), name
            undecided = [rule for rule in results["incomplete"] if rule["id"] not in SIGNED_OFF]
            assert not _found(undecided), name
        assert not visit.complaints


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_all_text_stands_out_from_its_ground(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        for name in NAMES:
            texts = visit.open(name).evaluate(TEXTS)
            assert len(texts) > 20
            for text in texts:
                assert text["colour"].startswith("rgb(") and text["image"] == "none", text
                assert _contrast(text["colour"], text["ground"]) >= 4.5, f"{name}: {text}"


def test_contrast_is_that_of_the_guidelines() -> None:
    assert round(_contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)"), 2) == 21
    assert round(_contrast("rgb(118, 118, 118)", "rgb(255, 255, 255)"), 2) == 4.54


def test_titles_are_unique_and_headings_are_in_order(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        titles = []
        for name in NAMES:
            page = visit.open(name)
            titles.append(page.title())
            levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
            assert levels[0] == 1 and levels.count(1) == 1
            assert all(after <= before + 1 for before, after in pairwise(levels)), name
        assert len(set(titles)) == len(NAMES)


def test_links_say_where_they_lead(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        for name in NAMES:
            links = visit.open(name).evaluate("[...document.querySelectorAll('a')].map(a => a.textContent.trim())")
            assert not [text for text in links if not text or text.lower() in ("here", "click here", "more", "link")]


def test_no_figure_is_cut_on_paper(browser: Browser, address: str) -> None:
    with Visit(browser, address, PAPER_WIDTH) as visit:
        for name in NAMES:
            page = visit.open(name)
            page.emulate_media(media="print")
            boxes = page.evaluate(
                "[...document.querySelectorAll('main figure')].map(f => { const b = f.getBoundingClientRect();"
                "return [b.right, b.height, getComputedStyle(f).breakInside] })"
            )
            for right, height, inside in boxes:
                assert right <= PAPER_WIDTH and height <= PAPER_HEIGHT and inside == "avoid", name
            assert page.evaluate("document.documentElement.scrollWidth") <= PAPER_WIDTH, name
            assert page.pdf(format="A4").startswith(b"%PDF")
            page.emulate_media(media="screen")
