"""What the cells of a chapter call: `say`, `figure`, `table`, `offer`. Each shows published tables and nothing else.

A chart's two pictures, and what readers can keep of it, are files in `_static/charts/` in the folder the notebook runs
in, where the page, Jupyter and Jupyter Book all look for them; the cell's output is HTML that refers to them and holds
the table of every value they show. So the committed notebooks stay small, and comparing their outputs compares each
chart by its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from IPython.display import HTML

from rereferrals.chart_model import Chart
from rereferrals.commentary.contents import CONTENTS
from rereferrals.datasets.registry import SECTIONS
from rereferrals.dissemination import components as html
from rereferrals.dissemination import figure_files, listings, review, terms
from rereferrals.dissemination.charts import Drawn, all_missing, draw
from rereferrals.dissemination.claims import NotGiven, Said, render
from rereferrals.dissemination.figure_files import Files
from rereferrals.dissemination.listings import DATA, GLOSSARY, contact, data_set_page
from rereferrals.dissemination.text import escape, in_words, listed
from rereferrals.errors import QualityError
from rereferrals.model import Claim, DataSet, Indicator, Tile
from rereferrals.published import DATA_FILES, PublishedTable
from rereferrals.reference import footnote
from rereferrals.release import Release

CHARTS = Path("_static") / "charts"
#: What a release of published figures alone was not given.
RETURNS = "returns"
#: What stands beside the source of figures of a census that was made up.
MADE_UP = "Made-up data: no figure here is of real children."


class Section(Protocol):
    """What `Release.compute` gives a notebook."""

    release: Release
    tables: Mapping[str, PublishedTable]
    output: Path
    sections: tuple[str, ...]
    made_up: bool


@dataclass(frozen=True)
class Book:
    """The published tables of a section, and how its page shows them. `sections` are all that the release has,
    and `made_up` says whether the census behind it is no real one.

    In a draft a sentence that its figures do not bear out is marked on the page; otherwise it raises UntrueClaim. One
    that needs an input that was not given is left out of both. What is asked to be said is kept for reviewers.

    Where the page's text first has a term that is defined, it leads to the glossary; `met` names the definitions that
    it has led to.
    """

    release: Release
    tables: Mapping[str, PublishedTable]
    output: Path
    draft: bool = True
    sections: tuple[str, ...] = tuple(SECTIONS)
    made_up: bool = False
    met: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    @classmethod
    def open(cls, section: Section, *others: Section, draft: bool) -> Book:
        """The book of computed sections of one release."""
        tables = {id: table for each in (section, *others) for id, table in each.tables.items()}
        return cls(section.release, tables, Path(section.output), draft, section.sections, section.made_up)

    def say(self, *claims: Claim) -> HTML:
        """A paragraph of these sentences."""
        said = [sentence for sentence in map(self._said, claims) if not sentence.lacks]
        groups = groupby(said, key=lambda sentence: sentence.untrue)
        return HTML(
            "".join(
                html.untrue(faults) if faults else f"<p>{self._linked(' '.join(said.text for said in group))}</p>"
                for faults, group in groups
            )
        )

    def lead(self, *claims: Claim) -> HTML:
        """The sentences that open a page."""
        return self._apart("lead", *claims)

    def note(self, *claims: Claim) -> HTML:
        """Sentences set apart, to be kept in mind when reading the others."""
        return self._apart("note", *claims)

    def headlines(self, claims: Iterable[Claim]) -> HTML:
        """Sentences as a list of bullets."""
        said = [sentence for sentence in map(self._said, claims) if not sentence.lacks]
        return HTML(html.bullets(html.untrue(s.untrue) if s.untrue else self._linked(s.text) for s in said))

    def tiles(self, tiles: Iterable[Tile]) -> HTML:
        """Key statistics side by side: value, change on the year before, and an explanation that opens."""
        shown, faults = [], []
        for tile in tiles:
            said = [self._said(claim) for claim in (tile.value, tile.change, tile.explanation)]
            if any(part.lacks for part in said):
                continue
            shown.append(html.tile(tile.label, *(part.text for part in said)))
            faults += [fault for part in said for fault in part.untrue]
        return HTML(html.tiles(shown) + (html.untrue(faults) if faults else ""))

    def figure(self, chart: Chart) -> HTML:
        """A chart under its message, with the table of its values, its footnotes and its data file.

        Where its words or all of its values need an input that was not given, a sentence that says so instead. In a
        draft, a chart that has nothing to draw is marked as a sentence that does not hold is.
        """
        said = [self._said(claim) for claim in (chart.title, chart.subtitle, chart.alt)]
        try:
            lacks = next((words.lacks for words in said if words.lacks), None) or all_missing(chart, self._table)
            if lacks:
                return HTML(html.paragraph(footnote(f"{lacks}_not_given")))
            drawn = draw(chart, self._table, self.release)
        except QualityError as fault:
            if not self.draft:
                raise
            return HTML(html.untrue((str(fault),)))
        faults = self._faults(Said(drawn.title, drawn.untrue))
        name = chart.name.replace("_", "-")
        files = figure_files.write(drawn, self._source, CHARTS)
        values = html.table(drawn.rows, drawn.subtitle, f"{name}-table", of=html.message(name))
        kept = {files.csv: html.readable(files.csv.stat().st_size), files.svg: "", files.png: ""}
        data_set = html.link(data_set_page(chart.data_set), chart.data_set.title)
        after = (
            html.untrue(faults) if faults else "",
            html.details("Show values as a table", values, unseen=drawn.title),
            html.details("Show notes", html.footnotes(drawn.footnotes), unseen=drawn.title) if drawn.footnotes else "",
            html.downloads({path.as_posix(): size for path, size in kept.items()}, drawn.title),
            html.source(self._source, data_set),
        )
        return HTML(html.chart(name, drawn.title, drawn.subtitle, _picture(files, drawn), after, drawn.places))

    def table(self, caption: str, data_set: DataSet, *indicators: Indicator) -> HTML:
        """The national values of these indicators as a table that opens: a row for each year and category."""
        frame = self._table(data_set).frame
        columns = {"time_period": "Year ending 31 March"} | {f.name: f.label for f in data_set.filters}
        columns |= {indicator.name: indicator.label for indicator in indicators}
        rows = frame[frame["geographic_level"] == "National"][list(columns)].rename(columns=columns)
        name = f"{data_set.id.lower()}-{'-'.join(indicator.name for indicator in indicators)}".replace("_", "-")
        return HTML(html.details("Show table", html.table(rows, caption, name), unseen=caption))

    def notes(self, about: str, *data_sets: DataSet) -> HTML:
        """The footnotes of data sets whose figures stand in sentences; they open on what they are `about`."""
        keys = dict.fromkeys(key for data_set in data_sets for key in data_set.footnotes)
        return HTML(html.details("Show notes", html.footnotes([footnote(key) for key in keys]), unseen=about))

    def offer(self, *data_sets: DataSet) -> HTML:
        """The data files of a section, to download; not those of sections that the release does not have."""
        return HTML(html.bullets(self._download(data_set) for data_set in data_sets if data_set.id in self.tables))

    def contents(self) -> HTML:
        """Links to the pages of the book, with what is on each; not to those of sections that are left out."""
        links = {
            title: f"{html.link(f'{page}.html', title)}: {escape(about)}"
            for page, (title, about) in CONTENTS.items()
            if page not in self._left_out
        }
        return HTML(html.bullets(links.values()))

    def left_out(self) -> HTML:
        """What this release is of, if it does not have all sections."""
        titles = [listings.TITLES[section] for section in self._left_out]
        if not titles:
            return HTML("")
        text = f"{footnote('areas_alone')} Left out: {listed([title[:1].lower() + title[1:] for title in titles])}."
        return HTML(f'<div class="note">{html.paragraph(text)}</div>')

    def whats_new(self) -> HTML:
        """What readers of the release before will not know, under a heading of its own; nothing if there is nothing."""
        new = listings.whats_new(self.release)
        return HTML(f"<h2>What is new</h2>{new}" if new else "")

    def explore(self) -> HTML:
        """The ways to all data."""
        links = {
            f"{listings.CATALOGUE}.html": ("Data catalogue", "a page for each data set, to search and to download"),
            f"{DATA}/{listings.ALL_DATA}": ("Download all data (ZIP)", "data files, spreadsheets and data guidance"),
            "data_guidance.html": ("Data guidance", "what the files hold, and how they are laid out"),
        }
        items = (f"{html.link(address, title)}: {escape(about)}" for address, (title, about) in links.items())
        return HTML(html.bullets(items))

    def updates(self) -> HTML:
        """When the release was published, and what has changed since."""
        return HTML(listings.updates(self.release))

    def related(self) -> HTML:
        """Other pages that readers may want, under a heading of its own; nothing if there are none."""
        pages = self.release.related
        return HTML(f"<h2>Related pages</h2>{listings.related(pages)}" if pages else "")

    def contact(self) -> HTML:
        """Whom to ask."""
        whom = {"Questions": contact(self.release), "Press": listings.press(self.release)}
        return HTML(html.facts(whom))

    @property
    def _left_out(self) -> list[str]:
        return [section for section in SECTIONS if section not in self.sections]

    def about(self) -> HTML:
        """What kind of release this is, when it was and will be published, and whom to ask."""
        release = self.release
        return HTML(
            html.facts(
                {
                    "Release type": f"{escape(release.release_type)}: {html.link('about.html', 'what this means')}",
                    "Reporting year": f"1 April {release.year - 1} to 31 March {release.year}",
                    "Published": escape(in_words(release.published)),
                    "Next update": escape(release.next_update),
                }
            )
        )

    def _table(self, data_set: DataSet) -> PublishedTable:
        try:
            return self.tables[data_set.id]
        except KeyError:
            if any(data_set in SECTIONS[section] for section in self._left_out):
                raise NotGiven(
                    f"{data_set.id} is not in this release, because no returns were given", RETURNS
                ) from None
            known = ", ".join(self.tables)
            raise QualityError(f"this page computes {known} and cannot show {data_set.id}") from None

    def _said(self, claim: Claim) -> Said:
        said = render(claim, self._table, self.release)
        review.keep(claim, said, self._table)
        return replace(said, untrue=self._faults(said))

    def _faults(self, said: Said) -> tuple[str, ...]:
        """What is untrue of a sentence; outside a draft there is nothing, because that is refused."""
        if not self.draft:
            said.or_refuse()
        return said.untrue

    def _linked(self, text: str) -> str:
        """Text as HTML, with links to the glossary where the page first has a term."""
        pieces = terms.pieces(text, terms.forms(self.sections), self.met)
        self.met.update(name for _, name in pieces if name)
        return html.linked(pieces, GLOSSARY)

    def _apart(self, kind: str, *claims: Claim) -> HTML:
        said = self.say(*claims).data
        return HTML(f'<div class="{kind}">{said}</div>' if said else "")

    @property
    def _source(self) -> str:
        """Where figures are from, as it stands under each."""
        made_up = f" {MADE_UP}" if self.made_up else ""
        return f"Source: {self.release.title}, {self.release.year}.{made_up}"

    def _download(self, data_set: DataSet) -> str:
        name = f"{data_set.data_file(self.release)}.csv"
        size = (self.output / DATA_FILES / name).stat().st_size
        return html.download(f"{DATA}/{name}", f"Download data: {data_set.title}", size)


def _picture(files: Files, drawn: Drawn) -> str:
    wide, narrow = files.wide.as_posix(), files.narrow.as_posix()
    return html.picture(wide, narrow, drawn.alt, {wide: html.svg_size(drawn.wide), narrow: html.svg_size(drawn.narrow)})
