"""An edit precedes the loss of its record, or not: told in whole milliseconds, which is what edits have."""

from datetime import UTC, datetime, timedelta

import pytest

from fieldbeat.exchange.admission import Admission
from fieldbeat.kit.actor import Actor
from fieldbeat.kit.ids import uuid7
from fieldbeat.records.model import Key
from fieldbeat_sync.schema import Role

LOST_AT = datetime(2026, 11, 2, 9, 0, 0, 345_600, UTC)


@pytest.mark.parametrize(("before_ms", "refused"), [(-1, False), (0, True), (1, True)])
def test_what_was_made_right_after_the_loss_does_not_precede_it(before_ms: int, refused: bool) -> None:
    key = Key("visit", uuid7())
    actor = Actor(uuid7(), uuid7(), Role.REP)
    gate = Admission(actor, frozenset(), {key: {"territory:north": "EVICT"}}, lost_at={key: LOST_AT})
    made_at = LOST_AT.replace(microsecond=345_000) + timedelta(milliseconds=before_ms)
    assert (gate._out_of_sight(key, made_at) is not None) is refused
