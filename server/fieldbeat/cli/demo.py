"""The demo company, loaded once."""

from collections.abc import Callable
from dataclasses import dataclass

from fieldbeat.kit.db import Db


@dataclass(frozen=True)
class Login:
    """One way to sign in to the demo."""

    email: str
    password: str
    role: str


async def load_demo(db: Db, *, progress: Callable[[str], None]) -> list[Login]:
    """Load the demo company unless it is there, and return its logins."""
    return []
