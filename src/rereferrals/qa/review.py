"""The reviewer's report: every sentence of a release, whether it is said, and the published cells that it rests on; and
every total of the areas beside what their authorities come to."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path

from rereferrals.datasets.regional import CIN_C1
from rereferrals.dissemination import review
from rereferrals.places.totals import Recomputed, recompute
from rereferrals.published import PublishedTable
from rereferrals.release import Release, data_issues

#: Where a release keeps it: beside the pages, and never among them.
REPORT = Path("review") / "claims.csv"
TOTALS = Path("review") / "totals.csv"
COLUMNS = ("chapter", "status", "sentence", "reason", "figures")


def write_report(chapters: Iterable[Path], to: Path) -> int:
    """Join what `review.write` wrote of each chapter, in their order; returns how many sentences are left out."""
    rows = [(path.stem, sentence) for path in chapters for sentence in review.read(path)]
    to.parent.mkdir(parents=True, exist_ok=True)
    with open(to, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for chapter, said in rows:
            table.writerow((chapter, said.status, said.sentence, said.reason, "; ".join(said.figures)))
    return sum(said.status == review.LEFT_OUT for _, said in rows)


def write_totals(release: Release, folder: Path) -> None:
    """Write every count and percentage of England and the regions of C1 in a release's folder: as published, as its
    authorities come to with the known exceptions or, where that cannot be worked out, why not."""
    found = recompute(PublishedTable.read(folder, CIN_C1).frame, data_issues(), release.protection)
    with open(folder / TOTALS, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(field.name for field in fields(Recomputed))
        table.writerows(astuple(cell) for cell in found)
