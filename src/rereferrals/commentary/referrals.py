"""What the chapter on referrals and re-referrals says and draws."""

from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary.wording import (
    a_further,
    about_the_same_since,
    changed,
    cumulative,
    furthest_of,
    higher_than,
    highest_of,
    in_line_with,
    lower_than,
    most,
    same_pattern,
    stable_except,
    stable_except_within_percent,
)
from rereferrals.datasets.referrals import A1, A2, A3, A5, A6
from rereferrals.measures.journeys import (
    INITIAL,
    NEED_SHARE,
    PRIMARY_NEED,
    REREFERRAL,
    REREFERRAL_TYPE,
    SOURCE,
    SOURCE_SHARE,
    TYPE_AT_ONCE,
)
from rereferrals.measures.referrals import (
    CHILDREN,
    CHILDREN_REFERRED,
    CHILDREN_REREFERRED,
    CHILDREN_REREFERRED_RATE,
    CHILDREN_SHARE,
    COHORT,
    COHORT_REREFERRED,
    COHORT_REREFERRED_RATE,
    FOLLOW_UP,
    NUMBER_OF_REFERRALS,
    REFERRALS,
    REREFERRAL_RATE,
    REREFERRALS,
)
from rereferrals.model import Claim, Comparator, Derived, Event, Figure, percentage

ONCE, TWICE, THREE_OR_MORE = NUMBER_OF_REFERRALS.categories
ONE_YEAR, THREE_YEARS, FIVE_YEARS = FOLLOW_UP.categories
SCHOOLS, HEALTH, LA_SERVICES, POLICE = (SOURCE.categories[place] for place in (1, 3, 5, 6))
ABUSE, FAMILY_DYSFUNCTION = (PRIMARY_NEED.categories[place] for place in (1, 5))
TYPE_NAMES = {INITIAL: "Initial referrals", REREFERRAL: "Re-referrals"}

# Referrals and re-referrals

REFERRALS_IN_YEAR = Claim(
    "There were {referrals:,} referrals to children's social care in the year ending 31 March {year}. Of these, "
    "{rereferrals:,} ({rate:.0f}%) were re-referrals within 12 months of a previous referral.",
    referrals=A1.cell(REFERRALS),
    rereferrals=A1.cell(REREFERRALS),
    rate=A1.cell(REREFERRAL_RATE),
)
REFERRALS_OVER_TIME = Claim(
    "The number of referrals has been stable since the year ending 31 March {first.year}, apart from a dip in "
    "{dip.year}, when there were {dip:,}.",
    first=A1.cell(REFERRALS, year="first"),
    referrals=A1.series(REFERRALS),
    dip=A1.series(REFERRALS).lowest(),
    true_if=stable_except_within_percent("referrals", "dip", within=5),
)
CHANGE_IN_REFERRALS = Claim(
    "Between {previous.year} and {latest.year} the number of referrals {change:moved} by {size:.0f}%, from "
    "{previous:,} to {latest:,}.",
    previous=A1.cell(REFERRALS, year=-1),
    latest=A1.cell(REFERRALS),
    change=A1.cell(REFERRALS) - A1.cell(REFERRALS, year=-1),
    size=percentage(A1.cell(REFERRALS) - A1.cell(REFERRALS, year=-1), of=A1.cell(REFERRALS, year=-1)),
    true_if=changed("size", by=0.5),
)
RATE_OVER_TIME = Claim(
    "The percentage of referrals that are re-referrals is about the same in every year since {first.year}, when it was "
    "{first:.0f}%. In {latest.year} it was {latest:.0f}%.",
    first=A1.cell(REREFERRAL_RATE, year="first"),
    latest=A1.cell(REREFERRAL_RATE),
    rate=A1.series(REREFERRAL_RATE),
    true_if=about_the_same_since("rate", within=1.5),
)
PANDEMIC = Claim(
    "Figures from {pandemic.start} to {pandemic.end} may be affected by the coronavirus pandemic. Compare them with "
    "other years with care.",
    pandemic=Event("pandemic"),
)

# Children

