"""What a file given as a return must not be. Messages name the file, the line and what to do, and never a value."""

from __future__ import annotations

import codecs
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from rereferrals.errors import BadInput

BLOCK = 1 << 20
MAX_MEMBER = 50 * 1000 * 1000
MAX_RATIO = 200
MAX_MEMBERS = 10_000

WIDE_TEXT = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAVE_AS_UTF8 = "save it as UTF-8 and give it again"
ASK_AGAIN = "ask the authority for the file again"
GIVE_FILES = "give the returns themselves, as .xml files"
TOO_LARGE = f"the zip has a member of more than {MAX_MEMBER // 10**6} MB"
NOT_IN_XML = bytes(set(range(32)) - set(b"\t\n\r"))


def refusal(name: str, line: int | None, fault: str, remedy: str) -> BadInput:
    """The message that refuses a file: where, what is wrong with it, what to do."""
    place = f"{name}, line {line}" if line else name
    return BadInput(f"{place}: {fault}; {remedy}")


def shown(name: Path | str) -> str:
    """A file's name as messages and the store show it: on one line, whatever is in it."""
    return "".join(character if character.isprintable() else "?" for character in str(name))


def blocks(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    """A file's content, a block at a time."""
    with open(path, "rb") as file:
        while block := file.read(size):
            yield block


def utf8(content: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Pass on the content of a text file if it is UTF-8, with or without a byte order mark.

    Raises BadInput for any other encoding, for control characters and for an empty file.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    line, empty = 1, True
    for block in content:
        if empty and block.startswith(WIDE_TEXT):
            raise refusal(name, 1, "the file is UTF-16 or UTF-32", SAVE_AS_UTF8)
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            raise refusal(name, line, "the file is not UTF-8", SAVE_AS_UTF8) from None
        if len(block.translate(None, NOT_IN_XML)) < len(block):
            place, control = next((place, byte) for place, byte in enumerate(block) if byte in NOT_IN_XML)
            line += block.count(b"\n", 0, place)
            kind = "control character" if control else "NUL byte"
            raise refusal(name, line, f"there is a {kind} in the text", ASK_AGAIN)
        line += block.count(b"\n")
        empty = empty and not block.strip(b" \t\r\n\xef\xbb\xbf")
        yield block
    if empty:
        raise refusal(name, None, "the file is empty", ASK_AGAIN)
    if decoder.getstate()[0]:
        raise refusal(name, line, "the file is cut off in the middle of a character", ASK_AGAIN)


def unpacked(archive: Path, name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Unpack the XML returns of a zip: (name to show, path in `folder`) of each, in order of name.

    Raises BadInput for an archive that is broken, encrypted or a bomb, or whose members would leave the folder.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            members = [m for m in sorted(file.infolist(), key=lambda m: m.filename) if not m.is_dir()]
            if len(members) > MAX_MEMBERS:
                raise refusal(name, None, f"the zip holds more than {MAX_MEMBERS:,} files", "give the returns as files")
            for member in members:
                _check_member(member, name)
            returns = [m for m in members if m.filename.lower().endswith(".xml")]
            if not returns:
                raise refusal(name, None, "the zip holds no XML return", "give a zip with .xml files in it")
            for number, member in enumerate(returns):
                target = folder / f"{number}.xml"
                with file.open(member) as packed, open(target, "wb") as unpacked_file:
                    size = 0
                    while block := packed.read(BLOCK):
                        size += len(block)
                        if size > MAX_MEMBER:  # whatever its header said
                            raise refusal(name, None, TOO_LARGE, GIVE_FILES)
                        unpacked_file.write(block)
                yield f"{name}/{shown(member.filename)}", target
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise refusal(name, None, f"the zip cannot be read ({type(error).__name__})", ASK_AGAIN) from None


def _check_member(member: zipfile.ZipInfo, name: str) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    kind = stat.S_IFMT(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", member.filename):
        raise refusal(name, None, "the zip has a member whose path leads outside it", GIVE_FILES)
    if kind not in (0, stat.S_IFREG):
        raise refusal(name, None, "the zip has a member that is a link or a device", GIVE_FILES)
    if member.flag_bits & 1:
        raise refusal(name, None, "the zip is encrypted", GIVE_FILES)
    if member.file_size > MAX_MEMBER:
        raise refusal(name, None, TOO_LARGE, GIVE_FILES)
    if member.file_size > MAX_RATIO * max(member.compress_size, 1):
        raise refusal(name, None, f"the zip has a member packed more than {MAX_RATIO} times", GIVE_FILES)


class Faults:
    """Collects refusals, so that one message can tell of all of them."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, message: str) -> None:
        """Note a fault."""
        self.messages.append(message)

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        """Note a refusal, and go on after it; other errors pass."""
        if isinstance(error, BadInput):
            self.add(str(error))
            return True
        return False

    def stop(self) -> None:
        """Raise BadInput with every fault, in order of their text, if there is any."""
        if self.messages:
            raise BadInput("\n".join(sorted(set(self.messages))))
