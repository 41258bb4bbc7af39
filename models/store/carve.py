"""Records read straight out of a SQLite file's pages, for a file SQLite itself refuses (sqlite.org/fileformat2.html).

Whatever stands in a whole page is found, in no order, and pages the program has given up may still hold old versions:
nothing here is trusted before its hash is checked (models/store/salvage.py). The file is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from models.store.page_cipher import MAGIC, RESERVED_BYTES, PageCipher

PAGE_BYTES = 4096
"""What our stores use; taken when the file no longer says so itself."""

Value = None | int | float | str | bytes
Kinds = tuple[int, ...]
Wanted = Callable[[Kinds], bool]

_WAL_MAGICS = (0x377F0682, 0x377F0683)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_INTERIOR_INDEX, _LEAF_INDEX, _LEAF_TABLE = 0x02, 0x0A, 0x0D
_LARGEST_RECORD = 64_000_000
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)


class Record(msgspec.Struct, frozen=True):
    """The values of one table row or index entry, in column order; `kinds` as the record's header writes them."""

    kinds: Kinds
    values: tuple[Value, ...]


class Frame(msgspec.Struct, frozen=True):
    """A page version in the write-ahead log: which page, where in the log; `commits` ends a transaction."""

    page: int
    offset: int
    commits: bool


def text_kind(length: int) -> int:
    """How a record's header writes "a text of so many bytes"."""
    return 13 + 2 * length


def is_text(kind: int) -> bool:
    """True for a text of any length."""
    return kind >= 13 and kind % 2 == 1


def is_blob(kind: int) -> bool:
    """True for bytes of any length."""
    return kind >= 12 and kind % 2 == 0


def is_integer(kind: int) -> bool:
    """True for a whole number of any size."""
    return 1 <= kind <= 6 or kind in (8, 9)


def wal_path(file: Path) -> Path:
    """The write-ahead log beside a store."""
    return file.with_name(file.name + "-wal")


