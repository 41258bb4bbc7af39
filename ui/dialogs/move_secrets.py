"""How this workstation's secrets are kept, changed by whoever sits at it: another start passphrase, the system keyring instead
of one, one instead of the keyring (docs/decisions/0012)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from models.views import Kept
from services.sealed_file import LEAST_LETTERS
from ui import words
from ui.dialogs.secret_dialog import SecretDialog
from ui.language import Worded, tr

CHANGE, TO_KEYRING, TO_PASSPHRASE = "change", "to_keyring", "to_passphrase"

WAYS = Worded({CHANGE: "更换启动口令", TO_KEYRING: "改存系统密钥环", TO_PASSPHRASE: "改用启动口令"})
"""What each is called."""

_ABOUT = Worded(
    {
        CHANGE: "更换后,每次启动输入新口令,旧口令作废。用这台机器的人都要知道新口令。\n\n"
        "口令不保存在任何地方,无法找回。以前拷走的本机文件,用旧口令仍能打开。",
        TO_KEYRING: "令牌、密钥存入系统密钥环,启动口令随即作废,以后启动不必输入。"
        "任何一项存不进密钥环,就什么都不改,口令照旧。",
        TO_PASSPHRASE: "令牌、密钥改由启动口令保护,并从原处删除。以后每次启动都要输入,用这台机器的人都要知道口令。\n\n"
        "口令不保存在任何地方,无法找回:忘记了就只能请区中心给出登记码重新登记本机,没有上报的操作也读不出来。",
    }
)
_DONE = Worded(
    {
        CHANGE: "启动口令已更换。下次启动输入新口令。",
        TO_KEYRING: "已存入系统密钥环,启动口令已作废。",
        TO_PASSPHRASE: "已改由启动口令保护。下次启动输入此口令。",
    }
)


def ways_of(kept: Kept) -> list[str]:
    """What can be done, as the secrets lie now."""
    if not kept.is_movable:
        return []
    return [CHANGE, TO_KEYRING] if kept.is_sealed else [TO_PASSPHRASE]


class MoveSecretsDialog(SecretDialog):
    """`asked(old, new)`; either is "" when it is not needed."""

    asked = Signal(str, str)

    def __init__(self, way: str, parent: QWidget) -> None:
        old = [] if way == TO_PASSPHRASE else [tr("现在的启动口令")]
        new = [] if way == TO_KEYRING else [tr("新的启动口令(至少 {0} 位)").format(LEAST_LETTERS), tr("再输一次")]
        go = tr("{0} Enter").format(WAYS[way])
        super().__init__(WAYS[way], _ABOUT[way], [*old, *new], go, parent)
        self._way = way
        self.old = self.fields[0] if old else None
        self.new = self.fields[-2] if new else None
        self.again = self.fields[-1] if new else None

    def _begin(self) -> None:
        if self.new is not None and self.again is not None:
            if len(self.new.text()) < LEAST_LETTERS:
                self.refuse(words.refusal("passphrase_too_short", {"least": LEAST_LETTERS}, {}), self.new)
                return
            if self.differ(self.new, self.again):
                return
        self.wait_for(tr("正在加密和核对…"))
        self.asked.emit(self.old.text() if self.old else "", self.new.text() if self.new else "")

    def done_all(self, has_gone: bool, is_encrypted: bool) -> None:
        """It is done; what was left behind, and a store still in plain, are said."""
        said = [_DONE[self._way]]
        if not has_gone:
            said.append(tr("原处还有一份没能删除,下次启动再试。"))
        if not is_encrypted:
            said.append(tr("本机数据在下次启动时加密。"))
        self.show_done("\n\n".join(said))
