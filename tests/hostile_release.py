"""A release in which every text is hostile: 30 ways to break out of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import made_up_release
from rereferrals.dissemination import catalogue, ees, listings, site
from rereferrals.dissemination import components as html
from rereferrals.dissemination.text import raw_html
from rereferrals.model import Count, DataSet, Filter
from rereferrals.published import DATA_FILES, PAGES
from rereferrals.release import Related, Release, Update

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</p></main><h1>x</h1>",
    "<!-- x",
    "--><b>x</b>",
    "<![CDATA[<b>x</b>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;b&#62;x",
    "{{ title }}",
    "{% raw %}{{ 1 }}",
    "${alert(1)}",
    "`alert(1)`",
    "```\n<b>x</b>\n```",
    "[x](javascript:alert)",
    "![x](x.png)",
    "# x",
    "<style>*{display:none}</style>",
    "<iframe src=x></iframe>",
    "<base href=//x>",
    '\\"><b>x</b>',
    "\u202e<b>x</b>\u2028",
)


def release_of(text: str) -> Release:
    """A release with this text in every field that takes any."""
    release = Release.load(made_up_release.YEAR)
    words = text.replace("1", "l").replace("60", "lt").replace("62", "gt")
    return replace(
        release,
        title=text,
        release_type=text,
        release_type_means=words,
        next_update=text,
        contact_name=text,
        contact_email=text,
        press_name=text,
        press_email=text,
        pre_release=(text,),
        whats_new=(words,),
        related=(Related(text, "https://example.org/"),),
        updates=(Update(release.published, words, ("A1",)),),
    )


def _data_set(number: int, text: str) -> DataSet:
    kind = Filter(f"kind_{number}", f"kind {text}", ("One", f"x{text}"), total="Total")
    return DataSet(
        id=f"Z{number}", title=text, file_name=f"hostile_{number}", unit="referrals", filters=(kind,),
        indicators=(Count("x_count", f"count {text}"),), footnotes=("rounding",),
    )  # fmt: skip


def site_of(folder: Path, texts: list[str], all_texts: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The pages of a release whose every field is `all_texts`, with a data set of each of the texts."""
    release = release_of(all_texts)
    data_sets = tuple(_data_set(number, text) for number, text in enumerate(texts))
    sections = {"referrals": data_sets}
    monkeypatch.setattr(catalogue, "SECTIONS", sections)
    monkeypatch.setattr(listings, "SECTIONS", sections)
    monkeypatch.setattr(catalogue, "check_updates", lambda release: None)
    monkeypatch.setattr(
        catalogue, "formats", SimpleNamespace(paths=lambda folder, *_: (folder / "x.ods", folder / "x.parquet"))
    )
    monkeypatch.setattr(catalogue, "screen", lambda *_: SimpleNamespace(api_suitable=True))
    monkeypatch.setattr(listings, "_touched", lambda update: "")
    monkeypatch.setattr(catalogue, "footnote", lambda key: all_texts)
    data, stage = folder / DATA_FILES, folder / "stage"
    data.mkdir(parents=True)
    stage.mkdir()
    for name in ("x.ods", "x.parquet", listings.ALL_DATA):
        (data / name).write_bytes(b"")
    for data_set in data_sets:
        (kind,) = data_set.filters
        rows = [dict.fromkeys(ees.columns(data_set), "2024") | {kind.name: category} for category in kind.categories]
        path, metadata = ees.paths(data, data_set, release)
        pd.DataFrame(rows).to_csv(path, index=False)
        metadata.write_text("")
        catalogue.write_csvw(release, data_set, data)
    pages = catalogue.pages(release, ["referrals"], data)
    site.stage(stage, release, draft=False, sections=["referrals"], pages=pages, data="0" * 64)
    (stage / "index.md").write_text("# {{ title }}\n\n{{ release_type }}")
    contents = (stage / "_toc.yml").read_text()
    (stage / "_toc.yml").write_text(contents.replace("- file: referrals\n", "- file: other\n"))
    (stage / "other.md").write_text(f"# Other\n\n{raw_html(html.paragraph(all_texts))}")
    (stage / "referrals.md").write_text("# x")
    monkeypatch.setattr(listings, "TITLES", {"referrals": all_texts})
    (folder / PAGES / "referrals.html").write_text("x")
    site.build(stage, folder / PAGES, later=["manifest.json"])
    return {
        path.relative_to(folder / PAGES).as_posix(): path.read_text(encoding="utf-8")
        for path in (folder / PAGES).rglob("*.html")
        if path.name != "referrals.html"
    }
