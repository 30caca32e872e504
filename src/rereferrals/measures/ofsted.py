"""Measures of re-referrals around inspections of local authorities (M22)."""

from rereferrals.model import Definition, Estimate, Filter
from rereferrals.reference import code_set

OUTSTANDING, GOOD, REQUIRES_IMPROVEMENT, INADEQUATE = (code.label for code in code_set("ofsted_judgement"))
JUDGEMENT = Filter(
    "ofsted_judgement",
    "Overall effectiveness",
    (OUTSTANDING, GOOD, REQUIRES_IMPROVEMENT, INADEQUATE),
    total=None,
    default=GOOD,
)
#: The years around a judgement in the published alignment, by the year counted from that of the judgement.
AROUND_JUDGEMENT = {
    offset: Estimate(f"re_referrals_{name}", label, decimal_places=2)
    for offset, name, label in (
        (-3, "pre3", "Re-referral percentage 3 years before the Ofsted year"),
        (-2, "pre2", "Re-referral percentage 2 years before the Ofsted year"),
        (-1, "pre1", "Re-referral percentage 1 year before the Ofsted year"),
        (0, "ofstedyear", "Re-referral percentage in the Ofsted year"),
        (1, "post1", "Re-referral percentage 1 year after the Ofsted year"),
        (2, "post2", "Re-referral percentage 2 years after the Ofsted year"),
    )
}

#: Years counted from that of the inspection, with their names.
AROUND_INSPECTION = {
    -3: "3 years before", -2: "2 years before", -1: "1 year before", 0: "Year of the inspection",
    1: "1 year after", 2: "2 years after", 3: "3 years after",
}  # fmt: skip
YEARS_SINCE = Filter(
    "years_since_inspection", "Reporting year, counted from the inspection", tuple(AROUND_INSPECTION.values()),
    total=None, default=AROUND_INSPECTION[0],
)  # fmt: skip
ALL_AVAILABLE, SAME_THROUGHOUT = "All that have the year", "Those that have every year"
INSPECTIONS_COVERED = Filter(
    "inspections_covered", "Inspections covered", (ALL_AVAILABLE, SAME_THROUGHOUT), total=None, default=ALL_AVAILABLE
)
MEDIAN = Estimate("rereferral_median", "Median re-referral percentage of the authorities inspected", 2)
ABOVE_ENGLAND = Estimate(
    "rereferral_above_england_median", "Median difference from England in the same year, in percentage points", 2, "pp"
)
ABOVE_ENGLAND_LOWER = Estimate(
    "rereferral_above_england_lower_median", "That difference, lower end of its 95% interval", 2, "pp"
)
ABOVE_ENGLAND_UPPER = Estimate(
    "rereferral_above_england_upper_median", "That difference, upper end of its 95% interval", 2, "pp"
)
ABOVE_ENGLAND_P = Estimate("no_difference_probability", "Probability of signs as uneven if there were none", 4, "")
INSPECTIONS = Estimate("inspection_count", "Number of inspections", 0, "")

CHANGE = Estimate(
    "rereferral_change_median", "Median change against England, years after less years before, in percentage points",
    2, "pp",
)  # fmt: skip
CHANGE_LOWER = Estimate("rereferral_change_lower_median", "That change, lower end of its 95% interval", 2, "pp")
CHANGE_UPPER = Estimate("rereferral_change_upper_median", "That change, upper end of its 95% interval", 2, "pp")
CHANGE_P = Estimate("no_change_probability", "Probability of signs as uneven if there were none", 4, "")

DEFINITIONS = (
    Definition(
        "Ofsted judgement",
        "Ofsted's overall judgement, after an inspection, of the services of a local authority for children: "
        f"{OUTSTANDING.lower()}, {GOOD.lower()}, {REQUIRES_IMPROVEMENT.lower()} or {INADEQUATE.lower()}.",
        numbers=("M22",),
        also=("Ofsted judgements", "judgement", "judgements", "judged"),
    ),
    Definition(
        "Ofsted year",
        "Of a report on a local authority: the last reporting year that had ended before the April that its "
        "publication follows.",
        "The data set by the latest judgement goes by it.",
        ("M22",),
    ),
    Definition(
        "Year of an inspection",
        "The reporting year in which the inspection began.",
        "The data sets on all inspections go by it, so that the years before and after truly are.",
        ("M22",),
        also=("year of the inspection",),
    ),
    Definition(
        "Median",
        "The value in the middle, when values are put in order.",
        "Intervals and probabilities around inspections are of medians, and ask for no more than that local "
        "authorities are independent of each other.",
        ("M22",),
        also=("medians",),
    ),
)
