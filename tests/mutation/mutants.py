"""Errors that a careless hand could make in what counts, and the tests that are most likely to notice each."""

from __future__ import annotations

from dataclasses import dataclass

ANNUAL = "spec/test_annual_method.py"
SECTIONS = "spec/test_sections.py"
UNITS = "properties/test_units.py"
PLAIN = "properties/test_sections.py"
PUBLISHED = "spec/test_published_ratios.py"
STAND_INS = "spec/test_stand_ins.py"
DISCLOSURE = "properties/test_disclosure.py"
ADDITIVE = "properties/test_additive.py"
COUNTED = "spec/test_areas_counted.py"
C1 = "spec/test_published_c1.py"
PLACES = "properties/test_places.py"
DEPRIVATION = "spec/test_places_deprivation.py"
OFSTED = "spec/test_places_inspections.py"
SURVIVAL = "spec/test_survival.py"
CURVES = "properties/test_survival.py"
HAZARDS = "properties/test_hazards.py"
OF_STORE = "spec/test_store_units.py"


@dataclass(frozen=True)
class Mutant:
    """One error: text that stands in one place of the source, and what takes its place.

    `tests` is asked first: a file below tests/, and the words that choose tests in it, as for `pytest -k`.
    """

    about: str
    old: str
    new: str
    tests: tuple[str, str]


