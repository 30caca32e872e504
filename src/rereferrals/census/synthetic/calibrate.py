"""Fit the parameters that published figures decide: `make calibrate`.

`data/reference/synthetic_targets.csv` declares what a simulated census must show: a share of a unit (`measure`), the
year, the value, and the one parameter that drives it. Each round simulates a census with the parameters of the round
before, measures every target, and moves each parameter by what its target is still off, on the scale where both are
free (the logit of a share, the logarithm of a weight). The result is stored in `synthetic_fitted.toml`, from which
every simulation reads; nothing else writes that file. Before the first round, tables of shares are raked (`raking`).
"""

from __future__ import annotations

import argparse
import csv
import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from rereferrals.census.synthetic import measure, raking
from rereferrals.census.synthetic.families import Histories, simulate
from rereferrals.census.synthetic.store import shares_of_work, targets_of
from rereferrals.census.synthetic.targets import FITTED, parameters, published_years, targets
from rereferrals.release import REFERENCE

Fitted = dict[str, float]
Measured = dict[str, tuple[int, int]]
GOALS = REFERENCE / "synthetic_targets.csv"
DIGITS = 5
LARGEST_STEP = 0.7
HEADER = """\
# Parameters that published figures decide. Written by `make calibrate` from synthetic_targets.csv, which says what
# each is fitted to; a change by hand is lost at the next calibration.
"""


@dataclass(frozen=True)
class Goal:
    """A share, in percent, that a simulated census must show to within `tolerance`, and the parameter that drives it.

    `unit`, `group` and `category` are names of `measure`. `parameter` is a dotted path; one ending in a year is an
    anchor (`parameters.at`). `scale` is that of the parameter, `logit` or `log`; `gain` is how far the parameter moves
    on it for each unit that the share is off on the logit scale. `published_figure` is the figure's name in
    `data/published_figures.csv`, if it has one, and `note` says what the value is if it is not that figure.
    """

    target: str
    unit: str
    group: str
    category: str
    year: int
    value: float
    tolerance: float
    parameter: str
    scale: str
    gain: float
    published_figure: str
    note: str

    def is_met(self, share: float, margin: float = 0) -> bool:
        """Whether a measured share, in percent, is near enough, allowing a margin beside the tolerance."""
        return abs(share - self.value) <= self.tolerance + margin


def goals() -> list[Goal]:
    """The declared targets."""
    with open(GOALS, newline="", encoding="utf-8") as file:
        return [
            Goal(
                **row | {"year": int(row["year"])} | {name: float(row[name]) for name in ("value", "tolerance", "gain")}
            )
            for row in csv.DictReader(file)
        ]


def fitted() -> Fitted:
    """The stored result, by dotted path."""
    return _flat(tomllib.loads(FITTED.read_text(encoding="utf-8")))


def moved(values: Mapping[str, float], aims: Sequence[Goal], shares: Mapping[str, float], part: float = 1.0) -> Fitted:
    """The parameters after one step: each by what its target is off, or a `part` of it.

    shares: as measured, in percent, by target.
    """
    after = dict(values)
    for goal in aims:
        off = _logit(goal.value / 100) - _logit(shares[goal.target] / 100)
        step = min(max(part * goal.gain * off, -LARGEST_STEP), LARGEST_STEP)
        now = after[goal.parameter]
        after[goal.parameter] = _expit(_logit(now) + step) if goal.scale == "logit" else now * math.exp(step)
    return {path: round(value, DIGITS) for path, value in after.items()}


