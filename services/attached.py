"""The photographs and files of a case as a screen shows them: which are here, and how far those being sent have come."""

from __future__ import annotations

from models.attachment import Attachment
from models.case import Case
from models.store import blobs
from models.store.blobs import WAITING, Held
from models.store.work import Work
from models.views import AttachmentView


def views(work: Work, case: Case) -> tuple[AttachmentView, ...]:
    """The attachments of a case, oldest first, and how far each has come."""
    held = blobs.of_case(work.connection, case.id)
    return tuple(_view(attachment, held.get(attachment.sha256)) for attachment in case.attachments)


def _view(attachment: Attachment, held: Held | None) -> AttachmentView:
    waits = attachment.arrived_at is None and held is not None and held.state == WAITING
    return AttachmentView(
        attachment, held.sent * 100 // held.size if waits and held is not None else None, held is not None
    )
