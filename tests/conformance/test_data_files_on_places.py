"""Data sets that follow from published ones can be written as the publishing platform's files, and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import made_up_places as made_up
from rereferrals.datasets import ofsted, regional
from rereferrals.datasets.regional import CIN_C1, F1
from rereferrals.dissemination import ees
from rereferrals.model import DataSet
from rereferrals.places.registry import MAKERS
from rereferrals.reference import authorities
from rereferrals.release import Release

MADE = [data_set for data_set in (*regional.DATA_SETS, *ofsted.DATA_SETS) if data_set.made_from]
RELEASE = replace(Release.load(2025), first_year=2024)


def test_every_data_set_that_is_made_from_published_ones_has_its_maker() -> None:
    assert list(MAKERS) == [data_set.id for data_set in MADE]


@pytest.mark.parametrize("data_set", MADE, ids=lambda data_set: data_set.id)
def test_its_files_can_be_written_and_read_back(data_set: DataSet, tmp_path: Path) -> None:
    rows = [
        made_up.authority(
            year, known.old_la_code, new_la_code=known.new_la_code, la_name=known.la_name,
            region_code=known.region_code, region_name=known.region_name,
            referral_count=str(150 + place), referral_rate=f"{300 + 7 * place % 90}",
            rereferral_percent=str(15 + place % 10), no_further_action_percent=str(place % 3 * (year % 9)),
            rereferral_percent_whole=str(15 + place % 10), referral_rate_whole=f"{300 + 7 * place % 90}",
            no_further_action_percent_whole=str(place % 3 * (year % 9)),
        )
        for place, known in enumerate(authorities())
        for year in range(2015, 2026)
        if known.existed(year)
    ]  # fmt: skip
    rows += [made_up.england(year, rereferral_percent="20") for year in range(2015, 2026)]
    tables = {"F1": made_up.table(F1, rows), "cin_c1": made_up.table(CIN_C1, rows)}
    made = MAKERS[data_set.id](tables, RELEASE)
    assert made.rows
    ees.write_data_set(made, tmp_path, RELEASE)
    again = ees.read_data_set(tmp_path, data_set, RELEASE)
    keys = list(ees.columns(data_set))
    assert sorted(map(tuple, again.frame[keys].to_numpy())) == sorted(map(tuple, made.frame[keys].to_numpy()))
