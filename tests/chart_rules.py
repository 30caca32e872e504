"""The Analysis Function's rules for charts, as faults found in a chart's words, specification and pictures.

Each function gives the faults that it finds, so that a test can also see it find one that was planted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from pictures import SVG, lines_of_text, placed
from rereferrals import reference
from rereferrals.chart_model import MARKS, Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_layout import text_width
from rereferrals.dissemination.chart_theme import NARROW, Variant
from rereferrals.dissemination.charts import ALT_LENGTH, Drawn
from rereferrals.dissemination.text import with_commas
from rereferrals.published import SYMBOLS

#: A phone's screen, and its margins together, in CSS pixels; and the least that text may be drawn at.
SCREEN, MARGINS, LEAST_TEXT = 360, 32, 12
LEAST_TEXT_CONTRAST, LEAST_MARK_CONTRAST = 4.5, 3.0
#: What need not stand out from the ground, and why.
EXCEPTED = {
    "ground": "white under a text or round a mark is ground itself",
    "gridline": "gridlines are to be seen through: their values stand beside them",
    "band": "a shaded time or interval is drawn almost transparent, so that what stands in it stands out",
}
#: What stands between the values that a text is made of.
GLUE = re.compile(r"[\s,:;()]+|(to|in)(?!\w)")
#: Words of a kind of chart, which no table holds: of keys, and letters that lead from a hexagon to its name.
WORDS = {"map": {"Highest", "Lowest", *"ABCDEF"}, "panels": {"Region"}, "ratios": {"reference"}}
SCALE = re.compile(r" \(scale from (\S+) to (\S+)\)")
NUMBER = re.compile(r"−?[\d,]+(\.\d+)?")


# Words


def faults_of_alternative(chart: Chart, title: str, alternative: str) -> Iterator[str]:
    """It has 20 to 250 characters, says the kind of chart and the message, with a number."""
    if len(alternative) not in ALT_LENGTH:
        yield f"has {len(alternative)} characters"
    if not alternative.startswith(MARKS[chart.mark][1]) or "chart of" in alternative.lower():
        yield "does not begin with the kind of chart"
    said = alternative.removeprefix(MARKS[chart.mark][1])
    if len(_stems(said) & _stems(title)) < 2 or not re.search(r"\d", said):
        yield f"does not say the message: {title}"


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"[a-z-]{3,}", text.lower())} - {"chart", "plot", "that", "than", "with"}


# Specifications


def faults_of_specification(chart: Chart, specification: Mapping[str, Any]) -> Iterator[str]:
    """There is no title, no legend, no second axis, and no bar that begins anywhere but at zero."""
    found = list(_objects(specification))
    if "title" in specification:
        yield "has a title"
    for channel in ("color", "fill", "stroke", "shape", "size", "opacity", "strokeDash"):
        for encoding in (each[channel] for each in found if isinstance(each.get(channel), dict)):
            if "field" in encoding and encoding.get("legend", "shown") is not None:
                yield f"has a legend of {channel}"
    if any(each.get("resolve") for each in found):
        yield "has scales that are resolved apart"
    for channel in ("x", "y"):
        scales = {
            json.dumps({"zero": False} | each[channel].get("scale", {}), sort_keys=True)
            for each in found
            if isinstance(each.get(channel), dict) and each[channel].get("type") == "quantitative"
        }
        if len(scales) > 1:
            yield f"has {len(scales)} scales along {channel}"
        if chart.mark in ("bar", "stack") and channel == "x":
            for scale in map(json.loads, scales):
                if scale["zero"] is not True or scale.get("domain", [0])[0] != 0:
                    yield "has bars on a scale that does not begin at zero"
    if chart.mark == "stack":
        yield from _faults_of_stack(specification)


def _faults_of_stack(specification: Mapping[str, Any]) -> Iterator[str]:
    """The first part of each bar begins at zero."""
    bars: dict[float, list[float]] = {}
    for layer in specification["layer"]:
        if layer["mark"]["type"] == "rect" and layer["mark"]["fill"] != theme.BACKGROUND:
            for box in specification["datasets"][layer["data"]["name"]]:
                bars.setdefault(box["y"], []).append(box["x"])
    if any(min(starts) != 0 for starts in bars.values()):
        yield "has a bar that does not begin at zero"


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(value)


# What is written in a picture


def faults_of_labels(chart: Chart, drawn: Drawn, variant: Variant, declared: frozenset[str] = frozenset()) -> list[str]:
    """Every text is made up of what the table holds, of what is declared, or is a value at a tick or gridline.

    `declared` are further texts of the kind of chart: the classes of a map.
    """
    phrases = sorted(_phrases(chart, drawn) | declared, key=len, reverse=True)
    root = _root(drawn, variant)
    at_ticks = {id(text) for axis in _axes(root) for text in axis.iter(f"{SVG}text")} | set(_at_gridlines(root))
    ticks = {"".join(text.itertext()) for text in root.iter(f"{SVG}text") if id(text) in at_ticks}
    faults = []
    for text in root.iter(f"{SVG}text"):
        said = SCALE.sub(lambda ends: "" if {*ends.groups()} <= ticks else ends[0], " ".join(text.itertext()))
        is_tick = id(text) in at_ticks and NUMBER.fullmatch(said)
        if not is_tick and not _is_made_of(said, phrases):
            faults.append(f"{variant.name} writes {said!r}, which its table does not hold")
    return faults


def _phrases(chart: Chart, drawn: Drawn) -> set[str]:
    cells = {str(cell) for cell in drawn.rows.to_numpy().ravel()}
    heads = {str(head).removesuffix(" (%)") for head in drawn.rows.columns} | set(map(str, drawn.rows.columns))
    said = {with_commas(cell) for cell in cells}
    said |= {f"{cell}%" for cell in said if NUMBER.fullmatch(cell)}
    said |= {f"{symbol} ({meaning.partition(':')[0]})" for symbol, meaning in SYMBOLS.items() if symbol in cells}
    said |= {chart.category_title, chart.value_title, *chart.labels, *chart.groups.values()}
    said |= {beside.name for beside in chart.beside}
    said |= WORDS.get(chart.mark, set())
    return said | heads | cells | {event.label for event in reference.events()}


def _is_made_of(text: str, phrases: list[str]) -> bool:
    """Whether a text is nothing but these phrases and what stands between them, the longest taken first."""
    if not text:
        return True
    if (glue := GLUE.match(text)) and _is_made_of(text[glue.end() :], phrases):
        return True
    return any(
        phrase and text.startswith(phrase) and not re.match(r"[\w.%]", text[len(phrase) :][:1] or " ")
        and _is_made_of(text[len(phrase) :], phrases)
        for phrase in phrases
    )  # fmt: skip


def _root(drawn: Drawn, variant: Variant) -> ElementTree.Element:
    return ElementTree.fromstring(drawn.narrow if variant is NARROW else drawn.wide)


def _axes(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [node for node in root.iter() if "role-axis" in node.get("class", "")]


def _at_gridlines(root: ElementTree.Element) -> Iterator[int]:
    """The texts that stand level with a light line, or above or below its end."""
    lines = [
        (x, y, x + float(node.get("x2", "0")), y + float(node.get("y2", "0")))
        for node, x, y in placed(root)
        if node.tag == f"{SVG}line" and node.get("stroke") in (theme.GRID, theme.AXIS)
    ]
    for node, x, y in placed(root):
        if node.tag == f"{SVG}text":
            middle = y - 0.35 * float(node.get("font-size", "0").removesuffix("px"))
            for left, top, right, bottom in lines:
                level = top == bottom and abs(middle - top) < 3 and x < min(left, right) + 1
                below = left == right and abs(x - left) < 1 and y > max(top, bottom)
                if level or below:
                    yield id(node)


def faults_of_text(drawn: Drawn, variant: Variant) -> Iterator[str]:
    """Text is level and, as a phone shows it, large enough."""
    root = _root(drawn, variant)
    shrunk = min(1, (SCREEN - MARGINS) / float(root.get("width", "0"))) if variant is NARROW else 1
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size", "0px").removesuffix("px")) * shrunk
        if size < LEAST_TEXT:
            yield f"{variant.name} shows {''.join(text.itertext())!r} at {size:.1f} px"
        if "rotate" in text.get("transform", ""):
            yield f"{variant.name} turns {''.join(text.itertext())!r}"


# What stands out


@dataclass(frozen=True)
class _Shape:
    """Something painted: its corners, and its colours on white, or none."""

    corners: list[tuple[float, float]]
    fill: str | None
    opacity: float
    stroke: str | None
    stroke_opacity: float
    order: int


def faults_of_contrast(drawn: Drawn, variant: Variant) -> Iterator[str]:
    """Text stands out 4.5 times from what lies under it, and a mark 3 times from white, by itself or its outline."""
    root = _root(drawn, variant)
    shapes = list(_shapes(root))
    for shape in shapes:
        shown = [_over(shape.fill, shape.opacity)] if shape.fill else []
        shown += [_over(shape.stroke, shape.stroke_opacity)] if shape.stroke else []
        best = max(theme.contrast(colour, theme.BACKGROUND) for colour in shown)
        if best < LEAST_MARK_CONTRAST and _excepted(shape) is None:
            yield f"{variant.name} draws a mark in {' and '.join(shown)}, {best:.1f}:1 with the ground"
    order = {id(node): n for n, (node, _, _) in enumerate(placed(root))}
    for node in (node for node in root.iter() if node.tag == f"{SVG}text"):
        colour = node.get("fill", "#000000")
        for line, x, y in _middles(root, node):
            ground = theme.BACKGROUND
            for shape in shapes:
                if shape.fill and shape.order < order[id(node)] and _inside((x, y), shape.corners):
                    ground = _over(shape.fill, shape.opacity, ground)
            if theme.contrast(colour, ground) < LEAST_TEXT_CONTRAST:
                yield f"{variant.name} writes {line!r} in {colour} on {ground}"


def _excepted(shape: _Shape) -> str | None:
    colours = {shape.fill, shape.stroke} - {None}
    if colours == {theme.BACKGROUND}:
        return EXCEPTED["ground"]
    if shape.fill is None and colours == {theme.GRID}:
        return EXCEPTED["gridline"]
    if shape.fill and shape.opacity <= 0.2:
        return EXCEPTED["band"]
    return None


def _shapes(root: ElementTree.Element) -> Iterator[_Shape]:
    for order, (node, x, y) in enumerate(placed(root)):
        corners = _corners(node, x, y)
        whole = float(node.get("opacity", "1"))
        fill, stroke = (_colour(node.get(kind)) for kind in ("fill", "stroke"))
        if corners and (fill or stroke):
            opacity, stroke_opacity = (whole * float(node.get(f"{k}-opacity", "1")) for k in ("fill", "stroke"))
            yield _Shape(corners, fill, opacity, stroke, stroke_opacity, order)


def _colour(value: str | None) -> str | None:
    return None if value in (None, "none", "transparent") else str(value).upper()


def _corners(node: ElementTree.Element, x: float, y: float) -> list[tuple[float, float]]:
    if node.tag == f"{SVG}line":
        return [(x, y), (x + float(node.get("x2", "0")), y + float(node.get("y2", "0")))]
    if node.tag == f"{SVG}rect":
        width, height = float(node.get("width", "0")), float(node.get("height", "0"))
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    if node.tag == f"{SVG}path":
        return [(x + across, y + down) for across, down in _ends(node.get("d", ""))]
    return []


def _ends(path: str) -> Iterator[tuple[float, float]]:
    """Where the pieces of a path end."""
    x = y = 0.0
    for command, given in re.findall(r"([MLHVCAZhvlmz])([^A-Za-z]*)", path.replace("e-", "E-")):
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+(?:E-?\d+)?", given)]
        if command in "Zz":
            continue
        if command in "HhVv":
            x = numbers[-1] + (x if command == "h" else 0) if command in "Hh" else x
            y = numbers[-1] + (y if command == "v" else 0) if command in "Vv" else y
        else:
            x, y = (numbers[-2] + (x if command in "lm" else 0), numbers[-1] + (y if command in "lm" else 0))
        yield x, y


def _inside(point: tuple[float, float], corners: list[tuple[float, float]]) -> bool:
    """Whether a point lies inside a polygon."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _middles(root: ElementTree.Element, node: ElementTree.Element) -> Iterator[tuple[str, float, float]]:
    """Each line of a text with where its middle stands."""
    size = float(node.get("font-size", "0").removesuffix("px"))
    (place,) = ((x, y) for each, x, y in placed(root) if each is node)
    moved = ElementTree.Element(f"{SVG}g", {"transform": f"translate({place[0]},{place[1]})"})
    moved.append(_unmoved(node))
    for line, anchor, x, y in lines_of_text(moved):
        width = text_width(line, size)
        yield line, x + {"start": 0.5, "middle": 0, "end": -0.5}[anchor] * width, y - 0.35 * size


def _unmoved(node: ElementTree.Element) -> ElementTree.Element:
    copy = ElementTree.fromstring(ElementTree.tostring(node))
    copy.attrib.pop("transform", None)
    return copy


def _over(colour: str, opacity: float, ground: str = theme.BACKGROUND) -> str:
    """A colour that lies over another, with this opacity."""
    mixed = (
        round(int(colour[n : n + 2], 16) * opacity + int(ground[n : n + 2], 16) * (1 - opacity)) for n in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)
