"""Measures of regions and local authorities: rates by population (M20), and deprivation (M21)."""

from rereferrals.measures.referrals import REFERRALS
from rereferrals.model import Count, Definition, Estimate, Filter, Rate

POPULATION = Count(
    "population_estimate", "Children aged 0 to 17, mid-year estimate of the year before", reference="children_0_to_17"
)
REFERRAL_RATE = Rate(
    "referral_rate",
    "Number of referrals per 10,000 children aged 0 to 17",
    numerator=REFERRALS,
    denominator=POPULATION,
    per=10_000,
    unit="",
)
NO_FURTHER_ACTION_BEFORE = Estimate(
    "no_further_action_before_percent", "Percentage of referrals that resulted in no further action, the year before"
)
NO_FURTHER_ACTION_CHANGE = Estimate(
    "no_further_action_change_points", "Change of that percentage on the year before, in percentage points", unit="pp"
)
#: A change is abrupt if it is of this many percentage points or more, up or down, between two years that each have this
#: many referrals or more: fewer referrals change that much by chance.
ABRUPT_POINTS, ABRUPT_REFERRALS = 10, 100
ABRUPT_CHANGE = Estimate(
    "abrupt_change_count",
    f"1 for {ABRUPT_POINTS} points or more, with {ABRUPT_REFERRALS} referrals or more in both years; else 0",
    decimal_places=0,
    unit="",
)

DEPRIVATION_SCORE = Estimate("deprivation_score", "Score of the index of deprivation", decimal_places=4, unit="")
DEPRIVATION_RANK = Estimate(
    "deprivation_group", "Fifth of authorities by deprivation, of which the first is the most deprived", 0, ""
)
MOST_DEPRIVED, LEAST_DEPRIVED = "Most deprived fifth", "Least deprived fifth"
DEPRIVATION_GROUP = Filter(
    "deprivation_fifth",
    "Fifth of local authorities by deprivation",
    (MOST_DEPRIVED, "Second fifth", "Third fifth", "Fourth fifth", LEAST_DEPRIVED),
    total=None,
    default=MOST_DEPRIVED,
)
ALL_BUT_SMALLEST, ALL_AUTHORITIES = "All but the smallest", "All"
AUTHORITIES_COVERED = Filter(
    "authorities_covered", "Local authorities covered", (ALL_BUT_SMALLEST, ALL_AUTHORITIES),
    total=None, default=ALL_BUT_SMALLEST,
)  # fmt: skip
RATE_BY_DEPRIVATION = "Referral rate and deprivation"
INITIAL_RATE_BY_DEPRIVATION = "Rate of initial referrals and deprivation"
REREFERRALS_BY_DEPRIVATION = "Re-referral percentage and deprivation"
REREFERRALS_BY_RATE = "Re-referral percentage and referral rate"
AT_EQUAL_RATE = "Re-referral percentage and deprivation, at equal referral rate"
AT_EQUAL_INITIAL_RATE = "Re-referral percentage and deprivation, at equal rate of initial referrals"
ASSOCIATION = Filter(
    "association",
    "What is compared",
    (
        RATE_BY_DEPRIVATION, INITIAL_RATE_BY_DEPRIVATION, REREFERRALS_BY_DEPRIVATION, REREFERRALS_BY_RATE,
        AT_EQUAL_RATE, AT_EQUAL_INITIAL_RATE,
    ),
    total=None,
    default=RATE_BY_DEPRIVATION,
)  # fmt: skip
VALUES, RANKS = "Values", "Ranks"
COMPARED_BY = Filter(
    "compared_by", "Whether values or their ranks are compared", (VALUES, RANKS), total=None, default=VALUES
)
CORRELATION = Estimate("correlation_score", "Correlation", decimal_places=3, unit="")
CORRELATION_LOWER = Estimate("correlation_lower_score", "Correlation, lower end of its 95% interval", 3, "")
CORRELATION_UPPER = Estimate("correlation_upper_score", "Correlation, upper end of its 95% interval", 3, "")
AUTHORITIES = Estimate("authority_count", "Number of local authorities", 0, "")

