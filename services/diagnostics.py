"""A file for whoever helps from afar: what the self-check found, versions, sizes and logs; no case and no person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from models.store.health import StoreHealth
from models.stored_zip import Member, pack
from models.wire import encode

MOST_OF_A_LOG_BYTES = 2_000_000
"""The end of a longer one: what happened last."""

_READ_ME = (
    "Diagnostic bundle of a joint-response console\n"
    "self-check.txt: what the self-check found\n"
    "versions.json: versions of the program and the system\n"
    "store.json: how much is in the store, not what\n"
    "logs/: kinds, ids and codes, nothing that was typed\n"
)


def packed(
    report: Sequence[str], versions: Mapping[str, str], health: StoreHealth, logs: Sequence[Path], home: Path
) -> bytes:
    """The file's bytes. Wherever a path of the person's own folder stands it is written as ~: it may hold his name. Logs
    that cannot be read are left out."""
    own = str(home).encode()

    def plain(raw: bytes) -> bytes:
        return raw.replace(own, b"~") if len(own) > 1 else raw

    members: list[Member] = [
        ("read-me.txt", _READ_ME.encode()),
        ("self-check.txt", plain("\n".join((*report, "")).encode())),
        ("versions.json", plain(encode(dict(versions)))),
        ("store.json", encode(health)),
    ]
    members += [(f"logs/{file.name}", plain(_end_of(file))) for file in sorted(logs) if _is_ours(file)]
    return pack(members)


def _is_ours(file: Path) -> bool:
    return file.is_file() and ".log" in file.name and file.name.isascii()


def _end_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - MOST_OF_A_LOG_BYTES))
        return opened.read()
