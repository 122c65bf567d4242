"""Devices over GraphQL: whose phones there are, and when each was last heard of."""

from datetime import datetime
from uuid import UUID

import strawberry

from fieldbeat.exchange import devices, model
from fieldbeat_graphql.context import Info
from fieldbeat_graphql.paging import PAGE_DEFAULT, Connection, connect, page_of


@strawberry.type(description="One install of the app under one user.")
class Device:
    id: strawberry.ID
    user_id: strawberry.ID
    platform: model.Platform
    name: str | None
    app_version: str | None
    schema_version: int
    incarnation: int = strawberry.field(description="0: another user has taken over the install.")
    last_seq: int = strawberry.field(description="The last mutation that was settled.")
    registered_at: datetime
    seen_at: datetime = strawberry.field(description="The last push, or pull that delivered something.")
    wiped_at: datetime | None

    @classmethod
    def of(cls, device: model.Device) -> "Device":
        """The device as GraphQL shows it."""
        return cls(
            id=strawberry.ID(str(device.id)),
            user_id=strawberry.ID(str(device.user_id)),
            platform=model.Platform(device.platform),
            name=device.name,
            app_version=device.app_version,
            schema_version=device.schema_version,
            incarnation=device.incarnation,
            last_seq=device.last_seq,
            registered_at=device.registered_at,
            seen_at=device.seen_at,
            wiped_at=device.wiped_at,
        )


@strawberry.type
class Query:
    @strawberry.field(description="Your devices and those of the people below you.")
    async def devices(
        self, info: Info, first: int | None = PAGE_DEFAULT, after: str | None = strawberry.UNSET
    ) -> Connection[Device]:
        ctx, page = info.context, page_of(info.context, "devices", first, after)
        async with ctx.reading() as conn:
            behind = UUID(page.after[0]) if page.after else None
            found = await devices.devices_page(conn, ctx.actor, after=behind, rows_max=page.limit)
        return connect(page, found, key=lambda each: (str(each.id),), node=Device.of)
