"""The reviewer's report: every sentence of a release, whether it is said, and the published cells that it rests on."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from rereferrals.dissemination import review

#: Where a release keeps it: beside the pages, and never among them.
REPORT = Path("review") / "claims.csv"
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
