"""Memory checks before large allocations: a clear error instead of a crash or a killed process."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mitbadak.core.errors import RangeError

KIB = 1024
UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
CHECKED_FROM = 1 << 24  # bytes; for less, asking the system is not worth it
MATPLOTLIB, PICTURE = 40 << 20, 24 << 20  # bytes; with less, Matplotlib's C code may crash


def check_memory(owner: str, needed: int, remedy: str) -> None:
    """Refuse work whose arrays do not fit into free memory.

    Args:
        owner: the work, named at the beginning of the message.
        needed: bytes needed at least, an exact integer of any size.
        remedy: a sentence for the user.

    Raises:
        RangeError: there is too little memory; the message says how much is needed and free.

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
            f"{owner} needs {amount(needed)} of memory; {amount(free)} are free here. {remedy}"
        )


def check_picture_memory() -> None:
    """Refuse to draw where Matplotlib and a small picture do not fit into free memory."""
    needed = PICTURE if "matplotlib" in sys.modules else PICTURE + MATPLOTLIB
    check_memory("A picture", needed, "Close other programs, or raise the limit on memory.")


def amount(size: int) -> str:
    """A number of bytes in readable units.

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
    """Bytes that this process can still allocate: the least of the free memory of the machine, and
    of what its control groups and its limits (``ulimit -v``) leave.

    If the system offers none of these, it is the address space.
    """
    return max(0, min([sys.maxsize, *_bounds()]))


def _bounds() -> Iterator[int]:
    sources: list[Callable[[], int | None]] = [_of_the_machine, _of_control_groups, _of_the_limits]
    for source in sources:
        try:
            size = source()
        except (OSError, ValueError, LookupError, AttributeError, ImportError):
            continue  # this system does not have the source
        if size is not None:
            yield size


def _of_the_machine() -> int | None:
    """Free memory and free swap."""
    if sys.platform == "win32":
        status = (ctypes.c_uint64 * 8)()  # MEMORYSTATUSEX: two 32-bit fields, then seven of 64
        ctypes.cast(status, ctypes.POINTER(ctypes.c_uint32))[0] = ctypes.sizeof(status)
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return None
        return int(status[4])  # the free part of the page files, memory included
    if sys.platform.startswith("linux"):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) * KIB for line in lines}
        return sizes["MemAvailable"] + sizes.get("SwapFree", 0)
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_control_groups() -> int | None:
    """The memory left by the tightest control group of this process (containers, systemd)."""
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
        # Cached files count as used, but are freed when memory is needed.
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        cached = sum(int(n) for name, n in map(str.split, lines)
                     if name in ("inactive_file", "active_file"))  # fmt: skip
        taken = int((group / used).read_text(encoding="ascii"))
        return [int(most) - max(0, taken - cached)]
    except (OSError, ValueError):
        return []


def _of_the_limits() -> int | None:
    """The memory left by the limits on address space (RLIMIT_AS) and data (RLIMIT_DATA)."""
    import resource

    sizes = Path("/proc/self/statm").read_text(encoding="ascii").split()
    page = os.sysconf("SC_PAGE_SIZE")
    left = []
    for limit, pages in ((resource.RLIMIT_AS, sizes[0]), (resource.RLIMIT_DATA, sizes[5])):
        most = resource.getrlimit(limit)[0]
        if most != resource.RLIM_INFINITY:
            left.append(most - int(pages) * page)
    return min(left, default=None)
