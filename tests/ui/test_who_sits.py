"""Who sits here is never somebody who gave it up, and never somebody else than the window says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.asking_centre import AskingCentre
from desktop.change_user import entered
from desktop.console import Console
from desktop.station import Station
from models import commands as c
from models.clock import HOUR_MS, MINUTE_MS, SystemClock
from models.errors import Refused, Weather
from models.present_mark import Mark
from models.store import personal, wall_steps
from models.store.present_mark import MARK
from models.store.wall_steps import Noticed
from models.store.work import Work
from models.wire import decode
from services import cases, settings
from services.session import Entered, keep_pass, sign_in_online
from services.sync.replies import SessionOpened
from tests.store.make_sample import CLERK, STALLS, STATION, TOWN
from tests.ui.alone import NOBODY, SECOND, Held, alone, begun, store_is_busy, stored
from tests.ui.conftest import until
from tests.ui.test_changing import gone, opened
from tests.whole.parties import PASSWORD
from ui.dialogs.requester import RequesterDialog
from ui.dialogs.sign_in import SignInDialog
from ui.panels.case_acts import REQUESTER


@pytest.fixture
def console(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    with begun(alone(tmp_path / "console")) as made:
        yield made


def signing_in(console: Console, person: str) -> SignInDialog:
    console.change_user()
    dialog = opened(SignInDialog)
    dialog.person.setCurrentIndex(dialog.person.findData(person))
    QTest.keyClicks(dialog.password, PASSWORD)
    QTest.keyClick(dialog.password, Qt.Key.Key_Return)
    return dialog


class SlowCentre:
    """Lets a person in as soon as it is told to."""

    def __init__(self, console: Console, person: str, monkeypatch: pytest.MonkeyPatch, at_once: bool = False) -> None:
        self._go, self.answered = threading.Event(), threading.Event()
        self._person = person
        monkeypatch.setattr(console.station, "ask", self._ask)
        if at_once:
            self._go.set()

    def _ask(self, _call: object) -> Entered:
        self._go.wait(30)
        self.answered.set()
        return Entered(self._person, "session", False)

    def answers(self) -> None:
        self._go.set()
        assert self.answered.wait(10)
        until(lambda: not any(thread.name in ("asking", "sign-in") for thread in threading.enumerate()))
        for _ in range(20):
            QApplication.processEvents()


def test_a_sign_in_that_was_given_up_seats_nobody(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = SlowCentre(console, SECOND, monkeypatch)
    dialog = signing_in(console, SECOND)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: gone(dialog))
    centre.answers()
    assert console.desk.person == CLERK, "what the first clerk does now would stand under the second one's name"


def test_a_window_locked_meanwhile_stays_locked(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = SlowCentre(console, SECOND, monkeypatch)
    signing_in(console, SECOND)
    console.lock()
    centre.answers()
    assert console._locked and console.desk.person == CLERK


def test_whoever_has_signed_in_sits_here_at_once(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that takes in a snapshot answers nobody for a while: until then the former one's name stood under every act."""
    SlowCentre(console, SECOND, monkeypatch, at_once=True)
    held = Held(console.file)
    dialog = signing_in(console, SECOND)
    until(lambda: gone(dialog))
    assert console.desk.person == SECOND
    held.let_go()


def test_whoever_has_signed_in_sits_here_also_when_his_settings_cannot_be_read(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "read", store_is_busy)
    SlowCentre(console, SECOND, monkeypatch, at_once=True)
    dialog = signing_in(console, SECOND)
    until(lambda: gone(dialog))
    for _ in range(20):
        QTest.qWait(10)
    assert console.desk.person == SECOND


# Without the line, by what the centre said last


