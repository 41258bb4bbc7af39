"""Starts district centres quickly: each a process of its own, forked from one that has imported the program already.

To import it costs a second and a half of processor time, and a run of all tests starts some two hundred centres.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["district.__main__", "district.app", "sqlcipher3.dbapi2", "psycopg", "tests.whole.calendar_laid_out"]
)


def start(words: list[str]) -> tuple[BaseProcess, str]:
    """`python -m district` with these words; the process, and the first line it said."""
    ours, theirs = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_run, args=(words, theirs), daemon=True)
    process.start()
    theirs.close()
    with os.fdopen(os.dup(ours.fileno()), encoding="utf-8") as told:
        return process, told.readline()


def _run(words: list[str], said: Connection) -> None:
    from district.__main__ import main

    os.chdir(ROOT)
    os.dup2(said.fileno(), 1)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1)
    sys.argv = ["district", *words]
    sys.exit(main())