#: Section → its errors.
MUTANTS: dict[str, tuple[Mutant, ...]] = {
    "referrals": (
        Mutant("366 days is within 12 months", "REREFERRAL_DAYS = 365", "REREFERRAL_DAYS = 366", (ANNUAL, "366")),
        Mutant("31 March is in the next year", "day.day() > 331", "day.day() >= 331", (ANNUAL, "31")),
        Mutant("groups of one day are not collapsed", 'same_day == "collapse"', 'same_day == "keep"', (ANNUAL, "day")),
        Mutant(
            "open cases of earlier years are counted again",
            "own = dated.filter(_.time_period == ",
            "own = dated.filter(_.time_period <= ",
            (ANNUAL, "first and known"),
        ),
        Mutant("RC8 without RC9", '("RC8", "RC9")', '("RC8",)', (ANNUAL, "RC9")),
        Mutant(
            "a conference at the level of the referral does not matter to need",
            "        & ~_.has_conference\n",
            "",
            (ANNUAL, "conference"),
        ),
        Mutant(
            "referrals are compared in file order, not by date",
            'history = ("cin_referral_date", "child_number", "referral_number")',
            'history = ("child_number", "referral_number")',
            (ANNUAL, "latest"),
        ),
        Mutant(
            "referrals without further action are no referrals",
            "own = dated.filter(_.time_period == _.collection_year)",
            "own = dated.filter(_.time_period == _.collection_year, ~_.referral_nfa.fill_null(False))",
            (ANNUAL, "further"),
        ),
        Mutant(
            "re-referred children as a share of referrals",
            "denominator=CHILDREN_REFERRED,",
            "denominator=REFERRALS,",
            (PUBLISHED, "A1"),
        ),
        Mutant(
            "the last cohort that can be followed is dropped",
            "_.time_period <= data_end.year - years",
            "_.time_period < data_end.year - years",
            (UNITS, "a_cohort_has_the_windows"),
        ),
    ),
    "durations": (
        Mutant(
            "a year to the day is less than a year",
            "INCLUSIVE = (True, True, False, False)",
            "INCLUSIVE = (True, True, True, False)",
            (SECTIONS, "band"),
        ),
        Mutant(
            "episodes are of the year of referral, not of closure",
            "time_period=reporting_year(_.cin_closure_date)",
            "time_period=reporting_year(_.cin_referral_date)",
            (PLAIN, "episodes"),
        ),
        Mutant(
            "a referral on the day of closure is an overlap",
            "_.open_until > _.cin_referral_date",
            "_.open_until >= _.cin_referral_date",
            (PLAIN, "episodes"),
        ),
        Mutant(
            "referrals without further action are episodes of need",
            "return ~_.referral_nfa & ",
            "return ",
            (PLAIN, "episodes"),
        ),
        Mutant(
            "open cases are no episodes",
            "~_.reason_for_closure.isin(NOT_IN_NEED_REASONS).fill_null(False)",
            "~_.reason_for_closure.isin(NOT_IN_NEED_REASONS)",
            (PLAIN, "episodes"),
        ),
        Mutant(
            "overlapping episodes are in durations",
            "~_.is_overlapping & ~_.has_impossible_dates",
            "~_.has_impossible_dates",
            (SECTIONS, "begins_within_another"),
        ),
        Mutant(
            "first and later episodes are swapped",
            "_.is_rereferral.ifelse(REREFERRAL, INITIAL)",
            "_.is_rereferral.ifelse(INITIAL, REREFERRAL)",
            (SECTIONS, "first_episode"),
        ),
    ),
    "characteristics": (
        Mutant(
            "a child is a year older only after its birthday",
            ">= (birth.month() * 100 + birth.day())",
            "> (birth.month() * 100 + birth.day())",
            (PLAIN, "child"),
        ),
        Mutant("age on 1 April", "ibis.date(_.time_period, 3, 31)", "ibis.date(_.time_period, 4, 1)", (PLAIN, "child")),
        Mutant(
            "codes of sex are swapped",
            'SEXES = {"1": "M", "2": "F"',
            'SEXES = {"1": "F", "2": "M"',
            (SECTIONS, "sex"),
        ),
        Mutant(
            "no disability is a disability",
            ".filter(_.disability != NO_DISABILITY)",
            ".filter(_.disability.notnull())",
            (SECTIONS, "disability"),
        ),
        Mutant("16-year-olds are 10 to 15", "(_.age >= first, band)", "(_.age > first, band)", (SECTIONS, "age")),
        Mutant(
            "school age is of the school year that follows",
            "ibis.date(_.time_period - 1, 8, 31)",
            "ibis.date(_.time_period, 8, 31)",
            (SECTIONS, "school"),
        ),
        Mutant(
            "a pupil with several records is known", "_.records == 1", "_.records >= 1", (SECTIONS, "several_records")
        ),
        Mutant(
            "children of unknown eligibility are in the base of free school meals",
            "denominator=FSM_KNOWN",
            "denominator=SCHOOL_AGE",
            (PUBLISHED, "C1"),
        ),
        Mutant(
            "the last of several records of a child counts",
            "child_number=_.child_number.min()",
            "child_number=_.child_number.max()",
            (SECTIONS, "recorded_twice"),
        ),
        Mutant(
            "a child is re-referred only if each of its referrals is one",
            "is_rereferred=_.is_rereferral.any()",
            "is_rereferred=_.is_rereferral.all()",
            (UNITS, "annual_figures_agree"),
        ),
    ),
    "factors": (
        Mutant(
            "assessments authorised in earlier years are in a year's factors",
            "reporting_year(_.assessment_authorisation_date) == _.collection_year",
            "reporting_year(_.assessment_authorisation_date) <= _.collection_year",
            (PLAIN, "factors"),
        ),
        Mutant(
            "factors of assessments that are not authorised are in a year's factors",
            "left_join(authorised, ASSESSMENT_KEY)",
            "left_join(authorised, GROUP_KEY)",
            (PLAIN, "factors"),
        ),
        Mutant(
            "factors are not pooled over the returns of a referral",
            "factors=union(_.factors)",
            "factors=_.factors.max()",
            (SECTIONS, "all_the_returns"),
        ),
        Mutant(
            "a share of all types of referral, not of all with any factor",
            "of=REFERRALS_WITH_FACTOR,\n    within=FACTOR",
            "of=REFERRALS_WITH_FACTOR,\n    within=THREE_TYPES",
            (PUBLISHED, "D1"),
        ),
        Mutant(
            "referrals that lead to a re-referral are re-referrals with the factor",
            '"Number of re-referrals with the factor", where=_.is_rereferral',
            '"Number of re-referrals with the factor", where=_.referral_status != "not_leading"',
            (SECTIONS, "rereferral_rate"),
        ),
    ),
    "journeys": (
        Mutant(
            "a conference is above a plan",
            "(has(PLAN), PLANNED),\n        (has(CONFERENCE), CONFERRED),",
            "(has(CONFERENCE), CONFERRED),\n        (has(PLAN), PLANNED),",
            (PLAIN, "level"),
        ),
        Mutant(
            "the conference of a section 47 enquiry is forgotten",
            "ENQUIRY | CONFERENCE, ENQUIRY",
            "ENQUIRY, ENQUIRY",
            (PLAIN, "level"),
        ),
        Mutant(
            "assessed as not in need in spite of a plan for a child in need",
            "        (has(CHILD_IN_NEED_PLAN), IN_NEED),\n",
            "",
            (SECTIONS, "was_in_need"),
        ),
        Mutant(
            "looked after from the day of closure does not count",
            "_.first_day <= _.case_end",
            "_.first_day < _.case_end",
            (SECTIONS, "looked_after"),
        ),
        Mutant(
            "365 days later is not followed",
            '_.next_referral_date.delta(_.cin_referral_date, unit="day") <= days',
            '_.next_referral_date.delta(_.cin_referral_date, unit="day") < days',
            (SECTIONS, "within_365_days"),
        ),
        Mutant(
            "a re-referral that is followed by another leads to one",
            "(_.is_rereferral, REREFERRAL), (is_followed(days), LEADING)",
            "(is_followed(days), LEADING), (_.is_rereferral, REREFERRAL)",
            (PLAIN, "status"),
        ),
        Mutant(
            "what came next is what came before",
            "_[name].lead().over(history)",
            "_[name].lag().over(history)",
            (SECTIONS, "came_next"),
        ),
        Mutant(
            "a renewed id is another person",
            "conference = ibis.ifelse(",
            "groups = groups.mutate(local_person_id=_.child_id)\n    conference = ibis.ifelse(",
            (SECTIONS, "renewed_id"),
        ),
        Mutant(
            "the earliest return tells source and need",
            "later_return = _.collection_year",
            "later_return = -_.collection_year",
            (SECTIONS, "latest_return"),
        ),
    ),
    "child protection": (
        Mutant("children of 17 count", "YEARS, OLDEST = 5, 16", "YEARS, OLDEST = 5, 17", (SECTIONS, "five_years")),
        Mutant(
            "a plan that starts on the last day does not count",
            "_.cpp_start_date <= data_end",
            "_.cpp_start_date < data_end",
            (PLAIN, "plan"),
        ),
        Mutant(
            "a plan that ends on the last day is active after it",
            "_.end > data_end",
            "_.end >= data_end",
            (SECTIONS, "five_years"),
        ),
        Mutant(
            "a child with plans in two places is two children",
            '.group_by("person_id", "cpp_start_date")',
            '.mutate(person_id=_.child_id).group_by("person_id", "cpp_start_date")',
            (PLAIN, "plan"),
        ),
        Mutant(
            "a plan ends as the earliest return with it says",
            "_.end.argmax(_.collection_year)",
            "_.end.argmin(_.collection_year)",
            (PLAIN, "plan"),
        ),
    ),
    "places": (
        Mutant(
            "a local authority's own row has the figures of a stand-in",
            "own.merge(within,",
            "settled.merge(within,",
            (COUNTED, "own_figures"),
        ),
        Mutant("London is without its parts", "pd.concat([within, around])", "within", (COUNTED, "stand_in")),
        Mutant(
            "a local authority without a return has no referrals",
            "(row.time_period, row.old_la_code) not in returned",
            "False",
            (COUNTED, "return"),
        ),
        Mutant(
            "a second part is hidden where two are",
            "sum(part in hidden for part in parts) == 1:",
            "any(part in hidden for part in parts) and len(hidden) < 3:",
            (ADDITIVE, "second"),
        ),
        Mutant(
            "the second part hidden is the first of the smallest",
            "min(reversed(others), key",
            "min(others, key",
            (ADDITIVE, "second"),
        ),
        Mutant(
            "regions and England are protected as authorities are",
            "protection.threshold if level == LOCAL_AUTHORITY else protection.regional_threshold",
            "protection.threshold",
            (ADDITIVE, "settings"),
        ),
        Mutant(
            "what stands in for an authority's total is its own figure",
            "counted = year if issue is None or issue.carried_year is None else issue.carried_year",
            "counted = year",
            (C1, "carried"),
        ),
        Mutant(
            "a rate is of the population of another vintage's first area",
            'row["old_la_code"] or row["region_code"] or ENGLAND[0]',
            'row["region_code"] or ENGLAND[0]',
            (C1, "rate"),
        ),
        Mutant(
            "fifths run from the least deprived",
            "len(ordered) - bisect_right(ordered, score)",
            "bisect_right(ordered, score) - 1",
            (DEPRIVATION, "fifth"),
        ),
        Mutant(
            "the smallest authorities are in and the others are out",
            "not in release.places.too_small",
            "in release.places.too_small",
            (DEPRIVATION, ""),
        ),
        Mutant(
            "a judgement's year is the one it was published in",
            "reporting_year(judgement.publication_date) - 1",
            "reporting_year(judgement.publication_date)",
            (OFSTED, ""),
        ),
        Mutant(
            "a judgement published on the day is not known yet",
            "publication_date <= release.places.judged_by",
            "publication_date < release.places.judged_by",
            (OFSTED, ""),
        ),
        Mutant(
            "a change is what was before less what came after",
            "inference.mean(after) - inference.mean(before)",
            "inference.mean(before) - inference.mean(after)",
            (OFSTED, ""),
        ),
    ),
    "survival": (
        Mutant(
            "a referral made while the case was open ends it",
            "overlapping = cases.filter(_.next_referral_date < _.start)",
            "overlapping = cases.filter(_.next_referral_date > _.start)",
            (SURVIVAL, "first_referral"),
        ),
        Mutant(
            "a referral on the day of closure is too early",
            "is_after = (_.next_referral_date >= _.start)",
            "is_after = (_.next_referral_date > _.start)",
            (SURVIVAL, "first_referral"),
        ),
        Mutant(
            "someone born on 29 February is 18 on 28 February",
            "adult = ibis.ifelse(is_leap,",
            "adult = ibis.ifelse(~is_leap & is_leap,",
            (SURVIVAL, "29_february"),
        ),
        Mutant(
            "a case closed on the 18th birthday is followed",
            ".filter((_.days_to_adult > 0)",
            ".filter((_.days_to_adult >= 0)",
            (SURVIVAL, "18th"),
        ),
        Mutant("RC2 is no death", '("RC5", "RC2")', '("RC5", "RC6")', (SURVIVAL, "died")),
        Mutant(
            "every return tells of a child",
            '.group_by("local_person_id", time_period=_.collection_year)',
            '.group_by("local_person_id", time_period=_.collection_year - 1)',
            (SURVIVAL, "return"),
        ),
        Mutant(
            "the fifth year before is left out",
            "days = DAYS_IN_YEAR * EARLIER_YEARS",
            "days = DAYS_IN_YEAR * EARLIER_YEARS - 1",
            (SURVIVAL, "earlier"),
        ),
        Mutant(
            "other ends go before a re-referral of the day",
            "is_again = (_.days_to_referral <= _.end)",
            "is_again = (_.days_to_referral < _.end)",
            (CURVES, "exits"),
        ),
        Mutant(
            "cases that move are not followed on",
            'if rules.transfers == "censored"',
            'if rules.transfers != "censored"',
            (CURVES, "exits"),
        ),
        Mutant(
            "those who leave on a day are not at risk on it",
            "return self.leaving[::-1].cumsum()[::-1]",
            "return self.leaving[::-1].cumsum()[::-1] - self.leaving",
            (CURVES, "kaplan"),
        ),
        Mutant("pairs count once", "pairs + pairs.T)", "pairs)", (CURVES, "covariance")),
        Mutant(
            "those re-referred count among those that were not",
            "table.at_risk - table.rereferred",
            "table.at_risk",
            (CURVES, "greenwood"),
        ),
        Mutant(
            "a band is as wide as an interval",
            "max(NORMAL, float(np.quantile(np.concatenate(deviations), CONFIDENCE)))",
            "NORMAL",
            (CURVES, "band"),
        ),
        Mutant(
            "pairs of two categories are in both",
            '(_[name] & _[f"{name}_right"]).sum()',
            "_[name].sum()",
            (CURVES, "pairs"),
        ),
        Mutant("ties by Breslow's method", "turn / np.repeat(count, count)", "0.0 * turn", (HAZARDS, "ties")),
        Mutant(
            "those who left before the days of a model are at risk",
            "in_time = cells[cells.day >= days.start]",
            "in_time = cells[cells.day >= 0]",
            (HAZARDS, "later"),
        ),
        Mutant(
            "robust errors of cases, not of children",
            'joined.group_by("person_id")',
            'joined.group_by("person_id", "pattern", "ending")',
            (HAZARDS, "robust"),
        ),
        Mutant(
            "a case that leaves on the day of another's re-referral is not later",
            "at_risk -= np.bincount(rank, events, size)",
            "at_risk -= np.bincount(rank, cells.leaving[rows], size)",
            (HAZARDS, "concordance"),
        ),
        Mutant(
            "an estimate is of single cases",
            "cases = divide_half_up(int(value * whole + 0.5), base)",
            "cases = int(value * whole + 0.5) / base",
            (SURVIVAL, "tens"),
        ),
        Mutant(
            "an estimate is shown beside a confidential count",
            "for count in (estimate.of, estimate.numerator)",
            "for count in (estimate.of,)",
            (SURVIVAL, "confidential"),
        ),
        Mutant(
            "the held-out year is known to the model",
            "followed.cases(year - 1, YEARS_FOLLOWED - 2)",
            "followed.cases(year, YEARS_FOLLOWED - 2)",
            (HAZARDS, "held_out"),
        ),
        Mutant(
            "without further action counts",
            'if rules.nfa_entry == "exclude"',
            'if rules.nfa_entry != "exclude"',
            (SURVIVAL, "without_further"),
        ),
    ),
    "every section": (
        Mutant(
            "child records without a name are of one child",
            "+ _.child_number)",
            "+ 1)",
            (OF_STORE, "without_a_name"),
        ),
        Mutant(
            "an unknown code is the last one that is known",
            "else_=len(places) + 1",
            "else_=len(places)",
            (OF_STORE, "code"),
        ),
        Mutant(
            "an authority without a return has no stand-in",
            'counts["time_period"] == issue.carried_year',
            'counts["time_period"] == issue.time_period',
            (STAND_INS, "stand"),
        ),
        Mutant(
            "an authority whose year is left out is left out in every year",
            "settled = settled[~own]",
            "settled = settled[~theirs]",
            (STAND_INS, "left_out"),
        ),
        Mutant(
            "halves are rounded down",
            "(2 * numerator + denominator)",
            "(2 * numerator + denominator - 1)",
            (DISCLOSURE, "rounded"),
        ),
        Mutant(
            "the last year is published as if a year had passed",
            "year >= self.last_year",
            "year > self.last_year",
            (SECTIONS, "last_year"),
        ),
    ),
}
