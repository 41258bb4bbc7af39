"""What goes from another thread to the screen's: an error, without what its way here holds."""

from __future__ import annotations


def without_frames(error: Exception) -> Exception:
    """The error alone, also of those behind it: frames hold the job, and that may hold the last of a window."""
    found: BaseException | None = error
    while found is not None:
        found.__traceback__ = None
        found = found.__cause__ or found.__context__
    return error
