"""A screener of data files: what the publishing platform asks of them at upload, and what readers may ask beyond."""

from rereferrals.screener.files import metadata_path
from rereferrals.screener.lookups import FILES, Lookups
from rereferrals.screener.results import Outcome, Result, Screening
from rereferrals.screener.stages import screen

__all__ = ["FILES", "Lookups", "Outcome", "Result", "Screening", "metadata_path", "screen"]
