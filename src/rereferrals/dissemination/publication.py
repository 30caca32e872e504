"""What is published: data files in every form, and the site around them, put together in one folder."""

from __future__ import annotations

from pathlib import Path

from rereferrals.datasets.registry import data_sets_of
from rereferrals.dissemination import archive, catalogue, guidance, listings, manifest, site
from rereferrals.published import DATA_FILES, PAGES, About
from rereferrals.release import Release


def publish(stage: Path, release: Release, about: About, folder: Path, *, draft: bool) -> None:
    """Make the site of a release in `folder`, where its data files are, from a stage with its executed notebooks.

    Raises QualityError, as `site.build` does, for a page that must not be published.
    """
    data = folder / DATA_FILES
    data_sets = data_sets_of(about.sections)
    for data_set in data_sets:
        catalogue.write_csvw(release, data_set, data)
    told = guidance.guidance(data, data_sets, release, about.made_up)
    archive.write(data / listings.ALL_DATA, data, data_sets, release, told)
    fingerprint = manifest.fingerprint(data)
    site.stage(
        stage,
        release,
        draft=draft,
        made_up=about.made_up,
        sections=about.sections,
        pages=catalogue.pages(release, about.sections, data),
        pieces={"guidance": guidance.as_html(told)},
        data=fingerprint,
    )
    site.build(stage, folder / PAGES, later=[manifest.NAME])
    manifest.write(folder / PAGES, f"{release.title}, {release.year}", fingerprint)
