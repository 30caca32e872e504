"""A census that is made up: child-level returns, of no child, that count to published figures (M01-M07, M12, M13).

`targets` says what each authority's year must count to, `history` draws when children are referred, `journeys` what
follows, `families` runs both for authorities that succeed one another, and `returns` reads off what each return says.
"""

from rereferrals.census.synthetic.store import synthesise

__all__ = ["synthesise"]