CHILDREN_IN_YEAR = Claim(
    "These referrals were of {children:,} children. Of these children, {rereferred:,} ({rate:.0f}%, or {rate:tenths}) "
    "were re-referred within 12 months of a previous referral.",
    children=A1.cell(CHILDREN_REFERRED),
    rereferred=A1.cell(CHILDREN_REREFERRED),
    rate=A1.cell(CHILDREN_REREFERRED_RATE),
)
CHILDREN_RATE_OVER_TIME = Claim(
    "The percentage of children referred who were re-referred has been stable at around {latest:.0f}% since "
    "{first.year}, apart from a shift in {shift.year}, when it was {shift:.0f}%.",
    first=A1.cell(CHILDREN_REREFERRED_RATE, year="first"),
    latest=A1.cell(CHILDREN_REREFERRED_RATE),
    rate=A1.series(CHILDREN_REREFERRED_RATE),
    shift=A1.series(CHILDREN_REREFERRED_RATE).odd_one_out(),
    true_if=stable_except("rate", "shift", within=0.5),
)

# Children with more than one referral in the year

REPEAT_REFERRALS = Claim(
    "Most children referred in the year ending 31 March {year} ({once:.0f}%) had one referral in the year. A further "
    "{twice:.0f}% had two, and {more:.0f}% ({children:,} children) had three or more.",
    once=A2.cell(CHILDREN_SHARE, number_of_referrals=ONCE),
    twice=A2.cell(CHILDREN_SHARE, number_of_referrals=TWICE),
    more=A2.cell(CHILDREN_SHARE, number_of_referrals=THREE_OR_MORE),
    children=A2.cell(CHILDREN, number_of_referrals=THREE_OR_MORE),
    true_if=(most("once"), a_further("once", "twice", "more")),
)

# Re-referral over one, three and five years

COHORT_OVER_TIME = Claim(
    "Of the children with an initial referral in the year ending 31 March {one.year}, {one:.0f}% were re-referred "
    "within one year, {three:.0f}% within three years and {five:.0f}% within five years.",
    one=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=ONE_YEAR),
    three=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=THREE_YEARS),
    five=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=FIVE_YEARS),
    true_if=cumulative("one", "three", "five"),
)
A_FURTHER = Claim(
    "After the {one:.0f}% re-referred in the first year, a further {second:.0f}% of these children were re-referred "
    "in the second or third year, and a further {third:.0f}% in the fourth or fifth.",
    one=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=ONE_YEAR),
    three=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=THREE_YEARS),
    five=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=FIVE_YEARS),
    second=percentage(
        A3.cell(COHORT_REREFERRED, year="first", follow_up=THREE_YEARS)
        - A3.cell(COHORT_REREFERRED, year="first", follow_up=ONE_YEAR),
        of=A3.cell(COHORT, year="first", follow_up=THREE_YEARS),
    ),
    third=percentage(
        A3.cell(COHORT_REREFERRED, year="first", follow_up=FIVE_YEARS)
        - A3.cell(COHORT_REREFERRED, year="first", follow_up=THREE_YEARS),
        of=A3.cell(COHORT, year="first", follow_up=FIVE_YEARS),
    ),
    true_if=(cumulative("one", "three", "five"), lower_than("third", "second")),
)
LATER_COHORTS = Claim(
    "Children with an initial referral in {five.later_years} followed the same pattern.",
    one=A3.series(COHORT_REREFERRED_RATE, follow_up=ONE_YEAR),
    three=A3.series(COHORT_REREFERRED_RATE, follow_up=THREE_YEARS),
    five=A3.series(COHORT_REREFERRED_RATE, follow_up=FIVE_YEARS),
    true_if=same_pattern("one", "three", "five", within=2.5),
)
EARLIER_RESEARCH = Claim(
    "This is in line with earlier research: of children referred in the year ending 31 March {earlier.year} who were "
    "still under eighteen at the end of the period, {earlier}% were re-referred within five years.",
    earlier=Comparator("earlier_cohort"),
    five=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=FIVE_YEARS),
    true_if=in_line_with("five", "earlier", within=2.5),
)

# Sources of referral


def source(group: str, referral_type: str | None = None) -> Figure:
    """The percentage of referrals, all or of a type, that come from a group of sources."""
    of_type = {"referral_type": referral_type} if referral_type else {}
    return A5.cell(SOURCE_SHARE, referral_source_group=group, **of_type)


