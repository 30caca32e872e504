"""Data sets on the characteristics of children referred."""

from rereferrals.measures import characteristics as measures
from rereferrals.model import Count, DataSet, Filter, Rate, Share


def _children(
    id: str, title: str, file_name: str, share: Share, *filters: Filter, footnotes: tuple[str, ...]
) -> DataSet:
    return DataSet(
        id=id,
        title=title,
        file_name=file_name,
        unit="children",
        filters=filters,
        indicators=(measures.CHILDREN, share),
        footnotes=(*footnotes, "child_counted_per_authority", "rounding"),
    )


def _matched(id: str, title: str, file_name: str, *indicators: Count | Rate) -> DataSet:
    return DataSet(
        id=id,
        title=title,
        file_name=file_name,
        unit="children",
        filters=(measures.CHILD_STATUS,),
        indicators=(measures.SCHOOL_AGE, *indicators),
        footnotes=("school_census", "child_rereferred", "child_counted_per_authority", "rounding"),
        needs="pupils",
    )


B1 = _children(
    "B1", "Children referred, by whether they were re-referred", "children_referred", measures.STATUS_SHARE,
    measures.CHILD_STATUS, footnotes=("child_rereferred",),
)  # fmt: skip
B2 = _children(
    "B2", "Children referred, by sex", "children_referred_by_sex", measures.SEX_SHARE,
    measures.SEX, measures.CHILD_STATUS, footnotes=("child_rereferred", "sex"),
)  # fmt: skip
B3 = _children(
    "B3", "Children referred, by age", "children_referred_by_age", measures.AGE_SHARE,
    measures.AGE, measures.CHILD_STATUS, footnotes=("child_rereferred", "age"),
)  # fmt: skip
B4 = _children(
    "B4", "Children referred, by ethnic group", "children_referred_by_ethnicity", measures.ETHNICITY_SHARE,
    measures.ETHNICITY, measures.CHILD_STATUS, footnotes=("child_rereferred", "ethnicity"),
)  # fmt: skip
B5 = _children(
    "B5", "Children referred, by disability", "children_referred_by_disability", measures.DISABILITY_SHARE,
    measures.DISABILITY, measures.CHILD_STATUS, footnotes=("child_rereferred", "disability"),
)  # fmt: skip
C1 = _matched(
    "C1", "Children referred, by eligibility for free school meals", "children_referred_by_free_school_meals",
    measures.FSM_KNOWN, measures.FSM_ELIGIBLE, measures.FSM_RATE, measures.FSM_UNKNOWN, measures.FSM_UNKNOWN_RATE,
)  # fmt: skip
C2 = _matched(
    "C2", "Children referred, by special educational needs", "children_referred_by_special_needs",
    measures.SEN_KNOWN, measures.PLAN, measures.PLAN_RATE, measures.SUPPORT, measures.SUPPORT_RATE,
    measures.ANY_SEN, measures.ANY_SEN_RATE, measures.SEN_UNKNOWN, measures.SEN_UNKNOWN_RATE,
)  # fmt: skip

DATA_SETS = (B1, B2, B3, B4, B5, C1, C2)
