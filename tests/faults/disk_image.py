"""What a disk may hold after a power cut: all that was synced, and of what was written since any sectors or none.

A trace of a process (strace) is read into writes, truncations, names and syncs of the files of one folder.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
_CALL = re.compile(r"^(?:\d+\s+)?(?P<name>\w+)\((?P<args>.*)\)\s+= (?P<result>-?\d+)")
_FD = re.compile(r"^(?P<fd>\d+)<(?P<path>[^>]*)>")
_TEXT = re.compile(r'"(?P<text>[^"]*)"')


@dataclass(frozen=True)
class Step:
    """One thing a process did: "write", "truncate", "sync", "create", "remove" of a file; or "said" on standard output."""

    what: str
    path: str
    at: int = 0
    data: bytes = b""


def steps(trace: str, folder: Path) -> Iterator[Step]:
    """What the trace says of the files of the folder, in order."""
    places: dict[str, int] = {}
    for line in trace.splitlines():
        call = _CALL.match(line)
        if call is None or call["result"].startswith("-"):
            continue
        yield from _step(call["name"], call["args"], int(call["result"]), str(folder), places)


def _step(name: str, args: str, result: int, folder: str, places: dict[str, int]) -> Iterator[Step]:
    found = _FD.match(args)
    path = _plain(found["path"]).decode(errors="replace") if found else ""
    if name == "write" and found and found["fd"] == "1":
        yield Step("said", "", 0, _plain(_TEXT.search(args)["text"])[:result])  # type: ignore[index]
    elif found and path.startswith(folder) and name in ("pwrite64", "write", "ftruncate", "fsync", "fdatasync"):
        if name == "pwrite64":
            yield Step("write", path, int(args.rsplit(",", 1)[1]), _plain(_TEXT.search(args)["text"])[:result])  # type: ignore[index]
        elif name == "write":
            yield Step("write", path, places.get(path, 0), _plain(_TEXT.search(args)["text"])[:result])  # type: ignore[index]
            places[path] = places.get(path, 0) + result
        elif name == "ftruncate":
            yield Step("truncate", path, int(args.rsplit(",", 1)[1]))
        else:
            yield Step("sync", path)
    elif name in ("openat", "unlink", "unlinkat"):
        text = _TEXT.search(args)
        path = _plain(text["text"]).decode(errors="replace") if text else ""
        if path.startswith(folder) and (name != "openat" or "O_CREAT" in args):
            places.pop(path, None)
            yield Step("create" if name == "openat" else "remove", path)


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", "")) if "\\x" in text else text.encode()


@dataclass
class File:
    """One file: what of it is surely on the disk (None: not even its name), and what was done to it since."""

    sure: bytes | None
    since: list[Step] = field(default_factory=list)


class Disk:
    """A folder on a disk that keeps what it is told to keep, and of the rest what it likes."""

    def __init__(self, folder: Path) -> None:
        self._files = {str(file): File(file.read_bytes()) for file in folder.iterdir() if file.is_file()}

    def take(self, step: Step) -> None:
        """Something is done to it."""
        file = self._files.setdefault(step.path, File(None))
        if step.what == "sync":
            file.sure = _applied(file.sure or b"", file.since, lambda: True)
            file.since = []
        else:
            file.since.append(step)

    def after_a_cut(self, chance: random.Random, target: Path) -> None:
        """One of the folders that may be found after the power came back."""
        kept = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for path, file in self._files.items():
            if path.endswith("-shm"):
                continue  # memory shared by processes: nobody reads it after a start
            found = _applied(file.sure, file.since, lambda: chance.random() < kept)
            if found is not None:
                (target / Path(path).name).write_bytes(found)


def _applied(sure: bytes | None, since: list[Step], keeps: object) -> bytes | None:
    found = None if sure is None else bytearray(sure)
    for step in since:
        if step.what == "remove":
            found = None if keeps() else found  # type: ignore[operator]
        elif step.what == "create":
            found = bytearray() if found is None and keeps() else found  # type: ignore[operator]
        elif step.what == "truncate":
            if found is not None and keeps():  # type: ignore[operator]
                found = found[: step.at] + bytes(max(0, step.at - len(found)))
        else:
            for start in range(0, len(step.data), SECTOR):
                if keeps():  # type: ignore[operator]
                    found = bytearray() if found is None else found
                    piece, at = step.data[start : start + SECTOR], step.at + start
                    found += bytes(max(0, at + len(piece) - len(found)))
                    found[at : at + len(piece)] = piece
    return None if found is None else bytes(found)
