"""Letting the servers' user through a closed folder adds one entry to its access list and takes nothing away."""

import os
import struct
import tempfile
from pathlib import Path

from fieldbeat.embedded.account import Account, _with_passage, let_through

OWNER, USER, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_ID = 0xFFFFFFFF


def unpacked(acl: bytes) -> list[tuple[int, int, int]]:
    assert acl[:4] == struct.pack("<I", 2)
    return list(struct.iter_unpack("<HHI", acl[4:]))


def test_a_closed_folder_lets_this_user_pass_and_nobody_list() -> None:
    closed = [(OWNER, 7, NO_ID), (GROUP, 0, NO_ID), (OTHER, 0, NO_ID)]
    assert unpacked(_with_passage(closed, 998)) == [
        (OWNER, 7, NO_ID),
        (USER, 1, 998),
        (GROUP, 0, NO_ID),
        (MASK, 1, NO_ID),
        (OTHER, 0, NO_ID),
    ]


def test_entries_of_others_stay_and_a_second_time_changes_nothing() -> None:
    shared = [(OWNER, 7, NO_ID), (USER, 5, 1200), (USER, 6, 40), (GROUP, 5, NO_ID), (MASK, 6, NO_ID), (OTHER, 0, NO_ID)]
    once = unpacked(_with_passage(shared, 998))
    assert set(shared) - set(once) == {(MASK, 6, NO_ID)}
    assert [entry for entry in once if entry[0] == USER] == [(USER, 6, 40), (USER, 1, 998), (USER, 5, 1200)]
    assert (MASK, 7, NO_ID) in once
    assert unpacked(_with_passage(once, 998)) == once


def test_a_folder_open_to_all_is_left_as_it_is() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "inner").mkdir(mode=0o700)
        let_through(folder / "inner", Account(54321, 54321))
        assert folder.stat().st_mode & 0o777 == 0o755
        assert "system.posix_acl_access" not in os.listxattr(folder)
