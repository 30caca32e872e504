"""What stands where in a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree

from rereferrals.dissemination.chart_layout import text_width
from rereferrals.dissemination.chart_theme import WIDE, Variant
from rereferrals.dissemination.charts import Drawn

SVG = "{http://www.w3.org/2000/svg}"


def svg(drawn: Drawn, variant: Variant) -> ElementTree.Element:
    return ElementTree.fromstring(drawn.wide if variant is WIDE else drawn.narrow)


def texts(drawn: Drawn, variant: Variant) -> list[str]:
    """What is written in a picture, a text that is broken into lines as one."""
    return [" ".join(text.itertext()) for text in svg(drawn, variant).iter(f"{SVG}text")]


def placed_texts(
    node: ElementTree.Element, x: float = 0, y: float = 0
) -> Iterator[tuple[ElementTree.Element, float, float]]:
    """Every text of one line, with where it stands in the picture."""
    for found, across, down in placed(node, x, y):
        if found.tag == f"{SVG}text" and found.text:
            yield found, across, down


def placed(node: ElementTree.Element, x: float = 0, y: float = 0) -> Iterator[tuple[ElementTree.Element, float, float]]:
    """Everything in a picture, with where it stands."""
    moved = re.match(r"translate\(([-\d.e]+),\s*([-\d.e]+)\)", node.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    yield node, x, y
    for child in node:
        yield from placed(child, x, y)


def lines_of_text(root: ElementTree.Element) -> Iterator[tuple[str, str, float, float]]:
    """Every line of every text: what it says, the side it is anchored at, and where it stands."""
    for node, x, y in placed(root):
        if node.tag == f"{SVG}text":
            anchor = node.get("text-anchor", "start")
            for part in node if len(node) else [node]:
                y += float(part.get("dy", "0"))
                yield part.text or "", anchor, x, y


def boxes_of_text(drawn: Drawn, variant: Variant) -> list[tuple[float, float, float, float, str]]:
    """Left, right, top, bottom and text of every line of text."""
    boxes = []
    for text, anchor, x, y in lines_of_text(svg(drawn, variant)):
        width = text_width(text, variant.font_size)
        left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
        boxes.append((left, left + width, y - 0.72 * variant.font_size, y + 0.1 * variant.font_size, text))
    return boxes


def assert_fits(drawn: Drawn, variant: Variant) -> None:
    """A picture is no wider than its screen, and no text reaches beyond it."""
    root = svg(drawn, variant)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    assert width <= variant.max_width
    for left, right, top, bottom, text in boxes_of_text(drawn, variant):
        assert left >= 0 and right <= width + 1 and top >= 0 and bottom <= height + 1, text


def assert_apart(drawn: Drawn, variant: Variant) -> None:
    """No text lies over another."""
    for one, other in combinations(boxes_of_text(drawn, variant), 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one[-1], other[-1])
