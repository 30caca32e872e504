"""Re-referral percentages of authorities in the years around their inspections (M22: F2, G1, G1b)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import product
from statistics import median

from rereferrals import areas
from rereferrals.areas import Judgement
from rereferrals.datasets.ofsted import F2, G1, G1_CHANGES
from rereferrals.datasets.regional import CIN_C1
from rereferrals.measures import ofsted as measures
from rereferrals.measures.referrals import REREFERRAL_RATE
from rereferrals.measures.regional import AUTHORITIES
from rereferrals.model import Estimate
from rereferrals.places import inference
from rereferrals.places.cells import (
    Row,
    Tables,
    by_authority,
    by_year,
    england_in,
    exact,
    keys_of,
    shown,
    shown_at_most,
    table_of,
)
from rereferrals.published import PublishedTable
from rereferrals.release import Release, reporting_year

#: How long before its report an inspection is taken to have begun, if that is not known.
UNTIL_PUBLICATION = timedelta(days=50)
BEFORE = [offset for offset in measures.AROUND_INSPECTION if offset < 0]
AFTER = [offset for offset in measures.AROUND_INSPECTION if offset > 0]


def around_judgements(tables: Tables, release: Release) -> PublishedTable:
    """F2: the percentage of each authority of the latest year in the years around its latest judgement, by the day it
    was published; and their medians by judgement."""
    rows = by_authority(tables[CIN_C1.id])
    latest = latest_judgements(release)
    of_authorities = [
        _around_judgement(rows, row, latest[code])
        for (code, year), row in rows.items()
        if year == release.year and code in latest
    ]
    medians = [_medians(of_authorities, judgement, release) for judgement in measures.JUDGEMENT.categories]
    return table_of(F2, [*medians, *of_authorities])


def latest_judgements(release: Release) -> dict[str, Judgement]:
    """Each authority's latest judgement of those that the release knows, by `old_la_code`; a report without an overall
    grade leaves the judgement before it as the latest."""
    in_order = sorted(_graded(release), key=lambda judgement: judgement.publication_date)
    return {judgement.old_la_code: judgement for judgement in in_order}


def ofsted_year(judgement: Judgement) -> int:
    """The reporting year that had ended before the twelve months from 1 April in which the report was published."""
    return reporting_year(judgement.publication_date) - 1


def _around_judgement(rows: Mapping[tuple[str, int], Row], row: Row, judgement: Judgement) -> Row:
    year, code = ofsted_year(judgement), judgement.old_la_code
    return (
        keys_of(row)
        | {"time_period": str(year), measures.JUDGEMENT.name: judgement.judgement or ""}
        | {
            estimate.name: rows[code, year + offset][REREFERRAL_RATE.name] if (code, year + offset) in rows else "z"
            for offset, estimate in measures.AROUND_JUDGEMENT.items()
        }
    )


def _medians(rows: Iterable[Row], judgement: str, release: Release) -> Row:
    cells = england_in(release.year) | {measures.JUDGEMENT.name: judgement}
    chosen = [row for row in rows if row[measures.JUDGEMENT.name] == judgement]
    for estimate in measures.AROUND_JUDGEMENT.values():
        numbers = [number for row in chosen if (number := exact(row[estimate.name])) is not None]
        cells[estimate.name] = shown(_median(numbers), estimate)
    return cells


@dataclass(frozen=True)
class Inspection:
    """An inspection that ended in a judgement, by the years counted from the reporting year in which it began.

    `rereferrals` are the authority's re-referral percentages, and `above_england` the differences from England's in the
    same year, in points; years in which either is not published are not there.
    """

    old_la_code: str
    judgement: str
    rereferrals: Mapping[int, Fraction]
    above_england: Mapping[int, Fraction]

    @property
    def has_every_year(self) -> bool:
        """Whether all years around it are there."""
        return len(self.above_england) == len(measures.AROUND_INSPECTION)

    @property
    def change(self) -> Fraction | None:
        """The mean difference from England in the years after it, less that in the years before; None without both."""
        before, after = ([self.above_england[k] for k in side if k in self.above_england] for side in (BEFORE, AFTER))
        return inference.mean(after) - inference.mean(before) if before and after else None


def inspections(tables: Tables, release: Release) -> list[Inspection]:
    """Every inspection that the release knows the judgement of and that began in a year of C1."""
    rows, england = by_authority(tables[CIN_C1.id]), by_year(tables[CIN_C1.id])
    found = []
    for judgement in _graded(release):
        year = reporting_year(judgement.inspection_start or judgement.publication_date - UNTIL_PUBLICATION)
        if year in england:
            figures = dict(_figures(rows, england, judgement.old_la_code, year))
            found.append(
                Inspection(
                    judgement.old_la_code,
                    judgement.judgement or "",
                    {offset: own for offset, (own, _) in figures.items()},
                    {offset: own - theirs for offset, (own, theirs) in figures.items()},
                )
            )
    return found


def _figures(
    rows: Mapping[tuple[str, int], Row], england: Mapping[int, Row], code: str, year_zero: int
) -> Iterator[tuple[int, tuple[Fraction, Fraction]]]:
    """The percentages of an authority and of England, by the year counted from that of the inspection."""
    for offset in measures.AROUND_INSPECTION:
        year = year_zero + offset
        if (code, year) in rows and year in england:
            own, theirs = (exact(row[REREFERRAL_RATE.name]) for row in (rows[code, year], england[year]))
            if own is not None and theirs is not None:
                yield offset, (own, theirs)


def around_inspections(tables: Tables, release: Release) -> PublishedTable:
    """G1: medians of authorities in the years around inspections, by judgement, and their differences from England."""
    known = inspections(tables, release)
    return table_of(
        G1,
        [
            england_in(release.year)
            | dict(zip((f.name for f in G1.filters), (judgement, since, covered), strict=True))
            | _in_year(
                [
                    inspection
                    for inspection in known
                    if inspection.judgement == judgement
                    and offset in inspection.above_england
                    and (covered == measures.ALL_AVAILABLE or inspection.has_every_year)
                ],
                offset,
            )
            for judgement, (offset, since), covered in product(
                measures.JUDGEMENT.categories,
                measures.AROUND_INSPECTION.items(),
                measures.INSPECTIONS_COVERED.categories,
            )
        ],
    )


def _in_year(chosen: Sequence[Inspection], offset: int) -> dict[str, str]:
    percentages = per_authority(chosen, lambda inspection: inspection.rereferrals[offset])
    differences = per_authority(chosen, lambda inspection: inspection.above_england[offset])
    estimates = (measures.ABOVE_ENGLAND, measures.ABOVE_ENGLAND_LOWER, measures.ABOVE_ENGLAND_UPPER)
    return (
        {measures.MEDIAN.name: shown(_median(percentages), measures.MEDIAN)}
        | _tested(differences, estimates, measures.ABOVE_ENGLAND_P)
        | _numbers(chosen, differences)
    )


def changes(tables: Tables, release: Release) -> PublishedTable:
    """G1b: the median change of authorities against England from before to after inspections, by judgement."""
    known = [inspection for inspection in inspections(tables, release) if inspection.change is not None]
    estimates = (measures.CHANGE, measures.CHANGE_LOWER, measures.CHANGE_UPPER)
    rows = []
    for judgement in measures.JUDGEMENT.categories:
        chosen = [inspection for inspection in known if inspection.judgement == judgement]
        moved = per_authority(chosen, lambda inspection: inspection.change or Fraction(0))
        rows.append(
            england_in(release.year)
            | {measures.JUDGEMENT.name: judgement}
            | _tested(moved, estimates, measures.CHANGE_P)
            | _numbers(chosen, moved)
        )
    return table_of(G1_CHANGES, rows)


def per_authority(chosen: Iterable[Inspection], of: Callable[[Inspection], Fraction]) -> list[Fraction]:
    """A value of each authority, the mean of its inspections': inspections of one authority are not independent."""
    values: dict[str, list[Fraction]] = {}
    for inspection in chosen:
        values.setdefault(inspection.old_la_code, []).append(of(inspection))
    return [inference.mean(theirs) for theirs in values.values()]


def _tested(
    differences: Sequence[Fraction], estimates: tuple[Estimate, Estimate, Estimate], probability: Estimate
) -> dict[str, str]:
    """The median of differences, the ends of its interval, and the probability of the sign test."""
    values = (_median(differences), *(inference.median_interval(differences) or (None, None)))
    cells = {estimate.name: shown(value, estimate) for estimate, value in zip(estimates, values, strict=True)}
    return cells | {probability.name: shown_at_most(inference.sign_test(differences), probability)}


def _numbers(chosen: Sequence[Inspection], authorities: Sequence[Fraction]) -> dict[str, str]:
    return {AUTHORITIES.name: str(len(authorities)), measures.INSPECTIONS.name: str(len(chosen))}


def _graded(release: Release) -> Iterator[Judgement]:
    """The judgements, with an overall grade, that were published by the day up to which the release counts them."""
    return (
        judgement
        for judgement in areas.judgements()
        if judgement.judgement and judgement.publication_date <= release.places.judged_by
    )


def _median(values: Sequence[Fraction]) -> Fraction | None:
    return median(values) if values else None
