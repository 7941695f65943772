"""Kernels as machine code: compiled by Numba once, then loaded from a file without it.

Numba takes half a second and 70 MB to load even what it compiled before. So the machine code is
kept in a file of our own, and LLVM's loader alone, which comes with Numba, brings it back in some
hundredths of a second.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import importlib
import os
import stat
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from llvmlite import binding

from mitbadak.compiled import plan
from mitbadak.core import signals
from mitbadak.core.errors import StateError
from mitbadak.core.files import write_atomically
from mitbadak.core.printing import print_line

FOLDER_VARIABLE = "MITBADAK_CACHE"
# Libraries: the module, and which of its functions are entries (address of a job -> float).
LIBRARIES = {
    "kernels": (
        "forward",
        "loss",
        "measure",
        "back",
        "learn",
        "update",
        "predict",
        "count",
        "compress",
    ),
    "slopes": ("hidden_slopes", "last_slopes"),
}
# What machine code may call that is not in it: the C library's.
OUTSIDE = {"memset", "memcpy", "memmove", "log", "logf", "exp", "tanh", "sqrtf"}
# Every array in a kernel is a view that owns nothing, so what frees one is never reached.
NEVER_REACHED = "define void @NRT_MemInfo_call_dtor(ptr %x) { ret void }"
MOST_BYTES = 1 << 24  # of a file; the largest library takes some hundred thousand
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# A link leads elsewhere, and a pipe would wait for ever.
READ = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
DIGEST = hashlib.sha256().digest_size
Native = Callable[[int, int, int], int]  # where the result goes, where an error goes, the job


@functools.cache
def load(name: str) -> dict[str, Native]:
    """The entries of a library, compiled now if no file holds them.

    An entry is called with three addresses: where its result goes, where it may leave a pointer
    to an error, and its job. It holds no lock of Python's while it runs.
    """
    machine = _target_machine()
    place, objection = _trusted(folder())
    path = place / f"{name}-{_key(name)}.o"
    code = None if objection else _read(path)
    if code is None:
        _say_that_it_takes_a_while()
        with signals.insistent():  # Numba drops what a signal raises in its callbacks
            code = _compile(name, machine)
        objection = objection or _keep(path, code)
        if objection:
            _say_that_it_is_not_kept(objection)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    ENGINES.append(engine)
    form = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    return {entry: form(engine.get_function_address(entry)) for entry in LIBRARIES[name]}


ENGINES: list[Any] = []  # they own the code; it must outlive every caller


def folder() -> Path | None:
    """Where machine code is kept: ``$MITBADAK_CACHE``, or the user's folder for such things.

    Variables that are empty or no absolute path are passed over, as the XDG specification has it:
    the folder that a program happens to stand in may be a stranger's. None without a home.
    """
    own = _absolute(os.environ.get(FOLDER_VARIABLE, ""))
    if own is not None:
        return own
    base = None
    if sys.platform in ("win32", "linux"):
        variable = {"win32": "LOCALAPPDATA", "linux": "XDG_CACHE_HOME"}[sys.platform]
        base = _absolute(os.environ.get(variable, ""))
    if base is None:
        within = {"win32": "AppData/Local", "darwin": "Library/Caches"}.get(sys.platform, ".cache")
        try:
            home = _absolute(str(Path.home()))
        except RuntimeError:  # no variable says, and the system does not know this user
            home = None
        base = home and home / within
    return base and base / "mitbadak"


def _absolute(path: str) -> Path | None:
    return Path(path) if Path(path).is_absolute() else None


def _trusted(wanted: Path | None) -> tuple[Path, str]:
    """The folder without links on the way, and why code from it must not be run, or "".

    What lies there is run, so only root and the caller may be able to write it, or to put another
    folder in its place. Folders that are missing are made, for the caller alone.
    """
    if wanted is None:
        return Path(), "there is no home folder to keep them in"
    try:
        place = wanted.resolve()
        missing = [p for p in (place, *place.parents) if not p.exists()]
        objection = _objection(*(p for p in (place, *place.parents) if p not in missing))
        for path in reversed([] if objection else missing):
            path.mkdir(mode=0o700, exist_ok=True)
    except (OSError, RuntimeError) as problem:  # RuntimeError: links in a circle, before 3.13
        return wanted, str(problem)
    return place, objection or _objection(*missing)


def _objection(*folders: Path) -> str:
    """Which of these, a folder before the one that holds it, others can write to, or ""."""
    if os.name == "nt":  # where modes mean nothing; a user's own folders are closed to others
        return ""
    for number, path in enumerate(folders):
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            return f"{path} is no folder"
        if found.st_uid not in (0, os.geteuid()):
            return f"{path} belongs to another user"
        # In a sticky folder, such as /tmp, others can replace only what is theirs.
        sticky = found.st_mode & stat.S_ISVTX and number > 0
        if found.st_mode & OTHERS_WRITE and not sticky:
            return f"others can write to {path}"
    return ""


def _say_that_it_takes_a_while() -> None:
    print_line("compiling kernels for this machine, once: some 10 s", sys.stderr, flush=True)


def _key(name: str) -> str:
    """What the machine code depends on: these sources, the compiler, and the processor."""
    found = hashlib.sha256(name.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        found.update(source.read_bytes())
    for part in (version("numba"), version("llvmlite"), binding.get_process_triple(),
                 binding.get_host_cpu_name(), _features()):  # fmt: skip
        found.update(part.encode() + b"\n")
    return found.hexdigest()[:16]


def _read(path: Path) -> bytes | None:
    """The code in a file, unless there is none, it is not what was written, or not the caller's."""
    try:
        with open(os.open(path, READ), "rb") as file:
            found = os.fstat(file.fileno())
            regular = stat.S_ISREG(found.st_mode) and found.st_size <= MOST_BYTES
            own = os.name == "nt" or found.st_uid == os.geteuid()
            if not (regular and own) or (os.name != "nt" and found.st_mode & OTHERS_WRITE):
                return None
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(path: Path, code: bytes) -> str:
    """Write code to a file; why that failed, or ""."""
    try:
        write_atomically(path, hashlib.sha256(code).digest() + code)
        path.chmod(0o600)  # whatever the umask leaves to others
    except OSError as problem:
        return str(problem)
    return ""


