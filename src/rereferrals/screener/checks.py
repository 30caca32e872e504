"""What a check is: a name of the platform's, what it asks for, and how to find where that does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FunctionType

from rereferrals.screener.files import Files
from rereferrals.screener.results import Outcome, Result

#: Faults that are told; how many more there are is said.
TOLD = 5

Find = Callable[[Files], Iterable[str]]


def _nothing(_: Files) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Check:
    """A check by its name on the platform. `meaning` says what holds of a file that passes; `failing` finds the places
    that fail it, `warning` those that only warn."""

    name: str
    meaning: str
    failing: Find = _nothing
    warning: Find = _nothing

    def run(self, stage: str, files: Files) -> Result:
        """What comes of the check for a pair of files."""
        for outcome, find in ((Outcome.FAIL, self.failing), (Outcome.WARNING, self.warning)):
            if faults := list(dict.fromkeys(find(files))):
                return Result(stage, self.name, outcome, told(faults))
        return Result(stage, self.name, Outcome.PASS, self.meaning)


def fails(find: Find) -> Check:
    """A check that fails if a function finds something; it is called as the function is, and means its docstring."""
    return Check(*_named(find), failing=find)


def warns(find: Find) -> Check:
    """A check that warns if a function finds something."""
    return Check(*_named(find), warning=find)


def _named(find: Find) -> tuple[str, str]:
    assert isinstance(find, FunctionType)
    return find.__name__, " ".join((find.__doc__ or "").split())


def told(faults: list[str]) -> str:
    """The first faults in one line, and how many more there are."""
    more = f"; and {len(faults) - TOLD} more" if len(faults) > TOLD else ""
    return "; ".join(faults[:TOLD]) + more
