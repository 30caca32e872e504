"""What readers can keep of a figure, and where the rows of its table stand in its pictures."""

from __future__ import annotations

import csv
import os
import re
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

import made_up_release
from pictures import SVG, boxes_of_text, lines_of_text, placed, svg
from rereferrals.chart_model import Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination import figure_files
from rereferrals.dissemination.chart_layout import BOLD, text_width
from rereferrals.dissemination.chart_places import around, in_steps
from rereferrals.dissemination.chart_theme import NARROW, WIDE, Variant
from rereferrals.dissemination.charts import Drawn, draw
from rereferrals.dissemination.components import svg_size
from rereferrals.errors import QualityError
from rereferrals.published import PublishedTable
from rereferrals.release import Release

CHARTS = tuple(chart for charts in made_up_release.CHARTS.values() for chart in charts)
SOURCE = "Source: A release with a long title, so long that it has to be wrapped into two lines, at the least. Made up."
PLACED = ("line", "bar", "dots", "stack", "curve", "ratios")
charts = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
in_place = pytest.mark.parametrize(
    "chart", [chart for chart in CHARTS if chart.mark in PLACED], ids=lambda chart: chart.name
)
variants = pytest.mark.parametrize("variant", (WIDE, NARROW), ids=lambda variant: variant.name)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Drawn]:
    folder = tmp_path_factory.mktemp("release")
    made_up_release.write(folder)
    release = Release.load(made_up_release.YEAR)
    tables = cache(lambda data_set: PublishedTable.read(folder, data_set))
    return {chart.name: draw(chart, tables, release) for chart in CHARTS}


# Files


@charts
def test_the_values_are_those_of_the_table_as_text(chart: Chart, drawn: Mapping[str, Drawn]) -> None:
    shown = drawn[chart.name]
    head, *rows = csv.reader(figure_files.values(shown).decode("utf-8").splitlines())
    assert head == list(shown.rows.columns)
    assert rows == shown.rows.to_numpy().tolist()


@pytest.mark.parametrize("label", ["=1+1", "@x", "+cmd", "-2+3", "\tx"])
def test_a_label_that_a_spreadsheet_would_run_is_refused(label: str, drawn: Mapping[str, Drawn]) -> None:
    shown = drawn["repeat_referrals"]
    in_cell = replace(shown, rows=shown.rows.replace(shown.rows.iloc[0, 0], label))
    in_head = replace(shown, rows=shown.rows.rename(columns={shown.rows.columns[1]: label}))
    for sly in (in_cell, in_head):
        with pytest.raises(QualityError, match=r"repeat_referrals: a spreadsheet would run .* name it otherwise"):
            figure_files.values(sly)


def test_a_number_below_zero_is_no_formula(drawn: Mapping[str, Drawn]) -> None:
    shown = drawn["repeat_referrals"]
    below = replace(shown, rows=shown.rows.replace(shown.rows.iloc[0, 1], "-0.5"))
    assert b",-0.5\n" in figure_files.values(below)


@charts
def test_a_picture_to_keep_has_its_words_its_source_and_the_wide_picture(
    chart: Chart, drawn: Mapping[str, Drawn]
) -> None:
    shown = drawn[chart.name]
    root = ElementTree.fromstring(figure_files.standing_alone(shown, SOURCE))
    assert root.get("role") == "img" and root.get("aria-label") == shown.alt
    texts = [text.text or "" for text in root.findall(f"{SVG}text")]
    assert " ".join(texts) == f"{shown.title} {shown.subtitle} {SOURCE}"
    (inner,) = root.findall(f"{SVG}svg")
    wide = ElementTree.fromstring(shown.wide)
    assert [ElementTree.tostring(part) for part in inner] == [ElementTree.tostring(part) for part in wide]
    assert {text.get("font-family") for text in root.iter(f"{SVG}text")} == {theme.FONT}


@charts
def test_nothing_of_a_picture_to_keep_lies_outside_it_or_over_its_words(
    chart: Chart, drawn: Mapping[str, Drawn]
) -> None:
    root = ElementTree.fromstring(figure_files.standing_alone(drawn[chart.name], SOURCE))
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    (inner,) = root.findall(f"{SVG}svg")
    top, picture = float(inner.get("y", "0")), svg_size(drawn[chart.name].wide)
    own = ElementTree.Element(f"{SVG}svg")
    own.extend(root.findall(f"{SVG}text"))
    for text in root.findall(f"{SVG}text"):
        assert float(text.get("x", "0")) + _width(text) <= width - 19, text.text
    for _, _, _, y in lines_of_text(own):
        assert y < top or top + picture[1] < y < height
    assert float(inner.get("x", "0")) + picture[0] <= width


def _width(text: ElementTree.Element) -> float:
    size = float(text.get("font-size", "0px").removesuffix("px"))
    return text_width(text.text or "", size) * (BOLD if text.get("font-weight") == "bold" else 1)