@functools.cache  # once for all libraries
def _say_that_it_is_not_kept(why: str) -> None:
    print_line(f"kernels are not kept, the next start compiles again: {why}. "
               f"{FOLDER_VARIABLE} names another folder, by its full path.",
               sys.stderr)  # fmt: skip


def _features() -> str:
    return binding.get_host_cpu_features().flatten()


def _target_machine() -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_triple(binding.get_process_triple()).create_target_machine(
        cpu=binding.get_host_cpu_name(), features=_features(), opt=3, codemodel="jitdefault"
    )


def _compile(name: str, machine: Any) -> bytes:
    """Machine code of a library's entries, each under its own name."""
    module = importlib.import_module(f"{plan.__package__}.{name}")
    whole = binding.parse_assembly(NEVER_REACHED)
    for entry in LIBRARIES[name]:
        function = getattr(module, entry)
        function.compile("float64(int64)")
        signature = function.signatures[0]
        part = binding.parse_assembly(function.inspect_llvm(signature))
        native = function.overloads[signature].fndesc.mangled_name
        for f in part.functions:  # the wrappers for Python are dropped, they need Numba
            if f.name == native:
                f.name = entry
            elif not f.is_declaration:
                f.linkage = "internal"
        whole.link_in(part)
    passes = binding.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options())
    passes.run(whole, builder)
    unknown = [
        f.name
        for f in whole.functions
        if f.is_declaration and not f.name.startswith("llvm.") and f.name not in OUTSIDE
    ]
    if unknown:
        raise StateError(f"kernels may not call {', '.join(unknown)}, which only Numba brings.")
    return machine.emit_object(whole)