def measured(aims: Sequence[Goal], scale: float, seed: int, processes: int = 1) -> Measured:
    """For each target, how many of its category and of its group a simulated census has.

    Simulated are all years that a release needs and what came after them. New processes read the parameters as they
    are stored now; one process is this one, with those it has read.
    """
    years = published_years()
    simulated = range(years.start - 1 - parameters()["history"]["run_in_years"], years.stop)
    all_targets = targets(range(simulated.start, simulated.stop + 1), scale)
    codes = sorted({code for code, _ in all_targets})
    work = list(shares_of_work(codes, all_targets))
    if processes == 1:
        counted = [_count(share, simulated, scale, seed, aims) for share in work]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            jobs = [pool.submit(_count, share, simulated, scale, seed, aims) for share in work]
            counted = [job.result() for job in jobs]
    total: Counter[tuple[str, bool]] = sum(counted, Counter())
    return {goal.target: (total[goal.target, True], total[goal.target, False]) for goal in aims}


def _count(
    share: Sequence[Sequence[str]], years: range, scale: float, seed: int, aims: Sequence[Goal]
) -> Counter[tuple[str, bool]]:
    all_targets = targets(range(years.start, years.stop + 1), scale)
    parts = [simulate(family, years, targets_of([family], all_targets), seed) for family in share]
    histories = Histories.join(parts)
    counts: Counter[tuple[str, bool]] = Counter()
    facts: dict[tuple[str, int], measure.Facts] = {}
    for goal in sorted(aims, key=lambda goal: (goal.year, goal.unit)):
        key = goal.unit, goal.year
        if key not in facts:
            facts = {key: measure.UNITS[goal.unit](histories, goal.year)}
        group = facts[key][goal.group]
        counts[goal.target, True] += int((facts[key][goal.category] & group).sum())
        counts[goal.target, False] += int(group.sum())
    return counts


def in_percent(counts: Measured) -> dict[str, float]:
    """Measured counts as shares in percent, kept clear of nought and everything."""
    return {name: 100 * min(max(part, 0.5), whole - 0.5) / max(whole, 1) for name, (part, whole) in counts.items()}


def write(values: Mapping[str, float]) -> None:
    """Store the parameters."""
    sections: dict[str, list[str]] = {}
    for path, value in sorted(values.items()):
        section, _, name = path.rpartition(".")
        sections.setdefault(section, []).append(f"{name} = {value:.{DIGITS}f}")
    text = "\n".join(f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sorted(sections.items()))
    _write_whole(FITTED, f"{HEADER}\n{text}")


def calibrate(scale: float, seed: int, rounds: int, processes: int) -> bool:
    """Move the stored parameters round by round until all targets are met; whether they are.

    A measured share has a sampling error, and every round has another. So steps become smaller, the second half as
    long, the third a third, which makes the parameters the mean of what the rounds ask for.
    """
    aims, values = goals(), fitted()
    for number in range(1, rounds + 1):
        shares = in_percent(measured(aims, scale, seed, processes))
        _show(number, aims, shares, values)
        if all(goal.is_met(shares[goal.target]) for goal in aims):
            return True
        values = moved(values, aims, shares, 1 / number)
        write(values)
    return False


def _show(number: int, aims: Sequence[Goal], shares: Mapping[str, float], values: Mapping[str, float]) -> None:
    print(f"round {number}")
    for goal in aims:
        share = shares[goal.target]
        far = "" if goal.is_met(share) else "  off"
        line = f"  {goal.target:42} {goal.value:8.3f} {share:8.3f}  {goal.parameter} = {values[goal.parameter]}{far}"
        print(line, flush=True)


def _flat(nested: Mapping[str, object], above: str = "") -> Fitted:
    flat: Fitted = {}
    for name, value in nested.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{above}{name}.")
        else:
            flat[f"{above}{name}"] = float(str(value))
    return flat


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _write_whole(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def main() -> None:
    """The command line of `make calibrate`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of England to simulate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=8, help="at most so many")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    raking.write(raking.raked_shares())
    met = calibrate(asked.scale, asked.seed, asked.rounds, asked.processes)
    parser.exit(0 if met else 5, "" if met else "not all targets were met: run it again, or look at gains\n")


if __name__ == "__main__":
    main()
