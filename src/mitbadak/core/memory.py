"""Memory that is asked for before it is taken: a plain refusal instead of a crash or a killed
process."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mitbadak.core.errors import RangeError

KIB = 1024
UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
CHECKED_FROM = 1 << 24  # bytes; less is not worth a look at the system


def check_memory(what: str, needed: int, remedy: str) -> None:
    """Refuse work whose arrays do not fit into the memory that is free.

    Args:
        what: the work, first word of the message.
        needed: bytes that it takes at the very least, an exact integer of any size.
        remedy: a sentence for people.

    Raises:
        RangeError: with what would be needed and what there is.

    Example:
        >>> check_memory("MLP([784, 1000000000000, 10])", 3 * 10**15, "Choose smaller widths.")
        Traceback (most recent call last):
        ...
        mitbadak.core.errors.RangeError: MLP([784, 1000000000000, 10]) needs 2.7 PiB of memory; ...
    """
    if needed < CHECKED_FROM:
        return
    free = free_bytes()
    if needed > free:
        raise RangeError(
            f"{what} needs {amount(needed)} of memory; {amount(free)} are free here. {remedy}"
        )


def amount(size: int) -> str:
    """A number of bytes as a person reads it.

    Example:
        >>> amount(3 * 2**30), amount(10**40)
        ('3.0 GiB', 'more than 1,000 EiB')
    """
    count, unit = size, UNITS[0]
    for unit in UNITS:
        if count < KIB * KIB:
            return f"{count / KIB:.1f} {unit}"
        count //= KIB
    return f"more than 1,000 {unit}"


def free_bytes() -> int:
    """Bytes that this process can still take: the least of what the machine has free, what its
    control groups leave, and what its limits (``ulimit -v``) leave.

    Where the system says nothing, the address space counts.
    """
    return max(0, min([sys.maxsize, *_answers()]))


def _answers() -> Iterator[int]:
    sources: list[Callable[[], int | None]] = [_of_the_machine, _of_control_groups, _of_the_limits]
    for source in sources:
        try:
            found = source()
        except (OSError, ValueError, LookupError, AttributeError, ImportError):
            continue  # a system that does not have this source
        if found is not None:
            yield found


def _of_the_machine() -> int | None:
    """Free memory and free swap."""
    if sys.platform == "win32":
        status = (ctypes.c_uint64 * 8)()  # MEMORYSTATUSEX: two 32-bit fields, then seven of 64
        ctypes.cast(status, ctypes.POINTER(ctypes.c_uint32))[0] = ctypes.sizeof(status)
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return None
        return int(status[4])  # what is left of the page files, memory included
    if sys.platform.startswith("linux"):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) * KIB for line in lines}
        return sizes["MemAvailable"] + sizes.get("SwapFree", 0)
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_control_groups() -> int | None:
    """What the tightest of this process's control groups leaves (containers, systemd)."""
    left = []
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        number, controllers, place = line.split(":", 2)
        if number == "0":
            root, limit, used = Path("/sys/fs/cgroup"), "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            root = Path("/sys/fs/cgroup/memory")
            limit, used = "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        folder = root / place.lstrip("/")
        for group in (folder, *folder.parents):
            left += _left_in(group, limit, used)
            if group == root:
                break
    return min(left, default=None)


def _left_in(group: Path, limit: str, used: str) -> list[int]:
    try:
        most = (group / limit).read_text(encoding="ascii").strip()
        if not most.isdigit():  # "max"
            return []
        # Cached files count as used, and are given back when memory is asked for.
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        cached = sum(int(n) for name, n in map(str.split, lines)
                     if name in ("inactive_file", "active_file"))  # fmt: skip
        taken = int((group / used).read_text(encoding="ascii"))
        return [int(most) - max(0, taken - cached)]
    except (OSError, ValueError):
        return []


def _of_the_limits() -> int | None:
    """What RLIMIT_AS leaves of the address space, and RLIMIT_DATA of the data."""
    import resource

    sizes = Path("/proc/self/statm").read_text(encoding="ascii").split()
    page = os.sysconf("SC_PAGE_SIZE")
    left = []
    for limit, pages in ((resource.RLIMIT_AS, sizes[0]), (resource.RLIMIT_DATA, sizes[5])):
        most = resource.getrlimit(limit)[0]
        if most != resource.RLIM_INFINITY:
            left.append(most - int(pages) * page)
    return min(left, default=None)
