"""The command line. Each command is thin, and imports what it needs when it runs, so that starting is quick."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from rereferrals.errors import ReleaseError

app = typer.Typer(
    help=(
        "Build the release *Children in need: a focus on re-referrals* from census returns.\n\n"
        "Start with `rereferrals release`, which makes a census up if there are no returns, and builds every page."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

Store = Annotated[Path, typer.Option(help="Folder of the census store.", show_default=False)]


@app.command()
def synthesise(
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    years: Annotated[
        str | None, typer.Option(help="Collection years, first:last; if left out, those of the latest release.")
    ] = None,
    scale: Annotated[float, typer.Option(help="Size: 1 is England.", min=0.0)] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same census.")] = 1,
    as_: Annotated[
        str, typer.Option("--as", help="`store` for a census store, `xml` for returns as authorities send them.")
    ] = "store",
) -> None:
    """Make a census up: no real child, but figures like England's.

    Example: `rereferrals synthesise --out data/restricted/synthetic --years 2012:2024 --scale 0.02`
    """
    from rereferrals import operations

    operations.synthesise(out, _years(years) if years else operations.census_years(), scale, seed, as_)


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Returns, or folders of them: XML, zip, CSV or parquet; and what comes beside.")
    ],
    into: Annotated[Path, typer.Option(help="Census store to make or extend.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Let a return take the place of the one stored for its authority and year."),
    ] = False,
) -> None:
    """Read census returns into a store: checked, typed, and linked across years.

    Files called looked_after and pupils, CSV or parquet, are read too, with returns or after them.

    Example: `rereferrals ingest data/restricted/returns/2024 --into data/restricted/census`
    """
    from rereferrals import operations

    operations.ingest(paths, into, replace)


@app.command()
def check(
    year: Annotated[int, typer.Argument(help="The collection year of the returns.")],
    census: Store,
    into: Annotated[Path, typer.Option(help="Folder for the three tables of what was found.")],
) -> None:
    """Check the returns of a year against the validation rules: which are broken, how often, by whom. Restricted.

    Example: `rereferrals check 2024 --census data/restricted/census --into data/restricted/checks/2024`
    """
    from rereferrals import operations

    operations.check(year, census, into)


@app.command()
def count(
    year: Annotated[int, typer.Argument(help="The release's year, ending 31 March.")],
    census: Store,
    into: Annotated[Path, typer.Option(help="Folder for one parquet file per data set.")],
) -> None:
    """Count every data set of a release, in true whole numbers. Restricted: not for publication.

    Example: `rereferrals count 2024 --census data/restricted/census --into data/restricted/true_counts`
    """
    from rereferrals import operations

    operations.count(year, census, into)


@app.command()
def build(
    year: Annotated[int, typer.Option(help="The release's year, ending 31 March.")],
    out: Annotated[Path, typer.Option(help="Folder of the release: html/, with its data files in html/data/.")],
    census: Annotated[Path | None, typer.Option(help="Census store to count.", show_default=False)] = None,
    published: Annotated[
        Path | None,
        typer.Option(help="Folder of a built release: its pages are made anew from its published files."),
    ] = None,
    areas: Annotated[
        str | None,
        typer.Option(
            help="Take the figures on areas from a published file of C1: published=PATH. Without a census, the release "
            "has the chapters on areas alone.",
            show_default=False,
        ),
    ] = None,
    final: Annotated[
        bool,
        typer.Option(
            "--final/--draft", help="A final build stops at an untrue sentence; a draft marks it on the page."
        ),
    ] = False,
) -> None:
    """Build a release: true counts, published data files, executed notebooks, static pages.

    Example: `rereferrals build --year 2024 --census data/restricted/census --out _build/release/2024 --final`
    """
    from rereferrals import operations

    operations.build(year, out, draft=not final, census=census, published=published, areas=areas)


@app.command()
def backtest(
    year: Annotated[int, typer.Argument(help="The release's year, ending 31 March.")],
    release: Annotated[
        Path | None, typer.Option(help="Folder of the built release.", show_default="_build/release/<year>")
    ] = None,
) -> None:
    """Compare a built release with what is known to be published: one row a figure, pass or fail.

    Example: `rereferrals backtest 2024`
    """
    from rereferrals import operations

    operations.backtest(year, release or operations.release_folder(year))


@app.command()
def screen(
    data: Annotated[
        Path, typer.Argument(help="A data file, DATA.csv, with its metadata file DATA.meta.csv beside it.")
    ],
) -> None:
    """Screen a data file and its metadata file as the publishing platform does, and more strictly.

    Example: `rereferrals screen _build/release/2024/data/a1_referrals_and_rereferrals_england.csv`
    """
    from rereferrals import operations

    if not operations.screen(data):
        raise typer.Exit(1)


@app.command()
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Sources, by their name in the lock; if left out, all.", show_default=False),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take what differs, with the reference tables made from it.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Fetch nothing: check the files that are there against the lock.")
    ] = False,
) -> None:
    """Fetch the published files that reference tables are made from, and show what differs from those accepted.

    Example: `rereferrals fetch cin_c1 populations_2025`
    """
    from rereferrals import operations

    operations.fetch(names or [], accept, offline)


@app.command()
def release(
    year: Annotated[
        int | None, typer.Option(help="The release's year, ending 31 March; if left out, the latest.")
    ] = None,
) -> None:
    """Everything: read the returns in data/restricted/returns, or make a census up if there are none, and build.

    Example: `rereferrals release --year 2024`
    """
    from rereferrals import operations

    operations.make_release(year)


def _years(text: str) -> range:
    first, _, last = text.partition(":")
    try:
        years = range(int(first), int(last or first) + 1)
    except ValueError:
        years = range(0)
    if not years:
        raise typer.BadParameter(f"{text!r} is not first:last", param_hint="--years")
    return years


def main() -> None:
    """Run a command; a fault that the user can mend is told in a line or two, with its own exit status.

    Of any other fault the kind and place are shown, and not its message, which may quote a child's record.
    """
    try:
        app()
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except Exception as error:
        print(*traceback.format_tb(error.__traceback__), sep="", end="", file=sys.stderr)
        print(f"{type(error).__name__}: this is a fault of the program; please report the lines above", file=sys.stderr)
        sys.exit(ReleaseError.exit_status)


if __name__ == "__main__":
    main()
