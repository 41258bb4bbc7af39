"""Chinese typing in a program from wheels: the environment must be mended before QApplication (desktop.md §3d)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import MutableMapping
from pathlib import Path

from PySide6.QtCore import QLibraryInfo


def mend(environment: MutableMapping[str, str] = os.environ) -> None:
    """The wheels bring no plugin for fcitx or xim. fcitx speaks ibus's protocol; Qt looks for an ibus daemon before it
    tries, unless it is sent to the portal, where fcitx answers too."""
    if not sys.platform.startswith("linux"):
        return
    if _is_without_plugin(_wanted(environment)):
        environment.pop("QT_IM_MODULES", None)
        environment["QT_IM_MODULE"] = "ibus"
    if "ibus" in _wanted(environment) and not shutil.which("ibus-daemon", path=environment.get("PATH")):
        environment["IBUS_USE_PORTAL"] = "1"


def carrier(environment: MutableMapping[str, str] = os.environ) -> str:
    """What brings Chinese into this program, as Qt was told; "" where it is left to the system."""
    return _wanted(environment)


def _wanted(environment: MutableMapping[str, str]) -> str:
    """What the desktop tells Qt programs to use; the list of Qt 6.7 goes before the single name."""
    return environment.get("QT_IM_MODULES") or environment.get("QT_IM_MODULE", "")


def _is_without_plugin(wanted: str) -> bool:
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), "platforminputcontexts")
    return (wanted in ("", "xim") or "fcitx" in wanted) and not any(plugins.glob("*fcitx*"))
