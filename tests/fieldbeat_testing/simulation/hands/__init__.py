"""What users do on their phones in a simulated world: one module for each collection, each with its deeds and weights.

A new collection is played once its module stands here and `placing` says where its records live.
"""

from random import Random

from fieldbeat_testing.simulation.hands import assets, attachments, customers, tickets, visits
from fieldbeat_testing.simulation.hands.deed import Deed
from fieldbeat_testing.simulation.handset import Handset

DEEDS: tuple[tuple[Deed, int], ...] = (
    *customers.DEEDS,
    *visits.DEEDS,
    *tickets.DEEDS,
    *assets.DEEDS,
    *attachments.DEEDS,
)


FAVOUR = 20


def edit(handset: Handset, draw: Random, tally: str, *, favour: str = "") -> None:
    """One thing that the user does, online or not, one deed more often than its weight says.

    `tally` is the record of the world's counter.
    """
    weights = [weight * (FAVOUR if deed.__name__ == favour else 1) for deed, weight in DEEDS]
    [deed] = draw.choices([each for each, _ in DEEDS], weights=weights)
    uuids = deed(handset, draw, tally)
    handset.queued(uuids)
    handset.ledger.counts["edits"] += len(uuids)
    handset.ledger.counts[f"edits: {deed.__module__.rpartition('.')[2]}"] += len(uuids)
