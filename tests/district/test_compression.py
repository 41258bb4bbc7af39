"""Bodies travel compressed for whoever takes that, mean the same, and never grow into more than a body may be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from requests import Response

from models import commands as c
from models.compressed import ENCODING, WORTH_BYTES, compressed, plain
from models.errors import Refused
from models.wire import Malformed, join_lines
from tests.district.parties import REPORT, District, Station, open_district
from tests.models.small_town import TOWN


@pytest.fixture
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    with open_district(f"sqlite:///{tmp_path_factory.mktemp('d')}/district.sqlite") as found:
        yield found


def asked(district: District, station: Station, method: str, path: str, takes: str, **more: object) -> Response:
    headers = {"X-Device": station.device, "Authorization": f"Bearer {station.token}", "Accept-Encoding": takes}
    headers |= more.pop("headers", {})  # type: ignore[arg-type]
    return district.ask(method, path, headers=headers, **more)


def test_round_and_back() -> None:
    text = "店外堆放".encode() * 1_000
    assert len(compressed(text)) < 100 and plain(compressed(text), len(text)) == text
    with pytest.raises(Refused):
        plain(compressed(text), len(text) - 1)
    for broken in (b"", b"not compressed", compressed(text)[:-1], compressed(text) + b"x", compressed(b"a") * 2):
        with pytest.raises(Malformed):
            plain(broken, len(text))


def test_acts_that_come_compressed_are_acts(district: District) -> None:
    station = district.station(TOWN)
    case_id = station.new_id()
    batch = [station.act("clerk", REPORT, case_id), station.act("clerk", c.File(), case_id)]
    raw = join_lines([station.key.signed(one) for one in batch] if station.key else batch)
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": ENCODING}
    answer = asked(district, station, "POST", "/v1/push", "identity", data=compressed(raw), headers=headers)
    assert answer.status_code == 200, answer.text
    assert [known[1] for known in answer.json()["known"]] == ["accepted", "accepted"]
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (b"{}", "zstd", 400, "malformed"),
        (compressed(bytes(1 << 30)), "zstd", 413, "too_large"),
        (compressed(b'{"ids":[]}')[:-2], "zstd", 400, "malformed"),
        (b"{}", "br", 415, "encoding_unknown"),
        (b"{}", "gzip, zstd", 415, "encoding_unknown"),
    ],
    ids=["no frame", "a gigabyte of nothing", "cut short", "another encoding", "two encodings"],
)
def test_what_is_not_taken(district: District, body: bytes, encoding: str, status: int, code: str) -> None:
    station = district.station(TOWN)
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    answer = asked(district, station, "POST", "/v1/status", "identity", data=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_answers_are_compressed_for_whoever_takes_it(district: District) -> None:
    station = district.station(TOWN)
    whole = asked(district, station, "GET", "/v1/reference", "identity")
    assert "content-encoding" not in whole.headers and len(whole.content) > WORTH_BYTES
    for takes in ("zstd", "gzip, deflate, zstd", "zstd;q=0.5, *;q=0.1"):
        smaller = asked(district, station, "GET", "/v1/reference", takes)
        assert smaller.headers["content-encoding"] == ENCODING and "accept-encoding" in smaller.headers["vary"].lower()
        assert int(smaller.headers["content-length"]) < len(whole.content) / 3
        assert smaller.content == whole.content and smaller.headers["x-reference"] == whole.headers["x-reference"]
    for takes in ("gzip", "zstd;q=0", "", "identity"):
        assert "content-encoding" not in asked(district, station, "GET", "/v1/reference", takes).headers
    small = asked(district, station, "POST", "/v1/status", "zstd", json={"ids": []})
    assert "content-encoding" not in small.headers, "not worth it"
    refused = asked(district, station, "GET", "/v1/reference/nothing", "zstd")
    assert refused.status_code >= 400 and "content-encoding" not in refused.headers


def test_a_part_of_a_snapshot_whole_and_in_ranges(district: District) -> None:
    station = district.station(TOWN)
    for _ in range(3):
        case_id = station.new_id()
        station.push(station.act("clerk", REPORT, case_id), station.act("clerk", c.File(), case_id))
    manifest = asked(district, station, "GET", "/v1/snapshot", "zstd").json()
    path = f"/v1/snapshot/{manifest['parts'][0]['sha256']}"
    whole = asked(district, station, "GET", path, "identity")
    smaller = asked(district, station, "GET", path, "zstd")
    assert smaller.headers["content-encoding"] == ENCODING and smaller.content == whole.content
    assert smaller.headers["etag"] != whole.headers["etag"], "other bytes"
    part = asked(district, station, "GET", path, "zstd", headers={"Range": "bytes=0-1999"})
    assert part.status_code == 206 and part.content == whole.content[:2_000]
    assert "content-encoding" not in part.headers, "a range is of the plain bytes"
