"""What each authority's return of a year must count to, taken apart into parts that any whole numbers can fill.

The published counts of referrals R, children C, re-referrals RR and re-referred children RC hang together. Two
referrals of a child in one reporting year are never more than 365 days apart, so the R - C repeat referrals are all
re-referrals, and

- linked children, L = RR - (R - C), are those whose first referral of the year follows within 365 days of their
  last one in the year before;
- repeating children, M = RC - L, are the others with two or more referrals in the year.

Every set of non-negative L, M, other children and further repeats gives counts that satisfy all the identities among
published counts, so it is these parts that are scaled, and a scaled census is as consistent as a whole one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rereferrals import reference
from rereferrals.census.synthetic.quotas import Quota, quotas
from rereferrals.census.synthetic.tables import Counts, share_out
from rereferrals.release import REFERENCE

FITTED = REFERENCE / "synthetic_fitted.toml"


@dataclass(frozen=True)
class Target:
    """The parts of one authority's referrals in one year, in children unless said otherwise.

    single: one referral, not linked. linked: L above. repeating: M above. linked_repeating: linked, with two or more.
    further: referrals beyond a child's second. three_or_more: children with three or more referrals.
    late: referrals beside these that only the next return tells of; late_rereferral, late_long_unseen: of these, by
    children referred in the 365 days before, and longer ago. Among `single` and `repeating` are children who return
    within 365 days though the return does not show it: followed_late, after a late referral; renumbered, with a new
    number of their own; hidden, where the authority has new numbers, is new, or made no return the year before.
    quota: what follows the referrals.
    """

    single: int
    linked: int
    repeating: int
    linked_repeating: int
    further: int
    three_or_more: int
    no_further_action: int
    not_in_need: int
    late: int
    late_rereferral: int
    late_long_unseen: int
    followed_late: int
    renumbered: int
    hidden: int
    returned: bool
    quota: Quota | None = None

    @property
    def referrals(self) -> int:
        """All referrals of the year, those that come late among them."""
        several = self.linked_repeating + self.repeating
        return self.single + self.linked + self.repeating + several + self.further + self.late

    @property
    def rereferrals(self) -> int:
        """Those of them that the return shows to be re-referrals."""
        return self.linked + self.linked_repeating + self.repeating + self.further


@cache
def parameters() -> dict[str, Any]:
    """The parameters of the process, as they stand in the reference data: those set, and those fitted to figures."""
    given = tomllib.loads((REFERENCE / "synthetic_parameters.toml").read_text(encoding="utf-8"))
    return _merged(given, tomllib.loads(FITTED.read_text(encoding="utf-8")))


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = {name: _merged(one[name], other[name]) for name in one.keys() & other.keys()}
    return one | other | both


def at(anchors: Mapping[str, float], year: int) -> float:
    """A parameter that changes over the years: between its anchors in a straight line, beyond them level."""
    years = sorted(anchors)
    return float(np.interp(year, [int(y) for y in years], [anchors[y] for y in years]))


def targets(years: Sequence[int], scale: float, clean: bool = False) -> dict[tuple[str, int], Target]:
    """The targets of every authority for each of `years`, at a share `scale` of the published counts.

    In a `clean` census the annual method sees everything: no referral is late, and no return within a year is hidden.

    Years before the first and after the last published take the counts of that year. A year for which an authority
    published nothing is simulated like the latest one before it, and marked as not returned. Parts are rounded along
    the authorities in order of region, so that regions and England keep their shares however small the scale.
    """
    published = _published()
    first, last = int(published.time_period.min()), int(published.time_period.max())
    found: dict[tuple[str, int], Target] = {}
    for year in years:
        rows = _rows_of(published, min(max(year, first), last))
        codes = rows.index.tolist()
        parts = {name: share_out(column, scale) for name, column in _parts(rows, year).items()}
        fitting = {name: counts.tolist() for name, counts in _fitting(parts).items()}
        for place, (code, returned) in enumerate(zip(codes, rows.returned, strict=True)):
            counts = {name: column[place] for name, column in fitting.items()}
            found[code, year] = Target(**counts, hidden=0, returned=bool(returned))
    if clean:
        found = {key: replace(target, **dict.fromkeys(UNSEEN, 0)) for key, target in found.items()}
    else:
        found |= {key: _with_hidden_returns(key, target, found) for key, target in found.items()}
    return {key: target for year in years for key, target in _with_quotas(found, year, scale).items()}


def _with_quotas(
    all_targets: Mapping[tuple[str, int], Target], year: int, scale: float
) -> dict[tuple[str, int], Target]:
    mine = {key: target for key, target in all_targets.items() if key[1] == year}
    names = ("referrals", "no_further_action", "not_in_need", "returned")
    counts = (np.array([getattr(target, name) for target in mine.values()], np.int64) for name in names)
    again = np.array([target.rereferrals for target in mine.values()], np.int64)
    missing = {key for key, target in all_targets.items() if not target.returned}
    around = np.array([not missing & {(code, y) for y in (year - 1, year, year + 1)} for code, _ in mine], np.int64)
    of_each = quotas(year, scale, *counts, around, again, parameters()["journey"])
    return {key: replace(target, quota=quota) for (key, target), quota in zip(mine.items(), of_each, strict=True)}


UNSEEN = ("late", "late_rereferral", "late_long_unseen", "followed_late", "renumbered", "hidden")


def published_years() -> range:
    """The years of which authorities' counts are known."""
    published = _published().time_period
    return range(int(published.min()), int(published.max()) + 1)


