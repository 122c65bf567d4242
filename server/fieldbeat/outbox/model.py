"""An effect, and where to find one that is due."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from fieldbeat.kit.db import Conn


@dataclass(frozen=True)
class DueEffect:
    """The address of an effect that is due."""

    tenant_id: UUID
    id: UUID


@dataclass(frozen=True)
class Effect:
    """One effect as its cause wrote it."""

    tenant_id: UUID
    id: UUID
    cause: UUID
    effect: str
    payload: Any
    created_at: datetime


# Returns the scopes whose devices are told to pull once it has committed, if any.
Perform: TypeAlias = Callable[[Conn, Effect], Awaitable[frozenset[str] | None]]
Performers: TypeAlias = Mapping[str, Perform]
"""How each kind of effect is performed; idempotent, because a crash after it and before the commit repeats it."""
