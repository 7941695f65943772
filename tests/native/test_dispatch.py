"""The level that dispatch.c finds is the one that the processor has."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import native_build
from mitbadak.native import library

CPUINFO = Path("/proc/cpuinfo")
# As Linux names the features of each level (x86-64 psABI, table 3.1).
FEATURES = {
    2: "pni ssse3 sse4_1 sse4_2 popcnt cx16 lahf_lm",
    3: "avx avx2 bmi1 bmi2 f16c fma abm movbe xsave",
    4: "avx512f avx512bw avx512cd avx512dq avx512vl",
}
X86_64_LINUX = sys.platform == "linux" and platform.machine() == "x86_64"
PROGRAM = """
int mitbadak_highest_level(void);
void _start(void) {  /* exit_group(level) */
    long level = mitbadak_highest_level();
    __asm__ volatile("syscall" ::"a"(231), "D"(level));
}
"""
NO_KERNELS = "const long mitbadak_kernels_2 = 0, mitbadak_kernels_3 = 0, mitbadak_kernels_4 = 0;"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program for Linux on x86-64 that ends with the level as its status."""
    folder = tmp_path_factory.mktemp("dispatch")
    (folder / "program.c").write_text(PROGRAM)
    (folder / "none.c").write_text(NO_KERNELS)
    zig = (sys.executable, "-m", "ziglang", "cc", "-target", "x86_64-linux-musl", "-O1")
    dispatch = str(native_build.SOURCES / "dispatch.c")
    for source in ("program.c", "none.c", dispatch):
        native_build.run_command((*zig, "-mcpu=baseline", '-DHEADER=""', "-c", source), folder)
    objects = ("program.o", "none.o", "dispatch.o")
    native_build.run_command((*zig, "-nostdlib", "-static", *objects, "-o", "program"), folder)
    return folder / "program"


@pytest.mark.skipif(not X86_64_LINUX, reason="reads the features of x86-64 from Linux")
def test_the_level_is_what_linux_says_of_this_processor(program, monkeypatch):
    lines = CPUINFO.read_text().splitlines()
    flags = set(next(line for line in lines if line.startswith("flags")).split())
    level = 0
    while level < 4 and flags >= set(FEATURES[max(level + 1, 2)].split()):
        level = max(level + 1, 2)
    assert subprocess.run([program], check=False).returncode == level
    for name in ("NATIVE", "LEVEL", "LIBRARY"):
        monkeypatch.delenv(f"MITBADAK_{name}", raising=False)
    if library.levels():
        assert max(library.levels()) == level


@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="needs qemu-user")
@pytest.mark.parametrize(
    ("processor", "level"),
    [
        ("qemu64", 0), ("core2duo", 0), ("Nehalem", 2), ("SandyBridge", 2), ("Haswell", 3),
        ("EPYC", 3), ("Nehalem,-popcnt", 0), ("Nehalem,-lahf-lm", 0), ("Haswell,-bmi2", 2),
        ("Haswell,-abm", 2), ("Haswell,-xsave", 2), ("Haswell,-fma", 2), ("Haswell,-movbe", 2),
    ],
)  # fmt: skip
def test_the_level_of_other_processors(program, processor, level):
    run = subprocess.run(["qemu-x86_64", "-cpu", processor, program], capture_output=True)
    assert run.returncode == level
