"""Files beside an encrypted store: read in pieces, never in plain on the disk, never served spoilt, sealed later without loss."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from models.blob_folder import BlobFolder
from models.errors import Refused
from models.sealed_blobs import SealedBlobFolder
from models.sealed_pieces import PIECE_BYTES

KEY = bytes(range(32))
MOST = 1 << 40
SIZES = (1, 100, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 5 * PIECE_BYTES + 77)
KILLED = 9


def body_of(size: int, seed: int = 1) -> bytes:
    return random.Random(seed * 1_000_003 + size).randbytes(size)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> SealedBlobFolder:
    return SealedBlobFolder(tmp_path / "attachments", KEY)


def taken(folder: BlobFolder, body: bytes) -> str:
    found = folder.take_bytes(body, MOST)
    assert (found.sha256, found.size) == (sha256(body), len(body))
    return found.sha256


def served(folder: BlobFolder, name: str, size: int) -> bytes | None:
    """What somebody is given; None when it is said that it is spoilt."""
    try:
        return folder.read(name, 0, size)
    except Refused as error:
        assert error.code == "attachment_spoilt"
        return None


def lying(base: Path) -> list[Path]:
    return [file for file in base.rglob("*") if file.is_file()]


@pytest.mark.parametrize("size", SIZES)
def test_it_is_read_in_any_pieces_and_stands_nowhere_in_plain(folder: SealedBlobFolder, size: int) -> None:
    body, chance = body_of(size), random.Random(size)
    name = taken(folder, body)
    assert folder.has(name) and folder.size_of(name) == size and folder.is_sound(name)
    assert b"".join(folder.pieces(name)) == body == folder.read(name, 0, size + 10)
    for _ in range(20):
        offset, length = chance.randrange(size), chance.randrange(2 * PIECE_BYTES)
        assert folder.read(name, offset, length) == body[offset : offset + length]
    assert folder.read(name, size, 10) == b"" == folder.read(name, size + PIECE_BYTES, 10)
    (file,) = lying(folder.folder)
    assert name not in str(file) and name.encode() not in file.read_bytes()
    assert size < 100 or body[:32] not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0 or folder.folder.stat().st_mode & 0o077 == 0
    assert list(folder.names()) == [name]


def test_the_same_file_twice_looks_different_and_another_key_opens_nothing(tmp_path: Path) -> None:
    body = body_of(1_000)
    one, two = SealedBlobFolder(tmp_path / "1", KEY), SealedBlobFolder(tmp_path / "2", KEY)
    name = taken(one, body)
    taken(two, body)
    assert one.file_of(name).read_bytes() != two.file_of(name).read_bytes()
    other = SealedBlobFolder(tmp_path / "1", bytes(32))
    assert not other.has(name), "not even the name can be made"
    other.file_of(name).parent.mkdir(parents=True, exist_ok=True)
    other.file_of(name).write_bytes(one.file_of(name).read_bytes())
    assert served(other, name, 1_000) is None


def test_whatever_byte_is_wrong_it_is_told_and_never_served(folder: SealedBlobFolder) -> None:
    body, chance = body_of(2 * PIECE_BYTES + 500), random.Random(7)
    name = taken(folder, body)
    file, whole = folder.file_of(name), folder.file_of(name).read_bytes()
    for at in {*range(60), *range(len(whole) - 100, len(whole)), *chance.sample(range(len(whole)), 100)}:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert served(folder, name, len(body)) is None and not folder.is_sound(name), at
        for piece in range(3):
            found = None
            try:
                found = folder.read(name, piece * PIECE_BYTES, PIECE_BYTES)
            except Refused as error:
                assert error.code == "attachment_spoilt"
            assert found in (None, body[piece * PIECE_BYTES : (piece + 1) * PIECE_BYTES])


def test_cut_off_made_longer_or_put_together_anew_it_is_told(folder: SealedBlobFolder) -> None:
    body, chance = body_of(3 * PIECE_BYTES), random.Random(8)
    name, other = taken(folder, body), taken(folder, body_of(3 * PIECE_BYTES, 2))
    file, whole = folder.file_of(name), folder.file_of(name).read_bytes()
    sealed = (len(whole) - 24 - 68) // 3
    begins = [24 + n * sealed for n in range(4)]
    first, second, third = (whole[a:b] for a, b in itertools.pairwise(begins))
    changed = [whole[:n] for n in (0, 1, 24, *begins, *chance.sample(range(len(whole)), 40))]
    changed += [whole + b"\0", whole + whole[-68:], whole[:24] + second + first + third + whole[begins[3] :]]
    changed += [whole[:24] + first + second + whole[begins[3] :], folder.file_of(other).read_bytes()]
    changed += [whole[: begins[1]] + folder.file_of(other).read_bytes()[begins[1] :]]
    for spoilt in changed:
        file.write_bytes(spoilt)
        assert served(folder, name, len(body)) is None and not folder.is_sound(name)
    file.write_bytes(whole)
    assert served(folder, name, len(body)) == body


# Coming from the centre, piece by piece


def come(folder: SealedBlobFolder, name: str, body: bytes, step: int) -> None:
    here = folder.part_size(name)
    while here < len(body):
        piece = body[here : here + step]
        before, here = here, folder.append(name, piece, is_last=here + len(piece) == len(body))
        assert here > before


@pytest.mark.parametrize("size", [100, PIECE_BYTES, 2 * PIECE_BYTES + 5, 4 * PIECE_BYTES])
def test_a_part_torn_anywhere_by_a_power_cut_goes_on_and_ends_whole(folder: SealedBlobFolder, size: int) -> None:
    body, chance = body_of(size), random.Random(size)
    name = sha256(body)
    for cut in range(25):
        come(folder, name, body, PIECE_BYTES + 1_000 * cut)
        part = folder.part_of(name)
        assert name not in part.name and body[:32] not in part.read_bytes()
        length = part.stat().st_size
        torn = part.read_bytes()[: chance.randrange(length + 1)]
        part.write_bytes(torn + bytes(chance.choice((0, 0, 700))))
        assert folder.part_size(name) <= size and (folder.part_size(name) % PIECE_BYTES == 0 or len(torn) == length)
    come(folder, name, body, 3 * PIECE_BYTES)
    assert folder.finish(name) and folder.read(name, 0, size) == body
    folder.drop(name)
    assert folder.part_size(name) in (size, size // PIECE_BYTES * PIECE_BYTES), "cut off before it had its name"
    come(folder, name, body, PIECE_BYTES)
    assert folder.finish(name) and folder.read(name, 0, size) == body
    folder.drop_part(name)
    assert folder.part_size(name) == 0


def test_what_is_not_what_it_says_gets_no_name_and_a_spoilt_one_is_replaced(folder: SealedBlobFolder) -> None:
    body = body_of(1_000)
    name = sha256(body)
    folder.append(name, body_of(1_000, 2), is_last=True)
    assert not folder.finish(name) and not folder.has(name)
    folder.drop_part(name)
    taken(folder, body)
    folder.file_of(name).write_bytes(b"spoilt")
    folder.append(name, body, is_last=True)
    assert folder.finish(name, in_place_of_it=True) and folder.is_sound(name)


# From before


def in_plain(base: Path) -> dict[str, bytes]:
    plain = BlobFolder(base)
    return {taken(plain, body): body for body in (body_of(size, 5) for size in SIZES)}


def test_files_from_before_are_read_as_they_are_and_then_sealed(tmp_path: Path) -> None:
    held = in_plain(tmp_path)
    BlobFolder(tmp_path).append("0" * 64, b"half of a photograph")
    folder = SealedBlobFolder(tmp_path, KEY)
    assert all(folder.has(name) and folder.read(name, 0, len(body)) == body for name, body in held.items())
    assert folder.seal_plain() == len(held) and folder.seal_plain() == 0
    assert all(folder.is_sound(name) and folder.read(name, 0, len(body)) == body for name, body in held.items())
    assert all(file.is_relative_to(folder.folder) for file in lying(tmp_path)), "nothing is left in plain"
    assert len(lying(tmp_path)) == len(held)
    for name in held:
        folder.drop(name)
    assert lying(tmp_path) == []


def killed_at(number: int, base: Path) -> bool:
    """Seals in a process of its own that dies before its n-th change of a file; False when it came to its end."""
    child = os.fork()
    if not child:
        left = [number]

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            makes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_CREAT | os.O_WRONLY)
            if (makes or event in ("os.rename", "os.remove", "os.link", "os.mkdir")) and left[0]:
                left[0] -= 1
                if not left[0]:
                    os._exit(KILLED)

        sys.addaudithook(hook)
        SealedBlobFolder(base, KEY).seal_plain()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


@pytest.mark.skipif(os.name != "posix", reason="fork is POSIX's")
def test_killed_at_any_change_of_a_file_nothing_is_lost_and_the_next_start_goes_on(tmp_path: Path) -> None:
    kills, number = 0, 1
    while True:
        base = tmp_path / str(number)
        held = in_plain(base)
        was_killed = killed_at(number, base)
        folder = SealedBlobFolder(base, KEY)
        assert all(folder.has(name) and folder.read(name, 0, len(body)) == body for name, body in held.items()), number
        if not was_killed:
            break
        kills += 1
        folder.drop_left_over()
        folder.seal_plain()
        assert all(folder.read(name, 0, len(body)) == body for name, body in held.items()), number
        assert all(f.is_relative_to(folder.folder) for f in lying(base)) and len(lying(base)) == len(held), number
        number += 1
    assert kills >= 3 * len(SIZES)


def _two_at_once(first: SealedBlobFolder, second: SealedBlobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seal what lies in plain; both have begun on the same file before either has ended it."""
    copied, both = SealedBlobFolder._copied, threading.Barrier(2)

    def together(self: SealedBlobFolder, *asked: Any) -> Any:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return copied(self, *asked)

    monkeypatch.setattr(SealedBlobFolder, "_copied", together)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(SealedBlobFolder.seal_plain, (first, second)))


