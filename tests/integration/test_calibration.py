"""The synthetic census shows what its declared targets say, with the parameters that calibration has stored."""

from __future__ import annotations

import csv
import math

import pytest

from rereferrals.census.synthetic import calibrate, measure
from rereferrals.census.synthetic.calibrate import Goal
from rereferrals.release import REFERENCE

SCALE = 0.05
#: A sampled share lies this many standard errors off once in thousands of times; children of one family of draws
#: are not quite independent, and the targets are many.
STANDARD_ERRORS = 4


def goal(value: float, scale: str = "logit", gain: float = 1) -> Goal:
    return Goal("it", "cohort", "all", "within_1_year", 2017, value, 0.5, "history.it", scale, gain, "", "")


@pytest.mark.parametrize("scale", ["logit", "log"])
def test_a_parameter_moves_towards_its_target_and_stays_once_it_is_there(scale: str) -> None:
    values = {"history.it": 0.3}

    assert calibrate.moved(values, [goal(40.0, scale)], {"it": 30.0})["history.it"] > 0.3
    assert calibrate.moved(values, [goal(40.0, scale, gain=-2)], {"it": 30.0})["history.it"] < 0.3
    assert calibrate.moved(values, [goal(40.0, scale)], {"it": 40.0}) == values


def test_a_share_that_is_its_own_parameter_is_right_after_one_step() -> None:
    assert calibrate.moved({"history.it": 0.3}, [goal(40.0)], {"it": 30.0}) == {"history.it": 0.4}


def test_every_fitted_parameter_has_a_target_and_every_target_a_parameter_and_a_measure() -> None:
    aims = calibrate.goals()

    assert {goal.parameter for goal in aims} == set(calibrate.fitted())
    assert len({goal.target for goal in aims}) == len(aims)
    assert {goal.unit for goal in aims} <= set(measure.UNITS)


def test_targets_are_the_published_figures_that_they_name() -> None:
    with open(REFERENCE.parent / "published_figures.csv", newline="", encoding="utf-8") as file:
        published = {row["figure"]: row for row in csv.DictReader(file)}
    for aim in calibrate.goals():
        if aim.published_figure:
            figure = published[aim.published_figure]
            assert int(figure["year"]) == aim.year
            assert abs(float(figure["value"]) - aim.value) <= float(figure["tolerance"]), aim.target
            assert float(figure["value"]) == aim.value or aim.note, f"{aim.target}: say why it is another"


def test_a_simulated_census_meets_every_declared_target_within_its_sampling_error() -> None:
    aims = calibrate.goals()
    counts = calibrate.measured(aims, SCALE, seed=7)
    off = {}
    for aim in aims:
        part, whole = counts[aim.target]
        error = 100 * math.sqrt(aim.value / 100 * (1 - aim.value / 100) / max(whole, 1))
        if not aim.is_met(100 * part / max(whole, 1), STANDARD_ERRORS * error):
            off[aim.target] = (aim.value, round(100 * part / max(whole, 1), 2), round(error, 2))
    assert not off
