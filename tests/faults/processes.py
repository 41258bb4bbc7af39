"""Processes that are there to be killed: quickly made, by a server that has imported the programs already, or as commands of
their own when something is laid under them (a file of faults, another clock, a tracer)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from models.wire import Malformed, decode
from tests.faults.told import Stands
from tests.whole import centre_process

ROOT = Path(__file__).parents[2]
PRELOADED = ["district.__main__", "district.app", "sqlcipher3.dbapi2", "psycopg", "tests.faults.workstation"]


def preload() -> None:
    """Let the server of processes import both programs, if it does not run yet."""
    centre_process._FORKS.set_forkserver_preload(PRELOADED)


class Console:
    """A workstation's process. `under` is put before the command; without it the process is forked from the server."""

    def __init__(self, folder: Path, under: Sequence[str] = (), environment: dict[str, str] | None = None) -> None:
        self.folder, self._under, self._environment = folder, tuple(under), environment
        self._forked: BaseProcess | None = None
        self._spawned: subprocess.Popen[bytes] | None = None
        self._ends: list[int] = []
        self._heard = b""
        self.last: Stands | None = None
        self.starts = 0

    @property
    def is_up(self) -> bool:
        """True while its process runs."""
        if self._spawned is not None:
            return self._spawned.poll() is None
        return self._forked is not None and self._forked.is_alive()

    @property
    def pid(self) -> int:
        found = self._spawned.pid if self._spawned is not None else self._forked.pid if self._forked else None
        assert found is not None
        return found

    def start(self) -> None:
        """Begin; it acts until it is told to rest."""
        assert not self.is_up
        self.starts += 1
        self.last, self._heard = None, b""
        if self._under or self._environment:
            self._spawn()
        else:
            self._fork()
        os.set_blocking(self._ends[1], False)

    def _spawn(self) -> None:
        command = [*self._under, sys.executable, "-m", "tests.faults.workstation", str(self.folder)]
        environment = {**os.environ, **(self._environment or {})}
        with (self.folder / "said.log").open("ab") as said:
            self._spawned = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
            )
        assert self._spawned.stdin is not None and self._spawned.stdout is not None
        self._ends = [os.dup(self._spawned.stdin.fileno()), os.dup(self._spawned.stdout.fileno())]
        self._spawned.stdin.close()
        self._spawned.stdout.close()

    def _fork(self) -> None:
        heard, ours = centre_process._FORKS.Pipe(duplex=False)
        theirs, said = centre_process._FORKS.Pipe(duplex=False)
        self._forked = centre_process._FORKS.Process(target=_work, args=(self.folder, heard, said), daemon=True)
        self._forked.start()
        self._ends = [os.dup(ours.fileno()), os.dup(theirs.fileno())]
        for end in (heard, ours, theirs, said):
            end.close()

    def say(self, word: str) -> None:
        """Tell it something, if it still listens."""
        try:
            os.write(self._ends[0], f"{word}\n".encode())
        except OSError:
            return

    def stands(self) -> Stands | None:
        """What it said last of itself since its start."""
        while self._ends:
            try:
                piece = os.read(self._ends[1], 1 << 16)
            except BlockingIOError:
                break
            if not piece:
                break
            self._heard += piece
        *lines, self._heard = self._heard.split(b"\n")
        for line in lines:
            try:
                self.last = decode(line, Stands)
            except Malformed:
                continue  # something in the process wrote of its own accord
        return self.last

    def kill(self, how: int = signal.SIGKILL) -> bool:
        """End it without a word; False when it did not run."""
        if not self.is_up:
            self._gone()
            return False
        os.kill(self.pid, how)
        self.joined(20)
        self._gone()
        return True

    def end(self) -> None:
        """Let it end in order."""
        if self.is_up:
            self.say("end")
            self.joined(20)
        assert not self.is_up, f"{self.folder.name} does not end"
        self._gone()

    def joined(self, seconds: float) -> None:
        if self._spawned is not None:
            self._spawned.wait(seconds)
        elif self._forked is not None:
            self._forked.join(seconds)

    def _gone(self) -> None:
        self.stands()
        for end in self._ends:
            os.close(end)
        self._ends, self._spawned, self._forked = [], None, None


def _work(folder: Path, heard: Connection, said: Connection) -> None:
    from tests.faults.workstation import main

    os.chdir(ROOT)
    os.dup2(heard.fileno(), 0)
    os.dup2(said.fileno(), 1)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    main(folder)


def blobs_beside(keys: Path) -> Path:
    """Where the district's files lie."""
    return keys.with_suffix(".blobs")


class District:
    """`python -m district serve`, to be killed and started again on the same port."""

    def __init__(self, database_url: str, keys: Path, clock: str, host: str = "127.0.0.1", tls: bool = False) -> None:
        self.database_url, self._keys, self._clock, self._host, self._tls = database_url, keys, clock, host, tls
        self.port = 0
        self._process: BaseProcess | None = None
        self.starts = 0

    @property
    def address(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    @property
    def is_up(self) -> bool:
        """True while its process runs."""
        return self._process is not None and self._process.is_alive()

    def start(self) -> bool:
        """Serve; False when it ended at once, as it does without its database."""
        assert not self.is_up
        words = ["serve", "--database", self.database_url, "--keys", str(self._keys), "--port", str(self.port)]
        words += ["--blobs", str(blobs_beside(self._keys))]  # a small disk never has what a centre leaves free of files
        words += ["--with-process", str(os.getpid()), "--log-file", str(self._keys / "district.log")]
        words += ["--tls", "--host", self._host] if self._tls else []
        words += ["--demo-clock", self._clock] if self._clock else []
        self._process, line = centre_process.start(words)
        self.starts += 1
        if not line.startswith("serving http"):
            self.kill()
            return False
        self.port = int(line.rsplit(":", 1)[1])
        return True

    def kill(self, how: int = signal.SIGKILL) -> bool:
        """End it, without a word or (SIGTERM) in order; False when it did not run."""
        process, self._process = self._process, None
        if process is None or process.pid is None:
            return False
        was_up = process.is_alive()
        if was_up:
            os.kill(process.pid, how)
        process.join(20)
        assert process.exitcode is not None, "the district does not end"
        return was_up


def until(fine: Callable[[], bool], seconds: float, every: float = 0.03) -> bool:
    """Wait until it is so, at most so long."""
    end = time.monotonic() + seconds
    while not fine():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True
