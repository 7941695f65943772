"""A file is written completely or not at all, whatever happens in the meantime."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from mitbadak.core.errors import FormatError
from mitbadak.core.files import check_regular, parse_json, sweep, sync_folder, write_atomically


@given(st.binary(max_size=2000))
def test_written_content_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("files") / "a.bin"
    write_atomically(path, b"something longer that was there before" * 50)
    write_atomically(str(path), content)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_name_without_folder_is_written_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomically("a.bin", b"here")
    assert (tmp_path / "a.bin").read_bytes() == b"here"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("before", [b"old", None])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, before: bytes | None
) -> None:
    path = tmp_path / "a.bin"
    if before is not None:
        path.write_bytes(before)

    def fail(_: int) -> None:
        assert len(list(tmp_path.glob(".a.bin.*.part"))) == 1  # the new file lies beside
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        write_atomically(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ([] if before is None else ["a.bin"])
    assert before is None or path.read_bytes() == before


def test_content_is_synced_before_the_rename_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "a.bin", []
    path.write_bytes(b"old")
    # At each sync: what a crash would leave under the name.
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_bytes()))
    write_atomically(path, b"new")
    assert seen == ([b"old"] if os.name == "nt" else [b"old", b"new"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges")
def test_links_are_replaced_and_not_followed(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_bytes(b"precious")
    for link in ("a.json", ".a.json.part"):
        (tmp_path / link).symlink_to(own)
    write_atomically(tmp_path / "a.json", b"{}")
    assert own.read_bytes() == b"precious"
    assert (tmp_path / "a.json").read_bytes() == b"{}"
    assert not (tmp_path / "a.json").is_symlink()


WRITER = """
import sys
from mitbadak.core.files import write_atomically
path, letter, count = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(count):
    write_atomically(path, letter * 100_000)
"""


def started(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-c", WRITER, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_processes_that_write_to_one_path_write_whole_files_and_the_last_one_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.bin"
    with contextlib.ExitStack() as running:
        writers = [running.enter_context(started(path, letter, 60)) for letter in "abc"]
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        while any(writer.poll() is None for writer in writers):
            with contextlib.suppress(FileNotFoundError):
                content = path.read_bytes()
                assert content in (b"a" * 100_000, b"b" * 100_000, b"c" * 100_000)
        assert [writer.wait() for writer in writers] == [0, 0, 0]
    write_atomically(path, b"last")
    assert path.read_bytes() == b"last"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_that_write_to_one_path_write_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    contents = [bytes([k]) * 10_000 for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: write_atomically(path, contents[k % 8]), range(160)))
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


KILLED = """
import os, sys
from mitbadak.core.files import write_atomically
def wait(_):
    print("written", flush=True)
    sys.stdin.readline()
os.fsync = wait
write_atomically(sys.argv[1], b"new")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="what is left there is swept after an hour")
def test_what_a_killed_writer_left_is_swept_and_what_a_living_one_writes_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "한글 a[1].bin"
    command = [sys.executable, "-c", KILLED, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        subprocess.Popen(command, **pipes) as killed,
        subprocess.Popen(command, **pipes) as alive,
    ):
        for writer in (killed, alive):
            assert writer.stdout is not None
            assert writer.stdout.readline() == "written\n"
        assert len(list(tmp_path.iterdir())) == 2
        killed.kill()
        killed.wait()
        write_atomically(path, b"mine")
        assert len(list(tmp_path.iterdir())) == 2  # the file, and what the living one writes
        sweep(tmp_path)
        assert len(list(tmp_path.iterdir())) == 2
        alive.communicate("go\n")
        assert alive.returncode == 0
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["x" * 255, "가" * 85, "a" * 201 + ".json"])
def test_names_as_long_as_the_system_allows_can_be_written(tmp_path: Path, name: str) -> None:
    write_atomically(tmp_path / name, b"here")
    write_atomically(tmp_path / name, b"again")
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes among files")
def test_links_pipes_and_folders_of_such_a_name_are_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_bytes(b"precious")
    (tmp_path / ".a.bin.1.part").symlink_to(own)
    os.mkfifo(tmp_path / ".a.bin.2.part")
    (tmp_path / ".a.bin.3.part").mkdir()
    (tmp_path / ".a.bin.4.part").write_bytes(b"left over")
    write_atomically(tmp_path / "a.bin", b"new")
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {"own.txt", "a.bin", ".a.bin.1.part", ".a.bin.2.part", ".a.bin.3.part"}
    assert own.read_bytes() == b"precious"


def test_a_missing_folder_is_an_error_and_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "nowhere" / "a.bin", b"")
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.bin").mkdir()
    with pytest.raises(OSError, match=r"a\.bin"):
        write_atomically(tmp_path / "a.bin", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_folders_are_not_synced_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = str(tmp_path / "nowhere")
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        sync_folder(nowhere)


def test_a_write_succeeds_if_the_folder_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems refuse; the renamed file is there all the same."""

    def refuse(*_: object) -> int:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "open", refuse)
    write_atomically(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 50_000 + "]" * 50_000, "f.json is nested more than 32 deep"),
        ("[" + "[]," * 100_000 + "1]", "f.json holds more than 100,000 lists and objects"),
        ('{"a":' * 33 + "1" + "}" * 33, "f.json is nested more than 32 deep"),
        ("[" * 33 + "]" * 33, "f.json is nested more than 32 deep"),
        ("9" * 5000, r"f.json is not JSON: Exceeds the limit \(4300"),
        (b"\xff", "f.json is not JSON: 'utf-8' codec"),
        ("", "f.json is not JSON: Expecting value"),
    ],
)
def test_json_too_large_or_too_deep_for_python_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        parse_json(text, "f.json")


@pytest.mark.parametrize(
    "text", ["[" * 32 + "1" + "]" * 32, '{"밑": [1, {"b": null}]}', '"[[["', "NaN", "{}", "7"]
)
def test_ordinary_json_is_parsed(text: str) -> None:
    assert repr(parse_json(text, "f.json")) == repr(json.loads(text))
    assert repr(parse_json(text.encode(), "f.json")) == repr(json.loads(text))


def test_anything_but_a_regular_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check_regular(tmp_path / "file")
    with pytest.raises(IsADirectoryError):
        check_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        check_regular(tmp_path / "nothing")
    with pytest.raises(FormatError, match="is a pipe or a device, not a file"):
        check_regular(os.devnull)


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "no folder" / "a.png"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(path, b"a")
    assert str(path) in str(caught.value)
    assert ".part" not in str(caught.value)
