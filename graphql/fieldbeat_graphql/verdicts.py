"""What became of a form: the verdict of a merge, as the payloads of all verbs tell it."""

from typing import Any

import strawberry

from fieldbeat import records
from fieldbeat.exchange.model import Status
from fieldbeat_sync.mutation import Applied, Conflicted, Merged

VERDICT = "MERGED: others had changed it since `baseRev`. CONFLICT: some value lost, and is kept."
STATUSES = {Applied: Status.APPLIED, Merged: Status.MERGED, Conflicted: Status.CONFLICT}


def verdict_of(made: records.Changed) -> dict[str, Any]:
    """`status` and `conflict_ids` of a payload."""
    ids = [strawberry.ID(str(id)) for id in made.conflict_ids]
    return {"status": STATUSES[type(made.outcome)], "conflict_ids": ids}
