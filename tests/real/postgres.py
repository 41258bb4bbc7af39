"""A real PostgreSQL for a test run: initdb in a temporary folder, a socket there, ended by its own pg_ctl."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg


def binaries() -> Path:
    """Where the newest installed PostgreSQL server's programs lie."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL is not installed; packaging/setup.sh test installs it")
    return found[-1].parent


def _as_postgres(command: list[str]) -> list[str]:
    if os.getuid() != 0:
        return command
    return ["runuser", "-u", "postgres", "--", *command]


class Server:
    """One running server. `url(name)` is a fresh database, empty or the copy of another.

    It does not wait for the disk: a test kills processes, never the machine, and what a process wrote outlives it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run(
            "initdb", "-D", str(folder / "data"), "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres"
        )
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = _as_postgres([str(binaries() / program), *arguments])
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=self.folder)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def url(self, name: str, copied_from: str = "template1") -> str:
        self._does(f'CREATE DATABASE "{name}" TEMPLATE "{copied_from}" STRATEGY file_copy')
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def lent(self, copied_from: str = "template1") -> Iterator[str]:
        """The address of a database that goes with its test: a hundred left to the end kept each worker deleting for ten
        seconds, and filled 1.3 GB."""
        name = f"d{uuid.uuid4().hex[:12]}"
        yield self.url(name, copied_from)
        self._does(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _does(self, words: LiteralString) -> None:
        with psycopg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(words)


def prepared_folder(base: Path) -> Path:
    """A folder the server's own user may write to."""
    folder = Path(base)
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        folder.chmod(0o700)
    return folder