_OTHER_SOURCES = {
    f"other_{place}": source(group)
    for place, group in enumerate(SOURCE.categories)
    if group not in (POLICE, SCHOOLS)
}  # fmt: skip

SOURCES_LARGEST = Claim(
    "The largest source of referrals is the police: {police:tenths} ({police:.0f}%) in the year ending 31 March "
    "{police.year}. Schools are the second largest, with {schools:.0f}%.",
    police=source(POLICE),
    schools=source(SCHOOLS),
    **_OTHER_SOURCES,
    true_if=(highest_of("police", "schools", *_OTHER_SOURCES), highest_of("schools", *_OTHER_SOURCES)),
)
SOURCES_REREFERRAL_HIGHER = Claim(
    "The police and local authority services make a larger share of re-referrals than of initial referrals: "
    "{police_again:.0f}% compared with {police:.0f}% for the police, and {services_again:.0f}% compared with "
    "{services:.0f}% for local authority services.",
    police_again=source(POLICE, REREFERRAL),
    police=source(POLICE, INITIAL),
    services_again=source(LA_SERVICES, REREFERRAL),
    services=source(LA_SERVICES, INITIAL),
    true_if=(higher_than("police_again", "police"), higher_than("services_again", "services")),
)
SOURCES_INITIAL_HIGHER = Claim(
    "Schools and health services make a larger share of initial referrals than of re-referrals: {schools:.0f}% "
    "compared with {schools_again:.0f}% for schools, and {health:.0f}% compared with {health_again:.0f}% for health "
    "services.",
    schools=source(SCHOOLS, INITIAL),
    schools_again=source(SCHOOLS, REREFERRAL),
    health=source(HEALTH, INITIAL),
    health_again=source(HEALTH, REREFERRAL),
    true_if=(higher_than("schools", "schools_again"), higher_than("health", "health_again")),
)

# Primary need


def need(category: str, referral_type: str | None = None) -> Figure:
    """The percentage of referrals with a need, all or of a type, whose primary need this is."""
    of_type = {"re_referral": referral_type} if referral_type else {}
    return A6.cell(NEED_SHARE, primaryneed=category, **of_type)


def need_difference(category: str) -> Derived:
    """By how many percentage points a need's share of re-referrals is above its share of initial referrals."""
    return need(category, REREFERRAL) - need(category, INITIAL)


_OTHER_NEEDS = {
    f"other_{place}": need(category) for place, category in enumerate(PRIMARY_NEED.categories) if category != ABUSE
}
_OTHER_DIFFERENCES = {
    f"other_{place}": need_difference(category)
    for place, category in enumerate(PRIMARY_NEED.categories)
    if category != FAMILY_DYSFUNCTION
}

NEED_LARGEST = Claim(
    "Abuse or neglect is the most common primary need. It was the need of {abuse:.0f}% of children assessed after a "
    "referral in the year ending 31 March {abuse.year}.",
    abuse=need(ABUSE),
    **_OTHER_NEEDS,
    true_if=highest_of("abuse", *_OTHER_NEEDS),
)
NEED_LARGEST_DIFFERENCE = Claim(
    "Initial referrals and re-referrals differ most in family dysfunction: it was the primary need of {again:.0f}% of "
    "children assessed after a re-referral, compared with {initial:.0f}% after an initial referral. This is the "
    "largest difference of any need.",
    again=need(FAMILY_DYSFUNCTION, REREFERRAL),
    initial=need(FAMILY_DYSFUNCTION, INITIAL),
    difference=need_difference(FAMILY_DYSFUNCTION),
    **_OTHER_DIFFERENCES,
    true_if=furthest_of("difference", *_OTHER_DIFFERENCES),
)

# Charts

