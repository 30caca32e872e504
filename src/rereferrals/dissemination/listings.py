"""Parts of prose pages that follow from declarations: data sets, symbols, updates, returns that could not be used."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from rereferrals import reference
from rereferrals.commentary.contents import CONTENTS
from rereferrals.datasets.registry import ALL, SECTIONS
from rereferrals.dissemination import components as html
from rereferrals.dissemination.text import escape, in_words, listed
from rereferrals.measures.registry import defined, topics
from rereferrals.model import DataSet, Definition
from rereferrals.published import DATA_FILES, SYMBOLS
from rereferrals.release import Related, Release, Update, data_issues

#: The data files, and the pages of data sets, as seen from the other pages.
DATA = DATA_FILES.name
CATALOGUE = "data_catalogue"
#: Everything in one file, by its name among the data files.
ALL_DATA = "all_data.zip"
#: The pages on which terms are defined.
METHODOLOGY, GLOSSARY = "methodology.html", "glossary.html"
#: Section → the title of its chapter.
TITLES = {section: CONTENTS[section][0] for section in SECTIONS}


def contact(release: Release) -> str:
    """Whom to ask about the release."""
    return f"{escape(release.contact_name)}, {_mail(release.contact_email)}"


def press(release: Release) -> str:
    """Whom journalists may ask."""
    return f"{escape(release.press_name)}, {_mail(release.press_email)}"


def _mail(address: str) -> str:
    return html.link(f"mailto:{address}", address)


def data_set_page(data_set: DataSet) -> str:
    """The page of a data set, as seen from the chapters."""
    return f"{CATALOGUE}/{data_set.file_stem}.html"


def places(data_set: DataSet) -> str:
    """The places that a data set has figures of."""
    return listed([data_set.levels[0], *(level.lower() for level in data_set.levels[1:])])


def broken_down_by(data_set: DataSet) -> str:
    """What a data set has a row for, beside years and places."""
    labels = [f.label[:1].lower() + f.label[1:] for f in data_set.filters]
    return listed(labels) if labels else "Year only"


def data_sets(release: Release, sections: Collection[str]) -> str:
    """Every data set of a release with these sections, by chapter: what it holds, and links to its page and file."""
    groups = "".join(
        f'<div class="group"><h2 id="{section}">{escape(TITLES[section])}</h2><ul class="catalogue">{items}</ul></div>'
        for section in SECTIONS
        if section in sections
        for items in ["".join(_entry(data_set, section, release) for data_set in SECTIONS[section])]
    )
    return f'<div data-find="Search the data sets" data-filters="chapter: Chapter; places: Places">{groups}</div>'


def _entry(data_set: DataSet, section: str, release: Release) -> str:
    years = data_set.years(release)
    about = (
        data_set.id,
        places(data_set),
        str(years[-1]) if len(years) == 1 else f"{years[0]} to {years[-1]}",
        *([f"by {broken_down_by(data_set)}"] if data_set.filters else []),
    )
    page = html.link(data_set_page(data_set), data_set.title)
    csv = html.link(f"{DATA}/{data_set.data_file(release)}.csv", "Data as CSV", unseen=data_set.title)
    words = " ".join(indicator.label for indicator in data_set.indicators)
    return (
        f'<li class="item" id="{data_set.id.lower()}" data-chapter="{escape(TITLES[section])}" '
        f'data-places="{escape("; ".join(data_set.levels))}" data-words="{escape(words)}"><h3>{page}</h3>'
        f'<p class="about">{" · ".join(map(escape, about))} · {csv}</p></li>'
    )


def definitions(sections: Collection[str]) -> str:
    """How all that a release with these sections has is counted, by what it is about."""
    counted = {
        title: [definition for definition in found if definition.numbers] for title, found in topics(sections).items()
    }
    return "".join(f"<h3>{escape(title)}</h3>{_entries(found)}" for title, found in counted.items() if found)


def _entries(found: Collection[Definition]) -> str:
    texts = {d.name: (d.term, escape(" ".join(filter(None, [d.words, d.counted])))) for d in found}
    return html.definitions(texts)


def glossary(sections: Collection[str]) -> str:
    """What the terms of a release with these sections mean, in the order of the alphabet."""
    entries = {d.name: (d.term, _meaning(d)) for d in sorted(defined(sections), key=lambda d: d.term.casefold())}
    return html.definitions(entries)


def _meaning(definition: Definition) -> str:
    """What a term means in short, and a link to the rest."""
    words = html.paragraph(definition.words)
    if not definition.counted:
        return words
    more = html.link(f"{METHODOLOGY}#{definition.name}", "How it is counted", unseen=definition.term)
    return f"{words}<p>{more}</p>"


def symbols() -> str:
    """What the symbols in place of a number mean."""
    rows = pd.DataFrame(SYMBOLS.items(), columns=["Symbol", "Meaning"])
    return html.table(rows, "Symbols used in place of a number", "symbols", figures=False)


def unusable_returns(release: Release) -> str:
    """The returns of the release's years that could not be used as they are, and what stands in for them (M26)."""
    return html.table(
        unusable_rows(release), "Returns that could not be used, or only in part", "unusable-returns", figures=False
    )


def unusable_rows(release: Release) -> pd.DataFrame:
    """The rows of that table."""
    names = {authority.old_la_code: authority.la_name for authority in reference.authorities()}
    rows = [
        (names[issue.old_la_code], str(issue.time_period), issue.display, f"{issue.reason}. {issue.in_totals}")
        for issue in data_issues()
        if release.places.first_year <= issue.time_period <= release.year
    ]
    return pd.DataFrame(sorted(rows), columns=["Local authority", "Year ending 31 March", "Symbol", "What happened"])


def whats_new(release: Release) -> str:
    """What readers of the release before will not know; nothing if there is nothing."""
    return html.bullets(map(escape, release.whats_new)) if release.whats_new else ""


def updates(release: Release) -> str:
    """When the release was published, and what has changed since, the latest first."""
    return html.bullets(
        f"<strong>{in_words(update.published)}</strong>: {escape(update.text)}{_touched(update)}"
        for update in reversed(release.history)
    )


def _touched(update: Update) -> str:
    pages = [html.link(data_set_page(data_set), id) for id in update.data_sets for data_set in ALL if data_set.id == id]
    return f" Data sets: {', '.join(pages)}." if pages else ""


def related(pages: Collection[Related]) -> str:
    """Other pages that readers may want."""
    return html.bullets(html.link(page.address, page.title) for page in pages)


def pre_release(release: Release) -> str:
    """Who could see the release in the day before it was published."""
    if not release.pre_release:
        return html.paragraph("Nobody had access to this release before it was published but those who produced it.")
    return html.paragraph(
        "Beside those who produced it, the holders of these posts had access to this release for up to 24 hours "
        "before it was published:"
    ) + html.bullets(map(escape, release.pre_release))
