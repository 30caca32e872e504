"""Where the counts of an authority's row add up, none is hidden alone (S1–S5, S10–S12 of the rules as published)."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL, Additive, Count, DataSet, DeclarationError, Rate
from rereferrals.published import SYMBOLS
from rereferrals.release import Protection
from rereferrals.statistics import disclosure

TOTAL = Count("plan_count", "Plans")
BANDS = tuple(Count(f"band_{n}_count", f"Band {n}") for n in range(1, 6))
SHARES = tuple(Rate(f"band_{n}_percent", f"Band {n} (%)", band, TOTAL) for n, band in enumerate(BANDS, 1))
OTHER = Count("other_count", "Something that does not add up")
DURATIONS = DataSet(
    "X1", "Plans by duration", "plans_by_duration", "plans", (TOTAL, *BANDS, *SHARES, OTHER),
    levels=(NATIONAL, REGIONAL, LOCAL_AUTHORITY), additive=(Additive(TOTAL, BANDS),),
)  # fmt: skip
parts = st.lists(st.integers(0, 12), min_size=5, max_size=5)


def published(counts: list[int], level: str = LOCAL_AUTHORITY, other: int = 3) -> dict[str, str]:
    row = {"time_period": 1, "geographic_level": level, "old_la_code": "301" if level == LOCAL_AUTHORITY else ""}
    row |= {TOTAL.name: sum(counts), OTHER.name: other}
    row |= {band.name: count for band, count in zip(BANDS, counts, strict=True)}
    return {str(k): str(v) for k, v in disclosure.publish(pd.DataFrame([row]), DURATIONS).frame.iloc[0].items()}


@given(parts)
def test_no_hidden_part_is_what_the_shown_ones_leave_of_a_shown_total(counts: list[int]) -> None:
    row = published(counts)
    assert sum(row[band.name] == "c" for band in BANDS) != 1 or row[TOTAL.name] == "c"


@given(parts)
def test_every_small_count_is_hidden_and_no_zero_is(counts: list[int]) -> None:
    row = published(counts)
    for band, count in zip(BANDS, counts, strict=True):
        assert row[band.name] == "c" if 1 <= count <= 5 else row[band.name] in ("c", str(count))
        if count == 0:
            assert row[band.name] == "0"


@given(parts)
def test_a_second_part_is_hidden_only_beside_a_lone_one_and_is_the_smallest_that_is_not_zero(counts: list[int]) -> None:
    row = published(counts)
    small = [n for n, count in enumerate(counts) if 1 <= count <= 5]
    second = [n for n, band in enumerate(BANDS) if row[band.name] == "c" and n not in small]
    others = [n for n, count in enumerate(counts) if count > 5]
    if len(small) != 1 or 1 <= sum(counts) <= 5:
        assert not second
    elif others:
        assert second == [max(n for n in others if counts[n] == min(counts[m] for m in others))]
    else:
        assert not second and row[TOTAL.name] == "c"


@given(parts)
def test_a_percentage_is_hidden_exactly_when_its_count_is(counts: list[int]) -> None:
    row = published(counts)
    for band, share in zip(BANDS, SHARES, strict=True):
        if sum(counts):
            assert (row[share.name] == "c") == (row[band.name] == "c")
        else:
            assert row[share.name] == "z"


@given(parts)
def test_a_count_that_adds_to_nothing_takes_no_other_with_it(counts: list[int]) -> None:
    assert published(counts, other=3) == published(counts, other=30) | {OTHER.name: "c"}


@pytest.mark.parametrize("level", [NATIONAL, REGIONAL])
@given(counts=parts)
def test_rounded_totals_need_no_second_cell(level: str, counts: list[int]) -> None:
    row = published(counts, level)
    for band, count in zip(BANDS, counts, strict=True):
        assert row[band.name] == ("c" if 1 <= count <= 5 else str((count + 5) // 10 * 10))


@given(st.integers(0, 100), st.integers(0, 12), st.integers(0, 12), st.sampled_from([1, 5, 10, 100]))
def test_thresholds_and_rounding_are_settings(count: int, local: int, regional: int, base: int) -> None:
    protection = Protection(local, regional, region_rounding=base, england_rounding=10 * base)
    shown = {
        level: disclosure.publish_count(count, level, protection) for level in (LOCAL_AUTHORITY, REGIONAL, NATIONAL)
    }
    assert shown[LOCAL_AUTHORITY] == ("c" if 1 <= count <= local else str(count))
    for level, to in ((REGIONAL, base), (NATIONAL, 10 * base)):
        if 1 <= count <= regional:
            assert shown[level] == "c"
        else:
            assert int(shown[level]) % to == 0 and abs(int(shown[level]) - count) * 2 <= to


@given(st.lists(parts, min_size=2, max_size=4))
def test_where_regions_are_not_rounded_no_authority_is_hidden_alone(authorities: list[list[int]]) -> None:
    unrounded = Protection(region_rounding=1)
    whole = [sum(counts) for counts in zip(*authorities, strict=True)]
    rows = [
        {"time_period": 1, "geographic_level": level, "region_code": "E1", "old_la_code": code, TOTAL.name: sum(counts)}
        | {band.name: count for band, count in zip(BANDS, counts, strict=True)}
        | {OTHER.name: 0}
        for level, code, counts in [
            (REGIONAL, "", whole), *((LOCAL_AUTHORITY, f"30{n}", counts) for n, counts in enumerate(authorities)),
        ]
    ]  # fmt: skip
    hidden = disclosure.hidden_counts(rows, DURATIONS, unrounded)
    for row, own in zip(rows[1:], hidden[1:], strict=True):
        assert {band.name for band in BANDS if 1 <= row[band.name] <= 5} <= own
        assert sum(band.name in own for band in BANDS) != 1 or TOTAL.name in own
    for count in (TOTAL, *BANDS):
        alone = [n for n, own in enumerate(hidden) if n and count.name in own]
        others = [n for n in range(1, len(rows)) if n not in alone and rows[n][count.name]]
        assert count.name in hidden[0] or len(alone) != 1 or not others


def test_a_zero_of_a_hidden_total_is_shown() -> None:
    """A shown 0 is a true 0, and so is its percentage, even where the denominator is hidden."""
    row = published([0, 3, 0, 0, 0])
    assert row[TOTAL.name] == "c" and row["band_1_count"] == "0" and row["band_1_percent"] == "0"
    assert row["band_2_count"] == row["band_2_percent"] == "c"


def test_every_cell_is_a_number_or_a_symbol() -> None:
    row = published([0, 3, 7, 9, 200])
    assert all(row[i.name] in SYMBOLS or float(row[i.name]) >= 0 for i in DURATIONS.indicators)


def test_counts_that_add_up_must_be_published() -> None:
    with pytest.raises(DeclarationError, match="add up"):
        DataSet("X2", "T", "plans_made_up", "plans", (TOTAL,), additive=(Additive(TOTAL, BANDS),))
