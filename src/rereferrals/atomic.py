"""Folders and files that are replaced whole: a reader sees the old one or the new one, never half of either.

The target of a folder is a symbolic link to a folder of its own in a hidden neighbour, ``.<name>.versions``. A new
version is written beside the old one, and replacing the link is the one step that makes it current.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rereferrals.errors import BadInput


class Unchanged(Exception):  # noqa: N818 - it is no fault
    """Raised by what fills a fresh folder, when the target holds the same already."""


@contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on success it becomes `target`, on any error `target` is as before.

    If the filling raises Unchanged, `target` is as before too, and that is no error.

    Raises BadInput if `target` is a folder that this program did not make, or another process is replacing it.
    """
    target = target.absolute()
    if target.exists() and not target.is_symlink() and not _is_empty_folder(target):
        raise BadInput(f"{target} exists and was not made by this program: name another folder, or move it away")
    versions = target.parent / f".{target.name}.versions"
    versions.mkdir(parents=True, exist_ok=True)
    with _only_one_writer(target, versions):
        _remove_leftovers(target, versions)
        new = Path(tempfile.mkdtemp(prefix="", dir=versions))
        new.chmod(0o777 & ~_umask())
        try:
            yield new
            _flush(new)
            _point(target, new)
        except Unchanged:
            shutil.rmtree(new)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Write files, in order, so that each is the old one or the new one, and on any error all are the old ones.

    A process that is killed may leave the first of them new: put what refers to the others last.
    """
    new = {path: path.with_name(f".{path.name}.new") for path in contents}
    old = {path: path.read_bytes() if path.exists() else None for path in contents}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            new[path].write_bytes(content)
            _sync(new[path])
        for path in contents:
            new[path].replace(path)
    except BaseException:
        for path, before in old.items():
            _restore(path, before)
        raise
    finally:
        for path in new.values():
            path.unlink(missing_ok=True)


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != content:
        path.write_bytes(content)


@contextmanager
def _only_one_writer(target: Path, versions: Path) -> Iterator[None]:
    with open(versions / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(f"{target} is being written by another process: wait for it to finish") from None
        yield


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _remove_leftovers(target: Path, versions: Path) -> None:
    """Remove what a killed process left, and versions older than the current one.

    The version just replaced stays until the next writer comes, for readers that have it open.
    """
    current = target.resolve() if target.is_symlink() else None
    for leftover in versions.iterdir():
        if leftover.is_symlink():
            leftover.unlink()
        elif leftover.is_dir() and leftover.resolve() != current:
            shutil.rmtree(leftover, ignore_errors=True)


def _point(target: Path, new: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        target.rmdir()
    link = new.parent / f"{new.name}.link"
    link.symlink_to(new.relative_to(target.parent))
    link.replace(target)
    _sync(target.parent)


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def _flush(folder: Path) -> None:
    """Make the new version durable before anything points to it."""
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
