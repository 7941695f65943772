"""Addresses of storages: which are servers, and what of them may be written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, unquote_plus

WRITERS = "(?P<scheme>[A-Za-z][A-Za-z0-9]*)(?:\\+(?P<driver>[A-Za-z0-9]+))?://"
SQLITE_FILE = re.compile(r"sqlite(\+\w+)?:///", re.IGNORECASE)
JOURNALS = (".journal", ".log")
# As SQLAlchemy reads it: a password may hold anything but "@", also ":", "/" and "?".
USER = re.compile(rf"{WRITERS}(?P<user>[^:/@?]*)(?P<rest>:(?P<password>[^@]*))?@")
SECRET = re.compile(r"pass|pwd|secret|token|scram", re.IGNORECASE)
# A value that is an address or a connection string itself.
NESTED = re.compile(r"(pass|pwd|secret|token|scram)\w*\s*=|://[^/]*:[^/]*@", re.IGNORECASE)
LEAST_HIDDEN = 3  # characters of a password that is looked for in messages


def is_url(storage: str) -> bool:
    """Whether a storage is a server that several machines reach."""
    return re.match(WRITERS, storage) is not None and SQLITE_FILE.match(storage) is None


def is_journal(storage: str) -> bool:
    """Whether a storage is a journal, a file that several processes may share."""
    return not is_url(storage) and storage.endswith(JOURNALS)


def file_of(storage: str) -> Path:
    """The full path of a storage that is a file.

    Example:
        >>> file_of("sqlite:////srv/sweep.db").as_posix()[-13:]
        '/srv/sweep.db'
    """
    return Path(SQLITE_FILE.sub("", storage, count=1)).absolute()


def without_password(storage: str) -> str:
    """An address that may be written into files: without passwords, wherever they are in it.

    Example:
        >>> without_password("postgresql://kim:geheim@db.lab/sweeps")
        'postgresql://kim@db.lab/sweeps'
        >>> without_password("postgresql://db.lab/sweeps?user=kim&p%61ssword=geheim")
        'postgresql://db.lab/sweeps?user=kim'
    """
    if not is_url(storage):
        return storage
    head, address = _without_user_password(storage)
    place, mark, query = address.partition("?")
    kept = [pair for pair in re.split("[&;]", query) if not _is_secret(pair)]
    return head + place + (mark + "&".join(kept) if any(kept) else "")


def _without_user_password(storage: str) -> tuple[str, str]:
    """The address up to its user, without a password, and what follows."""
    match = USER.match(storage)
    if match is None:
        return "", storage
    rest = storage[match.end() :]
    if match["password"] is not None:  # one that has an "@" itself, which should be %40
        place, mark, query = rest.partition("?")
        rest = place.rpartition("@")[2] + mark + query
    return storage[: match.end("user")] + "@", rest


def _is_secret(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name, value = unquote_plus(name), unquote_plus(value)
    return SECRET.search(name) is not None or NESTED.search(unquote_plus(value)) is not None


def _secrets(storage: str) -> Iterator[str]:
    """What ``without_password`` leaves out, as written and as meant."""
    match = USER.match(storage)
    if match is not None and match["password"]:
        rest = storage[match.end() :].partition("?")[0].rpartition("@")[0]
        yield from (match["password"] + "@" + rest if rest else match["password"],)
        yield match["password"]
    for pair in re.split("[&;]", _without_user_password(storage)[1].partition("?")[2]):
        if _is_secret(pair):
            yield pair.partition("=")[2]


def hidden(message: str, storage: str) -> str:
    """A message about a storage, without its passwords.

    Example:
        >>> hidden("no entry for kim:ge%20heim", "postgresql://kim:ge%20heim@db.lab/x")
        'no entry for kim:***'
    """
    message = message.replace(storage, without_password(storage))
    for secret in _secrets(storage):
        for form in (secret, unquote(secret), unquote_plus(secret)):
            if len(form) >= LEAST_HIDDEN:
                message = message.replace(form, "***")
    return message
