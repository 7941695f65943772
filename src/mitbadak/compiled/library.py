"""Kernels as machine code: compiled once by Numba, then loaded from a file without it.

Numba takes half a second and 70 MB even to load functions from its own cache. The machine code is
therefore cached in our own file, which LLVM's loader reads in a few hundredths of a second.
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
# Libraries by module, with their entry points: functions from a job's address to a float.
LIBRARIES = {
    "kernels": (
        "forward",
        "loss",
        "evaluate",
        "backward",
        "update_weights",
        "update",
        "predict",
        "count",
        "compress",
    ),
    "slopes": ("hidden_slopes", "last_slopes"),
}
# External functions that the machine code may call; all are in the C library.
OUTSIDE = {"memset", "memcpy", "memmove", "log", "logf", "exp", "tanh", "sqrtf"}
# Arrays in kernels are views that own no memory, so this destructor is never called.
NEVER_REACHED = "define void @NRT_MemInfo_call_dtor(ptr %x) { ret void }"
MOST_BYTES = 1 << 24  # the largest library takes a few hundred thousand
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Refuse to follow a link, and do not wait for a pipe.
READ = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
DIGEST = hashlib.sha256().digest_size
Native = Callable[[int, int, int], int]  # addresses: of the result, of an error, of the job


@functools.cache
def load(name: str) -> dict[str, Native]:
    """The entry points of a library, compiled now if no file has them.

    An entry point takes three addresses: of its result, of a pointer to an error, and of its job.
    It runs without the GIL.
    """
    machine = _target_machine()
    place, objection = _trusted(folder())
    path = place / f"{name}-{_key(name)}.o"
    code = None if objection else _read(path)
    if code is None:
        _announce_compilation()
        with signals.insistent():  # Numba drops what a signal raises in its callbacks
            code = _compile(name, machine)
        objection = objection or _keep(path, code)
        if objection:
            _warn_not_cached(objection)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    ENGINES.append(engine)
    form = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    return {entry: form(engine.get_function_address(entry)) for entry in LIBRARIES[name]}


ENGINES: list[Any] = []  # they own the code; it must outlive every caller


def folder() -> Path | None:
    """Where machine code is cached: ``$MITBADAK_CACHE``, or the user's cache folder.

    Empty variables and relative paths are ignored, as the XDG specification requires: the current
    folder may belong to someone else. None if the user has no home folder.
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
        except RuntimeError:  # no variable is set, and the system does not know this user
            home = None
        base = home and home / within
    return base and base / "mitbadak"


def _absolute(path: str) -> Path | None:
    return Path(path) if Path(path).is_absolute() else None


def _trusted(wanted: Path | None) -> tuple[Path, str]:
    """The folder with links resolved, and why code in it must not be run, or "".

    Code from this folder is executed, so nobody but root and the caller may be able to write to it
    or to replace it. Missing folders are created, for the caller alone.
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
    """Why one of these folders, each before its parent, is unsafe, or ""."""
    if os.name == "nt":  # modes mean nothing there; users' own folders are private
        return ""
    for number, path in enumerate(folders):
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return f"{path} is not a folder"
        if status.st_uid not in (0, os.geteuid()):
            return f"{path} belongs to another user"
        # In a sticky folder, such as /tmp, others can replace only their own files.
        sticky = status.st_mode & stat.S_ISVTX and number > 0
        if status.st_mode & OTHERS_WRITE and not sticky:
            return f"others can write to {path}"
    return ""


def _announce_compilation() -> None:
    print_line("compiling kernels for this machine, once: about 10 s", sys.stderr, flush=True)


def _key(name: str) -> str:
    """A hash of what the machine code depends on: these sources, compiler, and processor."""
    digest = hashlib.sha256(name.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    for part in (version("numba"), version("llvmlite"), binding.get_process_triple(),
                 binding.get_host_cpu_name(), _features()):  # fmt: skip
        digest.update(part.encode() + b"\n")
    return digest.hexdigest()[:16]


def _read(path: Path) -> bytes | None:
    """The code in a file, or None if it is missing, damaged, or not the caller's own."""
    try:
        with open(os.open(path, READ), "rb") as file:
            status = os.fstat(file.fileno())
            regular = stat.S_ISREG(status.st_mode) and status.st_size <= MOST_BYTES
            own = os.name == "nt" or status.st_uid == os.geteuid()
            if not (regular and own) or (os.name != "nt" and status.st_mode & OTHERS_WRITE):
                return None
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(path: Path, code: bytes) -> str:
    """Write code to a file; return why that failed, or ""."""
    try:
        write_atomically(path, hashlib.sha256(code).digest() + code)
        path.chmod(0o600)  # whatever the umask allows
    except OSError as problem:
        return str(problem)
    return ""


@functools.cache  # once for all libraries
def _warn_not_cached(why: str) -> None:
    print_line(f"compiled kernels cannot be cached, so the next start compiles again: {why}. Set "
               f"{FOLDER_VARIABLE} to the full path of another folder.",
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
    """Machine code of a library, with each entry point under its own name."""
    module = importlib.import_module(f"{plan.__package__}.{name}")
    whole = binding.parse_assembly(NEVER_REACHED)
    for entry in LIBRARIES[name]:
        function = getattr(module, entry)
        function.compile("float64(int64)")
        signature = function.signatures[0]
        part = binding.parse_assembly(function.inspect_llvm(signature))
        native = function.overloads[signature].fndesc.mangled_name
        for f in part.functions:  # the Python wrappers need Numba and are dropped
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
        raise StateError(f"kernels may not call {', '.join(unknown)}, which only Numba provides.")
    return machine.emit_object(whole)
