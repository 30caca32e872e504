"""Data sets on re-referrals around inspections of local authorities."""

from rereferrals.datasets.regional import CIN_C1
from rereferrals.measures import ofsted as measures
from rereferrals.measures.regional import AUTHORITIES
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL, DataSet

F2 = DataSet(
    id="F2",
    title="Re-referrals and Ofsted judgements",
    file_name="rereferrals_and_ofsted_judgements",
    unit="",
    made_from=(CIN_C1,),
    filters=(measures.JUDGEMENT,),
    indicators=tuple(measures.AROUND_JUDGEMENT.values()),
    levels=(NATIONAL, LOCAL_AUTHORITY),
    footnotes=("ofsted_year", "ofsted_median"),
)
G1 = DataSet(
    id="G1",
    title="Re-referrals before and after inspections",
    file_name="rereferrals_before_and_after_inspections",
    unit="",
    made_from=(CIN_C1,),
    filters=(measures.JUDGEMENT, measures.YEARS_SINCE, measures.INSPECTIONS_COVERED),
    indicators=(
        measures.MEDIAN, measures.ABOVE_ENGLAND, measures.ABOVE_ENGLAND_LOWER, measures.ABOVE_ENGLAND_UPPER,
        measures.ABOVE_ENGLAND_P, AUTHORITIES, measures.INSPECTIONS,
    ),
    footnotes=("inspection_year", "inspection_interval", "inspections_repeat"),
    latest_only=True,
)  # fmt: skip
G1_CHANGES = DataSet(
    id="G1b",
    title="Change in re-referrals from before to after inspections",
    file_name="change_in_rereferrals_after_inspections",
    unit="",
    made_from=(CIN_C1,),
    filters=(measures.JUDGEMENT,),
    indicators=(
        measures.CHANGE, measures.CHANGE_LOWER, measures.CHANGE_UPPER, measures.CHANGE_P, AUTHORITIES,
        measures.INSPECTIONS,
    ),
    footnotes=("inspection_year", "inspection_change", "inspection_interval", "inspections_repeat"),
    latest_only=True,
)  # fmt: skip

DATA_SETS = (F2, G1, G1_CHANGES)
