"""A newer app opens the store of an older one: nothing that the user wrote goes, and what he sees stays readable.

Source: protocol, "Schema versions" (docs/protocol.md).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fieldbeat_sync import versions
from fieldbeat_sync.device import Delta, Device, Settled
from fieldbeat_sync.holdings import Shelf
from fieldbeat_sync.sequence import Pending


def upgraded(device: Device) -> Delta:
    """Lift rows, queue and drafts into the words of `device.schema`, and pull from nothing.

    The rows come anew because the server has left out what the older app did not know; until then they are shown as
    they were. An edit stays the same edit, also when its answer to the older app was lost.
    """
    before = device.link.schema_version
    shelf = Shelf(device.rows)
    shelf.mark_stale(None)
    rows = {held.key: replace(held, row=versions.lift_row(before, held.collection, held.row)) for held in shelf.all()}
    link = replace(
        device.link, schema_version=device.schema.version, upgrade_required=False, cursor=None, pull_due=True, resyncs=0
    )
    return Delta(
        rows=rows,
        queue={edit.uuid: _lifted(before, edit) for edit in device.queue.values()},
        settled={uuid: _as_draft(before, each) for uuid, each in device.settled.items()},
        link=link,
    )


def _as_draft(version: int, settled: Settled) -> Settled:
    edit = _lifted(version, settled.edit)
    fields = tuple(versions.lift_name(version, edit.collection, name) for name in settled.fields)
    return replace(settled, edit=edit, fields=fields)


def _lifted(version: int, edit: Pending) -> Pending:
    patch: Mapping[str, Any] | None = edit.patch
    return edit if patch is None else replace(edit, patch=versions.lift_patch(version, edit.collection, patch))