class Answering:
    """A centre that answers a sign-in with this, until its line is down."""

    def __init__(self, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        self.says, self.is_down, self._file = "", False, console.file
        monkeypatch.setattr(console.station, "ask", lambda call: call(self))

    anchor = None

    def sign_in(self, person: str, _password: str) -> SessionOpened:
        if self.is_down:
            raise Weather("line_down")
        if self.says not in ("", "must_change"):
            raise Refused(self.says)
        return SessionOpened("session", person, 0, self.says == "must_change", 7, 0)

    def answers(self, password: str) -> str:
        """What somebody at this desk is told: "" when he is let in."""
        try:
            entered(self._file, SECOND, password, "")
        except Refused as error:
            return error.code
        return ""


@pytest.mark.parametrize(
    ("says", "typed", "then"),
    [
        ("account_disabled", PASSWORD, "no_offline_pass"),
        ("not_at_this_desk", "nonsense", "no_offline_pass"),
        ("wrong_password", PASSWORD, "no_offline_pass"),  # it was changed elsewhere
        ("must_change", "told by the administrator", "no_offline_pass"),
        ("wrong_password", "nonsense", ""),
        ("account_locked", PASSWORD, ""),
        ("device_revoked", PASSWORD, ""),
    ],
)
def test_whom_the_centre_has_refused_the_kept_verifier_does_not_let_in(
    console: Console, monkeypatch: pytest.MonkeyPatch, says: str, typed: str, then: str
) -> None:
    """The line was unplugged, and the former password opened for a week. What anybody can bring about by typing nonsense takes
    nothing from a colleague."""
    centre = Answering(console, monkeypatch)
    centre.says = says
    told = centre.answers(typed)
    assert told == ("change_password_first" if says == "must_change" else says)
    centre.is_down = True
    assert centre.answers(PASSWORD) == then


def test_the_password_that_the_centre_took_last_opens_without_the_line(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = Answering(console, monkeypatch)
    assert centre.answers("the new one") == ""
    centre.is_down = True
    assert centre.answers(PASSWORD) == "wrong_password" and centre.answers("the new one") == ""


def test_a_new_password_that_was_not_needed_opens_nothing(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """It still stood in the window when somebody else was chosen in it, and became his without the line."""
    centre = Answering(console, monkeypatch)
    entered(console.file, SECOND, PASSWORD, "another's new one")
    centre.is_down = True
    assert centre.answers("another's new one") == "wrong_password" and centre.answers(PASSWORD) == ""


# The lock


def expire(console: Console) -> None:
    """The verifier of the first clerk is older than its days."""

    def job(work: Work) -> None:
        keep_pass(work, CLERK, PASSWORD, -1)

    stored(console.file, job)


def unlock(console: Console) -> None:
    page = console.window.lock_page
    QTest.keyClicks(page.password, PASSWORD)
    QTest.keyClick(page.password, Qt.Key.Key_Return)


def test_a_desk_nobody_has_left_for_a_week_is_unlocked_by_the_centre(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It told whoever sits there to sign in with the line, which was up, and had no way to."""
    SlowCentre(console, CLERK, monkeypatch, at_once=True)
    expire(console)
    console.lock()
    unlock(console)
    until(lambda: not console._locked)
    assert console.desk.session == "session", "a new one: the former had run out as well"


def test_without_the_line_such_a_desk_stays_locked_and_says_why(console: Console) -> None:
    expire(console)
    console.lock()
    unlock(console)
    until(lambda: console.window.lock_page.problem.text())
    assert console._locked and "请联网登录一次" in console.window.lock_page.problem.text()


def test_guessing_at_the_lock_waits_and_is_told_for_how_long(console: Console) -> None:
    console.lock()
    page = console.window.lock_page
    for _ in range(5):
        QTest.keyClicks(page.password, "nonsense")
        QTest.keyClick(page.password, Qt.Key.Key_Return)
        until(lambda: page.problem.text())
    assert "连续输错 5 次,请过 0 分 30 秒再试" in page.problem.text()
    unlock(console)
    until(lambda: page.problem.text())
    assert console._locked and "连续输错 5 次" in page.problem.text()


def test_once_a_minute_the_console_keeps_what_time_it_surely_is(console: Console) -> None:
    def mark(work: Work) -> int:
        return decode(work.read_meta(MARK), Mark).mono_ms

    first = stored(console.file, mark)
    console.file.tick(console.station.clock.mono_ms())
    assert stored(console.file, mark) == first
    console.file.tick(console.station.clock.mono_ms() + MINUTE_MS)
    assert stored(console.file, mark) > first


def test_a_password_that_was_typed_for_the_former_one_does_not_unlock_for_the_next(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    SlowCentre(console, SECOND, monkeypatch, at_once=True)
    console.lock()
    held = Held(console.file)
    unlock(console)
    dialog = signing_in(console, SECOND)
    until(lambda: gone(dialog))
    console.lock()
    held.let_go()
    stored(console.file, lambda _work: None)
    for _ in range(20):
        QApplication.processEvents()
    assert console.desk.person == SECOND and console._locked


# Only the centre can answer


def test_a_record_is_not_read_for_somebody_who_has_put_its_window_away(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The centre would have it on record as read, by whoever sits here when the store answers."""
    desk = console.desk

    def reported(work: Work) -> str:
        report = c.Report("", "volunteer", STALLS, "占道", "路口", TOWN, STATION)
        acted = cases.report(work, desk, report, {"name": "钱小乙"})
        for digest, _record in personal.unsent(work.connection):
            personal.mark_sent(work.connection, digest)
        work.commit()
        return acted.case_id

    case_id = str(stored(console.file, reported))
    asked: list[object] = []
    monkeypatch.setattr(AskingCentre, "ask", lambda *told: asked.append(told))
    console.ask_centre(REQUESTER, case_id)
    dialog = opened(RequesterDialog)
    held = Held(console.file)
    QTest.mouseClick(dialog.read, Qt.MouseButton.LeftButton)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: gone(dialog))
    held.let_go()
    stored(console.file, lambda _work: None)
    assert asked == []


# A first password


class Cut:
    """A centre whose line goes between the change of a first password and the sign-in with the new one."""

    def __init__(self) -> None:
        self.password = "first"
        self.must_change = True
        self.is_cut = False

    def sign_in(self, person: str, password: str) -> SessionOpened:
        if self.is_cut:
            self.is_cut = False
            raise Weather("line_down")
        if password != self.password:
            raise Refused("wrong_password")
        return SessionOpened("" if self.must_change else "session", person, 0, self.must_change, 7, 0)

    def change_password(self, _person: str, _old: str, new: str) -> None:
        self.password, self.must_change, self.is_cut = new, False, True


def test_a_first_password_that_was_changed_as_the_line_went_lets_in_with_the_same_answers() -> None:
    centre = Cut()
    with pytest.raises(Weather):
        sign_in_online(centre, CLERK, "first", "my own one")  # type: ignore[arg-type]
    found = sign_in_online(centre, CLERK, "first", "my own one")  # type: ignore[arg-type]
    assert found.session == "session"
    with pytest.raises(Refused, match="wrong_password"):
        sign_in_online(centre, CLERK, "first", "")  # type: ignore[arg-type]


# The wall clock


def test_a_wall_clock_that_is_moved_while_the_console_runs_is_on_record(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, off = console.station.clock, [0]
    monkeypatch.setattr(clock, "wall_ms", lambda: SystemClock().wall_ms() + off[0])

    def noticed() -> Noticed:
        found: Noticed = stored(console.file, lambda work: wall_steps.noticed(work.connection))
        return found

    assert noticed().count == 0 and noticed().seen is not None
    off[0] = -HOUR_MS
    console.file.tick(clock.mono_ms())
    assert [round(step.by_ms / 1_000) for step in noticed().last] == [-3_600]
    off[0] = HOUR_MS
    console.file.tick(clock.mono_ms())
    assert noticed().count == 1, "one a minute"


@pytest.mark.parametrize(("off_ms", "count"), [(-HOUR_MS, 1), (HOUR_MS, 1), (0, 0)])
def test_one_that_was_moved_while_the_program_was_closed_as_well(
    application: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off_ms: int, count: int
) -> None:
    with begun(alone(tmp_path / "console")) as first:
        stored(first.file, lambda _work: None)
    wall_ms = SystemClock.wall_ms
    monkeypatch.setattr(SystemClock, "wall_ms", lambda clock: wall_ms(clock) + off_ms)
    station = Station(tmp_path / "console", NOBODY, SystemClock(), first.station.secrets)
    again = Console(station, Entered(CLERK, "", True))
    with begun(again):
        assert stored(again.file, lambda work: wall_steps.noticed(work.connection).count) == count