def test_files_are_named_after_the_figure_and_the_same_again(drawn: Mapping[str, Drawn], tmp_path: Path) -> None:
    shown = drawn["rereferral_rate_over_time"]
    first, again = (figure_files.write(shown, SOURCE, tmp_path / name) for name in ("first", "again"))
    assert {path.name for path in (tmp_path / "first").iterdir()} == {
        f"rereferral-rate-over-time{end}" for end in ("-wide.svg", "-narrow.svg", ".csv", ".svg", ".png")
    }
    for one, other in zip(vars(first).values(), vars(again).values(), strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert first.wide.read_text(encoding="utf-8") == shown.wide


def test_a_picture_of_pixels_has_twice_the_size_and_is_drawn_in_a_font_of_the_engines(
    drawn: Mapping[str, Drawn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    to_png = figure_files.to_png
    monkeypatch.setattr(figure_files, "to_png", lambda picture: asked.append(picture) or to_png(picture))
    files = figure_files.write(drawn["repeat_referrals"], SOURCE, tmp_path)
    content = files.png.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = svg_size(files.svg.read_text(encoding="utf-8"))
    assert struct.unpack(">II", content[16:24]) == (2 * width, 2 * height)
    assert set(re.findall(r'font-family="([^"]*)"', asked[0])) == {"Liberation Sans"}


RASTERISE = """import hashlib, sys
from rereferrals.dissemination import drawing
drawing.start(1)
print(hashlib.sha256(drawing.to_png(sys.stdin.read())).hexdigest())"""


def test_the_process_that_draws_does_not_use_the_fonts_of_the_machine(
    drawn: Mapping[str, Drawn], tmp_path: Path
) -> None:
    """With the fonts that are here, which may have the same names as the engine's, or with none."""
    picture = figure_files.standing_alone(drawn["repeat_referrals"], SOURCE)
    picture = picture.replace(theme.FONT, theme.RASTER_FONT)
    (tmp_path / "fonts.conf").write_text(f"<?xml version='1.0'?><fontconfig><dir>{tmp_path}</dir></fontconfig>")
    path = os.pathsep.join(sys.path)
    digests = {
        subprocess.run(
            [sys.executable, "-c", RASTERISE],
            input=picture, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": path} | fonts,
        ).stdout
        for fonts in ({}, {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")})
    }  # fmt: skip
    assert len(digests) == 1


# Places


@charts
def test_the_charts_whose_rows_have_a_place_say_where(chart: Chart, drawn: Mapping[str, Drawn]) -> None:
    shown = drawn[chart.name]
    assert len(shown.places) == (2 if chart.mark in PLACED else 0)
    for places in shown.places:
        assert places.axis == ("x" if chart.mark in ("line", "curve") else "y")
        besides = sum(not beside.row for beside in chart.beside) if chart.mark == "dots" else 0
        assert len(places.spans) == len(shown.rows) - besides
        assert all(first < last for first, last in places.spans)
        assert all(one[1] <= other[0] + 1e-9 for one, other in pairwise(places.spans))
        assert re.fullmatch(r"(-?\d\.\d{3} ?)+", places.written)


@in_place
@variants
def test_what_a_row_shows_is_drawn_where_it_stands(chart: Chart, variant: Variant, drawn: Mapping[str, Drawn]) -> None:
    """Each row's name, or its tick where rows are times, is in its span; so a pointer there is told its values."""
    shown = drawn[chart.name]
    places = shown.places[0 if variant is WIDE else 1]
    root = svg(shown, variant)
    if chart.mark in ("line", "curve"):
        width = float(root.get("width", "0"))
        foot = max(y for text, _, _, y in lines_of_text(root) if re.fullmatch(r"\d+", text))
        ticks = {text: x / width for text, _, x, y in lines_of_text(root) if y == foot}
        named = [str(name).split()[0] for name in shown.rows.iloc[:, 0]]
        assert set(named) & set(ticks), "no row stands at a tick"
        for name, (first, last) in zip(named, places.spans, strict=True):
            if name in ticks:
                assert first < ticks[name] < last, name
                assert chart.mark == "curve" or ticks[name] == pytest.approx((first + last) / 2, abs=0.005)
        return
    height = float(root.get("height", "0"))
    boxes = boxes_of_text(shown, variant)
    names = [str(name) for name in shown.rows.iloc[: len(places.spans), 0]]
    for name, (first, last) in zip(names, places.spans, strict=True):
        inside = [text for *_, top, bottom, text in boxes if first <= (top + bottom) / 2 / height < last]
        assert set(name.split()) <= set(" ".join(inside).split()), (name, inside)


@pytest.mark.parametrize("name", ["referrals_over_time", "rereferral_by_cohort", "what_came_of_referrals"])
@variants
def test_every_point_of_a_line_stands_in_the_middle_of_its_row(
    name: str, variant: Variant, drawn: Mapping[str, Drawn]
) -> None:
    shown = drawn[name]
    root = svg(shown, variant)
    width = float(root.get("width", "0"))
    at = sorted({round(x / width, 3) for node, x, _ in placed(root) if _is_symbol(node)})
    spans = shown.places[0 if variant is WIDE else 1].spans
    assert at == pytest.approx([(first + last) / 2 for first, last in spans], abs=0.002)


def _is_symbol(node: ElementTree.Element) -> bool:
    return node.tag == f"{SVG}path" and re.fullmatch(r"M[\d.]+,0A.*", node.get("d", "")) is not None


def test_steps_and_halfways() -> None:
    assert in_steps(4, 100) == [(0, 25), (25, 50), (50, 75), (75, 100)]
    assert around([0, 2, 6]) == [(-1, 1), (1, 4), (4, 8)]
