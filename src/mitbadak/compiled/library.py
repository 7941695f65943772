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
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from llvmlite import binding

from mitbadak.compiled import plan
from mitbadak.errors import StateError
from mitbadak.files import write_atomically
from mitbadak.printing import print_line

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
DIGEST = hashlib.sha256().digest_size
Native = Callable[[int, int, int], int]  # where the result goes, where an error goes, the job


@functools.cache
def load(name: str) -> dict[str, Native]:
    """The entries of a library, compiled now if no file holds them.

    An entry is called with three addresses: where its result goes, where it may leave a pointer
    to an error, and its job. It holds no lock of Python's while it runs.
    """
    machine = _target_machine()
    path = folder() / f"{name}-{_key(name)}.o"
    code = _read(path)
    if code is None:
        _say_that_it_takes_a_while()
        code = _compile(name, machine)
        _keep(path, code)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    ENGINES.append(engine)
    form = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    return {entry: form(engine.get_function_address(entry)) for entry in LIBRARIES[name]}


ENGINES: list[Any] = []  # they own the code; it must outlive every caller


def folder() -> Path:
    """Where machine code is kept: ``$MITBADAK_CACHE``, or the user's folder for such things."""
    if FOLDER_VARIABLE in os.environ:
        return Path(os.environ[FOLDER_VARIABLE])
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "mitbadak"


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
    """The code in a file, unless there is none or it is not what was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(path: Path, code: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, hashlib.sha256(code).digest() + code)
    except OSError as problem:
        print_line(f"kernels are not kept, the next start compiles again: {problem}. "
                   f"{FOLDER_VARIABLE} names another folder.", sys.stderr)  # fmt: skip


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
