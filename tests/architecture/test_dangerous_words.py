"""The check of dangerous words complains of what it must, however it is written, and of nothing at home."""

from __future__ import annotations

import pytest

from tests.architecture.dangerous_words import offences

AWAY = [
    ("ui/x.py", "from PySide6.QtCore import QTimer\nQTimer.singleShot(0, print)"),
    ("ui/x.py", "from PySide6 import QtCore\nQtCore.QTimer.singleShot(0, print)"),
    ("ui/x.py", "import PySide6.QtCore as q\nlater = q.QTimer\nlater()"),
    ("ui/x.py", "widget.timer.singleShot(0, print)"),
    (
        "ui/x.py",
        "class Ticking(object):\n    def timerEvent(self, event): ...\n    def start(self): self.startTimer(9)",
    ),
    ("ui/x.py", "from PySide6.QtCore import QThread\nclass Working(QThread): ..."),
    ("ui/x.py", "from PySide6.QtCore import QThreadPool, QRunnable"),
    ("ui/x.py", "from PySide6.QtCore import *"),
    ("ui/x.py", "def later(timer: 'object') -> None:\n    from PySide6.QtCore import QBasicTimer"),
    ("services/x.py", "import threading"),
    ("services/x.py", "from threading import Thread as T"),
    ("services/x.py", "from concurrent.futures import ThreadPoolExecutor"),
    ("services/x.py", "import concurrent.futures"),
    ("services/x.py", "from multiprocessing import Pool"),
    ("desktop/x.py", "import asyncio"),
    ("services/x.py", "import urllib.request"),
    ("services/x.py", "from urllib import request"),
    ("services/x.py", "import urllib.parse\nurllib.request.urlopen('http://x')"),
    ("services/x.py", "import http.client"),
    ("services/x.py", "import socket"),
    ("desktop/x.py", "import httpx"),
    ("services/x.py", "import requests"),
    ("district/x.py", "from requests import Session"),
    ("services/x.py", "from msgspec import json"),
    ("services/x.py", "from msgspec import json as j\nj.encode(1)"),
    ("services/x.py", "import msgspec\nmsgspec.json.Encoder()"),
    ("services/x.py", "import msgspec\nw = msgspec.json\nw.decode(b'')"),
    ("services/x.py", "import msgspec as m\ngetattr(m, 'json').decode(b'')"),
    ("services/x.py", "import json"),
    ("models/x.py", "from datetime import datetime\ndatetime.now()"),
    ("models/x.py", "from datetime import datetime as d\nd.utcnow()"),
    ("models/x.py", "import datetime\nnow = datetime.datetime.now\nnow()"),
    ("models/x.py", "import datetime as dt\nday = dt.date.today"),
    ("models/x.py", "from datetime import datetime\nclass Clock: pass\nif (d := datetime) and d.today(): ..."),
    ("desktop/x.py", "import time\ntime.time()"),
    ("desktop/x.py", "from time import monotonic_ns as ticks"),
    ("desktop/x.py", "import time as t\nt.perf_counter()"),
    ("models/x.py", "import time"),
    ("ui/x.py", "from PySide6.QtCore import QDateTime\nQDateTime.currentDateTime()"),
    ("services/x.py", "import sqlalchemy"),
    ("services/x.py", "from sqlalchemy import select"),
    ("desktop/x.py", "from sqlalchemy.exc import DBAPIError"),
    ("services/x.py", "def read(work):\n    work.connection.execute('SELECT 1')"),
    ("desktop/x.py", "import sqlite3"),
    ("services/x.py", "import subprocess"),
    ("district/x.py", "from subprocess import run"),
    ("services/x.py", "import os\nos.system('true')"),
    ("services/x.py", "import keyring"),
    ("services/x.py", "from PySide6.QtCore import Qt"),
    ("services/x.py", "from importlib import import_module\nimport_module('requests')"),
    ("services/x.py", "__import__('requests')"),
    ("services/x.py", "exec('import requests')"),
]

AT_HOME = [
    ("desktop/x.py", "from PySide6.QtCore import QTimer\nQTimer.singleShot(0, print)\nimport threading, subprocess"),
    ("desktop/x.py", "import time\ntime.sleep(1)"),
    ("models/clock.py", "import time\ntime.monotonic_ns()"),
    ("models/wire.py", "import msgspec\nmsgspec.json.decode(b'1')"),
    ("services/x.py", "import msgspec\nclass X(msgspec.Struct): ...\nmsgspec.to_builtins(X())"),
    ("services/x.py", "from datetime import datetime, timedelta, time\ndatetime.fromtimestamp(0)"),
    ("services/x.py", "from urllib.parse import urlsplit\nurlsplit('')"),
    ("services/sync/line.py", "import requests\nrequests.Session()"),
    ("models/store/x.py", "from sqlalchemy import select\nconnection.execute(select(1))"),
    ("district/store/x.py", "from sqlalchemy import select"),
    ("district/x.py", "import asyncio"),
    ("ui/x.py", "dialog.exec()\nself.update()\nclock.time()"),
]


@pytest.mark.parametrize(("file", "source"), AWAY)
def test_it_complains(file: str, source: str) -> None:
    assert offences(file, source)


@pytest.mark.parametrize(("file", "source"), AT_HOME)
def test_at_home_it_is_silent(file: str, source: str) -> None:
    assert offences(file, source) == []


def test_it_says_where_and_what() -> None:
    source = "import time\n\nfrom datetime import datetime\nnow = datetime.now\n"
    assert offences("services/x.py", source) == ["services/x.py:1 time", "services/x.py:4 datetime.datetime.now"]
