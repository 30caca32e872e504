"""Nothing of a single child leaves the engine while data sets are estimated, and the same cases give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

import made_up_closures
from made_up_closures import PERSON, arrow
from rereferrals.datasets.survival import DATA_SETS
from rereferrals.engine import connect
from rereferrals.model import DataSet, Rate
from rereferrals.release import Release
from rereferrals.statistics.estimates import MEMBERS, Followed, estimate

RELEASE = Release.load(2024)
#: A child like no other: its number, and days that nobody else has.
CANARY, ITS_REFERRAL, ITS_CLOSURE = 987_654_321, date(2019, 7, 7), date(2019, 8, 8)
#: All that rows which leave may be told apart by, in each kind of table, and the counts that each may tell.
MEETING = range(len(MEMBERS))
COUNTS = {
    ("pattern", "days"): {"leaving", "rereferred", "of_age"},
    ("days", "rereferred", "of_age"): {f"leaving{n}" for n in MEETING},
    ("ending", "ending_right"): {f"pairs{n}" for n in MEETING},
}
DOORS = ("execute", "to_pyarrow", "to_pandas", "to_polars", "to_pyarrow_batches", "to_pandas_batches")


def cases() -> pd.DataFrame:
    frame = made_up_closures.closures(20_000, 5, years=11)
    canary = frame[frame["time_period"] == 2020].iloc[[0, 1]].copy()
    canary[PERSON] = CANARY
    canary["cin_referral_date"] = pd.to_datetime([ITS_REFERRAL, date(2019, 9, 9)]).astype("datetime64[s]")
    canary["cin_closure_date"] = pd.to_datetime([ITS_CLOSURE, date(2019, 10, 10)]).astype("datetime64[s]")
    canary[["days_to_referral", "is_without_closure", "is_transfer"]] = (32, False, False)
    return pd.concat([frame, canary], ignore_index=True).astype(frame.dtypes)


@dataclass
class Gate:
    """What has left the engine."""

    answers: list[Any] = field(default_factory=list)

    @property
    def frames(self) -> list[pd.DataFrame]:
        return [answer for answer in self.answers if isinstance(answer, pd.DataFrame)]


@contextmanager
def watched() -> Iterator[Gate]:
    """A watch at every door of the engine."""
    backend, gate = connect(), Gate()
    ibis.set_backend(backend)

    def keeping(leave: Any) -> Any:
        def answer(*given: Any, **options: Any) -> Any:
            gate.answers.append(leave(*given, **options))
            return gate.answers[-1]

        return answer

    with pytest.MonkeyPatch.context() as patch:
        for door in DOORS:
            if hasattr(type(backend), door):
                patch.setattr(type(backend), door, keeping(getattr(type(backend), door)))
        yield gate


def followed(frame: pd.DataFrame) -> Followed:
    return Followed(ibis.memtable(arrow(frame)), RELEASE)


def estimated(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    made = followed(frame)
    return {data_set.id: estimate(made, data_set, data_set.years(RELEASE)) for data_set in DATA_SETS}


@pytest.fixture(scope="module")
def made() -> tuple[Gate, dict[str, pd.DataFrame]]:
    """What left the engine while all data sets were estimated, and they themselves."""
    with watched() as gate:
        return gate, estimated(cases())


Made = tuple[Gate, dict[str, pd.DataFrame]]


def texts(frame: pd.DataFrame) -> set[str]:
    return {str(value) for name in frame for value in frame[name].tolist()}


def keys(answer: pd.DataFrame) -> tuple[str, ...]:
    """What the rows of a table that leaves are told apart by; nothing, if it is of no kind that has them."""
    return next((found for found in COUNTS if {*found} <= set(answer)), ())


def test_only_counts_by_category_and_day_leave_the_engine(made: Made) -> None:
    assert len(made[0].frames) > 15
    assert {keys(answer) for answer in made[0].frames} == {*COUNTS, ()}
    for answer in made[0].answers:
        if not isinstance(answer, pd.DataFrame):
            assert np.isscalar(answer), "besides tables only single numbers leave"
            continue
        if by := keys(answer):
            assert set(answer) - {*by} <= COUNTS[by]
        else:
            assert len(answer) == 1, "sums are of all children together"
            assert all(name.startswith("sum") for name in answer)
        assert not any("date" in str(kind) for kind in answer.dtypes)


def test_every_table_that_leaves_has_one_row_for_each_group(made: Made) -> None:
    """As rows of children would not."""
    for answer in made[0].frames:
        by = keys(answer)
        assert not by or (not answer.duplicated([*by]).any() and COUNTS[by] & set(answer))


def test_what_is_true_of_one_child_alone_is_in_no_table(made: Made) -> None:
    gate, results = made
    days = [f"{day}{rest}" for day in (ITS_REFERRAL, ITS_CLOSURE) for rest in ("", " 00:00:00")]
    for frame in (*gate.frames, *results.values()):
        assert not texts(frame) & {str(CANARY), *days}
        assert not {PERSON, "cin_referral_date", "cin_closure_date", "la_child_id"} & set(frame)


def test_the_watch_would_see_that_child() -> None:
    with watched() as gate:
        followed(cases()).latest.execute()
    assert str(CANARY) in texts(gate.frames[-1])


@pytest.mark.parametrize("data_set", DATA_SETS, ids=lambda data_set: data_set.id)
def test_true_counts_are_a_row_for_each_published_one(data_set: DataSet, made: Made) -> None:
    frame = made[1][data_set.id]
    filters = [f.name for f in data_set.filters]
    rates = {indicator.name for indicator in data_set.indicators if isinstance(indicator, Rate)}
    columns = {"time_period", "geographic_level", *filters, *(i.name for i in data_set.indicators)}
    assert set(frame) == columns - rates
    assert not frame.duplicated(["time_period", *filters]).any()
    latest = frame[frame["time_period"] == frame["time_period"].max()]
    for f in data_set.filters:
        assert list(dict.fromkeys(latest[f.name])) == list(f.published_categories)


def test_the_same_cases_give_the_same_bytes_and_in_another_order_the_same_values(made: Made) -> None:
    ibis.set_backend(connect())
    again, shuffled = (estimated(frame) for frame in (cases(), cases().sample(frac=1, random_state=2)))
    for name, frame in made[1].items():
        assert frame.to_csv() == again[name].to_csv()
        pd.testing.assert_frame_equal(frame, shuffled[name], rtol=1e-11)
