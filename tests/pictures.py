"""What stands where in a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
