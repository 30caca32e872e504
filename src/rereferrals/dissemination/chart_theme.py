"""How charts look: the Government Analysis Function's colours, and one colour a category wherever it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

TEXT = "#0B0C0C"
BACKGROUND = "#FFFFFF"
GRID = "#D9D9D9"
AXIS = "#6F777B"
#: A shaded time, drawn almost transparent so that gridlines show through.
SHADE, SHADE_OPACITY = "#0B0C0C", 0.06
#: The second name finds a font of the same measures where there is no Arial, so pictures are the same everywhere.
FONT = "Arial, sans-serif"

DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE, DARK_GREY, LILAC = (
    "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1",
)  # fmt: skip

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
}


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
