"""Ingest of one large XML return as a whole process, and xmllint on the same file: `python benchmarks/ingest.py [MB]`.

That is the reading of returns into a store, with the linking of children; what the command does beyond is a row of its
own: numbering cases, which every release starts from.

`many` is as much in a return from each authority; `careful` is one with an entity in every child, which the fast reader
leaves to expat. Other programs slow both sides, so the ratio to xmllint says more than the seconds.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from rereferrals.reference import authorities

READ = """if __name__ == '__main__':
    import sys; from pathlib import Path; from rereferrals.census.ingest import ingest
    ingest([Path(sys.argv[1])], Path(sys.argv[2]))"""
NUMBER = "import sys; from pathlib import Path; from rereferrals import counting; counting.prepare(Path(sys.argv[1]))"
HEADER = """<Message>
    <Header>
        <CollectionDetails>
            <Collection>CIN</Collection>
            <Year>2024</Year>
            <ReferenceDate>2024-03-31</ReferenceDate>
        </CollectionDetails>
        <Source>
            <SourceLevel>L</SourceLevel>
            <LEA>{lea}</LEA>
        </Source>
    </Header>
    <Children>
"""
FOOTER = "    </Children>\n</Message>\n"


def element(depth: int, name: str, *inner: str) -> str:
    """An element of text, or of elements."""
    indent = "    " * depth
    if len(inner) == 1 and "<" not in inner[0]:
        return f"{indent}<{name}>{inner[0]}</{name}>\n"
    return f"{indent}<{name}>\n{''.join(inner)}{indent}</{name}>\n"


def child(rng: random.Random) -> str:
    """A child record with `{identifier}` and `{upn}` to fill in."""

    def day(first: int, last: int) -> str:
        return str(date(2023, 4, 1) + timedelta(rng.randrange(first, last)))

    def referral() -> str:
        factors = (element(6, "AssessmentFactors", code) for code in rng.sample(["2A", "2B", "3A", "4B", "8B"], 3))
        assessment = element(
            4, "Assessments",
            element(5, "AssessmentActualStartDate", day(0, 300)),
            element(5, "AssessmentAuthorisationDate", day(30, 360)),
            element(5, "FactorsIdentifiedAtAssessment", *factors),
        )  # fmt: skip
        enquiry = element(
            4, "Section47",
            element(5, "S47ActualStartDate", day(0, 300)),
            element(5, "InitialCPCtarget", day(15, 320)),
            element(5, "ICPCnotRequired", rng.choice("01")),
        )  # fmt: skip
        plan = element(
            4, "ChildProtectionPlans",
            element(5, "CPPstartDate", day(0, 300)),
            element(5, "InitialCategoryOfAbuse", "NEG"),
            element(5, "LatestCategoryOfAbuse", "NEG"),
            element(5, "NumberOfPreviousCPP", "0"),
            element(5, "Reviews", element(6, "CPPreviewDate", day(60, 360)), element(6, "CPPreviewDate", day(60, 360))),
        )  # fmt: skip
        return element(
            3, "CINdetails",
            element(4, "CINreferralDate", day(0, 365)),
            element(4, "ReferralSource", rng.choice(["1A", "2B", "5A", "6"])),
            element(4, "PrimaryNeedCode", rng.choice(["N1", "N4", "N5"])),
            element(4, "CINclosureDate", day(0, 365)),
            element(4, "ReasonForClosure", "RC8"),
            assessment,
            *([enquiry] if rng.random() < 0.3 else []),
            element(4, "ReferralNFA", rng.choice("01")),
            *([plan] if rng.random() < 0.1 else []),
        )  # fmt: skip

    return element(
        2, "Child",
        element(
            3, "ChildIdentifiers",
            element(4, "LAchildID", "{identifier}"),
            element(4, "UPN", "{upn}"),
            element(4, "PersonBirthDate", day(-5000, -100)),
            element(4, "GenderCurrent", rng.choice("12")),
        ),
        element(
            3, "ChildCharacteristics",
            element(4, "Ethnicity", rng.choice(["WBRI", "WOTH", "MWBC"])),
            element(4, "Disabilities", element(5, "Disability", "NONE")),
        ),
        *(referral() for _ in range(rng.choice([1, 1, 1, 2]))),
    )  # fmt: skip


@cache
def templates() -> list[str]:
    """Some child records."""
    rng = random.Random(1)
    return [child(rng) for _ in range(2000)]


def make_return(path: Path, megabytes: float, mark: str, lea: str = "201") -> int:
    """Write a return of a size, its identifiers in no order; its bytes."""
    rng = random.Random(int(lea))
    written = 0
    with open(path, "w", encoding="utf-8") as file:
        written += file.write(HEADER.replace("{lea}", lea))
        while written < megabytes * 1e6:
            number = rng.randrange(10**9)
            identifier = f"{mark}{number:09d}{written % 10**6:06d}"
            written += file.write(rng.choice(templates()).format(identifier=identifier, upn=f"A{number:012d}"))
        written += file.write(FOOTER)
    return written


def make_returns(folder: Path, megabytes: float) -> int:
    """Write a return of equal size for every authority; their bytes."""
    folder.mkdir()
    leas = [authority.old_la_code for authority in authorities() if authority.existed(2024)]
    return sum(make_return(folder / f"{lea}.xml", megabytes / len(leas), "C", lea) for lea in leas)


def timed(command: Sequence[str | Path]) -> tuple[float, float]:
    """Seconds of a command, and the peak megabytes of its largest process, its own or a worker's."""
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None:
        peak = max(peak, *map(high_water_mark, session(process.pid)), 0)
        time.sleep(0.25)  # looking oftener takes from the processor what is being timed
    if process.returncode:
        sys.exit(f"{command} failed")
    return time.perf_counter() - start, peak / 1000


def session(leader: int) -> list[Path]:
    """The processes of a session."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int((process / "stat").read_text().rpartition(")")[2].split()[3]) == leader:
                found.append(process)
        except (OSError, IndexError):
            continue
    return found


def high_water_mark(process: Path) -> int:
    """The most memory that a process has held, in kilobytes."""
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def main() -> None:
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 500
    xmllint = shutil.which("xmllint")
    print(f"{'':<28}{'MB':>8}{'seconds':>9}{'MB/s':>8}{'peak MB a process':>20}{'times xmllint':>15}")
    with tempfile.TemporaryDirectory() as name:
        for title, size, mark in (
            ("fast", megabytes, "C"),
            ("many", megabytes, ""),
            ("careful", megabytes / 5, "C&#45;"),
        ):
            path = Path(name, title)
            written = (make_return(path.with_suffix(".xml"), size, mark) if mark else make_returns(path, size)) / 1e6
            path = path if path.exists() else path.with_suffix(".xml")
            store = Path(name, f"{title}-store")
            rows = [
                (f"ingest, {title}", *timed([sys.executable, "-c", READ, path, store])),
                (f"numbering, {title}", *timed([sys.executable, "-c", NUMBER, store])),
            ]
            if xmllint is not None:
                files = [path] if path.is_file() else sorted(path.iterdir())
                rows.append(("xmllint --stream --noout", *timed([xmllint, "--stream", "--noout", *files])))
            for row, seconds, peak in rows:
                ratio = f"{seconds / rows[-1][1]:15.1f}" if xmllint is not None else f"{'no xmllint':>15}"
                print(f"{row:<28}{written:8.0f}{seconds:9.2f}{written / seconds:8.0f}{peak:20.0f}{ratio}", flush=True)


if __name__ == "__main__":
    main()
