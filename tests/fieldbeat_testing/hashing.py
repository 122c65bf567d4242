"""Hashing that costs nothing: most stories sign people in, and are not about how hard their passwords are to guess."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from fieldbeat.people import passwords


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """While the block runs, passwords are hashed with the least work; such a hash is cheap to verify ever after."""
    cheap = PasswordHasher.from_parameters(CHEAPEST)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_HASHER", cheap)
        patched.setattr(passwords, "_NOBODY", cheap.hash("nobody's"))
        yield
