"""Where somebody was in a window, so that the next one begins there."""

from __future__ import annotations

import msgspec

from models.views import QueueQuery


class Place(msgspec.Struct, frozen=True):
    """The page, the question asked of the queue, the case chosen."""

    page: str
    query: QueueQuery
    case_id: str
