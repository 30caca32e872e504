"""The pages as Chromium shows them: at desk and phone widths, with and without script, with the network cut off."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from browser.visits import CHAPTERS, DESK, NAMES, NARROWEST, PHONE, Visit
from made_up_release import CHARTS
from rereferrals.datasets.registry import ALL
from rereferrals.model import LOCAL_AUTHORITY

pytestmark = pytest.mark.browser

PLACES = ".sections a, .neighbours a, .banner a, .breadcrumbs a"
TEXT_SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""
PICTURES = """() => [...document.querySelectorAll('main img')].map(image => ({
    alt: image.alt, source: image.currentSrc, drawn: image.getBoundingClientRect().width, natural: image.naturalWidth,
    table: image.closest('.chart').querySelector('table caption')?.textContent }))"""
#: The charts whose values are read out, and where the script says how.
READ = ("line", "bar", "dots", "stack", "curve", "ratios")
HINT = "Point at the picture, or use the arrow keys on it, to read values here."
#: Takes away what the script put there; tells what a reader saw of it.
TAKE_HELP_AWAY = """() => { document.querySelectorAll('.controls').forEach(controls => controls.remove());
    return [...document.querySelectorAll('.copy, .readout')].map(help => {
    help.querySelectorAll('.unseen, .room').forEach(hidden => hidden.remove());
    const said = help.innerText.trim(); help.remove(); return said }) }"""
CELLS = "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
SPANS = """image => { const { axis, wide, narrow } = image.closest('figure').dataset;
    const edges = (image.currentSrc.includes('-narrow.svg') ? narrow : wide).split(' ').map(Number);
    return [axis, edges.flatMap((edge, n) => n % 2 ? [] : [[edge, edges[n + 1]]])] }"""
SMALL = """targets => [...document.querySelectorAll(targets)].filter(target => {
    const { width, height } = target.getBoundingClientRect(); return Math.min(width, height) < 24
    }).map(target => target.textContent.trim())"""
FOCUSED = """() => { const e = document.activeElement, s = getComputedStyle(e);
    const isNext = !window.before || Boolean(window.before.compareDocumentPosition(e) & 4);
    window.before = e;
    return { isNext, name: e.textContent.trim().slice(0, 40), tag: e.tagName, href: e.getAttribute('href'),
    marked: s.boxShadow.includes('rgb(255, 221, 0)'), top: e.getBoundingClientRect().top } }"""


@pytest.mark.parametrize("width", [DESK, PHONE, NARROWEST])
def test_no_page_is_wider_than_the_screen(width: int, browser: Browser, address: str) -> None:
    with Visit(browser, address, width) as visit:
        for name in NAMES:
            page = visit.open(name)
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            for spacing in ("", TEXT_SPACING):
                page.evaluate("css => { const s = new CSSStyleSheet(); s.replaceSync(css); "
                              "document.adoptedStyleSheets = [s] }", spacing)  # fmt: skip
                overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, f"{name} is {overflow} px too wide at {width} px{' with spacing' * bool(spacing)}"


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_pages_ask_nothing_of_other_sites_and_break_no_policy(
    width: int, script: bool, browser: Browser, address: str
) -> None:
    with Visit(browser, address, width, script) as visit:
        for name in NAMES:
            visit.open(name)
        assert not visit.outside
        assert not visit.complaints


def test_all_that_pages_say_is_said_without_script_and_script_adds_help_alone(browser: Browser, address: str) -> None:
    """What the script adds is the button and the hint of each figure; nothing that was there goes or changes place."""
    with Visit(browser, address) as with_script, Visit(browser, address, script=False) as without:
        for name in NAMES:
            enhanced, plain = (visit.open(name) for visit in (with_script, without))
            assert plain.locator("button, .plot, .readout, .copy, .controls").count() == 0
            help = enhanced.evaluate(TAKE_HELP_AWAY)
            figures = CHARTS.get(name, ())
            read = [chart for chart in figures if chart.mark in READ]
            assert Counter(help) == Counter(["Copy link"] * len(figures) + [HINT] * len(read))
            shown = [page.locator("body").inner_text() for page in (enhanced, plain)]
            assert shown[0] == shown[1]


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_figure_says_the_values_at_the_pointer(width: int, browser: Browser, address: str) -> None:
    with Visit(browser, address, width) as visit:
        for name, charts in CHARTS.items():
            page = visit.open(name)
            for chart in charts:
                shown = page.locator(f"#figure-{chart.name.replace('_', '-')}")
                assert shown.locator(".plot").count() == (chart.mark in READ)
                if chart.mark in READ:
                    _point_at_rows(page, shown)
            assert not visit.complaints


def _point_at_rows(page: Page, shown: Locator) -> None:
    """Where the picture shows a row, the readout says the cells of that row of the table."""
    image, said = shown.locator("img"), shown.locator(".readout [role=status]")
    rows = shown.locator("table").evaluate(CELLS)
    axis, spans = image.evaluate(SPANS)
    assert said.inner_text() == HINT
    heights = [shown.bounding_box()["height"]]
    for row, (first, last) in enumerate(spans, 1):
        box = image.bounding_box()
        assert box is not None
        middle = (first + last) / 2
        place = (
            {"x": box["width"] * middle, "y": box["height"] / 2}
            if axis == "x"
            else {"x": 60, "y": box["height"] * middle}
        )
        image.hover(position=place)
        text = said.inner_text()
        assert text.startswith(f"{rows[row][0]}: ")
        for head, cell in zip(rows[0][1:], rows[row][1:], strict=True):
            if not re.search(", (lower|upper) ", f"{head} "):
                of_hundred = "%" if head.endswith(" (%)") and any(c.isdigit() for c in cell) else ""
                assert f"{head.removesuffix(' (%)') if of_hundred else head} {cell}{of_hundred}" in text
        heights.append(shown.bounding_box()["height"])
    assert len(set(heights)) == 1, "the page moves while values are read"


def test_a_figure_says_its_values_by_the_arrow_keys(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("referrals")
        shown = page.locator("#figure-referrals-over-time")
        said = shown.locator(".readout [role=status]")
        shown.locator(".plot").focus()
        assert said.inner_text() == "2017: All referrals 646,120; Re-referrals 141,680"
        for key, year in (
            ("ArrowRight", 2018),
            ("ArrowDown", 2019),
            ("ArrowLeft", 2018),
            ("ArrowUp", 2017),
            ("ArrowUp", 2017),
        ):
            page.keyboard.press(key)
            assert said.inner_text().startswith(f"{year}: ")
        for _ in range(20):
            page.keyboard.press("ArrowRight")
        assert said.inner_text() == "2024: All referrals 621,880; Re-referrals 139,080"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "the picture does not hold the focus"


def test_the_address_of_a_figure_can_be_copied_and_leads_to_it(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = visit.open("referrals")
        shown = page.locator("#figure-repeat-referrals")
        button = shown.get_by_role("button")
        assert button.get_attribute("aria-label") is None
        assert button.text_content().startswith("Copy link to the figure: 89% of children referred")
        button.click()
        shown.get_by_text("Link copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == f"{address}referrals.html#figure-repeat-referrals"
        page.goto(copied)
        assert shown.bounding_box()["y"] < 900


def test_a_link_that_cannot_be_copied_is_not_said_to_be(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("referrals")
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
        shown = page.locator("#figure-repeat-referrals")
        shown.get_by_role("button").click()
        shown.get_by_text("Not copied").wait_for()


def test_each_page_has_one_main_heading_a_language_and_landmarks(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        for name in NAMES:
            page = visit.open(name)
            assert page.locator("h1").count() == 1
            assert page.locator("html").get_attribute("lang") == "en-GB"
            assert [page.locator(landmark).count() for landmark in ("header", "main", "footer")] == [1, 1, 1]
            assert page.locator("nav[aria-label], nav[aria-labelledby]").count() == page.locator("nav").count()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_picture_is_drawn_described_and_followed_by_its_table(
    width: int, script: bool, browser: Browser, address: str
) -> None:
    with Visit(browser, address, width, script) as visit:
        drawn = {name: visit.open(name).evaluate(PICTURES) for name in CHAPTERS}
        assert {name: len(pictures) for name, pictures in drawn.items() if pictures} == {
            name: len(charts) for name, charts in CHARTS.items() if charts
        }
        for picture in (picture for pictures in drawn.values() for picture in pictures):
            assert picture["natural"] > 0, f"{picture['source']} is not shown"
            assert picture["source"].endswith("-wide.svg" if width == DESK else "-narrow.svg")
            assert 20 <= len(picture["alt"]) <= 250
            assert picture["table"]


@pytest.mark.parametrize("width", [DESK, 700, 640, PHONE, NARROWEST])
def test_text_in_charts_is_drawn_large_enough_to_read(width: int, browser: Browser, address: str, pages: Path) -> None:
    with Visit(browser, address, width) as visit:
        for picture in (picture for name in CHAPTERS for picture in visit.open(name).evaluate(PICTURES)):
            svg = (pages / "_static" / "charts" / picture["source"].rpartition("/")[2]).read_text(encoding="utf-8")
            smallest = min(float(size) for size in re.findall(r'font-size="([\d.]+)(?:px)?"', svg))
            drawn = smallest * picture["drawn"] / picture["natural"]
            assert drawn >= 12, f"{picture['source']} shows text of {drawn:.1f} px at {width} px"


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_stop_of_the_tab_key_is_marked_and_the_first_skips_to_the_text(
    width: int, browser: Browser, address: str
) -> None:
    with Visit(browser, address, width) as visit:
        for name in NAMES:
            page = visit.open(name)
            page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
            stops = []
            while True:
                page.keyboard.press("Tab")
                stop = page.evaluate(FOCUSED)
                if stop["tag"] == "BODY" or (stops and stop["href"] == "#main"):
                    break  # the end of the page, or its beginning again
                stops.append(stop)
                assert len(stops) < 1000
            assert stops[0]["href"] == "#main"
            assert not [stop for stop in stops if not stop["marked"]]
            assert not [stop for stop in stops if not stop["isNext"]], "the order of the stops is not that of the text"
            assert len(stops) >= 8


def test_data_sets_can_be_searched_and_filtered(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("data_catalogue")
        search, shown = page.get_by_role("search", name="Search the data sets"), page.locator(".item:visible")
        assert shown.count() == len(ALL)
        search.get_by_role("searchbox").fill("ethnic")
        assert shown.locator("h3").all_inner_texts() == ["Children referred, by ethnic group"]
        assert search.get_by_role("status").inner_text() == f"1 of {len(ALL)} shown"
        assert page.locator("h2:visible").all_inner_texts() == ["Characteristics of children referred"]
        search.get_by_role("searchbox").fill("")
        search.get_by_label("Places").select_option(LOCAL_AUTHORITY)
        assert shown.count() == sum(LOCAL_AUTHORITY in data_set.levels for data_set in ALL)
        search.get_by_label("Chapter").select_option("Ofsted judgements")
        assert shown.locator("h3").all_inner_texts() == ["Re-referrals and Ofsted judgements"]
        search.get_by_role("searchbox").fill("no such thing")
        assert shown.count() == 0
        assert search.get_by_role("status").inner_text() == f"0 of {len(ALL)} shown"
        assert not visit.complaints


@pytest.mark.parametrize("from_disk", [False, True])
def test_the_site_can_be_searched_offline(from_disk: bool, browser: Browser, address: str, pages: Path) -> None:
    with Visit(browser, f"file://{pages}/" if from_disk else address) as visit:
        page = visit.open("index")
        page.get_by_role("link", name="Search", exact=True).click()
        visit.context.set_offline(True)
        box, shown = page.get_by_role("searchbox", name="Search this release"), page.locator(".item:visible > a")
        assert shown.count() == len(NAMES)
        box.fill("Kaplan")
        assert "Likelihood of re-referral over time" in shown.all_inner_texts()
        assert len(NAMES) / 2 > shown.count()
        box.fill("special educational needs")
        assert "Children referred, by special educational needs" in shown.all_inner_texts()
        box.fill("xyzzy")
        assert shown.count() == 0
        assert not visit.outside


def test_the_skip_link_leads_to_the_text(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("referrals")
        page.keyboard.press("Tab")
        assert page.locator(".skip").bounding_box()["y"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_what_can_be_pressed_is_large_enough(browser: Browser, address: str) -> None:
    with Visit(browser, address, PHONE) as visit:
        for name in NAMES:
            page = visit.open(name)
            page.locator(".sections summary").click()
            small = page.evaluate(SMALL, f"summary, button, input, select, .downloads a, {PLACES}")
            assert not small, f"{small} on {name}"


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_reader_finds_the_way_round(width: int, script: bool, browser: Browser, address: str) -> None:
    with Visit(browser, address, width, script) as visit:
        page = visit.open("index")
        if width == PHONE:
            page.locator(".sections summary").click()
        page.get_by_role("navigation", name="Contents").get_by_role("link", name="Referrals and re-referrals").click()
        assert page.url == f"{address}referrals.html"
        assert page.locator(".sections [aria-current=page]").text_content() == "Referrals and re-referrals"
        page.get_by_role("link", name="Next page").click()
        assert page.url == f"{address}{CHAPTERS[CHAPTERS.index('referrals') + 1]}.html"
        page.get_by_role("link", name="Previous page").click()
        page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Home").click()
        assert page.url == f"{address}index.html"


@pytest.mark.parametrize("script", [True, False])
def test_a_table_opens_and_its_data_can_be_downloaded(script: bool, browser: Browser, address: str) -> None:
    with Visit(browser, address, PHONE, script) as visit:
        page = visit.open("referrals")
        chart = page.locator(".chart").first
        assert not chart.locator("table").is_visible()
        chart.get_by_text("Show values as a table").click()
        assert chart.locator("table").is_visible()
        assert "621,880" in chart.locator("table").inner_text()
        link = page.request.get(f"{address}{chart.locator('.downloads a').first.get_attribute('href')}")
        assert link.ok
        assert "621880" in link.text()


def test_print_shows_every_table(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("referrals")
        page.emulate_media(media="print")
        assert all(table.is_visible() for table in page.locator("table").all())
        assert not page.locator(".sections").is_visible()


def test_pages_open_from_a_disk_too(browser: Browser, pages: Path) -> None:
    with Visit(browser, f"file://{pages}/") as visit:
        page = visit.open("referrals")
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.banner')).backgroundColor") == "rgb(18, 67, 109)"
        )
        assert all(picture["natural"] > 0 for picture in page.evaluate(PICTURES))
        assert not visit.complaints
