"""Ids grow with time and never meet."""

import time

from fieldbeat.kit.ids import uuid7


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_ids_grow_with_time() -> None:
    before = time.time_ns() // 1_000_000
    earlier = uuid7()
    time.sleep(0.002)
    later = uuid7()
    assert earlier < later
    assert before <= earlier.int >> 80 <= later.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_of_one_moment_differ() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000
