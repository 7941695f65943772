"""A library with the entry points of the real one that compiles in a moment: each returns a number
that tells which it is, ``100 level + position``, and the first waits."""

from __future__ import annotations

import shutil
from pathlib import Path

import native_build
from mitbadak.native import library

WAITING = """
#include <stdint.h>
#include <time.h>
#include "kernels.h"

/* Writes job[1] and waits until another thread writes job[0]; 0 if none does in 10 s of work. */
static double waits(void *job, int64_t part) {
    volatile int64_t *signal = job;
    if (!part) return 100 * LEVEL;
    signal[1] = 1;
    clock_t last = clock() + 10 * CLOCKS_PER_SEC;
    while (!signal[0])
        if (clock() > last) return 0;
    return 100 * LEVEL;
}
"""
ENTRY = """
static double entry_%d(void *job, int64_t part) { (void)job; (void)part; return 100 * LEVEL + %d; }
"""
TABLE = """
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
const Kernels JOIN(mitbadak_kernels_, LEVEL) = {%s};
"""
NAMES = library.entry_names(library.HEADER.read_text(encoding="utf-8"))


def write_sources(folder: Path) -> Path:
    """The real kernels.h and dispatch.c with a small level.c, as a folder of sources."""
    folder.mkdir(parents=True)
    for name in ("kernels.h", "dispatch.c"):
        shutil.copy(native_build.SOURCES / name, folder)
    others = range(1, len(NAMES))
    entries = "".join(ENTRY % (i, i) for i in others)
    table = ", ".join(["waits", *(f"entry_{i}" for i in others)])
    (folder / "level.c").write_text(WAITING + entries + TABLE % table)
    return folder