REFERRALS_CHART = Chart(
    name="referrals_over_time",
    mark="line",
    shows={"All referrals": A1.series(REFERRALS), "Re-referrals": A1.series(REREFERRALS)},
    category_title="Year ending 31 March",
    value_title="Number of referrals",
    title=Claim(
        "Referrals have been stable since {first.year}, apart from a dip in {dip.year}",
        first=A1.cell(REFERRALS, year="first"),
        referrals=A1.series(REFERRALS),
        dip=A1.series(REFERRALS).lowest(),
        true_if=stable_except_within_percent("referrals", "dip", within=5),
    ),
    subtitle=Claim(
        "Number of referrals, and of re-referrals within 12 months of a previous referral, England, years ending "
        "31 March {first.year} to {latest.year}",
        first=A1.cell(REFERRALS, year="first"),
        latest=A1.cell(REFERRALS),
    ),
    alt=Claim(
        "Line chart, two lines from {first.year} to {latest.year}: referrals are stable except for a dip to "
        "{dip:,} in {dip.year}, and end at {latest:,}; re-referrals end at {rereferrals:,}.",
        first=A1.cell(REFERRALS, year="first"),
        latest=A1.cell(REFERRALS),
        rereferrals=A1.cell(REREFERRALS),
        referrals=A1.series(REFERRALS),
        dip=A1.series(REFERRALS).lowest(),
        true_if=stable_except_within_percent("referrals", "dip", within=5),
    ),
)
RATE_CHART = Chart(
    name="rereferral_rate_over_time",
    mark="line",
    shows={"Re-referral rate": A1.series(REREFERRAL_RATE)},
    category_title="Year ending 31 March",
    value_title="Percentage of referrals",
    title=Claim(
        "The re-referral rate is about the same as in {first.year}, at {latest:.0f}% of referrals",
        first=A1.cell(REREFERRAL_RATE, year="first"),
        latest=A1.cell(REREFERRAL_RATE),
        rate=A1.series(REREFERRAL_RATE),
        true_if=about_the_same_since("rate", within=1.5),
    ),
    subtitle=Claim(
        "Percentage of referrals that are re-referrals within 12 months of a previous referral, England, years ending "
        "31 March {first.year} to {latest.year}",
        first=A1.cell(REREFERRAL_RATE, year="first"),
        latest=A1.cell(REREFERRAL_RATE),
    ),
    alt=Claim(
        "Line chart: the percentage of referrals that are re-referrals was {first}% in {first.year} and {latest}% in "
        "{latest.year}, and between {low}% and {high}% in every year.",
        first=A1.cell(REREFERRAL_RATE, year="first"),
        latest=A1.cell(REREFERRAL_RATE),
        low=A1.series(REREFERRAL_RATE).lowest(),
        high=A1.series(REREFERRAL_RATE).highest(),
    ),
)
REPEAT_CHART = Chart(
    name="repeat_referrals",
    mark="bar",
    shows={
        category: A2.cell(CHILDREN_SHARE, number_of_referrals=category) for category in NUMBER_OF_REFERRALS.categories
    },
    category_title="Referrals of a child in the year",
    value_title="Percentage of children referred",
    title=Claim(
        "{once:.0f}% of children referred had one referral in the year, and {more:.0f}% had three or more",
        once=A2.cell(CHILDREN_SHARE, number_of_referrals=ONCE),
        more=A2.cell(CHILDREN_SHARE, number_of_referrals=THREE_OR_MORE),
    ),
    subtitle=Claim(
        "Percentage of children referred, by number of referrals in the year, England, year ending 31 March "
        "{once.year}",
        once=A2.cell(CHILDREN_SHARE, number_of_referrals=ONCE),
    ),
    alt=Claim(
        "Bar chart: of children referred in {once.year}, {once}% had one referral, {twice}% had two and {more}% had "
        "three or more.",
        once=A2.cell(CHILDREN_SHARE, number_of_referrals=ONCE),
        twice=A2.cell(CHILDREN_SHARE, number_of_referrals=TWICE),
        more=A2.cell(CHILDREN_SHARE, number_of_referrals=THREE_OR_MORE),
    ),
)
COHORT_CHART = Chart(
    name="rereferral_by_cohort",
    mark="line",
    shows={label: A3.series(COHORT_REREFERRED_RATE, follow_up=label) for label in FOLLOW_UP.categories},
    category_title="Year of initial referral, ending 31 March",
    value_title="Percentage re-referred",
    title=Claim(
        "{five:fraction} of children are re-referred within five years of an initial referral",
        five=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=FIVE_YEARS),
        five_by_cohort=A3.series(COHORT_REREFERRED_RATE, follow_up=FIVE_YEARS),
        true_if=about_the_same_since("five_by_cohort", within=2.5),
    ),
    subtitle=Claim(
        "Percentage of children with an initial referral who were re-referred within one, three and five years, "
        "England, by year of initial referral, years ending 31 March {first.year} to {latest.year}",
        first=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=ONE_YEAR),
        latest=A3.cell(COHORT_REREFERRED_RATE, follow_up=ONE_YEAR),
    ),
    alt=Claim(
        "Line chart by cohort, one line each for re-referral within one, three and five years. For the {one.year} "
        "cohort they stand at {one}%, {three}% and {five}%; the later cohorts shown are similar.",
        one=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=ONE_YEAR),
        three=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=THREE_YEARS),
        five=A3.cell(COHORT_REREFERRED_RATE, year="first", follow_up=FIVE_YEARS),
        one_by_cohort=A3.series(COHORT_REREFERRED_RATE, follow_up=ONE_YEAR),
        three_by_cohort=A3.series(COHORT_REREFERRED_RATE, follow_up=THREE_YEARS),
        five_by_cohort=A3.series(COHORT_REREFERRED_RATE, follow_up=FIVE_YEARS),
        true_if=tuple(
            about_the_same_since(name, within=2.5) for name in ("one_by_cohort", "three_by_cohort", "five_by_cohort")
        ),
    ),
)
SOURCES_CHART = Chart(
    name="sources_of_referral",
    mark="dots",
    shows=Cells(
        A5,
        SOURCE_SHARE,
        rows=SOURCE,
        columns=TYPE_AT_ONCE,
        row_names={group: "Local authority services" if group == LA_SERVICES else group for group in SOURCE.categories},
        column_names=TYPE_NAMES,
    ),
    category_title="Source of referral",
    value_title="Percentage of referrals of the type",
    title=Claim(
        "The police and local authority services make a larger share of re-referrals than of initial referrals",
        police_again=source(POLICE, REREFERRAL),
        police=source(POLICE, INITIAL),
        services_again=source(LA_SERVICES, REREFERRAL),
        services=source(LA_SERVICES, INITIAL),
        true_if=(higher_than("police_again", "police"), higher_than("services_again", "services")),
    ),
    subtitle=Claim(
        "Percentage of initial referrals and of re-referrals, by source, England, year ending 31 March {police.year}",
        police=source(POLICE, INITIAL),
    ),
    alt=Claim(
        "Dot plot by source: the police make {police_again}% of re-referrals and {police}% of initial referrals, "
        "schools {schools_again}% and {schools}%.",
        police_again=source(POLICE, REREFERRAL),
        police=source(POLICE, INITIAL),
        schools_again=source(SCHOOLS, REREFERRAL),
        schools=source(SCHOOLS, INITIAL),
    ),
    order=TYPE_NAMES[INITIAL],
)
NEEDS_CHART = Chart(
    name="primary_needs",
    mark="dots",
    shows=Cells(
        A6,
        NEED_SHARE,
        rows=PRIMARY_NEED,
        columns=REREFERRAL_TYPE,
        row_names={category: category.partition(" - ")[2] for category in PRIMARY_NEED.categories},
        column_names=TYPE_NAMES,
    ),
    category_title="Primary need",
    value_title="Percentage of referrals with a need recorded",
    title=Claim(
        "Family dysfunction differs most between initial referrals and re-referrals",
        difference=need_difference(FAMILY_DYSFUNCTION),
        **_OTHER_DIFFERENCES,
        true_if=furthest_of("difference", *_OTHER_DIFFERENCES),
    ),
    subtitle=Claim(
        "Percentage of initial referrals and of re-referrals with a need recorded, by primary need, England, year "
        "ending 31 March {abuse.year}",
        abuse=need(ABUSE, INITIAL),
    ),
    alt=Claim(
        "Dot plot by primary need: abuse or neglect is the need of {abuse_again}% of re-referrals and {abuse}% of "
        "initial referrals, family dysfunction of {family_again}% and {family}%.",
        abuse_again=need(ABUSE, REREFERRAL),
        abuse=need(ABUSE, INITIAL),
        family_again=need(FAMILY_DYSFUNCTION, REREFERRAL),
        family=need(FAMILY_DYSFUNCTION, INITIAL),
    ),
    order=TYPE_NAMES[INITIAL],
)

CHARTS = (REFERRALS_CHART, RATE_CHART, REPEAT_CHART, COHORT_CHART, SOURCES_CHART, NEEDS_CHART)