def _published() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "authority_referrals.csv", dtype={"old_la_code": str})


def _rows_of(published: pd.DataFrame, year: int) -> pd.DataFrame:
    """One row per authority of that year, by region and code, with `returned`."""
    areas = {a.old_la_code: a.region_code for a in reference.authorities() if a.existed(year)}
    known = published[(published.time_period <= year) & published.old_la_code.isin(areas)]
    latest = known.sort_values("time_period").groupby("old_la_code").last()
    latest["returned"] = latest.time_period == year
    latest["region_code"] = latest.index.map(areas)
    return latest.sort_values(["region_code", "old_la_code"])


def _parts(rows: pd.DataFrame, year: int) -> dict[str, npt.NDArray[np.float64]]:
    """Published counts of a year taken apart; see `Target`."""
    share, late = parameters()["history"], parameters()["late"]
    late_count = at(late["share"], year) * rows.referral_count
    repeats = rows.referral_count - rows.referral_child_count
    linked = rows.rereferral_count - repeats
    repeating = rows.rereferral_child_count - linked
    beyond = repeats - repeating
    further = (share["further_referrals"] * repeats).round().clip(beyond - linked, beyond)
    parts = {
        "single": rows.referral_child_count - rows.rereferral_child_count,
        "linked": linked,
        "repeating": repeating,
        "linked_repeating": beyond - further,
        "further": further,
        "three_or_more": share["three_or_more"] * repeats,
        "no_further_action": rows.no_further_action_count,
        "not_in_need": rows.not_in_need_count,
        "late": late_count,
        "late_rereferral": late["rereferral"] * late_count,
        "late_long_unseen": late["long_unseen"] * late_count,
        "followed_late": late["followed"] * late_count,
        "renumbered": share["renumbered"] * linked,
    }
    return {name: part.to_numpy(dtype=float) for name, part in parts.items()}


def _fitting(parts: dict[str, Counts]) -> dict[str, Counts]:
    """Parts that fit each other again after rounding."""
    p = dict(parts)
    p["linked_repeating"] = np.minimum(p["linked_repeating"], p["linked"])
    with_repeats = p["repeating"] + p["linked_repeating"]
    p["further"] = np.minimum(p["further"], 3 * with_repeats)
    at_least = -(-p["further"] // 3)
    p["three_or_more"] = np.clip(p["three_or_more"], at_least, np.minimum(p["further"], with_repeats))
    referrals = p["single"] + p["linked"] + p["repeating"] + with_repeats + p["further"]  # a repeat each, and more
    p["no_further_action"] = np.minimum(p["no_further_action"], referrals)
    p["not_in_need"] = np.minimum(p["not_in_need"], referrals - p["no_further_action"])
    p["late_rereferral"] = np.minimum(p["late_rereferral"], p["late"])
    p["late_long_unseen"] = np.minimum(p["late_long_unseen"], p["late"] - p["late_rereferral"])
    unlinked = p["single"] + p["repeating"]
    p["followed_late"] = np.minimum(p["followed_late"], unlinked)
    p["renumbered"] = np.minimum(p["renumbered"], unlinked - p["followed_late"])
    return p


def _with_hidden_returns(key: tuple[str, int], target: Target, all_targets: dict[tuple[str, int], Target]) -> Target:
    """Returns within a year go on where new numbers, a new authority or a missing return keep them from the count."""
    code, year = key
    before = all_targets.get((code, year - 1))
    seen = before is not None and before.returned and year not in parameters()["renumbered"].get(code, ())
    if seen or not target.returned or target.linked:
        return target
    share = parameters()["history"]["hidden_return_share"]
    hidden = int(share * (target.single + target.repeating))
    return replace(target, renumbered=0, hidden=min(hidden, target.single + target.repeating - target.followed_late))
