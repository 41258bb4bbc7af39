"""Each dangerous word has one home (house.md §2). From this table alone a newcomer learns the architecture.

A word is a dotted name; it covers everything below it, and the longest word that fits a name decides. A home is a file,
or a folder when it ends in "/". Nothing is taken from a module of ours that only imported it: mypy (strict) says so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.mentions import attributes, mentions

NOWHERE: tuple[str, ...] = ()
ANYWHERE = ("/",)
SQL = ("models/store/", "district/store/", "district/migrations/")
LINE = ("services/sync/line.py",)
CLOCK = ("models/clock.py",)
DESKTOP = ("desktop/",)

WORDS: dict[str, tuple[str, ...]] = {
    # How things are kept
    "sqlalchemy": SQL,
    "sqlalchemy.create_engine": ("models/store/engine.py",),
    "alembic": ("models/store/migrate.py", "models/store/migrations/", "district/migrations/"),
    "sqlcipher3": ("models/store/engine.py",),
    "sqlite3": NOWHERE,
    "psycopg": NOWHERE,
    "keyring": ("services/vault.py",),
    "argon2": ("services/session.py", "services/sealed_file.py", "district/accounts.py", "district/demo.py"),
    # What goes over the line, and how it is written
    "requests": LINE,
    "urllib": LINE,
    "urllib.parse": ANYWHERE,  # takes addresses apart; opens nothing
    "urllib3": LINE,
    "http": LINE,
    "httpx": NOWHERE,
    "backports": ("models/compressed.py",),
    "compression": ("models/compressed.py",),
    "socket": ("district/serving.py",),
    "ssl": ("services/sync/trust.py", *LINE),
    "cryptography": (
        "models/signing.py",
        "models/store/page_cipher.py",
        "models/sealed_pieces.py",
        "models/sealed_blobs.py",
        "services/sealed_file.py",
        "district/certificates.py",
    ),
    "fastapi": ("district/app.py", "district/api/"),
    "starlette": ("district/app.py", "district/api/"),
    "uvicorn": ("district/serving.py", "district/http_lines.py"),
    "PySide6.QtNetwork": NOWHERE,
    "PySide6.QtNetwork.QNetworkInformation": ("desktop/metered.py",),  # what the system says of the line; opens none
    "msgspec.json": ("models/wire.py",),
    "msgspec.json.schema_components": ("district/api/contract.py",),  # the OpenAPI document, no wire (D25)
    "msgspec.msgpack": NOWHERE,
    "msgspec.yaml": NOWHERE,
    "msgspec.toml": NOWHERE,
    "json": NOWHERE,
    "pickle": NOWHERE,
    "marshal": NOWHERE,
    "shelve": NOWHERE,
    # What the time is (D4): everybody else is told
    "time": (*CLOCK, *DESKTOP),
    "time.sleep": DESKTOP,
    **{
        f"time.{name}{unit}": CLOCK
        for name in ("time", "monotonic", "perf_counter", "process_time", "clock_gettime")
        for unit in ("", "_ns")
    },
    **{f"time.{name}": CLOCK for name in ("localtime", "gmtime", "ctime", "asctime", "strftime")},
    **{f"datetime.datetime.{name}": CLOCK for name in ("now", "utcnow", "today")},
    "datetime.date.today": CLOCK,
    **{f"PySide6.QtCore.QDateTime.{name}": NOWHERE for name in ("currentDateTime", "currentDateTimeUtc")},
    **{f"PySide6.QtCore.QDateTime.{name}": NOWHERE for name in ("currentMSecsSinceEpoch", "currentSecsSinceEpoch")},
    "PySide6.QtCore.QDate.currentDate": NOWHERE,
    "PySide6.QtCore.QTime.currentTime": NOWHERE,
    "PySide6.QtCore.QElapsedTimer": (
        "ui/widgets/in_use.py",
        *DESKTOP,
    ),  # real seconds since the last key, whatever the clock
    # What runs beside the screen
    "PySide6": ("ui/", *DESKTOP),
    **{f"PySide6.QtCore.{name}": DESKTOP for name in ("QTimer", "QBasicTimer", "QProcess")},
    **{f"PySide6.QtCore.{name}": DESKTOP for name in ("QThread", "QThreadPool", "QRunnable", "QMutex")},
    "PySide6.QtConcurrent": NOWHERE,
    "threading": DESKTOP,
    "_thread": NOWHERE,
    "concurrent": DESKTOP,
    "multiprocessing": DESKTOP,
    "asyncio": ("district/",),
    "sched": NOWHERE,
    "subprocess": DESKTOP,
    **{f"os.{name}": DESKTOP for name in ("system", "popen", "fork", "posix_spawn", "spawnv", "execv", "execve")},
    "pypinyin": ("models/pinyin.py",),
    # What would hide any of them
    "importlib": NOWHERE,
    "__import__": NOWHERE,
    "eval": NOWHERE,
    "exec": NOWHERE,
}

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "execute": SQL,
    "exec_driver_sql": (*SQL, "district/centre.py"),
    "singleShot": DESKTOP,
    "startTimer": NOWHERE,
    "timerEvent": NOWHERE,
    "moveToThread": NOWHERE,
}
"""What an object does by itself, whatever it is called and wherever it came from."""


def offences(file: str, source: str) -> list[str]:
    """What a file names away from its home, as "file:line word"; `file` is its path in the project."""
    return sorted({f"{file}:{line} {word}" for line, word in _away(file, ast.parse(source))})


def _away(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for line, name in mentions(tree):
        if name.endswith(".*"):
            yield line, name
        word = _word_of(name)
        if word and not _at_home(file, WORDS[word]):
            yield line, word
    for line, name in attributes(tree):
        if name in ATTRIBUTES and not _at_home(file, ATTRIBUTES[name]):
            yield line, name


def _word_of(name: str) -> str:
    """The longest word that covers the name."""
    parts = name.split(".")
    return next((word for end in range(len(parts), 0, -1) if (word := ".".join(parts[:end])) in WORDS), "")


def _at_home(file: str, homes: tuple[str, ...]) -> bool:
    return homes == ANYWHERE or any(file == h or (h.endswith("/") and file.startswith(h)) for h in homes)
