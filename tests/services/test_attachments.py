"""The files beside a store: taken in whole, let go in time, never while the centre waits for them (sync.md §3.11)."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from models.attachment import Attachment, AttachmentKind
from models.blob_folder import BlobFolder
from models.clock import DAY_MS
from models.errors import Refused
from models.evidence import Anchor, exactly
from models.sealed_blobs import SealedBlobFolder
from models.store import blobs, outbox
from services import attachments, cases
from tests.models.photographs import photograph, tiff
from tests.store.make_sample import Workstation

MOST = 200 * 1024 * 1024


@pytest.fixture(params=["plain", "sealed"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Workstation, BlobFolder, str]:
    made, lie = Workstation(tmp_path / "store.sqlite"), tmp_path / "attachments"
    folder = BlobFolder(lie) if request.param == "plain" else SealedBlobFolder(lie, bytes(range(32)))
    return made, folder, made.case(1).case_id


def a_file(folder: Path, name: str, body: bytes) -> Path:
    (folder / name).write_bytes(body)
    return folder / name


def added(here: tuple[Workstation, BlobFolder, str], source: Path) -> attachments.Prepared:
    made, folder, case_id = here
    found = attachments.prepare(folder, source, MOST)
    with made.work() as work:
        attachments.attach(work, made.desk, case_id, found, AttachmentKind.AFTER, "门前")
        work.commit()
    return found


def test_a_photo_is_copied_whole_with_what_its_camera_says_and_without_its_name(
    here: tuple[Workstation, BlobFolder, str], tmp_path: Path
) -> None:
    made, folder, case_id = here
    body = photograph(tiff("<"))
    found = added(here, a_file(tmp_path, "张某某家门口.jpg", body))
    assert folder.read(found.sha256, 0, 10 * len(body)) == body and not list(folder.folder.glob("parts/*"))
    with made.work() as work:
        panel = cases.panel(work, made.desk, case_id)
    assert panel is not None
    (shown,) = panel.attachments
    assert (shown.percent, shown.is_here, shown.attachment.media_type) == (0, True, "image/jpeg")
    assert shown.attachment.taken_at is not None and shown.attachment.place is not None
    assert "张某某" not in str(panel.case)


def test_what_cannot_be_added_leaves_nothing_behind(here: tuple[Workstation, BlobFolder, str], tmp_path: Path) -> None:
    _, folder, _ = here
    for source, most, code in (
        (a_file(tmp_path, "empty", b""), MOST, "attachment_empty"),
        (a_file(tmp_path, "large", bytes(4_000_000)), 3 * 1024 * 1024, "attachment_too_large"),
        (tmp_path / "gone", MOST, "attachment_unreadable"),
        (tmp_path, MOST, "attachment_unreadable"),
    ):
        with pytest.raises(Refused) as caught:
            attachments.prepare(folder, source, most)
        assert caught.value.code == code
    assert list(folder.names()) == [] and not list(folder.folder.glob("parts/*"))


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX's")
def test_a_disk_that_takes_no_more_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on file sizes stands for the full disk: the same write fails in the same place."""
    folder, source = BlobFolder(tmp_path / "attachments"), a_file(tmp_path, "source", bytes(3_000_000))
    import errno
    import signal

    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(OSError) as caught:
            folder.take(source, MOST)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.errno == errno.EFBIG and not list(folder.folder.glob("parts/*")) and list(folder.names()) == []


def test_a_refused_act_leaves_no_row_and_the_same_file_twice_is_told(
    here: tuple[Workstation, BlobFolder, str], tmp_path: Path
) -> None:
    source = a_file(tmp_path, "a.jpg", photograph(tiff("<")))
    added(here, source)
    with pytest.raises(Refused, match="already_attached"):
        added(here, source)
    made, _, case_id = here
    with made.work() as work:
        assert len(blobs.of_case(work.connection, case_id)) == 1


def test_a_file_that_was_spoilt_here_comes_again_when_it_is_added_again(
    here: tuple[Workstation, BlobFolder, str], tmp_path: Path
) -> None:
    """It is on the case already, so no act is made; and it is sent, by the act that names it."""
    source = a_file(tmp_path, "a.jpg", photograph(tiff("<")))
    found = added(here, source)
    made, folder, case_id = here
    (file,) = [f for f in folder.folder.glob("??/*") if f.is_file()]
    file.write_bytes(b"spoilt" + file.read_bytes())
    assert not folder.is_sound(found.sha256)
    with made.work() as work:
        assert not attachments.bring_again(work, case_id, found), "it waits to be sent, as far as anybody knows"
        blobs.let_go(work.connection, found.sha256)  # as the upload does when it finds that
        work.commit()
    with pytest.raises(Refused, match="already_attached"):
        added(here, source)
    assert folder.is_sound(found.sha256), "what was spoilt gave way to it"
    with made.work() as work:
        assert attachments.bring_again(work, case_id, found)
        outbox.mark_sent(work.connection, outbox.head(work.connection)[0])
        held = blobs.next_to_send(work.connection)
        assert held is not None and (held.case_id, held.sha256) == (case_id, found.sha256)
        assert not attachments.bring_again(work, case_id, found), "once"


def test_a_file_let_go_between_its_copying_and_its_act_is_not_named(
    here: tuple[Workstation, BlobFolder, str], tmp_path: Path
) -> None:
    """It lay here as one that came from the centre; the copying found it here, and then room was made of it."""
    made, folder, case_id = here
    other = made.case(2).case_id
    source = a_file(tmp_path, "a.jpg", photograph(tiff("<")))
    found = attachments.prepare(folder, source, MOST)
    with made.work() as work:
        blobs.enter_fetched(work.connection, other, found.sha256, found.size, 0)
        work.commit()
        assert attachments.prepare(folder, source, MOST) == found
        assert attachments.tidy(work, folder, 0) == 1
        with pytest.raises(Refused, match="attachment_let_go"):
            attachments.add(work, folder, made.desk, case_id, found, AttachmentKind.AFTER)
        assert blobs.waiting(work.connection) == []
        again = attachments.prepare(folder, source, MOST)
        attachments.add(work, folder, made.desk, case_id, again, AttachmentKind.AFTER)
        assert attachments.tidy(work, folder, 0) == 0 and folder.has(found.sha256)


