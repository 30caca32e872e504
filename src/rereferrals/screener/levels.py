"""Geographic levels, the columns that each has, and which others carry them."""

from __future__ import annotations

from dataclasses import dataclass

from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, REGIONAL

DISTRICT = "Local authority district"
CONSTITUENCY = "Parliamentary constituency"
WARD = "Ward"
PARTNERSHIP = "Local enterprise partnership"
SKILLS_AREA = "Local skills improvement plan area"
DEVOLVED_AREA = "English devolved area"
OPPORTUNITY_AREA = "Opportunity area"
POLICE_AREA = "Police force area"
RSC_REGION = "RSC region"
TRUST = "MAT"
SPONSOR = "Sponsor"
SCHOOL = "School"
PROVIDER = "Provider"
INSTITUTION = "Institution"
PLANNING_AREA = "Planning area"

#: Levels of single places, whose rows may carry what they belong to of any other level.
PLACES = (SCHOOL, PROVIDER, INSTITUTION)


@dataclass(frozen=True)
class Level:
    """A geographic level: its text in `geographic_level`, its columns with the name last, and the levels beside it
    whose rows carry these columns too, as authorities carry their region's."""

    name: str
    columns: tuple[str, ...]
    carried_by: tuple[str, ...] = PLACES

    @property
    def code(self) -> str:
        """The column that tells places of the level apart; that of the name if there is no code."""
        return self.columns[-2] if len(self.columns) > 1 else self.columns[-1]

    @property
    def title(self) -> str:
        """The column of the name."""
        return self.columns[-1]


LEVELS = {
    level.name: level
    for level in (
        Level(NATIONAL, ("country_code", "country_name")),
        Level(
            REGIONAL,
            ("region_code", "region_name"),
            (
                LOCAL_AUTHORITY, DISTRICT, CONSTITUENCY, WARD, PARTNERSHIP, SKILLS_AREA, DEVOLVED_AREA,
                OPPORTUNITY_AREA, POLICE_AREA, PLANNING_AREA, *PLACES,
            ),
        ),
        Level(
            LOCAL_AUTHORITY,
            ("old_la_code", "new_la_code", "la_name"),
            (DISTRICT, CONSTITUENCY, WARD, POLICE_AREA, PLANNING_AREA, *PLACES),
        ),
        Level(DISTRICT, ("lad_code", "lad_name"), (WARD, POLICE_AREA, *PLACES)),
        Level(CONSTITUENCY, ("pcon_code", "pcon_name")),
        Level(WARD, ("ward_code", "ward_name")),
        Level(PARTNERSHIP, ("local_enterprise_partnership_code", "local_enterprise_partnership_name")),
        Level(SKILLS_AREA, ("lsip_code", "lsip_name"), (DISTRICT, PLANNING_AREA, *PLACES)),
        Level(DEVOLVED_AREA, ("english_devolved_area_code", "english_devolved_area_name")),
        Level(OPPORTUNITY_AREA, ("opportunity_area_code", "opportunity_area_name")),
        Level(POLICE_AREA, ("pfa_code", "pfa_name")),
        Level(RSC_REGION, ("rsc_region_lead_name",)),
        Level(TRUST, ("trust_id", "trust_name")),
        Level(SPONSOR, ("sponsor_id", "sponsor_name")),
        Level(SCHOOL, ("school_laestab", "school_urn", "school_name"), ()),
        Level(PROVIDER, ("provider_ukprn", "provider_name"), ()),
        Level(INSTITUTION, ("institution_id", "institution_name"), ()),
        Level(PLANNING_AREA, ("planning_area_code", "planning_area_name")),
    )
}  # fmt: skip

PLACE_COLUMNS = tuple(column for level in LEVELS.values() for column in level.columns)
TIME_AND_PLACE = ("time_period", "time_identifier", "geographic_level", *PLACE_COLUMNS)
#: Their names are the only ones of places that may be a filter too.
NAMES_AS_FILTERS = (LEVELS[SCHOOL].title, LEVELS[PROVIDER].title)
