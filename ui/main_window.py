"""The main window: arranges the pages of one unit's file, shows the present, the lights and the line; owns nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from models.clock import MINUTE_MS
from models.organisation import OrganisationKind
from models.people import Capacity
from models.rules import Rules
from models.views import LineState, QueueCounts, QueueQuery
from ui import words
from ui.dialogs.palette import Entry, Palette
from ui.language import tr
from ui.models.queue_model import sort_titles
from ui.panels.alerts_page import AlertsPage
from ui.panels.case_panel import CasePanelWidget
from ui.panels.devices_page import DevicesPage
from ui.panels.duties_page import DutiesPage
from ui.panels.queue_page import QueuePage
from ui.panels.review_page import ReviewPage
from ui.panels.roster_page import RosterPage
from ui.panels.sync_page import SyncPage
from ui.panels.tray_page import TrayPage
from ui.place import Place
from ui.ports import Acts, LineSwitch, Present, Seat
from ui.reporting import Reporting
from ui.widgets.banner import Banner
from ui.widgets.header import Header
from ui.widgets.lock_page import LockPage
from ui.widgets.on_key import on_key
from ui.widgets.side import Side
from ui.widgets.strip import Strip

LOCK_KEY = "Ctrl+Shift+L"
PANEL_WIDTH, PANEL_LEAST_WIDTH = 430, 340


class MainWindow(QMainWindow):
    """`change_user`, `change_unit`, `settings_asked` and `lock_asked` are asked for; `closing` when the window goes.

    Made for one file and one language; when either changes the console makes another and hands over the `Place`.
    """

    change_user = Signal()
    change_unit = Signal()
    settings_asked = Signal()
    lock_asked = Signal()
    closing = Signal()

    def __init__(self, jobs: Acts, seat: Seat, present: Present, switch: LineSwitch, rules: Rules, pace: int) -> None:
        super().__init__()
        self._jobs, self._seat, self._rules = jobs, seat, rules
        self._present, self._switch = present, switch
        self._line: LineState | None = None
        self.unit = seat.desk.unit
        unit = rules.organisations[self.unit]
        self._is_town = unit.kind is OrganisationKind.SUB_CENTRE
        self.setWindowTitle(f"{unit.name} · {tr('联勤联动工作台')}")
        self.header = Header(unit.name, pace)
        self.banner = Banner()
        self.queue = QueuePage(jobs, seat, present)
        self.panel = CasePanelWidget(jobs, seat, present)
        self.reporting = Reporting(self, jobs, seat, rules)
        self.roster = RosterPage(jobs, seat, present)
        self.duties = DutiesPage(jobs, seat, present)
        self.alerts = AlertsPage(jobs, present)
        self.tray = TrayPage(jobs, seat, present)
        self.sync = SyncPage(switch, present)
        is_district = unit.kind is OrganisationKind.DISTRICT_CENTRE
        self.devices = DevicesPage(rules) if is_district else None
        self.review = ReviewPage(rules) if is_district else None
        self._case_page = self._split()
        self._read: dict[str, DutiesPage | RosterPage | AlertsPage | TrayPage] = {
            "duties": self.duties, "roster": self.roster, "alerts": self.alerts, "tray": self.tray,
        }  # fmt: skip
        self._is_stale, self._read_minute = False, 0
        self._keys: list[QShortcut] = []
        self._pages = self._order(unit.kind)
        self.pages = QStackedWidget()
        for widget, _title in self._pages.values():
            self.pages.addWidget(widget)
        self.side = Side([title for _widget, title in self._pages.values()])
        self.strip, self.lock_page = Strip(), LockPage()
        self._work = QWidget()
        self._arrange()
        self._connect()
        self.show_user()

    # Arranging

    def _order(self, kind: OrganisationKind) -> dict[str, tuple[QWidget, str]]:
        """A sub-centre begins with its queue, a unit that handles cases with what it owes (我所的)."""
        field_office = kind is OrganisationKind.FIELD_OFFICE
        own = (self.duties, tr("我所的") if field_office else tr("我单位"))
        cases_, alerts = (self._case_page, tr("案件")), (self.alerts, tr("预警"))
        tray, sync = (self.tray, tr("未生效")), (self.sync, tr("同步"))
        if self._is_town:
            return {
                "cases": cases_, "roster": (self.roster, tr("值守")), "alerts": alerts, "tray": tray, "sync": sync,
            }  # fmt: skip
        if self.devices is not None and self.review is not None:
            devices, review = (self.devices, tr("工作机")), (self.review, tr("待核事项"))
            return {
                "cases": cases_, "alerts": alerts, "devices": devices, "review": review, "tray": tray, "sync": sync,
            }  # fmt: skip
        return {"duties": own, "cases": cases_, "alerts": alerts, "tray": tray, "sync": sync}

    def _split(self) -> QSplitter:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.queue)
        split.addWidget(self.panel)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([900, PANEL_WIDTH])
        split.setChildrenCollapsible(False)
        self.panel.setMinimumWidth(PANEL_LEAST_WIDTH)
        return split

    def _arrange(self) -> None:
        middle = QHBoxLayout(self._work)
        middle.setSpacing(0)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(self.side)
        middle.addWidget(self.pages, 1)
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self.banner)
        whole.addWidget(self._work, 1)
        whole.addWidget(self.lock_page, 1)
        whole.addWidget(self.strip)
        self.lock_page.hide()
        holder = QWidget()
        holder.setLayout(whole)
        self.setCentralWidget(holder)

    def _connect(self) -> None:
        self.queue.chosen.connect(self.panel.show_case)
        self.queue.went_on.connect(self.panel.went_on)
        self.panel.acted.connect(self.queue.done_with)
        self.queue.held = lambda: self.panel.form is not None or self.panel.card is not None
        self.queue.opened.connect(lambda: self.panel.setFocus())
        self.queue.counted.connect(self._counted)
        self.panel.left.connect(lambda: self.queue.table.setFocus())
        self.panel.opened_case.connect(self.open_case)
        self.reporting.to_open.connect(self.open_case)
        self.reporting.told.connect(self._reported)
        self.reporting.not_saved.connect(self.show_banner)
        self.panel.more_asked.connect(self.open_palette)
        self.banner.case_asked.connect(self.open_case)
        self.banner.query_asked.connect(self.open_query)
        self.banner.page_asked.connect(self.show_page)
        self.tray.asked_to.connect(self.open_act)
        for page in (self.tray, self.alerts, self.duties):
            page.asked.connect(self.open_case)
        self.alerts.opened.connect(self.open_query)
        if self.review is not None:
            self.review.opened.connect(self.open_case)
            self.review.counted.connect(lambda count: self._number_page("review", count))
        self.roster.opened.connect(self.open_query)
        self.roster.acted.connect(self.panel.acted)
        self.side.turned.connect(lambda number: self.show_page(list(self._pages)[number]))
        self.side.settings_asked.connect(self.settings_asked)
        self.header.unit_asked.connect(self.change_unit)
        self.header.user_asked.connect(self.change_user)
        self.header.query_asked.connect(self.open_query)
        self.header.line_asked.connect(lambda: self.show_page("sync"))
        for keys, verb in (
            ("Ctrl+F", self._search),
            ("Ctrl+L", lambda: self.show_page("cases")),
            ("Ctrl+N", self.reporting.begin),
            ("Ctrl+K", self.open_palette),
            ("F1", self.open_palette),
            ("Ctrl+T", self.change_unit.emit),
            ("Ctrl+,", self.settings_asked.emit),
            (LOCK_KEY, self.lock_asked.emit),
        ):
            self._keys.append(on_key(keys, self, verb))
        for number, name in enumerate(self._pages):
            self._keys.append(on_key(f"Ctrl+{number + 1}", self, partial(self.show_page, name)))
        on_key("Ctrl+U", self, self.change_user.emit)
        self.lock_page.user_asked.connect(self.change_user)

    # What is told

    def show_page(self, name: str) -> None:
        """Turn to a page; a page this unit does not have is its first one."""
        name = name if name in self._pages else next(iter(self._pages))
        self.pages.setCurrentWidget(self._pages[name][0])
        self.side.tabs[list(self._pages).index(name)].setChecked(True)
        if name == "cases":
            self.queue.table.setFocus()
        told = {"devices": self.devices, "review": self.review}.get(name)
        if told is not None:
            told.refresh()
            told.focus_first()
        page = self._read.get(name)
        if page is not None:
            self._read_again()
            page.focus_first()

    def _read_again(self) -> None:
        """Read the page in sight again; its focus and what is chosen on it stay."""
        self._is_stale = False
        self._read_minute = self._present.now().shown_at // MINUTE_MS
        page = self._read.get(self.page())
        if page is not None:
            page.refresh()

    def page(self) -> str:
        """The name of the page in sight."""
        return next(name for name, (widget, _title) in self._pages.items() if widget is self.pages.currentWidget())

    def place(self) -> Place:
        """Where somebody is now."""
        return Place(self.page(), self.queue.query(), self.panel.case_id)

    def go_to(self, place: Place) -> None:
        """Begin where somebody was."""
        self.queue.show_query(place.query)
        if place.case_id:
            self.queue.select_case(place.case_id)
        self.show_page(place.page)

    def show_user(self) -> None:
        """Somebody else sits here now; drafts and places stay where they are."""
        desk = self._seat.desk
        person = self._rules.people.get(desk.person)
        actor = self._rules.actor(desk.person, desk.unit)
        text = f"{person.title} {person.name}" if person else ""
        if actor is not None and actor.capacity is Capacity.SECONDED:
            text = tr("{0} · 派驻").format(text)
        elif person is not None and person.seconded_to:
            text = tr("{0} · 代表{1}").format(text, self._rules.organisations[desk.unit].short_name)
        self.header.show_user(text, person.name if person else "")
        self.queue.refresh()
        self.panel.show_user()

    def changed(self, case_ids: frozenset[str]) -> None:
        """Cases changed below, by this desk or by the centre."""
        self.queue.refresh(case_ids)
        self.panel.changed(case_ids)
        self._is_stale = True

    def _counted(self, counts: QueueCounts) -> None:
        self.header.show_counts(counts)
        self.strip.show_counts(counts)

    def show_line(self, line: LineState, unsent: int) -> None:
        """The truth about the line, in the pill, the strip and the sync page; `unsent` of all files of this workstation."""
        self._line = line
        self.sync.show_line(line)
        self.panel.show_line(line)
        self.roster.desk.show_line(line)
        self.header.show_line(line, unsent)
        self._number_page("tray", str(line.not_effective or ""))
        self.strip.show_line(line, self._present.now().shown_at)

    def _number_page(self, name: str, count: str) -> None:
        """How much waits on a page, beside its name."""
        self.side.tabs[list(self._pages).index(name)].setText(f"{self._pages[name][1]} {count}".rstrip())

    def tick(self) -> None:
        """The second has turned. What changed, or is a minute old, is read again: once a second at most."""
        now_ms = self._present.now().shown_at
        self.header.show_time(now_ms)
        if self._is_stale or now_ms // MINUTE_MS != self._read_minute:
            self._read_again()
        self.queue.tick()
        self.panel.tick()
        for ticking in (self.duties, self.roster.desk):
            if ticking.isVisible():
                ticking.tick()

    def lock(self) -> None:
        """No case in sight and nothing to be done until somebody says his password; alarms, lights and the line stay."""
        self.keep_drafts()
        for dialog in self.open_dialogs():
            dialog.reject()
        self._show_locked(True)
        self.lock_page.show_for(f"{self.header.user_text()} · {self._rules.organisations[self.unit].name}")

    def open_dialogs(self) -> list[QDialog]:
        """Now."""
        return [dialog for dialog in self.findChildren(QDialog) if dialog.isVisible()]

    def unlock(self) -> None:
        """Where it was before, as it is now."""
        self._show_locked(False)
        self.show_page(self.page())

    def _show_locked(self, on: bool) -> None:
        self._work.setVisible(not on)
        self.lock_page.setVisible(on)
        self.header.blockSignals(on)
        self.banner.only_show(on)
        for key in self._keys:
            key.setEnabled(not on)

    def show_banner(self, text: str) -> None:
        """A line across the window that stays until it is read; never a modal box."""
        self.banner.show_text(text)

    # Verbs

    def open_case(self, case_id: str) -> None:
        """Turn to the queue with this case chosen."""
        self.show_page("cases")
        self.queue.select_case(case_id)

    def open_act(self, case_id: str, kind: str) -> None:
        """Turn to a case and begin an act on it, as soon as it has been read."""
        self.open_case(case_id)
        self.panel.begin_when_read(kind)

    def open_query(self, query: QueueQuery) -> None:
        """Turn to the queue with this question asked."""
        self.show_page("cases")
        self.queue.show_query(query)

    def _search(self) -> None:
        self.show_page("cases")
        self.queue.search.setFocus()

    def _sort_by(self, name: str) -> None:
        self.show_page("cases")
        self.queue.sort_by(name)

    def open_palette(self) -> None:
        """Everything that may be done now, by words."""
        verbs: dict[str, tuple[str, str, Callable[[], object]]] = {
            "report": (tr("新上报"), "Ctrl+N", self.reporting.begin),
            "search": (tr("搜索案件"), "Ctrl+F", self._search),
            "user": (tr("换班:更换用户"), "Ctrl+U", self.change_user.emit),
            "unit": (tr("换单位"), "Ctrl+T", self.change_unit.emit),
            "settings": (tr("设置"), "Ctrl+,", self.settings_asked.emit),
            "lock": (tr("锁定窗口"), LOCK_KEY, self.lock_asked.emit),
            **self.sync.verbs(),
        }
        for name, title in sort_titles().items():
            verbs[f"sort:{name}"] = (tr("按{0}排序").format(title), "", partial(self._sort_by, name))
        for number, (name, (_widget, title)) in enumerate(self._pages.items()):
            verbs[f"page:{name}"] = (title, f"Ctrl+{number + 1}", partial(self.show_page, name))
        undo = {"cases": self.panel.undo, "roster": self.roster.desk.undo}.get(self.page())
        if undo is not None:
            verbs["undo"] = (tr("撤销"), "Ctrl+Z", undo)
        entries = self.panel.entries()
        entries += [Entry(code, label, key) for code, (label, key, _verb) in verbs.items()]
        palette = Palette(entries, self)
        palette.picked.connect(lambda code: verbs[code][2]() if code in verbs else self.panel.begin(code))
        palette.open()

    def _reported(self, number: str) -> None:
        """Whoever put its window away before it was saved is elsewhere by now, and stays there."""
        self.panel.say(tr("{0}:{1}").format(number, f"{words.ACTS['case.report']} {words.ACT_STATES['saved']}"))

    def keep_drafts(self) -> None:
        """Keep what is typed for the person who sits here, before the window or the person changes."""
        self.reporting.put_away()
        self.panel.keep_draft()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window goes; drafts are kept, unsent acts stay on disk and are sent next time."""
        self.keep_drafts()
        self.closing.emit()
        super().closeEvent(event)
