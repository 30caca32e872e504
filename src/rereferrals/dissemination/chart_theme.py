"""How charts look: the Government Analysis Function's colours, and one colour a category wherever it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

TEXT = "#0B0C0C"
BACKGROUND = "#FFFFFF"
GRID = "#D9D9D9"
AXIS = "#6F777B"
#: A shaded time, drawn almost transparent so that gridlines show through.
SHADE, SHADE_OPACITY = "#0B0C0C", 0.06
#: What stays free at the left and right of a picture, together: the drawing engine leaves 10 pixels, and measures text
#: its own way.
PADDING = 18
#: The second name finds a font of the same measures where there is no Arial, so pictures are the same everywhere.
FONT = "Arial, sans-serif"
#: One that comes with the drawing engine, so that pictures of pixels are the same everywhere too.
RASTER_FONT = "Liberation Sans"

DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE, DARK_GREY, LILAC = (
    "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1",
)  # fmt: skip

#: What a chart sets beside its own figures to compare them with.
BESIDE = DARK_GREY
#: From pale to dark, for what comes in an order. Each stands out from the next 1.4 times, so parts are parted by a gap
#: and the pale ones, below 3:1 on white, have an outline.
SEQUENCE = ("#A9C9E8", "#86AFDA", "#6394C8", "#4579B3", "#2A5F9C", "#12436D", "#092135")
OUTLINE = DARK_BLUE
#: Of a mark with the ground, below which it needs an outline.
LEAST_CONTRAST = 3


def sequence(*labels: str) -> dict[str, str]:
    """Colours for up to seven things in their order, from pale to dark."""
    step = (len(SEQUENCE) - 1) / max(1, len(labels) - 1)
    return {label: SEQUENCE[round(step * n)] for n, label in enumerate(labels)}


#: Five of the sequence in steps of contrast that are as even as they can be.
_CLASSES = tuple(SEQUENCE[n] for n in (0, 2, 4, 5, 6))


def classes(count: int) -> tuple[str, ...]:
    """Colours for up to five classes or groups, from pale to dark."""
    step = (len(_CLASSES) - 1) / max(1, count - 1)
    return tuple(_CLASSES[round(step * n)] for n in range(count))


#: The colour of everything that a chart labels.
COLOURS = {
    "All referrals": DARK_BLUE,
    "Re-referrals": ORANGE,
    "Re-referral rate": DARK_BLUE,
    "1 referral": DARK_BLUE,
    "2 referrals": DARK_BLUE,
    "3 or more referrals": DARK_BLUE,
    "Within 1 year": DARK_BLUE,
    "Within 3 years": TURQUOISE,
    "Within 5 years": DARK_PINK,
    "No longer on a plan": DARK_BLUE,
    "Still on a plan": DARK_BLUE,
    "Initial referrals": DARK_BLUE,
    "Initial, not re-referred": TURQUOISE,
    "Initial, later re-referred": DARK_BLUE,
    "All children referred": DARK_BLUE,
    "Children not re-referred": TURQUOISE,
    "Children re-referred": ORANGE,
    "Not re-referred within 12 months": GRID,
    "All closed cases": DARK_BLUE,
    "After no further action": TURQUOISE,
    "After work as a child in need": DARK_BLUE,
    "After a child protection plan": DARK_PINK,
    "After being looked after": ORANGE,
    "Within 12 months": DARK_BLUE,
    "Within six years": TURQUOISE,
    "Predicted": TURQUOISE,
    "Observed": DARK_BLUE,
    "3 years before": TURQUOISE,
    "Year of the inspection": DARK_BLUE,
    "3 years after": ORANGE,
    **sequence("3 months or less", "3 to 6 months", "6 months to 1 year", "1 to 2 years", "2 years or more"),
    **sequence(
        "No further action", "Assessed as not in need", "Child in need", "Section 47 enquiry",
        "Child protection conference", "Child protection plan", "Looked after",
    ),
}  # fmt: skip


#: Of what is pale where it is part of an order, too pale for a line.
_OF_LINES = {"No further action": TURQUOISE, "Assessed as not in need": DARK_BLUE}


def of_line(label: str) -> str:
    """The colour of a line."""
    return _OF_LINES.get(label, COLOURS[label])


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def outline(colour: str) -> str:
    """The colour of the edge of a shape: one that stands out, if that of the shape does not."""
    return OUTLINE if contrast(colour, BACKGROUND) < LEAST_CONTRAST else BACKGROUND


def ink(colour: str) -> str:
    """The colour of text on a ground of this colour."""
    return max(TEXT, BACKGROUND, key=lambda text: contrast(colour, text))


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True)
class Variant:
    """A drawing for one width of screen; sizes in pixels, as drawn. Axes and labels add to the plot's width, and all of
    it must fit `max_width`."""

    name: str
    max_width: int
    plot_width: int
    plot_height: int
    font_size: int
    years_labelled: int
    gridlines: int

    @property
    def line_height(self) -> float:
        """From one line of text to the next."""
        return 1.25 * self.font_size


WIDE = Variant("wide", max_width=680, plot_width=520, plot_height=300, font_size=16, years_labelled=14, gridlines=6)
NARROW = Variant("narrow", max_width=328, plot_width=256, plot_height=260, font_size=14, years_labelled=4, gridlines=4)


def config(variant: Variant) -> dict[str, object]:
    """The Vega-Lite configuration: no frame, horizontal text, light gridlines for values and none for categories."""
    text = {
        "labelColor": TEXT,
        "titleColor": TEXT,
        "labelFontSize": variant.font_size,
        "titleFontSize": variant.font_size,
        "titleFontWeight": "normal",
    }
    return {
        "background": BACKGROUND,
        "font": FONT,
        "aria": False,
        "view": {"stroke": None},
        "axis": text | {"domainColor": AXIS, "tickColor": AXIS, "gridColor": GRID, "labelAngle": 0},
        "text": {"color": TEXT, "fontSize": variant.font_size, "font": FONT},
    }
