"""Census returns in XML from a few rows, as tests write them down (see `oracle` for the form of a row)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import oracle


def write_returns(rows: list[oracle.Row], folder: Path) -> list[Path]:
    """One XML return per authority and collection year; children in order of their first row."""
    paths = []
    key = lambda row: (oracle.file_year(row), row["la"])  # noqa: E731
    for (year, la), theirs in groupby(sorted(rows, key=key), key):
        path = folder / f"{la}_{year}.xml"
        path.write_text(_return(year, la, list(theirs)), encoding="utf-8")
        paths.append(path)
    return paths


def _return(year: int, la: str, rows: list[oracle.Row]) -> str:
    children: dict[str, list[oracle.Row]] = {}
    for row in rows:
        children.setdefault(row["child"], []).append(row)
    return (
        f"<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{year}</Year>"
        f"<ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails>"
        f"<Source><SourceLevel>L</SourceLevel><LEA>{la}</LEA></Source></Header>"
        f"<Children>{''.join(_child(name, theirs) for name, theirs in children.items())}</Children></Message>"
    )


def _child(name: str, rows: list[oracle.Row]) -> str:
    known = {key: value for row in rows for key, value in row.items()}
    return (
        f"<Child><ChildIdentifiers>{_element('LAchildID', name)}{_element('UPN', known.get('upn'))}"
        f"{_element('FormerUPN', known.get('former_upn'))}{_element('PersonBirthDate', known.get('birth'))}"
        f"{_element('ExpectedPersonBirthDate', known.get('expected'))}"
        f"{_element('GenderCurrent', known.get('gender', '1'))}"
        f"{_element('PersonDeathDate', known.get('death'))}</ChildIdentifiers>"
        f"<ChildCharacteristics>{_element('Ethnicity', known.get('ethnicity', 'WBRI'))}"
        f"<Disabilities>{_elements('Disability', known.get('disabilities', ()))}</Disabilities></ChildCharacteristics>"
        f"{''.join(map(_group, rows))}</Child>"
    )


def _group(row: oracle.Row) -> str:
    inner = "".join(
        [
            _element("CINreferralDate", row["ref"]),
            _element("ReferralSource", row.get("source", "6")),
            _element("PrimaryNeedCode", row.get("need")),
            _element("CINclosureDate", row.get("close")),
            _element("ReasonForClosure", row.get("reason")),
            _element("DateOfInitialCPC", row.get("icpc")),
            *(
                "<Assessments>"
                + _element("AssessmentActualStartDate", a.get("start"))
                + _element("AssessmentAuthorisationDate", a.get("auth"))
                + "<FactorsIdentifiedAtAssessment>"
                + _elements("AssessmentFactors", a.get("factors", ()))
                + "</FactorsIdentifiedAtAssessment></Assessments>"
                for a in row.get("assess", ())
            ),
            *(
                f"<CINPlanDates>{_element('CINPlanStartDate', p['start'])}</CINPlanDates>"
                for p in row.get("cin_plans", ())
            ),
            *(
                f"<Section47>{_element('S47ActualStartDate', s['start'])}{_element('DateOfInitialCPC', s.get('icpc'))}"
                "<ICPCnotRequired>0</ICPCnotRequired></Section47>"
                for s in row.get("s47", ())
            ),
            _element("ReferralNFA", str(row.get("nfa", "0")).lower()),
            *(
                f"<ChildProtectionPlans>{_element('CPPstartDate', p['start'])}{_element('CPPendDate', p.get('end'))}"
                "</ChildProtectionPlans>"
                for p in row.get("cpp", ())
            ),
        ]
    )
    return f"<CINdetails>{inner}</CINdetails>"


def _elements(name: str, values: Iterable[Any]) -> str:
    return "".join(_element(name, value) for value in values)


def _element(name: str, value: Any) -> str:
    return "" if value is None else f"<{name}>{escape(str(value))}</{name}>"
