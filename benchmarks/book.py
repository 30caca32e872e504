"""The pages: our build from a cold process, against papermill and Jupyter Book by their commands on the same pages.

Both start from the same published tables. The start-up that we save is paid once a notebook by the commands, so a
second book is timed too, of as many chapters as the release is to have.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rereferrals.dissemination import site
from rereferrals.release import PROJECT, Release

sys.path.insert(0, str(PROJECT / "tests"))
import made_up_release

BIN = Path(sys.executable).parent
ROUNDS = 2
CHAPTERS = 8

OURS = """
import sys
from pathlib import Path
from rereferrals.dissemination import notebooks
project, folder, year, *chosen = sys.argv[1:]
notebooks.prepare(*Path(project, "book").glob("*.ipynb"))
from rereferrals.dissemination import site
from rereferrals.release import Release
stage = Path(folder) / "stage"
site.stage(stage, Release.load(int(year)), draft=True, project=Path(project))
run = [path for path in site.notebooks(project=Path(project)) if not chosen or path.stem in chosen]
parameters = {"year": int(year), "store": None, "output": folder, "draft": True}
with notebooks.executing(parameters, stage) as execute:
    execute(run)
    site.prepare()
site.build(stage, Path(folder) / "html")
"""


def book_of(chapters: int, project: Path) -> Path:
    """A project with the pages of ours, and copies of its chapter up to this number of chapters."""
    shutil.copytree(PROJECT / "book", project / "book", ignore=shutil.ignore_patterns("_static"))
    shutil.copy(PROJECT / "_config.yml", project)
    contents = (PROJECT / "_toc.yml").read_text(encoding="utf-8")
    for number in range(2, chapters + 1):
        text = (PROJECT / "book" / "referrals.ipynb").read_text(encoding="utf-8")
        copy = text.replace("# Referrals and re-referrals", f"# Referrals and re-referrals {number}", 1)
        (project / "book" / f"referrals_{number}.ipynb").write_text(copy, encoding="utf-8")
        one = "      - file: book/referrals\n"
        contents = contents.replace(one, f"{one}      - file: book/referrals_{number}\n")
    (project / "_toc.yml").write_text(contents, encoding="utf-8")
    return project


def seconds(*commands: list[str | Path]) -> float:
    """The time that the commands take, one after another."""
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def ours(project: Path, folder: Path, *chosen: str) -> float:
    """Seconds of our build, of every notebook or of those chosen."""
    shutil.rmtree(folder / "html", ignore_errors=True)
    return seconds([sys.executable, "-c", OURS, project, folder, str(made_up_release.YEAR), *chosen])


def theirs(project: Path, folder: Path, stage: Path) -> float:
    """Seconds of papermill for each notebook, then Jupyter Book."""
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    site.stage(stage, Release.load(made_up_release.YEAR), draft=True, project=project)
    parameters = ["-y", f"output: {folder}", "-y", "store: null", "-p", "year", str(made_up_release.YEAR)]
    papermill = [
        [BIN / "papermill", "--cwd", stage, *parameters, notebook, stage / notebook.name]
        for notebook in site.notebooks(project=project)
    ]
    return seconds(*papermill, [BIN / "jupyter-book", "build", stage])


def compare(chapters: int, scratch: Path) -> None:
    """Print the seconds of each side, the best of some rounds with the sides in turn, and their ratio."""
    project, folder, stage = book_of(chapters, scratch / "project"), scratch / "release", scratch / "theirs"
    (folder / "stage").mkdir(parents=True)
    made_up_release.write(folder)
    times: dict[str, list[float]] = {"ours": [], "theirs": [], "one": []}
    for _ in range(ROUNDS):
        times["ours"].append(ours(project, folder))
        times["theirs"].append(theirs(project, folder, stage))
        times["one"].append(ours(project, folder, "referrals"))
    best = {name: min(values) for name, values in times.items()}
    print(f"{chapters} chapter{'s' * (chapters > 1)}, {len(list((folder / 'html').glob('*.html')))} pages")
    print(f"  ours, from a cold process                         {best['ours']:6.2f} s")
    print(f"  a papermill command a notebook, jupyter-book      {best['theirs']:6.2f} s")
    print(f"  ratio                                             {best['theirs'] / best['ours']:6.2f}")
    print(f"  ours, one chapter changed, from a cold process    {best['one']:6.2f} s", flush=True)


def main() -> None:
    """Compare on the book as it is, and on one as long as it is to be."""
    for chapters in (1, CHAPTERS):
        with tempfile.TemporaryDirectory() as scratch:
            compare(chapters, Path(scratch))


if __name__ == "__main__":
    main()
