"""Photographs and files: added by anybody who has the case, in any state; that the bytes arrived is the centre's word (I17)."""

from __future__ import annotations

from msgspec.structs import replace

from models.attachment import LONGEST_CAPTION, LONGEST_MEDIA_TYPE, MEDIA_TYPE, SHA256, Attachment
from models.decide.situation import Merged, Situation
from models.events import AttachmentSet
from models.evidence import Moment

MEGABYTE = 1024 * 1024


def attach(s: Situation) -> None:
    """One more photograph or file. The camera's time and place are kept as its word and move nothing. The same file as the
    same kind is on the case already: merged."""
    args = s.args
    most = s.rules.policy.attachment_at_most_mb
    if not 1 <= args.size <= most * MEGABYTE:
        s.reject("attachment_too_large" if args.size > 0 else "attachment_empty", most=most)
    if not _is_sound(s):
        s.reject("attachment_unreadable")
    for known in s.case.attachments:
        if (known.sha256, known.kind) == (args.sha256, args.kind):
            raise Merged("already_attached", known.id)
    s.emit(
        AttachmentSet(
            Attachment(
                id=s.command.cmd_id,
                sha256=args.sha256,
                size=args.size,
                media_type=args.media_type,
                kind=args.kind,
                by=s.actor.person,
                unit=s.actor.unit,
                at=s.at,
                caption=args.caption,
                taken_at=args.taken_at,
                place=args.place,
                arrived_at=_arrived_as_another(s),
            )
        )
    )
    s.note(note=args.caption, result=args.kind.value)


def _is_sound(s: Situation) -> bool:
    """A hash, a type, a caption and a place that are what they say: what reaches every screen is looked at once, here. Of
    one file every act must say the same size."""
    args = s.args
    typed = len(args.media_type) <= LONGEST_MEDIA_TYPE and MEDIA_TYPE.fullmatch(args.media_type)
    placed = args.place is None or args.place.is_on_earth
    sizes = {a.size for a in s.case.attachments if a.sha256 == args.sha256} | {args.size}
    told = len(args.caption) <= LONGEST_CAPTION and (args.taken_at is None or args.taken_at > 0)
    return bool(SHA256.fullmatch(args.sha256) and typed and placed and told and len(sizes) == 1)


def _arrived_as_another(s: Situation) -> Moment | None:
    """The same bytes may be on the case as another kind, and be there already."""
    return next((a.arrived_at for a in s.case.attachments if a.sha256 == s.args.sha256 and a.arrived_at), None)


def attachment_arrived(s: Situation) -> None:
    """The centre has verified the bytes: wherever the case names them they are no longer awaited."""
    waiting = [a for a in s.case.attachments if a.sha256 == s.args.sha256 and a.arrived_at is None]
    if not waiting:
        s.reject("no_such_attachment")
    for attachment in waiting:
        s.emit(AttachmentSet(replace(attachment, arrived_at=s.at)))
    s.note(result=waiting[-1].kind.value)
