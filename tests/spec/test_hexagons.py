"""Every authority has a place on the map, and regions hold together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rereferrals import reference
from rereferrals.errors import BadInput
from rereferrals.reference import Hexagon
from rereferrals.release import REFERENCE, Release

RELEASE = Release.load(Release.latest_year())
YEARS = range(RELEASE.places.first_year, RELEASE.year + 1)
LINES = (REFERENCE / "hexagons.csv").read_text(encoding="utf-8").splitlines()
years = pytest.mark.parametrize("year", YEARS)


def places_in(year: int) -> dict[str, list[Hexagon]]:
    """The places of the authorities of a year, by region: London as one."""
    whole = {region.code: region.within or region.code for region in reference.regions()}
    found: dict[str, list[Hexagon]] = {}
    for authority in reference.authorities():
        if authority.existed(year):
            place = reference.hexagons()[authority.old_la_code]
            found.setdefault(whole[authority.region_code], []).append(place)
    return found


@years
def test_every_authority_of_a_year_has_a_place_of_its_own(year: int) -> None:
    places = [place for region in places_in(year).values() for place in region]
    assert len(places) == len(set(places)) >= 150


@years
def test_the_authorities_of_a_region_hold_together(year: int) -> None:
    for region, places in places_in(year).items():
        reached, waiting = set(), places[:1]
        while waiting:
            place = waiting.pop()
            reached.add(place)
            waiting += [near for near in place.neighbours if near in places and near not in reached]
        assert reached == set(places), region


def test_neighbours_touch_and_stand_all_around() -> None:
    for place in (Hexagon(3, 4), Hexagon(3, 5)):
        assert len(set(place.neighbours)) == 6
        for near in place.neighbours:
            assert (near.across - place.across) ** 2 + 0.75 * (near.row - place.row) ** 2 == pytest.approx(1)
            assert place in near.neighbours


def test_the_map_is_england_with_north_at_the_top() -> None:
    at = {a.la_name: reference.hexagons()[a.old_la_code] for a in reference.authorities()}
    assert at["Northumberland"].row < at["Leeds"].row < at["Birmingham"].row < at["Camden"].row < at["Kent"].row
    assert at["Cornwall"].across < at["Bristol, City of"].across < at["Oxfordshire"].across < at["Norfolk"].across


def kept(folder: Path, lines: list[str]) -> Path:
    (folder / "hexagons.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def changed(code: str, column: str, row: str) -> Iterator[str]:
    for line in LINES:
        yield f"{code},{column},{row}" if line.startswith(f"{code},") else line


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([line for line in LINES if not line.startswith("330,")], "has no row for 330: add one"),
        ([*LINES, "999,20,20"], f"line {len(LINES) + 1}: there is no authority '999'"),
        ([*LINES, "330,20,20"], f"line {len(LINES) + 1}: 330 has a place already"),
        ([*changed("201", "4", "-1")], "line 2: column and row are '4' and '-1'; give whole numbers"),
        ([*changed("202", *LINES[1].split(",")[1:])], "line 3: 202 and 201 have one place in the same year"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(lines: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        reference.hexagons(kept(tmp_path, lines))


def test_a_successor_may_have_the_place_of_one_that_it_follows() -> None:
    at = reference.hexagons()
    assert at["909"] in (at["942"], at["943"])
    assert at["928"] in (at["940"], at["941"])
