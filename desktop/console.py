"""One console put together: the files of this workstation, who sits at which, and one window over the file in sight."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.alarm_watch import AlarmWatch
from desktop.attachments_desk import AttachmentsDesk
from desktop.change_unit import ChangeUnit
from desktop.change_user import ChangeUser
from desktop.check_itself import CheckItself
from desktop.copying import Copying
from desktop.district_desks import district_desks
from desktop.dress import dress
from desktop.each_second import EachSecond
from desktop.export_evidence import ExportEvidence
from desktop.handover import TakeHandover, WriteHandover
from desktop.jobs import DatabaseThread, WindowJobs
from desktop.last_input import LastInput
from desktop.let_in_again import LetInAgain
from desktop.move_secrets import MoveSecrets, finish_leaving
from desktop.older_cases import AskForOlder
from desktop.open_file import OpenFile, end_all, tick_all
from desktop.pictures import Pictures
from desktop.present import PresentClock
from desktop.show_requester import ShowRequester
from desktop.sound import Sound
from desktop.station import Station
from desktop.sync_worker import SyncWorker
from desktop.unlock import unlock
from desktop.workplace import Workplace, open_beside, single
from models.clock import MINUTE_MS, SystemClock
from models.errors import Bug
from services import session, settings
from services.desk import Desk
from services.settings import Liked, Settings
from ui import words
from ui.dialogs.settings import SettingsDialog
from ui.main_window import MainWindow
from ui.panels.case_acts import EVIDENCE

APP = "0.1.0"


class Console(QObject):
    """A running console. `desk` changes when the user or the unit does; the network never waits for the screen."""

    signed_in = Signal()

    def __init__(
        self, station: Station, entered: session.Entered, pace: int = 0, workplace: Workplace | None = None
    ) -> None:
        super().__init__()
        self.workplace = workplace or single(station)
        self._pace = pace
        self._sitting = {station.unit: entered}
        self._liked = Liked()
        self._started = self._locked = self._ended = self._outdated = False
        self.last_input = LastInput(SystemClock().mono_ms)
        self.sound = Sound()
        self.pictures = Pictures()
        self._copying = Copying()
        self.files: dict[str, OpenFile] = {}
        self._alarms: dict[str, AlarmWatch] = {}
        self.file = self._take_in(station)
        with station.work() as work:
            self._liked.read(settings.read(work, entered.person))
        dress(self._liked.now)
        self.window = self._make_window()
        self._seconds = EachSecond(
            alarms=lambda: self.alarms.tick(),
            window=lambda: self.window.tick(),
            lock=self._lock_if_idle,
            rules=self._renew_if_outdated,
            files=lambda: tick_all(self.files.values()),
        )

    # The file in sight, and who sits at it

    @property
    def station(self) -> Station:
        """The file in sight."""
        return self.file.station

    @property
    def jobs(self) -> DatabaseThread:
        """Its database thread."""
        return self.file.jobs

    @property
    def present(self) -> PresentClock:
        """Its present."""
        return self.file.present

    @property
    def sync(self) -> SyncWorker:
        """Its line."""
        return self.file.sync

    @property
    def desk(self) -> Desk:
        """Who sits here now, for which unit."""
        station, entered = self.file.station, self._sitting[self.file.station.unit]
        return Desk(entered.person, station.unit, station.device, station.slot, entered.session, APP)

    @property
    def alarms(self) -> AlarmWatch:
        """The alarms of the file in sight; those of a file turned away from stand as they stood."""
        unit = self.file.station.unit
        if unit not in self._alarms:
            self._alarms[unit] = AlarmWatch(self.file.jobs, self, self.file.present, None, self.sound.play)
        return self._alarms[unit]

    def sits_at(self, unit: str) -> bool:
        """True when the person in this seat has signed in to that unit's file already."""
        return unit in self._sitting

    # Beginning and ending

    def start(self) -> None:
        """Show the window and begin to talk to the centre, for every file of this workstation."""
        self._started = True
        self.window.show()
        self.window.show_page("")
        self._seconds.start()
        self.file.sync.start()
        for unit in self.workplace.units():
            if unit not in self.files:
                open_beside(self.workplace, unit, self._opened_beside)  # what was done in it is sent as well (D21)
        finish_leaving(self.file, self.workplace)

    def _opened_beside(self, station: Station) -> None:
        if self._ended or not station.device or station.unit in self.files:
            station.engine.dispose()
        else:
            self._take_in(station)

    def _take_in(self, station: Station) -> OpenFile:
        if station.rules is None:
            raise Bug("a file is taken in with its reference data: fetching it would hold up the screen")
        found = OpenFile(station, station.rules)
        found.told.connect(self._line_told)
        found.moved.connect(self._moved)
        found.ruled.connect(self._ruled)
        cut = bool(self.files) and self.working_offline
        self.files[station.unit] = found
        if cut:
            found.sync.work_offline(True)
        elif self._started:
            found.sync.start()
        if self._started and (damage := found.damage_to_tell()):
            self.window.show_banner(damage)
        return found

    def end(self) -> None:
        """Stop; nothing is lost, nobody waits longer than a second, and no answer of a store changes the last window."""
        self._seconds.stop()
        self._window_jobs.forget()
        self._alarms[self.window.unit].rest()
        if not self._ended:
            self._ended = True
            for file in self.files.values():
                file.told.disconnect(self._line_told)
                file.moved.disconnect(self._moved)
                file.ruled.disconnect(self._ruled)
        self.sound.end()
        self.pictures.end()
        end_all(self.files.values())

    # The window

    def _make_window(self) -> MainWindow:
        file = self.file
        self._window_jobs = WindowJobs(file.jobs, self, self._copying.tell)
        made = MainWindow(self._window_jobs, self, file.present, self, file.rules, self._pace)
        for done in (made.panel.acted, made.reporting.saved):
            done.connect(lambda _id: file.sync.acted())
            done.connect(lambda case_id: self.alarms.changed(frozenset({case_id})))
        made.panel.centre_asked.connect(self.ask_centre)
        AttachmentsDesk(file, self._window_jobs, self, made, self.pictures, self._copying)
        AskForOlder(made.queue.older, file, self._window_jobs, self)
        district_desks(made, file, self, self._signed_in_again, self._copying.tell)
        made.change_user.connect(self.change_user)
        made.change_unit.connect(self.change_unit)
        made.settings_asked.connect(self.open_settings)
        made.lock_asked.connect(self.lock)
        made.lock_page.entered.connect(self._unlock)
        if file.line is not None:
            made.show_line(file.line, self._unsent())
        self.alarms.wear(made.banner)
        self.alarms.muted(not self._liked.now.sound)
        return made

    def _renew_window(self, same_file: bool) -> None:
        """Another window in the place of this one: another file, another language, other colours, newer rules."""
        old, jobs, place = self.window, self._window_jobs, self.window.place()
        self._outdated = False
        old.keep_drafts()
        self._alarms[old.unit].rest()
        dress(self._liked.now)
        self.window = self._make_window()
        for unread in old.banner.notices:
            self.window.show_banner(unread)
        self.window.setGeometry(old.geometry())
        if old.isVisible():
            self.window.setWindowState(old.windowState())
            self.window.show()
            self.window.activateWindow()
        if same_file:
            self.window.go_to(place)
        else:
            self.window.show_page("")
        if self._locked:
            self.window.lock()
        self._seconds.turn()
        old.hide()
        jobs.forget()
        self.files[old.unit].sync.acted()  # an act whose answer the old window did not live to hear must leave too
        old.deleteLater()

    def _lock_if_idle(self) -> None:
        if self.last_input.idle_ms() >= self.file.rules.policy.lock_after_idle_minutes * MINUTE_MS:
            self.lock()

    def _moved(self, file: OpenFile, case_ids: frozenset[str]) -> None:
        if file is self.file:
            self.window.changed(case_ids)
            self.alarms.changed(case_ids)

    def _ruled(self, file: OpenFile) -> None:
        self._outdated = self._outdated or file is self.file

    def _renew_if_outdated(self) -> None:
        """Newer rules are in force at once; the window that shows them waits until nobody has something half filled in."""
        if self._outdated and not self.window.open_dialogs() and (self._locked or not self.window.queue.held()):
            self._renew_window(True)

    def _line_told(self, file: OpenFile, _state: object) -> None:
        if file.line is not None and file.station.unit in self._alarms:
            self._alarms[file.station.unit].line_told(file.line)
        if self.file.line is not None:
            self.window.show_line(self.file.line, self._unsent())

    def _unsent(self) -> int:
        return sum(found.line.unsent for found in self.files.values() if found.line is not None)

    # The switch of the sync page: the line of this workstation, all its files

    @property
    def working_offline(self) -> bool:
        """True while the line is cut by the switch."""
        return self.file.sync.working_offline

    def work_offline(self, on: bool) -> None:
        """Cut the line for a drill, or mend it."""
        for found in self.files.values():
            found.sync.work_offline(on)

    def try_now(self) -> None:
        """Do not wait any longer."""
        for found in self.files.values():
            found.sync.try_now()

    def let_in_again(self) -> None:
        """重新登记本机: with a new code, as another device, with everything this file holds."""
        LetInAgain(self.file, self.window, self._copying.tell).open()

    def write_handover(self) -> None:
        """导出交接包: for another workstation of the unit to carry."""
        WriteHandover(self.file, self.window).open()

    def take_handover(self) -> None:
        """导入交接包 of another workstation of the unit."""
        TakeHandover(self.file, self.window, self._copying.tell).open()

    def move_secrets(self, way: str) -> None:
        """更换启动口令, 改存系统密钥环, 改用启动口令: for every file of this workstation."""
        MoveSecrets(self.file, self.workplace, way, self.window).open()

    def check_itself(self) -> None:
        """自检: what this workstation needs, looked at for real."""
        CheckItself(self.file, self.window, APP).open()

    # What only the centre knows of a case

    def ask_centre(self, code: str, case_id: str) -> None:
        """查看诉求人, 导出证据: over the window; the centre records it."""
        asking = ExportEvidence if code == EVIDENCE else ShowRequester
        asking(self.file, self._window_jobs, self, self.window, case_id, self._signed_in_again).open()

    def _signed_in_again(self, file: OpenFile, entered: session.Entered) -> None:
        if entered.person == self.desk.person:
            self._sitting = {**self._sitting, file.station.unit: entered}
        else:
            self._sat_down(file, entered)

    # Settings

    def open_settings(self) -> None:
        """Language, colours, size, sound."""
        dialog = SettingsDialog(self._liked.now)
        dialog.setParent(self.window, dialog.windowFlags())
        dialog.changed.connect(lambda chosen: self._chosen(dialog, chosen))
        dialog.open()

    def _chosen(self, dialog: SettingsDialog, chosen: Settings) -> None:
        changed = self._liked.choose(chosen)
        keep = partial(settings.choose, person=self.desk.person, changed=self._liked.chosen)
        self._window_jobs.act(keep, lambda _none: None, None, words.choice_not_kept)
        self.alarms.muted(not chosen.sound)
        if changed - {"sound"}:
            dialog.accept()
            self._renew_window(True)

    # Locking

    def lock(self) -> None:
        """Whoever sits here has gone: no case is in sight until somebody says his password. Acts and alarms go on."""
        if not self._locked:
            self._locked = True
            self.window.lock()

    def _unlock(self, password: str) -> None:
        file, person = self.file, self.desk.person

        def done(entered: session.Entered) -> None:
            if self.file is not file or self.desk.person != person:
                return  # somebody else sits here meanwhile, and it is his to unlock
            if entered.session:
                self._signed_in_again(file, entered)
            self._unlocked()

        unlock(file, self.window.lock_page, person, password, done)

    def _unlocked(self) -> None:
        if self._locked:
            self._locked = False
            self.last_input.came()
            self.window.unlock()

    # Changing user and unit

    def change_user(self) -> None:
        """Somebody else sits down: drafts and unsent acts stay (D4: always possible, line or no line)."""
        self.window.keep_drafts()
        ChangeUser(self.file, self.window, self._sat_down).ask("")

    def _sat_down(self, file: OpenFile, entered: session.Entered) -> None:
        """At once, whatever keeps the store busy: nothing more is done here in the former one's name."""
        person = entered.person
        self._liked.leave()
        self._show_file(file, {file.station.unit: entered})
        file.jobs.run(lambda work: settings.read(work, person), lambda found: self._likes(person, found))

    def _likes(self, person: str, wanted: Settings) -> None:
        if not self._ended and person == self.desk.person and self._liked.read(wanted):
            self._outdated = True
            self.alarms.muted(not self._liked.now.sound)
            for dialog in self.window.findChildren(SettingsDialog):
                dialog.show_settings(self._liked.now)
            self._renew_if_outdated()

    def change_unit(self) -> None:
        """The same person, or another, opens another unit's file in this window (D21)."""
        ChangeUnit(self, self.window).ask()

    def open_unit(self, station: Station | None, unit: str) -> None:
        """Turn to a unit's file, just opened or taken in before; whoever has not signed in to it yet does so first."""
        if station is not None:
            self._opened_beside(station)
        file = self.files[unit]
        if self.sits_at(unit):
            self._show_file(file, self._sitting)
        else:
            ChangeUser(file, self.window, self._sat_down_too).ask(self.desk.person)

    def _sat_down_too(self, file: OpenFile, entered: session.Entered) -> None:
        if entered.person == self.desk.person:
            self._show_file(file, {**self._sitting, file.station.unit: entered})
        else:
            self._sat_down(file, entered)

    def _show_file(self, file: OpenFile, sitting: dict[str, session.Entered]) -> None:
        """Who sits where and which file is in sight change in one step."""
        self.window.keep_drafts()
        same_file = file is self.file
        self._sitting, self.file = sitting, file
        self._unlocked()
        if not same_file or self.window.devices is not None:
            # What the centre told the former operator, and his codes, are not the next one's.
            self._renew_window(same_file)
        else:
            self.window.show_user()
        if same_file:
            self.alarms.person_changed()
        self.signed_in.emit()
