"""Scope ids, and the checksum by which device and server agree that they hold the same."""

from hashlib import sha256
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fieldbeat_sync import scope

LONESOME_PINE = "018f0000-0000-7000-8000-000000000001"
GREAT_LAKES = "018f0000-0000-7000-8000-000000000002"


def test_the_checksum_is_the_one_that_the_contract_names() -> None:
    """Fixed vectors: first 8 bytes, big-endian, of SHA-256 of `collection:id:rev`, summed modulo 2^64, in hex."""
    one = int(sha256(f"account:{LONESOME_PINE}:1".encode()).hexdigest()[:16], 16)
    other = int(sha256(f"contact:{GREAT_LAKES}:12".encode()).hexdigest()[:16], 16)
    assert scope.row_hash("account", LONESOME_PINE, 1) == one == 0x50DAD6FFBF91F588
    assert scope.row_hash("contact", GREAT_LAKES, 12) == other == 0xB75B7ED07349C8F4
    assert scope.checksum([one, other]) == "083655d032dbbe7c"


def test_a_scope_without_rows_has_a_checksum_of_sixteen_zeros() -> None:
    assert scope.checksum([]) == "0000000000000000"
    assert scope.digits(255) == "00000000000000ff"


@given(st.lists(st.integers(0, scope.MODULUS - 1)), st.randoms())
def test_the_checksum_does_not_depend_on_the_order_of_rows(hashes: list[int], random: Random) -> None:
    shuffled = list(hashes)
    random.shuffle(shuffled)
    assert scope.checksum(shuffled) == scope.checksum(hashes)
    assert int(scope.checksum(hashes), 16) == sum(hashes) % scope.MODULUS


def test_scopes_are_named_as_on_the_wire() -> None:
    assert scope.TENANT == "tenant"
    assert scope.territory(GREAT_LAKES) == f"territory:{GREAT_LAKES}"
    assert scope.user(GREAT_LAKES) == f"user:{GREAT_LAKES}"
