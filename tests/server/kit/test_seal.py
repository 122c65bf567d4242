"""Sealed tokens open only for whom they were made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldbeat.kit.seal import SealBroken, seal, unseal

KEY = b"k" * 32


@given(st.binary(max_size=200))
def test_what_was_sealed_opens(payload: bytes) -> None:
    assert unseal("page", seal("page", payload, KEY), KEY) == payload


def test_a_token_of_another_purpose_or_key_stays_shut() -> None:
    token = seal("page users", b"x", KEY)
    for purpose, key in (("page accounts", KEY), ("page users\0", KEY), ("page users", b"l" * 32)):
        with pytest.raises(SealBroken):
            unseal(purpose, token, key)


@given(st.text(max_size=100))
def test_a_text_that_was_never_sealed_stays_shut(token: str) -> None:
    with pytest.raises(SealBroken):
        unseal("page", token, KEY)


@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_flipped_bit_is_noticed(payload: bytes, data: st.DataObject) -> None:
    token = seal("page", payload, KEY)
    place = data.draw(st.integers(0, len(token) - 2))
    other = "A" if token[place] != "A" else "B"
    with pytest.raises(SealBroken):
        unseal("page", token[:place] + other + token[place + 1 :], KEY)
