"""Hashing: argon2id, and no way to tell by the clock who exists."""

import time

import pytest

from fieldbeat.people import passwords
from fieldbeat.people.passwords import hash_password, initial_password, verify_password

DEAR, NOBODY = passwords._HASHER, passwords._NOBODY  # as they are when this is imported, before any test


@pytest.fixture(autouse=True)
def _dear_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the service hashes them, not as the other tests do."""
    monkeypatch.setattr(passwords, "_HASHER", DEAR)
    monkeypatch.setattr(passwords, "_NOBODY", NOBODY)


async def test_a_password_is_kept_as_argon2id_with_64_mib_and_three_passes() -> None:
    kept = await hash_password("correct horse")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,")
    assert await verify_password("correct horse", kept)
    assert not await verify_password("correct house", kept)
    assert not await verify_password("correct horse", "not a hash")


async def test_nobody_has_a_password() -> None:
    assert not await verify_password("", None)


async def test_an_unknown_person_costs_as_much_as_a_wrong_password() -> None:
    kept = await hash_password("correct horse")
    known, unknown = [min([await _seconds(one) for _ in range(5)]) for one in (kept, None)]
    assert unknown > known / 2


def test_initial_passwords_differ() -> None:
    assert len({initial_password() for _ in range(100)}) == 100


async def _seconds(password_hash: str | None) -> float:
    began = time.perf_counter()
    await verify_password("wrong", password_hash)
    return time.perf_counter() - began
