"""交接包 with photographs: they go along within 50 MB, and whoever carries the acts sends them (docs/decisions/0016)."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pytest

from desktop.handover import left_words
from models.attachment import AttachmentKind
from models.blob_folder import BlobFolder
from models.errors import Refused
from models.handover_file import read_head
from models.signing import HANDOVER
from models.store import blobs, carried, outbox, personal
from models.store.case_table import get_case
from models.store.work import Work
from models.wire import builtins, encode
from services import attachments, cases, handover, handover_files
from services.sealed_file import sealed_bytes
from services.sync.machine import Pull, Pulled
from tests.whole.parties import Centre, Console
from tests.whole.test_devices import revoke
from tests.whole.test_handover import PASS, acted, carrier, maker, taken_in, written
from tests.whole.test_let_in_again import reviewed
from tests.world.handover import sealed_quickly

__all__ = ["carrier", "maker"]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty seconds less; tests/whole/test_handover.py pays the real price."""
    sealed_quickly(monkeypatch)


def photographed(console: Console, folder: Path, sizes: tuple[int, ...] = (300_000, 70_000)) -> tuple[str, list[str]]:
    """A case with photographs, made here and handed in by nobody; their hashes."""
    case_id, _ids = acted(console)
    hashes = []
    for number, size in enumerate(sizes):
        file = folder / f"{number}.jpg"
        file.write_bytes(random.Random(number).randbytes(size))
        console.attach(case_id, file)
        hashes.append(hashlib.sha256(file.read_bytes()).hexdigest())
    return case_id, hashes


def at_centre(centre: Centre) -> BlobFolder:
    return BlobFolder(Path(centre.database_url.removeprefix("sqlite:///")).with_suffix(".blobs"))


