"""A published file from its address, whole or not at all."""

from __future__ import annotations

import gzip
import zlib

import requests

from rereferrals.errors import BadInput
from rereferrals.open_data.sources import Source
from rereferrals.open_data.tabular import WORKBOOK

#: Seconds to wait for a connection, and for the next piece.
WAIT = (10, 60)
PIECE = 1 << 16
#: No file of ours is near so many bytes.
MOST = 100 << 20
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"


def download(source: Source) -> bytes:
    """The content at a source's address, unpacked; raises BadInput if it does not come whole, or is something else."""
    try:
        with requests.get(source.address, timeout=WAIT, stream=True) as response:
            if not response.ok:
                raise _fault(source, f"the answer was {response.status_code} {response.reason}")
            content = _whole(source, response)
    except requests.Timeout:
        raise _fault(source, "there was no answer in time") from None
    except requests.ConnectionError:
        raise _fault(source, "there is no connection, or it broke") from None
    except requests.RequestException as error:
        raise _fault(source, f"it did not come whole ({type(error).__name__})") from None
    unpacked = _unpacked(source, content)
    _check_kind(source, unpacked)
    return unpacked


def _whole(source: Source, response: requests.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_content(PIECE):
        content += piece
        if len(content) > MOST:
            raise _fault(source, f"it is longer than {MOST} bytes")
    return bytes(content)


def _unpacked(source: Source, content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error):
        raise _fault(source, "it did not come whole") from None


def _check_kind(source: Source, content: bytes) -> None:
    """A page that says that something went wrong often comes as if nothing had."""
    workbook = source.file.endswith(WORKBOOK)
    if workbook != content.startswith(ZIP) or content.lstrip()[:1] in (b"<", b"{", b""):
        raise _fault(source, f"what came is no {'workbook' if workbook else 'CSV'}")


def _fault(source: Source, what: str) -> BadInput:
    return BadInput(
        f"{source.name}: {source.address} could not be fetched: {what}; nothing was changed. Try again later, "
        f"correct the address in open_data.csv, or work with what is there (--offline)"
    )