def test_a_file_added_as_two_kinds_waits_as_long_as_one_of_them_stands(
    here: tuple[Workstation, BlobFolder, str], tmp_path: Path
) -> None:
    """The second of them is taken back: the first still names the file, which goes to the centre and is not let go."""
    made, folder, case_id = here
    found = added(here, a_file(tmp_path, "a.jpg", photograph(tiff("<"))))
    with made.work() as work:
        second = attachments.attach(work, made.desk, case_id, found, AttachmentKind.NEAR)
        cases.undo(work, made.desk, second.cmd_id)
        (named,) = blobs.waiting(work.connection)
        assert named[1] != second.cmd_id
        outbox.mark_sent(work.connection, outbox.head(work.connection)[0])
        outbox.settle(work.connection, second.cmd_id, "rejected", None, 9)
        held = blobs.next_to_send(work.connection)
        assert held is not None and held.sha256 == found.sha256
        attachments.tidy(work, folder, 0)
        assert folder.has(found.sha256) and blobs.count_unsent(work.connection) == 1
        outbox.settle(work.connection, named[1], "rejected", None, 10)
        assert blobs.next_to_send(work.connection) is None and blobs.waiting(work.connection) == []
        attachments.tidy(work, folder, 0)
        assert not folder.has(found.sha256), "nobody waits for it any more"


def test_the_longest_unused_make_room_and_what_waits_never_does(
    here: tuple[Workstation, BlobFolder, str], tmp_path: Path
) -> None:
    made, folder, case_id = here
    own = added(here, a_file(tmp_path, "own", b"o" * 1_000))
    fetched = [attachments.prepare(folder, a_file(tmp_path, f"f{n}", b"f" * (500 + n)), MOST) for n in range(3)]

    def wanted(found: attachments.Prepared) -> Attachment:
        told = (found.sha256, found.size, found.media_type, AttachmentKind.NEAR)
        return Attachment("cmd", *told, "somebody", "unit", exactly(1), arrived_at=exactly(2))

    with made.work() as work:
        for found in fetched:
            attachments.fetched(work, folder, case_id, wanted(found))
        attachments.looked_at(work, fetched[0].sha256)
        assert blobs.bytes_held(work.connection) == 1_000 + 500 + 501 + 502
        folder.append("0" * 64, b"half", "new-1-0")  # another run of the program, killed while it copied
        assert attachments.tidy(work, folder, 2_100) == 1, "the one nobody looked at for longest"
        assert [folder.has(f.sha256) for f in fetched] == [True, False, True]
        assert not list(folder.folder.glob("parts/*"))
        assert attachments.tidy(work, folder, 0) == 2
        assert folder.has(own.sha256), "the centre has not got it"
        (held,) = blobs.of_case(work.connection, case_id).values()
        blobs.mark_sent(work.connection, held, held.size, whole=True)
        assert attachments.tidy(work, folder, 0) == 0, "own ones are kept as long as acts are"
        made.clock._now += 400 * DAY_MS
        assert attachments.tidy(work, folder, 0) == 0, "a wall clock that is put on by a year is no reason"
        made.clock._now -= 400 * DAY_MS
        work.keep_anchor(Anchor(made.clock.wall_ms(), made.clock.mono_ms(), 0, made.clock.boot_id()))
        made.clock._now += 31 * DAY_MS
        assert attachments.tidy(work, folder, 1_000) == 0, "there is room"
        made.clock._now += 60 * DAY_MS
        assert attachments.tidy(work, folder, 0) == 0, "the centre has it in no verified copy (sync-R7)"
        blobs.place(work.connection, blobs.not_placed(work.connection, 9), 41)
        work.write_meta("files_backed_up", "40")
        assert attachments.tidy(work, folder, 0) == 0, "the copy was made before it had come"
        assert attachments.held_back(work) == (1, 1_000)
        work.write_meta("files_backed_up", "41")
        assert attachments.tidy(work, folder, 1_000) == 1, "nobody has used it for 90 days (D22)"
        assert not folder.has(own.sha256) and blobs.of_case(work.connection, case_id) == {}


def test_a_file_taken_back_and_added_again_is_sent(here: tuple[Workstation, BlobFolder, str], tmp_path: Path) -> None:
    """Between the two its place in the queue had been given up, and the bytes lay here like any that came from the centre."""
    made, folder, _case_id = here
    source = a_file(tmp_path, "a.jpg", photograph(tiff("<")))
    found = added(here, source)
    with made.work() as work:
        ((_held, cmd_id),) = blobs.waiting(work.connection)
        cases.undo(work, made.desk, cmd_id)
        outbox.mark_sent(work.connection, outbox.head(work.connection)[0])
        outbox.settle(work.connection, cmd_id, "rejected", None, 9)
        attachments.tidy(work, folder)
        assert blobs.waiting(work.connection) == []
    assert added(here, source) == found
    with made.work() as work:
        assert [held.sha256 for held, _act in blobs.waiting(work.connection)] == [found.sha256]
        outbox.mark_sent(work.connection, outbox.head(work.connection)[0])
        held = blobs.next_to_send(work.connection)
        assert held is not None and held.sha256 == found.sha256 and held.sent == 0
        attachments.tidy(work, folder, 0)
        assert folder.has(found.sha256)
