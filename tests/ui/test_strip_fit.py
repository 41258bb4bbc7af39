"""How far a photograph has come is read whole beneath it, in either language at the ends of the scale of text sizes."""

from __future__ import annotations

import pytest

from models.attachment import Attachment, AttachmentKind
from models.evidence import exactly
from models.views import AttachmentView
from tests.ui.every_state import OPERATOR, TOWN
from ui.panels.attachment_text import kind_of
from ui.widgets.attachment_strip import AttachmentStrip

NOW_MS = 1_795_000_000_000


@pytest.mark.parametrize("kind", AttachmentKind)
def test_how_far_a_photograph_has_come_is_read_whole(dressed: None, kind: AttachmentKind) -> None:
    strip = AttachmentStrip()
    at = exactly(NOW_MS)
    found = Attachment("a", "0" * 64, 1, "image/jpeg", kind, OPERATOR, TOWN, at)
    there = Attachment("a", "0" * 64, 1, "image/jpeg", kind, OPERATOR, TOWN, at, arrived_at=at)
    views = (AttachmentView(found, 100, True), AttachmentView(found, None, False), AttachmentView(there, None, True))
    for view in views:
        assert strip.fontMetrics().horizontalAdvance(kind_of(view)) <= strip.gridSize().width() - 4, kind_of(view)
