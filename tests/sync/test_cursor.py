"""A cursor comes back as it went, and anything else is no cursor."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync.cursor import Cursor, Position, decode, encode

numbers = st.integers(0, (1 << 63) - 1)
cursors = st.builds(
    Cursor, numbers, st.dictionaries(st.text(max_size=20), st.builds(Position, numbers, numbers), max_size=5)
)


@given(cursors)
def test_a_cursor_comes_back_as_it_went(cursor: Cursor) -> None:
    assert decode(encode(cursor)) == cursor


@given(st.binary(max_size=60))
def test_noise_is_not_a_cursor(noise: bytes) -> None:
    try:
        cursor = decode(noise)
    except ValueError:
        return
    assert decode(encode(cursor)) == cursor


@given(cursors, st.data())
def test_a_cut_cursor_is_not_a_cursor(cursor: Cursor, data: st.DataObject) -> None:
    packed = encode(cursor)
    with pytest.raises(ValueError, match="not a cursor"):
        decode(packed[: data.draw(st.integers(0, len(packed) - 1))])


@pytest.mark.parametrize(
    "other",
    [
        None,
        7,
        "1",
        [],
        [1],
        [1, {}, 2],
        ["1", {}],
        [1, []],
        [1, {"tenant": 5}],
        [1, {"tenant": [5, 0, 0]}],
        [1, {"tenant": ["5", 0]}],
        [1, {5: [5, 0]}],
        [1.5, {}],
    ],
)
def test_other_shapes_are_not_a_cursor(other: object) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode(msgspec.msgpack.encode(other))


def test_text_that_is_not_unicode_is_not_a_cursor() -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode(b"\x92\x01\x81\xa2\xff\xfe\x92\x01\x02")
