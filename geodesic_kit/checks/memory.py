"""How much memory there is for this process, asked before much of it is taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from ..errors import TooLittleMemoryError

__all__ = ["available_memory", "fits", "require", "within"]

_SHARE = 0.9  # of what is free: the system and the interpreter go on meanwhile
# bytes for which nothing is asked: what tells of memory takes longer to read than they to fill
_LITTLE = 1 << 24
# Bounds and use of a control group, version 2 and 1: names of the files, and of the pages in memory.stat that
# give way to others.
_GROUPS = {
    "cgroup2": (("memory.max", "memory.high"), "memory.current", ("active_file", "inactive_file")),
    "cgroup": (
        ("memory.limit_in_bytes",),
        "memory.usage_in_bytes",
        ("total_active_file", "total_inactive_file"),
    ),
}
# What `ulimit` bounds, as /proc calls it: its line in limits, and in status how much of it is used. -v and
# -d.
_LIMITS = {"Max address space": "VmSize:", "Max data size": "VmData:"}


def available_memory(root: str | Path = "/") -> int | None:
    """Bytes that this process can still take without swapping, or None where nothing tells.

    The least of what the system has free, of what the process's control groups (versions 1 and 2, its own and
    those around it) leave, and of what `ulimit -v` and `-d` leave. They are read below `root`.
    """
    root = Path(root)
    told = [*_free(root), *_left_by_groups(root), *_left_by_limits(root)]
    return max(min(told), 0) if told else None


def require(needed: float, what: str, advice: str) -> None:
    """Raise TooLittleMemoryError where `needed` bytes, the peak of `what`, are more than can be had.

    `what` is a plural, and `advice` what to do instead, of this caller's own keywords.
    """
    if (available := _short(needed)) is not None:
        raise TooLittleMemoryError(
            f"{what} need {_in_words(needed)}, and {_in_words(available)} are free: {advice}"
        )


def fits(needed: float) -> bool:
    """Whether `needed` bytes can be had, as far as anything tells."""
    return _short(needed) is None


def _short(needed: float) -> int | None:
    """The bytes that are free where they are too few, None where they suffice."""
    available = available_memory() if needed > _LITTLE else None
    return available if available is not None and needed > _SHARE * available else None


@contextmanager
def within(needed: float, what: str, advice: str) -> Iterator[None]:
    """`require`, and within it a MemoryError that comes all the same is a TooLittleMemoryError that says the
    same.
    """
    require(needed, what, advice)
    try:
        yield
    except TooLittleMemoryError:
        raise
    except MemoryError as err:
        raise TooLittleMemoryError(
            f"{what} need {_in_words(needed)}, and no more could be had: {advice}"
        ) from err


def _in_words(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**29 else f"{size / 2**20:.1f} MiB"


def _free(root: Path) -> Iterator[int]:
    kilobytes = _field(root / "proc/meminfo", "MemAvailable:")
    if kilobytes is not None:
        yield 1024 * kilobytes
    elif root == Path("/"):
        with suppress(AttributeError, OSError, ValueError):
            yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _left_by_limits(root: Path) -> Iterator[int]:
    for limit, used in _LIMITS.items():
        allowed, kilobytes = _field(root / "proc/self/limits", limit), _field(root / "proc/self/status", used)
        if allowed is not None and kilobytes is not None:
            yield allowed - 1024 * kilobytes


def _left_by_groups(root: Path) -> Iterator[int]:
    """What each control group around this process leaves it; file pages that are only kept for later count as
    free.
    """
    for kind, folder in _groups(root):
        bounds, used, kept = _GROUPS[kind]
        limits = [limit for name in bounds if (limit := _field(folder / name)) is not None]
        held = _field(folder / used)
        if limits and held is not None:
            yield min(limits) - max(held - sum(_field(folder / "memory.stat", name) or 0 for name in kept), 0)


def _groups(root: Path) -> Iterator[tuple[str, Path]]:
    """Kind and folder of each control group of this process that counts memory: its own, and those around it
    up to the mount.
    """
    own = {}
    for line in _lines(root / "proc/self/cgroup"):
        number, controllers, path = line.split(":", 2)
        if number == "0" or "memory" in controllers.split(","):
            own["cgroup2" if number == "0" else "cgroup"] = PurePosixPath(path)
    for line in _lines(root / "proc/self/mountinfo"):
        fields = line.split()
        mount, (kind, *source) = fields[3:5], fields[fields.index("-") + 1 :]
        if kind not in own or (kind == "cgroup" and "memory" not in source[-1].split(",")):
            continue
        top = root / mount[1].lstrip("/")
        # In a container the group's path may be the host's, of which only what is below the mount is seen
        # here.
        below = own[kind].relative_to(mount[0]) if own[kind].is_relative_to(mount[0]) else PurePosixPath()
        folder = top if ".." in below.parts else top / below
        yield from ((kind, around) for around in (folder, *folder.parents) if around.is_relative_to(top))


def _field(path: Path, name: str = "") -> int | None:
    """The whole number after `name` at the beginning of a line of a file; None where there is none, as in
    "max" and "unlimited".
    """
    for line in _lines(path):
        head, _, rest = line.partition(name) if name else ("", "", line)
        value = rest.split()
        if not head and value and value[0].isdigit() and (not name or not rest[0].isalnum()):
            return int(value[0])
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="surrogateescape").splitlines()  # a mount may have any name
    except OSError:
        return []
