"""Chinese typing in a program from wheels: the environment must be mended before QApplication (desktop.md §3d)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import MutableMapping
from pathlib import Path

from PySide6.QtCore import QLibraryInfo


def mend(environment: MutableMapping[str, str] = os.environ) -> None:
    """The wheels bring no fcitx plugin; fcitx speaks ibus's protocol, through the portal when there is no ibus daemon."""
    if not sys.platform.startswith("linux"):
        return
    wanted = environment.get("QT_IM_MODULES") or environment.get("QT_IM_MODULE", "")
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), "platforminputcontexts")
    if ("fcitx" in wanted or not wanted) and not any(plugins.glob("*fcitx*")):
        environment.pop("QT_IM_MODULES", None)
        environment["QT_IM_MODULE"] = "ibus"
        if not shutil.which("ibus-daemon"):
            environment["IBUS_USE_PORTAL"] = "1"
