"""The main window: arranges the pages, shows the present, the lights and the line; owns nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.commands import Report
from models.errors import Refused
from models.rules import Rules
from models.views import LineState, QueueCounts, QueueQuery
from services import cases
from services.cases import Acted
from services.work import Work
from ui import format as fmt
from ui import words
from ui.dialogs.palette import Entry, Palette
from ui.dialogs.report import ReportDialog
from ui.keys import keys_for
from ui.language import tr
from ui.panels.alerts_page import AlertsPage
from ui.panels.case_panel import CasePanelWidget
from ui.panels.queue_page import QueuePage
from ui.panels.roster_page import RosterPage
from ui.panels.sync_page import SyncPage
from ui.panels.tray_page import TrayPage
from ui.ports import Jobs, LineSwitch, Present, Seat

PANEL_WIDTH = 430
ROSTER, ALERTS, TRAY, SYNC = 1, 2, 3, 4


class MainWindow(QMainWindow):
    """`change_user` is asked from the header; `closing` when the window goes."""

    change_user = Signal()
    closing = Signal()

    def __init__(self, jobs: Jobs, seat: Seat, present: Present, switch: LineSwitch, rules: Rules, pace: int) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._rules = rules
        self._pace = pace
        self._line: LineState | None = None
        self.queue = QueuePage(jobs, seat, present)
        self.panel = CasePanelWidget(jobs, seat, present)
        self.roster = RosterPage(jobs, seat, present)
        self.alerts = AlertsPage(jobs, present)
        self.tray = TrayPage(jobs, seat, present)
        self.sync = SyncPage(switch, present)
        self.pages = QStackedWidget()
        self.banner = _banner()
        self._counts = QLabel()
        self._pill = QPushButton()
        self._clock = QLabel()
        self._user = QPushButton()
        self._strip = QLabel()
        self._totals = QLabel()
        self._tabs: list[QPushButton] = []
        self._arrange()
        self._connect()
        self.show_user()

    # Arranging

    def _arrange(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.queue)
        split.addWidget(self.panel)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([900, PANEL_WIDTH])
        split.setChildrenCollapsible(False)
        self.panel.setMinimumWidth(360)
        for page in (split, self.roster, self.alerts, self.tray, self.sync):
            self.pages.addWidget(page)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._side())
        middle.addWidget(self.pages, 1)
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._header())
        whole.addWidget(self.banner)
        whole.addLayout(middle, 1)
        whole.addWidget(self._bottom())
        holder = QWidget()
        holder.setLayout(whole)
        self.setCentralWidget(holder)
        unit = self._rules.organisations[self._seat.desk.unit]
        self.setWindowTitle(f"{unit.name} · {tr('联勤联动工作台')}")

    def _header(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("header")
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 6, 14, 6)
        unit = self._rules.organisations[self._seat.desk.unit]
        row.addWidget(QLabel(f"<b>{unit.name} · {tr('联勤联动工作台')}</b>"))
        row.addSpacing(16)
        row.addWidget(self._counts)
        row.addStretch(1)
        for part, name in ((self._pill, tr("线路状态")), (self._user, tr("当前用户"))):
            part.setObjectName("chip")
            part.setAccessibleName(name)
        row.addWidget(self._pill)
        row.addSpacing(10)
        row.addWidget(self._clock)
        row.addSpacing(10)
        row.addWidget(self._user)
        self._pill.clicked.connect(lambda: self.show_page(SYNC))
        self._user.clicked.connect(self.change_user)
        return frame

    def _side(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("side")
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 6, 0, 6)
        group = QButtonGroup(self)
        for number, text in enumerate(
            (
                tr("案件"),
                tr("值守"),
                tr("预警"),
                tr("未生效"),
                tr("同步"),
            )
        ):
            tab = QPushButton(text)
            tab.setCheckable(True)
            tab.setFixedWidth(78)
            tab.clicked.connect(lambda _on=False, n=number: self.show_page(n))
            group.addButton(tab)
            column.addWidget(tab)
            self._tabs.append(tab)
        self._tabs[0].setChecked(True)
        column.addStretch(1)
        return frame

    def _bottom(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("strip")
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 3, 14, 3)
        row.addWidget(self._strip)
        row.addStretch(1)
        row.addWidget(self._totals)
        return frame

    def _connect(self) -> None:
        self.queue.chosen.connect(self.panel.show_case)
        self.queue.opened.connect(lambda: self.panel.setFocus())
        self.queue.counted.connect(self._counted)
        self.panel.left.connect(lambda: self.queue.table.setFocus())
        self.tray.asked.connect(self._open_case)
        self.alerts.asked.connect(self._open_case)
        self.alerts.opened.connect(self._open_query)
        self.roster.opened.connect(self._open_query)
        for keys, verb in (
            ("Ctrl+F", lambda: self.queue.search.setFocus()),
            ("Ctrl+L", lambda: self.queue.table.setFocus()),
            ("Ctrl+N", self.new_report),
            ("Ctrl+K", self.open_palette),
            ("F1", self.open_palette),
            ("Ctrl+1", lambda: self.show_page(0)),
            ("Ctrl+2", lambda: self.show_page(1)),
            ("Ctrl+3", lambda: self.show_page(2)),
            ("Ctrl+4", lambda: self.show_page(3)),
            ("Ctrl+5", lambda: self.show_page(4)),
            ("Ctrl+U", self.change_user.emit),
        ):
            QShortcut(QKeySequence(keys), self, verb)

    # What is told

    def show_page(self, number: int) -> None:
        """Turn to a page."""
        self.pages.setCurrentIndex(number)
        self._tabs[number].setChecked(True)
        if number == 0:
            self.queue.table.setFocus()
        if number in (ROSTER, ALERTS, TRAY):
            (self.roster, self.alerts, self.tray)[number - 1].refresh()

    def show_user(self) -> None:
        """Somebody else sits here now; drafts and places stay where they are."""
        person = self._rules.people.get(self._seat.desk.person)
        self._user.setText(f"{person.title} {person.name}" if person else "")
        self.queue.refresh()
        self.panel.refresh()

    def changed(self, case_ids: frozenset[str]) -> None:
        """Cases changed below, by this desk or by the centre."""
        self.queue.refresh()
        self.panel.changed(case_ids)
        if self.pages.currentIndex() == TRAY:
            self.tray.refresh()

    def _counted(self, counts: QueueCounts) -> None:
        lights = (("red", counts.red), ("yellow", counts.yellow), ("green", counts.green))
        self._counts.setText("　".join(f"{words.SHAPES[k]} {words.LIGHTS[k]} <b>{n}</b>" for k, n in lights))
        self._totals.setText(tr("{0} 件在办 / {1} 件").format(counts.open_cases, counts.all_cases))

    def show_line(self, line: LineState) -> None:
        """The truth about the line, in the pill, the strip and the sync page."""
        self._line = line
        self.sync.show_line(line)
        unsent = tr(" · {0} 项待上报").format(line.unsent) if line.unsent else ""
        self._pill.setText(f"{words.LINES[line.state]}{unsent}")
        self._tabs[TRAY].setText(tr("未生效") + (f" {line.not_effective}" if line.not_effective else ""))
        self._say_line()

    def _say_line(self) -> None:
        line = self._line
        if line is None:
            return
        now = self._present.now()
        said = [words.LINES[line.state]]
        if line.state != "online":
            said = [tr("断网作业:所有操作已存本机,恢复后自动上报")]
            if line.state == "refused":
                said = [words.refusal(line.reason, {}, {})]
        if line.last_contact_at is not None:
            said.append(tr("与区中心上次通信 {0}").format(fmt.clock(line.last_contact_at)))
        radius = tr("时间待认定") if line.clock_radius_ms is None else f"±{line.clock_radius_ms / 1000:.1f} s"
        said.append(tr("时钟误差 {0}").format(radius))
        self._strip.setText("　　".join(said))
        self._clock.setText(self._present_words(now.shown_at))

    def _present_words(self, now_ms: int) -> str:
        pace = tr("　演示时间×{0}").format(self._pace) if self._pace else ""
        return f"<b style='font-size:large'>{fmt.clock(now_ms)}</b>　{fmt.weekday(now_ms)}{pace}"

    def tick(self) -> None:
        """The second has turned."""
        self._clock.setText(self._present_words(self._present.now().shown_at))
        self.queue.tick()
        self.panel.tick()

    def show_banner(self, text: str) -> None:
        """A line across the window that stays until it is read; never a modal box."""
        self.banner.show_text(text)

    # Verbs

    def _open_case(self, case_id: str) -> None:
        self.show_page(0)
        self.queue.select_case(case_id)

    def _open_query(self, query: QueueQuery) -> None:
        self.show_page(0)
        self.queue.show_query(query)

    def open_palette(self) -> None:
        """Everything that may be done now, by words."""
        kinds = self.panel.panel.allowed if self.panel.panel else ()
        keys = keys_for(kinds)
        entries = [Entry(k, words.ACTS[k], keys.get(k, "")) for k in kinds]
        entries += [
            Entry("report", tr("新上报"), "Ctrl+N"),
            Entry("search", tr("搜索案件"), "Ctrl+F"),
            Entry("undo", tr("撤销"), "Ctrl+Z"),
            Entry("user", tr("换班:更换用户"), "Ctrl+U"),
            Entry("sync", tr("同步页"), "Ctrl+5"),
        ]
        palette = Palette(entries, self)
        palette.picked.connect(self._picked)
        palette.open()

    def _picked(self, code: str) -> None:
        verbs: dict[str, Callable[[], object]] = {
            "report": self.new_report,
            "search": lambda: self.queue.search.setFocus(),
            "undo": self.panel.undo,
            "user": self.change_user.emit,
            "sync": lambda: self.show_page(SYNC),
        }
        if code in verbs:
            verbs[code]()
        else:
            self.panel.begin(code)

    def new_report(self) -> None:
        """A new report in a window of its own; it stays open until it is saved or put away."""
        dialog = ReportDialog(self._rules, self._seat.desk.unit)
        dialog.setParent(self, Qt.WindowType.Dialog)
        dialog.entered.connect(lambda report, requester: self._report(dialog, report, requester))
        dialog.open()

    def _report(self, dialog: ReportDialog, report: Report, requester: dict[str, str]) -> None:
        desk = self._seat.desk

        def job(work: Work) -> Acted:
            acted = cases.report(work, desk, report, requester)
            work.commit()
            return acted

        def done(acted: Acted) -> None:
            dialog.accept()
            self._open_case(acted.case_id)

        def failed(error: Exception) -> None:
            code = error.code if isinstance(error, Refused) else "bug"
            args = error.args_by_name if isinstance(error, Refused) else {}
            dialog.refuse(words.refusal(code, args, {}))

        self._jobs.run(job, done, failed)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window goes; unsent acts stay on disk and are sent next time."""
        self.closing.emit()
        super().closeEvent(event)


class _Banner(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._text = QLabel()
        seen = QPushButton(tr("知道了"))
        seen.setObjectName("act")
        seen.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.addWidget(self._text, 1)
        row.addWidget(seen)
        self.hide()

    def show_text(self, text: str) -> None:
        self._text.setText(text)
        self.show()


def _banner() -> _Banner:
    return _Banner()
