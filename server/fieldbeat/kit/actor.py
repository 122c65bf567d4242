"""Who acts: every scoped read and every verb takes one."""

from dataclasses import dataclass
from uuid import UUID

from fieldbeat_sync.schema import Role


@dataclass(frozen=True)
class Actor:
    """A signed-in person of one tenant."""

    tenant_id: UUID
    user_id: UUID
    role: Role


def server_of(tenant_id: UUID) -> Actor:
    """The service itself, which decides by rule: nobody's id."""
    return Actor(tenant_id, UUID(int=0), Role.ADMIN)
