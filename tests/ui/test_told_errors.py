"""What the disk does to a small window is told as that: "a fault of the program" sends nobody to clear it or to open the folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from desktop.worded import words_of


def error_of(number: int, file: str | None = "/media/stick/copy.jpg") -> OSError:
    return OSError(number, os.strerror(number), file) if file is not None else OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    "error,told",
    [
        (error_of(errno.ENOSPC), "磁盘已满"),
        (error_of(errno.EDQUOT, None), "磁盘已满"),
        (error_of(errno.EACCES), "没有权限读写 /media/stick"),
        (error_of(errno.EPERM), "没有权限读写 /media/stick"),
        (error_of(errno.EROFS), "没有权限读写 /media/stick"),
        (error_of(errno.ENOENT), "未能读写 /media/stick"),
        (error_of(errno.EIO), "磁盘读写出错"),
        (error_of(errno.EACCES, None), "磁盘读写出错"),
        (TimeoutError(), "区中心"),
        (ValueError(), "程序出错"),
    ],
)
def test_an_error_of_the_disk_is_called_one(error: Exception, told: str) -> None:
    assert told in words_of(error)


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        (tmp_path / "gone" / "copy.jpg").write_bytes(b"")
    assert str(tmp_path / "gone") in words_of(caught.value)
