"""A PostgreSQL to be killed and to be put back to a base backup."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.faults.processes import until
from tests.real import postgres

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER: what a killed postmaster leaves is ours to bury


class Postgres(postgres.Server):
    """One server, a child of this process: where nobody buries the dead, a killed postmaster would seem to run for ever."""

    _master: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
        place = ["-p", str(self.port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        command = [str(postgres.binaries() / "postgres"), "-D", str(self.folder / "data"), *place]
        who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        with (self.folder / "log").open("ab") as log:
            self._master = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **who)  # type: ignore[call-overload]
        ready = [
            str(postgres.binaries() / "pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
        ]
        assert until(lambda: subprocess.run(ready, check=False).returncode == 0, 60), "PostgreSQL does not start"

    @property
    def is_up(self) -> bool:
        """True while it runs."""
        return self._master is not None and self._master.poll() is None

    def kill(self) -> None:
        """kill -9 of the postmaster and of everything it has started, at one instant."""
        assert self._master is not None
        self._master.send_signal(signal.SIGSTOP)  # it starts nothing more while we look
        children = _children_of(self._master.pid)
        self._master.kill()
        for child in children:
            os.kill(child, signal.SIGKILL)
        self._master.wait(20)
        for child in children:
            os.waitpid(child, 0)

    def stop(self, mode: str = "immediate") -> None:
        """By its own ways: "fast", or "immediate", when nobody is waited for and nothing is written down."""
        assert self._master is not None
        self._master.send_signal(signal.SIGQUIT if mode == "immediate" else signal.SIGINT)
        self._master.wait(20)

    def base_backup(self) -> None:
        """A copy of the whole server while it runs, by its own tool."""
        folder = self.folder / "backup"
        if folder.exists():
            shutil.rmtree(folder)
        place = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        self._run("pg_basebackup", "-D", str(folder), "-c", "fast", "-X", "stream", *place)

    def put_back(self) -> None:
        """The copy stands where the server stood, which must have ended; what was committed since is gone."""
        assert not self.is_up
        shutil.rmtree(self.folder / "data")
        (self.folder / "backup").rename(self.folder / "data")
        self.start()


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
