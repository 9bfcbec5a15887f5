"""A PostgreSQL of our own: Debian's package, run as a child process on loopback, gone with whoever started it.

.venv/bin/python -m tests.postgres     says the address of an empty database, and runs until its input ends
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psycopg
from psycopg import sql

USER = "klausur"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")
"""Nobody needs these data after the machine has gone down."""
_MUCH_BYTES = 2 * 1024**3

# Ends PostgreSQL with its pipe, hence with us, however we end.
_LEASH = """
"$@" </dev/null &
server=$!
read -r _
kill -s INT "$server"
wait "$server"
"""


class _User(TypedDict, total=False):
    """As subprocess takes it."""

    user: int
    group: int
    extra_groups: tuple[int, ...]


@dataclass(frozen=True)
class Cluster:
    folder: Path
    port: int
    password: str

    def address(self, database: str, *, password: str | None = None) -> str:
        return f"postgresql://{USER}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """Address of an empty database."""
        name = f"k{secrets.token_hex(6)}"
        self._administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.address(name)

    def drop(self, address: str) -> None:
        name = address.rpartition("/")[2]
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def bytes_hold(self, needle: bytes) -> list[str]:
        """Names of the files of the tables, not of the log, that hold it; from the disk, as a thief would look."""
        self._administer(sql.SQL("CHECKPOINT"))
        files = (path for path in (self.folder / "data" / "base").rglob("*") if path.is_file())
        return [path.name for path in files if needle in path.read_bytes()]

    def _administer(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Its folder lies in memory, where there is room, or in /tmp itself: PostgreSQL does not run as root, and its user
    may not look into root's folders."""
    folder = Path(tempfile.mkdtemp(prefix="klausur-postgres-", dir=_roomy()))
    user = _user()
    its = Cluster(folder, _free_port(), secrets.token_hex(8))
    try:
        _make(its, user)
        with _running(its, user):
            yield its
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(its: Cluster, user: _User) -> None:
    password = its.folder / "password"
    password.write_text(its.password)
    if user:
        for path in (its.folder, password):
            shutil.chown(path, user["user"])
    command = [_program("initdb"), "-D", f"{its.folder}/data", "-U", USER, f"--pwfile={password}", "--no-sync"]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(
        [*command, *options], **user, cwd="/", env={"PATH": os.defpath}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr.strip()}")


@contextmanager
def _running(its: Cluster, user: _User) -> Iterator[None]:
    settings = [f"port={its.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={its.folder}", *_FAST]
    server = [_program("postgres"), "-D", f"{its.folder}/data", *(word for each in settings for word in ("-c", each))]
    with (its.folder / "log").open("wb") as log:
        leash = subprocess.Popen(
            ["/bin/sh", "-c", _LEASH, "sh", *server],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            **user,
            cwd="/",
            env={"PATH": os.defpath},
        )
    try:
        _wait_until_ready(its, leash)
        yield
    finally:
        leash.communicate()


def _wait_until_ready(its: Cluster, leash: subprocess.Popen[bytes]) -> None:
    ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(its.port)]
    while subprocess.run(ready, check=False).returncode:
        if leash.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at once: {(its.folder / 'log').read_text()}")


def _roomy() -> str | None:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _MUCH_BYTES else None


def _user() -> _User:
    """Who else, where we are root."""
    if os.getuid() != 0:
        return {}
    its = pwd.getpwnam("postgres")
    return {"user": its.pw_uid, "group": its.pw_gid, "extra_groups": ()}


def _program(name: str) -> str:
    """Debian keeps them by version, and off PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda path: int(path.name), reverse=True)
    found = [path for version in versions if (path := version / "bin" / name).exists()]
    if not found and (on_path := shutil.which(name)):
        found = [Path(on_path)]
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} is not there: please install PostgreSQL (script/test says how)")
    return str(found[0])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    with cluster() as running:
        sys.stdout.write(running.create() + "\n")
        sys.stdout.flush()
        sys.stdin.read()
