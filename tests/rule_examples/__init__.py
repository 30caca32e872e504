"""For every rule, returns that keep it and returns that break it."""

from __future__ import annotations

from rule_examples import assessments, children, columns, plans, referrals, returns, section47
from rule_examples.made import Return

#: Rule → returns that keep it, returns that break it.
EXAMPLES: dict[str, tuple[list[Return], list[Return]]] = {}
for _module in (returns, children, referrals, assessments, section47, plans, columns):
    EXAMPLES |= _module.EXAMPLES
