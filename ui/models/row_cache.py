"""Pages of rows by place, for a table far longer than what is shown. Pure: no Qt."""

from __future__ import annotations

from models.views import QueuePage, QueueQuery, QueueRow

PAGE = 100
KEPT_PAGES = 12


class RowCache:
    """Holds the last pages seen for one query; answers to an older query are dropped."""

    def __init__(self) -> None:
        self.query = QueueQuery()
        self.generation = 0
        self.total = 0
        self._pages: dict[int, tuple[QueueRow, ...]] = {}
        self._stale: set[int] = set()
        self._keys: dict[int, tuple[str | int, ...]] = {}

    def restart(self, query: QueueQuery) -> None:
        """Another question: everything held is the answer to the old one."""
        self.query = query
        self.generation += 1
        self._pages.clear()
        self._keys.clear()
        self._stale.clear()

    def mark_stale(self) -> None:
        """The answer may have changed: keep showing what is held, but ask again."""
        self.generation += 1
        self._stale = set(self._pages)

    def is_empty(self) -> bool:
        """True while nothing of the answer is here."""
        return not self._pages

    def row(self, place: int) -> QueueRow | None:
        """The row at a place, or None while it is not here."""
        page = self._pages.get(place // PAGE)
        index = place % PAGE
        return page[index] if page is not None and index < len(page) else None

    def missing(self, first: int, last: int) -> list[int]:
        """Offsets of pages that must be fetched to show places first … last, nearest first."""
        wanted = range(max(0, first) // PAGE, max(0, last) // PAGE + 1)
        return [n * PAGE for n in wanted if n not in self._pages or n in self._stale]

    def key_before(self, offset: int) -> tuple[str | int, ...]:
        """Where the page at an offset begins, if the page before it is held and fresh; else ()."""
        number = offset // PAGE - 1
        return () if number in self._stale or number not in self._pages else self._keys.get(number, ())

    def put(self, page: QueuePage, generation: int) -> bool:
        """Take a page in; False when it answers an older question."""
        if generation != self.generation or page.query != self.query:
            return False
        self.total = page.total
        number = page.offset // PAGE
        self._pages.pop(number, None)
        self._pages[number] = page.rows
        self._keys[number] = page.last_key if len(page.rows) == PAGE else ()
        self._stale.discard(number)
        while len(self._pages) > KEPT_PAGES:
            oldest = next(iter(self._pages))
            self._pages.pop(oldest)
            self._stale.discard(oldest)
        return True

    def ids(self, first: int, last: int) -> tuple[str, ...]:
        """The cases held at places first … last."""
        held = (self.row(place) for place in range(first, last + 1))
        return tuple(row.row.id for row in held if row is not None)

    def renew(self, rows: tuple[QueueRow, ...]) -> None:
        """Newer versions of cases that are held: each stays where it stands."""
        newer = {row.row.id: row for row in rows}
        for number, held in self._pages.items():
            if any(row.row.id in newer for row in held):
                self._pages[number] = tuple(newer.get(row.row.id, row) for row in held)

    def place_of(self, case_id: str) -> int | None:
        """Where a case stands among the pages held."""
        for number, rows in self._pages.items():
            for index, row in enumerate(rows):
                if row.row.id == case_id:
                    return number * PAGE + index
        return None
