"""What an act's letters alone show to be plain is plain (district/parsing.py): the short way never lets through what the long
one refuses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from district.parsing import _is_plainly_plain, _must_be_plain
from models.wire import Malformed, decode_any

LEAF = st.one_of(
    st.text(max_size=20), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), st.none(), st.booleans()
)
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@given(JSON, st.booleans())
def test_the_short_way_says_no_more_than_the_long_one(value: object, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only)
    if _is_plainly_plain(body):
        _must_be_plain(decode_any(body))


@pytest.mark.parametrize(
    "body", [str(2**53), str(-(2**53)), f"[{2**53}]", '"\\u0000"', '{"\\u0000":1}', "[" * 65 + "]" * 65]
)
def test_what_is_not_plain_goes_the_long_way(body: str) -> None:
    assert not _is_plainly_plain(body)
    with pytest.raises(Malformed):
        _must_be_plain(decode_any(body))


@pytest.mark.parametrize("body", [str(2**53 - 1), "1e30", '"制表"', "[" * 63 + "1" + "]" * 63])
def test_at_the_limits_both_agree(body: str) -> None:
    _must_be_plain(decode_any(body))
