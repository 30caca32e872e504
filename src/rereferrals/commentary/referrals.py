"""What the chapter on referrals and re-referrals says and draws."""

from rereferrals.chart_model import Chart
from rereferrals.commentary.wording import (
    a_further,
    about_the_same_since,
    changed,
    cumulative,
    in_line_with,
    lower_than,
    most,
    same_pattern,
    stable_except,
    stable_except_within_percent,
)
from rereferrals.datasets.referrals import A1, A2, A3
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
from rereferrals.model import Claim, Comparator, Event, percentage

ONCE, TWICE, THREE_OR_MORE = NUMBER_OF_REFERRALS.categories
ONE_YEAR, THREE_YEARS, FIVE_YEARS = FOLLOW_UP.categories

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

CHARTS = (REFERRALS_CHART, RATE_CHART, REPEAT_CHART, COHORT_CHART)