MEAN_RATE = Estimate("referral_rate_average", "Mean referral rate of the authorities", 1, "")
MEAN_RATE_LOWER = Estimate("referral_rate_lower_average", "Mean referral rate, lower end of its 95% interval", 1, "")
MEAN_RATE_UPPER = Estimate("referral_rate_upper_average", "Mean referral rate, upper end of its 95% interval", 1, "")
MEAN_REREFERRALS = Estimate("rereferral_percent_average", "Mean re-referral percentage of the authorities")
MEAN_REREFERRALS_LOWER = Estimate(
    "rereferral_percent_lower_average", "Mean re-referral percentage, lower end of its 95% interval"
)
MEAN_REREFERRALS_UPPER = Estimate(
    "rereferral_percent_upper_average", "Mean re-referral percentage, upper end of its 95% interval"
)

EQUAL_RATE, EQUAL_INITIAL_RATE = "Referral rate", "Rate of initial referrals"
RATE_HELD_EQUAL = Filter(
    "rate_held_equal", "Rate that is about the same in a pair", (EQUAL_RATE, EQUAL_INITIAL_RATE),
    total=None, default=EQUAL_RATE,
)  # fmt: skip
LESS_DEPRIVED_HIGHER = Estimate(
    "less_deprived_higher_percent", "Percentage of pairs in which the less deprived has the higher re-referral rate"
)
LESS_DEPRIVED_HIGHER_LOWER = Estimate(
    "less_deprived_higher_lower_percent", "Percentage of those pairs, lower end of its 95% interval"
)
LESS_DEPRIVED_HIGHER_UPPER = Estimate(
    "less_deprived_higher_upper_percent", "Percentage of those pairs, upper end of its 95% interval"
)
PAIRS = Estimate("pair_count", "Number of pairs of authorities at about the same rate", 0, "")

DEFINITIONS = (
    Definition(
        "Local authority",
        "A council that is responsible for children's social care in its area.",
        "Its figures are those of its own return. A local authority that was reorganised is another one from the first "
        "whole year after.",
        ("M27",),
        also=("local authorities",),
    ),
    Definition(
        "Region",
        "One of nine groups of neighbouring local authorities in England.",
        "The figures of a region and of England are the sums of all returns, with other years' figures where a return "
        "could not be used (see below). London is the sum of Inner and Outer London.",
        ("M20", "M26"),
        also=("regions",),
    ),
    Definition(
        "Referral rate",
        f"Referrals for every {REFERRAL_RATE.per:,} children aged 0 to 17.",
        "The number of children is the mid-year estimate of the Office for National Statistics for the year before, so "
        "the rate of a year that ends on 31 March takes the number in the middle of the calendar year before.",
        ("M20",),
        also=("referral rates", f"referrals for every {REFERRAL_RATE.per:,} children"),
    ),
    Definition(
        "Abrupt change",
        f"A rise or fall of {ABRUPT_POINTS} percentage points or more, from one year to the next, in the percentage of "
        "a local authority's referrals with no further action.",
        f"It counts where there were {ABRUPT_REFERRALS} referrals or more in both years, because the percentage of "
        "fewer changes that much by chance.",
        ("M12",),
        also=("abrupt move",),
    ),
    Definition(
        "Deprivation",
        "How deprived a local authority is: its average score in the English indices of deprivation, in which a higher "
        "score is more deprived.",
        numbers=("M21",),
        also=("deprived", "index of deprivation"),
    ),
    Definition(
        "Correlation",
        "How closely two figures of local authorities go together, from −1 (one falls as the other rises) through 0 "
        "(no association) to 1.",
        "Each local authority counts the same whatever its size; the smallest are left out, and the effect of that is "
        "shown. At an equal referral rate, what two figures have in common with the rate is taken out of both.",
        ("M21",),
        also=("correlations",),
    ),
)