def test_photographs_go_along_and_are_sent_by_whoever_carries_them(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    case_id, hashes = photographed(maker, tmp_path)
    raw = written(maker)
    for name in hashes:
        assert maker.blobs.read(name, 0, 64) not in raw and name.encode() not in raw
    maker.close()
    kept = taken_in(carrier, raw)
    assert (kept.new, kept.files_left, {file.sha256 for file in kept.wanted}) == (5, 0, set(hashes))
    panel = carrier.database(lambda work: cases.panel(work, carrier.desk, case_id))
    assert panel is not None and [v.is_here for v in panel.attachments] == [True, True], "seen before the centre knows"
    for _ in range(3):
        carrier.settle()
    assert all(at_centre(centre).is_sound(name) for name in hashes)
    case = carrier.case(case_id)
    assert case is not None and all(a.arrived_at is not None for a in case.attachments)
    with pytest.raises(Refused, match="bundle_known"):
        taken_in(carrier, raw)


def test_a_photograph_waits_until_the_centre_has_its_act(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    photographed(maker, tmp_path)
    taken_in(carrier, written(maker))
    assert carrier.database(lambda w: blobs.next_to_send(w.connection)) is None
    carrier.settle()
    assert carrier.database(lambda w: blobs.count_unsent(w.connection)) == 0


def test_of_acts_that_did_not_take_effect_no_photograph_is_sent(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    _case_id, hashes = photographed(maker, tmp_path)
    raw = written(maker)
    revoke(centre, maker.known.device)
    taken_in(carrier, raw)
    carrier.settle()
    assert carrier.database(lambda w: blobs.next_to_send(w.connection)) is None
    assert not any(at_centre(centre).has(name) for name in hashes)


@pytest.mark.parametrize("first", ["taken back", "taken in"])
def test_a_photograph_both_added_is_sent_though_the_carriers_own_act_does_not_stand(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path, first: str
) -> None:
    """Before the file is taken in or after it: the act that is carried names the photograph too."""
    case_id, _ids = acted(maker)
    maker.settle(), carrier.settle()
    file = tmp_path / "both.jpg"
    file.write_bytes(random.Random(7).randbytes(60_000))
    own = carrier.attach(case_id, file).cmd_id
    maker.attach(case_id, file)
    raw = written(maker)

    def take_back() -> None:
        carrier.database(lambda work: (cases.undo(work, carrier.desk, own), work.commit()))
        carrier.settle()
        carrier.database(lambda work: attachments.tidy(work, carrier.blobs))

    for step in (take_back, lambda: taken_in(carrier, raw))[:: 1 if first == "taken back" else -1]:
        step()
    for _ in range(3):
        carrier.settle()
    assert at_centre(centre).is_sound(hashlib.sha256(file.read_bytes()).hexdigest())
    case = carrier.case(case_id)
    assert case is not None and [a.arrived_at is not None for a in case.attachments] == [True]


def test_a_photograph_owed_by_one_that_died_is_sent_by_whoever_has_it(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    """The maker's act arrived and its photograph did not; the carrier has the same one, and took its own act back."""
    case_id, _ids = acted(maker)
    maker.settle(), carrier.settle()
    file = tmp_path / "both.jpg"
    file.write_bytes(random.Random(7).randbytes(60_000))
    own = carrier.attach(case_id, file, AttachmentKind.BEFORE).cmd_id
    maker.attach(case_id, file)
    maker.settle_acts()
    maker.close()
    carrier.database(lambda work: (cases.undo(work, carrier.desk, own), work.commit()))
    carrier.settle()
    carrier.database(lambda work: (attachments.tidy(work, carrier.blobs), work.commit()))
    for _ in range(2):
        carrier.settle()
    assert at_centre(centre).is_sound(hashlib.sha256(file.read_bytes()).hexdigest())


def test_what_does_not_fit_or_is_spoilt_stays_and_is_named(maker: Console, carrier: Console, tmp_path: Path) -> None:
    _case_id, hashes = photographed(maker, tmp_path, (50_000, 90_000, 20_000, 30_000))
    gathered = maker.database(handover.gather)
    along, left = handover_files.chosen(gathered.unsent, maker.blobs, 100_000)
    assert [one.file.sha256 for one in along] == [hashes[0], hashes[2], hashes[3]]
    assert [(one.file.sha256, one.file.size) for one in left] == [(hashes[1], 90_000)]
    assert left[0].number and f"{left[0].number} 处置后 87 KB" in left_words(left)
    lies = maker.blobs.file_of(hashes[0])
    lies.write_bytes(lies.read_bytes()[:-1])
    raw = written(maker)
    head, _sealed = read_head(raw.partition(b"\n")[0])
    assert (head.files, head.files_left) == (3, 1)
    assert taken_in(carrier, raw).files_left == 1


def test_photographs_alone_are_handed_over_when_their_acts_have_arrived(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    """Acts are small and go first; then the workstation dies on a line that carries no photograph."""
    case_id, hashes = photographed(maker, tmp_path)
    lies, maker.exchange._uploads._folder = maker.exchange._uploads._folder, None
    maker.settle()
    assert maker.database(lambda work: outbox.unsent(work.connection)).count == 0
    maker.exchange._uploads._folder = lies
    raw = written(maker)
    assert (read_head(raw.partition(b"\n")[0])[0].acts, maker.database(handover.gather).records) == (0, [])
    carrier.settle()
    kept = taken_in(carrier, raw)
    assert (kept.new, {file.sha256 for file in kept.wanted}) == (0, set(hashes))
    assert carrier.database(lambda work: carried.every(work.connection)) == [], "there is no act to carry"
    carrier.settle()
    assert all(at_centre(centre).is_sound(sha256) for sha256 in hashes)
    with pytest.raises(Refused, match="bundle_known"):
        taken_in(carrier, raw)
    carrier.settle()
    case = carrier.database(lambda work: get_case(work.connection, case_id))
    assert case is not None and all(a.arrived_at is not None for a in case.attachments)
    assert carrier.database(lambda work: blobs.count_unsent(work.connection)) == 0


def test_a_photograph_of_an_act_that_lay_apart_is_sent_when_it_was_admitted(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    """Its workstation was revoked before anybody carried its acts; the bytes lie on the one that carries (found by a world, seed
    947 of 2a82616)."""
    _case_id, hashes = photographed(maker, tmp_path)
    taken_in(carrier, written(maker))
    revoke(centre, maker.known.device)
    carrier.settle()
    (found,) = carrier.database(lambda work: carried.every(work.connection))
    assert found.refusal == "carried_revoked" and not any(at_centre(centre).has(sha256) for sha256 in hashes)
    carrier.database(lambda work: attachments.tidy(work, carrier.blobs, 0))
    reviewed(centre, maker.known.device, "--admit", "all")
    assert carrier.exchange.do(Pull(), carrier.line) == Pulled(False, upload_due=True, has_news=True), (
        "at once, not at the next greeting"
    )
    carrier.settle()
    assert all(at_centre(centre).is_sound(sha256) for sha256 in hashes)
    assert carrier.database(lambda work: blobs.count_unsent(work.connection)) == 0


def test_a_requesters_record_alone_is_handed_over(centre: Centre, maker: Console, carrier: Console) -> None:
    """The centre asks for it again (docs/decisions/0019), and the workstation that has it fails just then."""
    acted(maker)
    maker.settle()
    maker.database(lambda work: (personal.offer_again(work.connection), work.commit()))
    (record,) = maker.database(handover.gather).records
    raw = written(maker)
    taken_in(carrier, raw)
    assert [digest for digest, _ in carrier.database(lambda work: personal.unsent(work.connection))] == [record.hash]
    carrier.settle()
    assert carrier.database(lambda work: personal.unsent(work.connection)) == []


def test_a_photograph_let_go_while_the_file_was_copied_comes_with_the_next_import(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    """It counts as here only when it is: else nobody would bring it again."""
    case_id, hashes = photographed(maker, tmp_path)
    raw = written(maker)
    found = handover.opened(io.BytesIO(raw), PASS)
    wanted = carrier.database(lambda work: (handover.keep(work, found).wanted, work.commit())[0])
    handover_files.take(io.BytesIO(raw), found.at, found.inside, wanted, carrier.blobs)
    carrier.blobs.drop(hashes[0])
    with pytest.raises(Refused, match="attachment_let_go"):
        carrier.database(lambda work: handover_files.enter(work, wanted, carrier.blobs))
    assert carrier.database(lambda work: set(blobs.of_case(work.connection, case_id))) == {hashes[1]}
    assert [file.sha256 for file in taken_in(carrier, raw).wanted] == [hashes[0]]
    carrier.settle()
    assert all(at_centre(centre).is_sound(sha256) for sha256 in hashes)


def test_a_file_whose_photographs_are_not_whole_is_refused_and_nothing_is_kept(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    photographed(maker, tmp_path)
    raw = written(maker)
    begins = raw.index(b"\n") + 1
    changed = [(raw[:-1], "bundle_unreadable"), (raw[:begins], "bundle_unreadable"), (raw + b"x", "bundle_changed")]
    for at in random.Random(5).sample(range(begins, len(raw)), 12):
        changed.append((raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], "bundle_changed"))
    for bad, code in changed:
        with pytest.raises(Refused, match=code):
            taken_in(carrier, bad)
    assert carrier.database(lambda w: carried.every(w.connection)) == [] and list(carrier.blobs.names()) == []


def test_killed_between_acts_and_photographs_the_same_file_brings_them(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    _case_id, hashes = photographed(maker, tmp_path)
    raw = written(maker)
    found = handover.opened(io.BytesIO(raw), PASS)

    def acts_only(work: Work) -> None:
        handover.keep(work, found)
        work.commit()

    carrier.database(acts_only)
    carrier.settle()
    kept = taken_in(carrier, raw)
    assert (kept.new, kept.before, len(kept.wanted)) == (0, 5, 2)
    carrier.settle()
    assert all(at_centre(centre).is_sound(name) for name in hashes)


def test_whoever_sends_a_photograph_first_it_is_kept_once(
    centre: Centre, maker: Console, carrier: Console, tmp_path: Path
) -> None:
    case_id, hashes = photographed(maker, tmp_path)
    taken_in(carrier, written(maker))
    for console in (maker, carrier, maker, carrier):
        console.settle()
    for console in (maker, carrier):
        case = console.case(case_id)
        assert case is not None and all(a.arrived_at is not None for a in case.attachments)
        assert console.database(lambda w: blobs.count_unsent(w.connection)) == 0
    assert sorted(at_centre(centre).names()) == sorted(hashes)


def test_a_file_from_before_photographs_went_along_is_taken_in(maker: Console, carrier: Console) -> None:
    """As the version before wrote it: no list of files, one line and nothing after it; no word of acts that stay behind."""
    acted(maker)
    gathered = maker.database(handover.gather)
    key = maker.known.key
    assert key is not None
    head = builtins(gathered.head)
    del head["files"], head["acts_left"]
    text = encode({**head, "files_left": 2}).decode()
    inside = {"acts": builtins([key.signed(a) for a in gathered.acts]), "records": builtins(gathered.records)}
    sealed = sealed_bytes(encode(inside), PASS)
    raw = encode({"head": text, "sealed": sealed, "sig": key.sign(HANDOVER, f"{text}|{sealed}")})
    assert b"files_key" not in raw
    kept = taken_in(carrier, raw)
    assert (kept.new, kept.files_left, kept.wanted, kept.acts_left) == (3, 2, (), 0)
