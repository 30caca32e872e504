"""What a screening says: a result for every check, and whether the files may be published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: The stage whose checks decide whether the platform can offer a data set through its API.
API_STAGE = "Check API"


class Outcome(StrEnum):
    """What came of a check. Only FAIL keeps files from being published."""

    PASS = "PASS"
    FAIL = "FAIL"
    WARNING = "WARNING"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Result:
    """What came of a check of a stage; the message names the column and row, and what to do."""

    stage: str
    check: str
    outcome: Outcome
    message: str

    def __str__(self) -> str:
        return f"{self.outcome} {self.stage}, {self.check}: {self.message}"


@dataclass(frozen=True)
class Screening:
    """The results of every check, in running order; those after the first stage that has a FAIL are skipped."""

    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not self.faults()

    @property
    def api_suitable(self) -> bool:
        """Whether every check of the API's stage was reached and passed."""
        return all(result.outcome is Outcome.PASS for result in self.results if result.stage == API_STAGE)

    def faults(self) -> list[Result]:
        """The checks that failed."""
        return list(self._of(Outcome.FAIL))

    def warnings(self) -> list[Result]:
        """The checks that warn."""
        return list(self._of(Outcome.WARNING))

    def _of(self, outcome: Outcome) -> Iterable[Result]:
        return (result for result in self.results if result.outcome is outcome)