def test_the_window_for_signing_in_and_the_console_both_seal_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = in_plain(tmp_path)
    folder = SealedBlobFolder(tmp_path, KEY)
    _two_at_once(folder, folder, monkeypatch)
    assert all(folder.is_sound(name) for name in held)


def test_two_programs_seal_the_same_files_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = in_plain(tmp_path)
    _two_at_once(SealedBlobFolder(tmp_path, KEY), SealedBlobFolder(tmp_path, KEY), monkeypatch)
    folder = SealedBlobFolder(tmp_path, KEY)
    assert all(folder.is_sound(name) for name in held)
    assert all(file.is_relative_to(folder.folder) for file in lying(tmp_path)) and len(lying(tmp_path)) == len(held)


def test_a_file_let_go_of_while_it_is_sealed_stays_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = taken(BlobFolder(tmp_path), body_of(1_000))
    folder = SealedBlobFolder(tmp_path, KEY)
    copied = SealedBlobFolder._copied

    def meanwhile(self: SealedBlobFolder, *asked: Any) -> Any:
        folder.drop(name)
        return copied(self, *asked)

    monkeypatch.setattr(SealedBlobFolder, "_copied", meanwhile)
    folder.seal_plain()
    assert lying(tmp_path) == [] and not folder.has(name)


def test_a_file_spoilt_before_is_sealed_as_it_is_and_told(tmp_path: Path) -> None:
    plain, body = BlobFolder(tmp_path), body_of(1_000)
    name = taken(plain, body)
    plain.file_of(name).write_bytes(body[:-1] + b"x")
    folder = SealedBlobFolder(tmp_path, KEY)
    folder.seal_plain()
    assert folder.has(name) and served(folder, name, 1_000) is None
    plain.take_bytes(body_of(50), MOST)
    sound = taken(folder, body_of(2_000))
    BlobFolder(tmp_path).file_of(sound).parent.mkdir(parents=True, exist_ok=True)
    BlobFolder(tmp_path).file_of(sound).write_bytes(b"a spoilt one from before")
    folder.seal_plain()
    assert folder.is_sound(sound), "a sound one is never replaced by a spoilt one"


def test_a_full_disk_leaves_the_plain_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = in_plain(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = SealedBlobFolder(tmp_path, KEY)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises((Refused, OSError)):
            folder.seal_plain()
    assert all(BlobFolder(tmp_path).read(name, 0, len(body)) == body for name, body in held.items())