def frames_of(wal: bytes) -> tuple[int, list[Frame]]:
    """The log's page size and its frames up to the last commit of its newest generation; (0, []) when it has none.

    Checksums are not looked at: a frame behind a damaged one is still wanted. What follows the last commit was never
    promised to anybody and is left out.
    """
    if len(wal) < _WAL_HEADER + _FRAME_HEADER:
        return 0, []
    whole = int.from_bytes(wal[:4], "big") in _WAL_MAGICS
    size = int.from_bytes(wal[8:12], "big") if whole else PAGE_BYTES
    salt = wal[16:24] if whole else wal[_WAL_HEADER + 8 : _WAL_HEADER + 16]
    if not _is_page_size(size):
        return 0, []
    frames = []
    for start in range(_WAL_HEADER, len(wal) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        if wal[start + 8 : start + 16] == salt:
            number = int.from_bytes(wal[start : start + 4], "big")
            commits = wal[start + 4 : start + 8] != bytes(4)
            frames.append(Frame(number, start + _FRAME_HEADER, commits))
    last = max((n for n, frame in enumerate(frames) if frame.commits), default=-1)
    return size, frames[: last + 1]


def is_torn(wal: bytes) -> bool:
    """True when a commit that was promised lies behind a frame whose checksum is wrong: SQLite would silently drop it.

    A wrong frame in the last transaction is only the trace of a power cut: nobody was told of that one yet. Each earlier
    one was on the disk before the next began.
    """
    size, frames = frames_of(wal)
    if not frames:
        return False
    order = "big" if wal[3] & 1 else "little"
    found = _checksum(wal[:24], 0, 0, order)
    wrong = None if found == _pair(wal, 24) else 0
    for place, frame in enumerate(frames if wrong is None else ()):
        head = frame.offset - _FRAME_HEADER
        found = _checksum(wal[head : head + 8] + wal[frame.offset : frame.offset + size], *found, order)
        if found != _pair(wal, head + 16):
            wrong = place
            break
    return wrong is not None and sum(frame.commits for frame in frames[wrong:]) > 1


def _pair(raw: bytes, at: int) -> tuple[int, int]:
    return int.from_bytes(raw[at : at + 4], "big"), int.from_bytes(raw[at + 4 : at + 8], "big")


def _checksum(raw: bytes, first: int, second: int, order: str) -> tuple[int, int]:
    words = memoryview(raw).cast("I")
    numbers = words.tolist() if order == _NATIVE else [int.from_bytes(w.to_bytes(4, _NATIVE), order) for w in words]  # type: ignore[arg-type]
    for even, odd in zip(numbers[::2], numbers[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


_NATIVE = "little" if memoryview(b"\x01\x00\x00\x00").cast("I")[0] == 1 else "big"


def _is_page_size(size: int) -> bool:
    return 512 <= size <= 65_536 and size & (size - 1) == 0


class Carver:
    """A store and its log, page by page, through its `cipher` when it is encrypted. A page the disk no longer gives is
    passed over."""

    def __init__(self, file: Path, cipher: PageCipher | None = None) -> None:
        self._file = file
        self._cipher = cipher
        self._wal = wal_path(file).read_bytes() if wal_path(file).exists() else b""
        wal_size, self._frames = frames_of(self._wal)
        self._latest = {frame.page: frame.offset for frame in self._frames}
        head = self._raw(0, 100) if file.exists() else b""
        said = int.from_bytes(head[16:18], "big") if head.startswith(MAGIC) else 0
        said = 65_536 if said == 1 else said
        self.page_bytes = said if _is_page_size(said) else wal_size or PAGE_BYTES
        reserved = head[20] if head.startswith(MAGIC) else 0
        self._usable = max(480, self.page_bytes - (RESERVED_BYTES if cipher else reserved))

    def _raw(self, offset: int, length: int) -> bytes:
        try:
            with self._file.open("rb", buffering=0) as opened:
                opened.seek(offset)
                return opened.read(length) or b""
        except OSError:
            return b""

    def _plain(self, number: int, page: bytes) -> bytes:
        return page if self._cipher is None else self._cipher.plain(number, page)

    def _page(self, number: int) -> bytes:
        offset = self._latest.get(number)
        if offset is not None:
            return self._plain(number, self._wal[offset : offset + self.page_bytes])
        return self._plain(number, self._raw((number - 1) * self.page_bytes, self.page_bytes))

    def _pages(self) -> Iterator[tuple[int, bytes]]:
        """Every version of every page: the file's, then the log's, older before newer."""
        count = self._file.stat().st_size // self.page_bytes if self._file.exists() else 0
        for number in range(1, count + 1):
            yield number, self._plain(number, self._raw((number - 1) * self.page_bytes, self.page_bytes))
        for frame in self._frames:
            yield frame.page, self._plain(frame.page, self._wal[frame.offset : frame.offset + self.page_bytes])

    def records(self, wanted: Wanted) -> Iterator[Record]:
        """Every record whose column kinds are `wanted`; a record that makes no sense is passed over."""
        for number, page in self._pages():
            start = 100 if number == 1 else 0
            if len(page) == self.page_bytes and page[start] in (_LEAF_TABLE, _LEAF_INDEX, _INTERIOR_INDEX):
                yield from self._of_page(page, start, wanted)

    def _of_page(self, page: bytes, start: int, wanted: Wanted) -> Iterator[Record]:
        kind = page[start]
        cells = start + (12 if kind == _INTERIOR_INDEX else 8)
        count = int.from_bytes(page[start + 3 : start + 5], "big")
        if cells + 2 * count > len(page):
            return
        for index in range(count):
            at = int.from_bytes(page[cells + 2 * index : cells + 2 * index + 2], "big")
            try:
                record = self._of_cell(page, at, kind, wanted)
            except (IndexError, ValueError):
                continue
            if record is not None:
                yield record

    def _of_cell(self, page: bytes, at: int, kind: int, wanted: Wanted) -> Record | None:
        at += 4 if kind == _INTERIOR_INDEX else 0
        size, at = _varint(page, at)
        if kind == _LEAF_TABLE:
            _, at = _varint(page, at)
        if not 0 < size <= _LARGEST_RECORD:
            return None
        kinds, head = _kinds(page, at)
        if not wanted(kinds):
            return None
        return Record(kinds, _values(self._payload(page, at, size, kind)[head:], kinds))

    def _payload(self, page: bytes, at: int, size: int, kind: int) -> bytes:
        usable = self._usable
        most = usable - 35 if kind == _LEAF_TABLE else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return page[at : at + size]
        least = (usable - 12) * 32 // 255 - 23
        here = least + (size - least) % (usable - 4)
        here = here if here <= most else least
        parts = [page[at : at + here]]
        left = size - here
        following = int.from_bytes(page[at + here : at + here + 4], "big")
        while left > 0:
            overflow = self._page(following) if following else b""
            if len(overflow) < usable:
                raise ValueError("the chain of overflow pages breaks off")
            parts.append(overflow[4 : 4 + min(left, usable - 4)])
            left -= usable - 4
            following = int.from_bytes(overflow[:4], "big")
        return b"".join(parts)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for used in range(8):
        byte = raw[at + used]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + used + 1
    return value << 8 | raw[at + 8], at + 9


def _kinds(page: bytes, at: int) -> tuple[Kinds, int]:
    """The column kinds in a record's header, and the header's length."""
    length, here = _varint(page, at)
    if length > 1_000:
        raise ValueError("no record has so many columns")
    kinds = []
    while here < at + length:
        kind, here = _varint(page, here)
        kinds.append(kind)
    return tuple(kinds), length


def _values(body: bytes, kinds: Kinds) -> tuple[Value, ...]:
    values: list[Value] = []
    at = 0
    for kind in kinds:
        value, width = _value(body, at, kind)
        if at + width > len(body):
            raise ValueError("the record is cut short")
        values.append(value)
        at += width
    return tuple(values)


def _value(body: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, 0
    if kind <= 6:
        width = _INTEGER_BYTES[kind]
        return int.from_bytes(body[at : at + width], "big", signed=True), width
    if kind in (8, 9):
        return kind - 8, 0
    if kind < 12:
        return 0.0, 8 if kind == 7 else 0
    width = (kind - 12) // 2
    raw = body[at : at + width]
    return (raw.decode() if kind % 2 else raw), width
