"""Errors named by who must act: the person, nobody (weather), or us."""

from __future__ import annotations


class Refused(Exception):
    """The person must do something else. `code` and `args_by_name` are worded by ui/words.py only."""

    def __init__(self, code: str, **args_by_name: str | int) -> None:
        super().__init__(code, args_by_name)
        self.code = code
        self.args_by_name = args_by_name


class Weather(Exception):
    """Line, disk or lock: nobody's fault. Retry quietly, show calmly."""

    def __init__(self, code: str, detail: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class Bug(Exception):
    """We broke a promise of our own: log it, tell the person, go on."""
