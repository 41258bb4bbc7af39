"""The sync page: the truth about the line, what is unsent, and the switch for drills (sync.md §3.8)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from models.clock import MINUTE_MS
from models.evidence import Grade
from models.views import CarriedFor, LineState
from ui import format as fmt
from ui import words
from ui.dialogs.move_secrets import WAYS, ways_of
from ui.language import tr
from ui.panels.attachment_text import size
from ui.ports import LineSwitch, Present
from ui.widgets.act_button import act_button
from ui.widgets.flow import Flow
from ui.widgets.plain import told_line

MENDED_BY_A_CODE = ("chain_fork", "chain_gap", "chain_revoked", "device_revoked", "unknown_device")
"""What only a new code mends."""


class SyncPage(QWidget):
    """Reads only LineState; its switch and buttons ask the program. `anyway_asked`: photographs and files go, whatever they cost."""

    anyway_asked = Signal()

    def __init__(self, switch: LineSwitch, present: Present) -> None:
        super().__init__()
        self._present = present
        self._lines = told_line("")
        self.offline = QCheckBox(tr("断网演练(主动断开,操作照常,恢复后自动上报)"))
        self.offline.clicked.connect(switch.work_offline)
        again = act_button(tr("立即重试"), switch.try_now)
        self.anyway = act_button(tr("仍要上传照片和文件"), self.anyway_asked.emit)
        self.anyway.hide()
        self._holds = False
        self.let_in = act_button(tr("重新登记本机…"), switch.let_in_again)
        self.let_in.hide()
        self.write = act_button(tr("导出交接包…"), switch.write_handover)
        self.take = act_button(tr("导入交接包…"), switch.take_handover)
        self.check = act_button(tr("自检…"), switch.check_itself)
        self.moving = {way: act_button(f"{told}…", partial(switch.move_secrets, way)) for way, told in WAYS.items()}
        self._switch = switch
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.addWidget(QLabel(tr("<b>与区中心同步</b>")))
        inside.addWidget(self._lines)
        inside.addWidget(self.offline)
        buttons = Flow(6)
        for button in (again, self.anyway, self.let_in, self.check, self.write, self.take, *self.moving.values()):
            buttons.addWidget(button)
        inside.addLayout(buttons)
        whole = QWidget()
        page = QVBoxLayout(whole)
        page.addWidget(card)
        page.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(whole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self._show_ways([])

    def _show_ways(self, ways: list[str]) -> None:
        self._ways = ways
        for way, button in self.moving.items():
            button.setVisible(way in ways)

    def verbs(self) -> dict[str, tuple[str, str, Callable[[], object]]]:
        """What the palette offers of this page: words, key, and what is done."""
        found: dict[str, tuple[str, str, Callable[[], object]]] = {
            "self_check": (tr("自检"), "", self._switch.check_itself)
        }
        if self._holds:
            found["send_files_anyway"] = (tr("仍要上传照片和文件"), "", self.anyway_asked.emit)
        for way in self._ways:
            found[f"secrets:{way}"] = (WAYS[way], "", partial(self._switch.move_secrets, way))
        return found

    def show_line(self, line: LineState) -> None:
        """Show the state as it is; the switch too, whoever has moved it."""
        self.offline.setChecked(line.state == "work_offline")
        self.let_in.setVisible(line.reason in MENDED_BY_A_CODE or not line.has_key)
        self._show_ways(ways_of(line.kept))
        present = self._present.now()
        now = present.shown_at
        said = [tr("状态:{0}").format(words.LINES[line.state])]
        if line.reason:
            said.append(words.refusal(line.reason, {}, {}))
        if line.last_contact_at is not None:
            said.append(tr("与区中心上次通信:{0}").format(fmt.day_and_second(line.last_contact_at, now)))
        said.append(tr("已存本机·待上报:{0} 项").format(line.unsent))
        if line.oldest_unsent_at is not None:
            said.append(tr("最早一项:{0} 前").format(fmt.age(now - line.oldest_unsent_at)))
        self._holds = line.files_held and line.files_unsent > 0
        self.anyway.setVisible(self._holds)
        if self._holds:
            said.append(tr("按流量计费的网络:照片和文件暂缓 {0} 件,操作照常上报").format(line.files_unsent))
        elif line.files_unsent:
            said.append(tr("没传完的照片和文件:{0} 个").format(line.files_unsent))
        if line.held_back[0]:
            told = tr("区中心备份核对后才清理的本机照片和文件:{0} 个,{1}")
            said.append(told.format(line.held_back[0], size(line.held_back[1])))
        said += [_carried(found) for found in line.carried]
        self.write.setVisible((line.unsent > 0 or line.files_unsent > 0) and line.has_key)
        said.append(tr("未生效操作:{0} 项").format(line.not_effective))
        if line.clock_radius_ms is None:
            said.append(tr("时钟:本次开机后未与区中心对时,操作时间待认定"))
            if present.grade is Grade.DOUBTFUL and present.lo:
                said.append(tr("现在不早于 {0}").format(fmt.day_and_minute(present.lo, now)))
        else:
            said.append(tr("时钟误差:±{0:.1f} 秒").format(line.clock_radius_ms / 1000))
        if line.wall_behind_ms >= MINUTE_MS:
            told = tr("本机时钟比实际至少慢 {0},请校准;时限不按它计")
            said.append(told.format(fmt.age(line.wall_behind_ms)))
        said += _device(line, now)
        self._lines.setText("\n".join(said))


def _carried(found: CarriedFor) -> str:
    """What is carried for another workstation, and how far it has come."""
    told = tr("交接包:{0} 机的 {1} 项操作,").format(found.slot, found.acts)
    if found.refusal:
        return told + words.refusal(found.refusal, {}, {})
    if not found.handed:
        return told + tr("待本机代为上报")
    return told + (tr("已代为上报,{0} 项待回执").format(found.waiting) if found.waiting else tr("已代为上报,均有结论"))


def _device(line: LineState, now: int) -> list[str]:
    """Who this workstation is to the centre, what it signs with, and what it has in hand of the centre."""
    said = [tr("本机编号:{0}").format(line.device)]
    if not line.has_key:
        said.append(tr("签名密钥:没有(旧版登记)。只能向本机上的区中心上报;请区中心给出登记码,重新登记。"))
    elif line.kept.secrets_file:
        said.append(
            tr("签名密钥:已登记。系统密钥环不可用,令牌和密钥存于仅本人可读的文件:{0}").format(line.kept.secrets_file)
        )
    elif line.kept.is_sealed:
        said.append(tr("签名密钥:已登记,存于启动口令保护的文件"))
    else:
        said.append(tr("签名密钥:已登记,存于系统密钥环"))
    said.append(words.STORES[line.kept.store])
    said.append(tr("线路:已加密,只认区中心自己的证书") if line.is_encrypted else tr("线路:未加密,只在本机之内"))
    if line.receipt is not None:
        number, at = line.receipt
        said.append(tr("区中心最新签名回执:本机第 {0} 项及以前,{1}").format(number, fmt.day_and_minute(at, now)))
    else:
        said.append(tr("区中心签名回执:还没有"))
    if line.centre_key:
        said.append(tr("区中心公钥指纹(核对证据包用):{0}").format(line.centre_key))
    return said
