"""One program at a time on a data folder; the next one comes in as soon as the first is gone."""

import os
from pathlib import Path

import pytest

from fieldbeat.embedded.folder import DataFolder, claimed_folder, holder
from fieldbeat.embedded.postgres import start_postgres
from fieldbeat.embedded.refusal import CannotStart


def test_a_folder_is_held_until_the_block_ends(tmp_path: Path) -> None:
    assert holder(DataFolder(tmp_path)) is None
    with claimed_folder(tmp_path) as folder:
        assert holder(folder) == os.getpid()
        with pytest.raises(CannotStart, match=f"process {os.getpid()}"), claimed_folder(tmp_path):
            pass
        assert holder(folder) == os.getpid()  # a refused one changes nothing
    assert holder(folder) is None
    with claimed_folder(tmp_path):
        pass


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    with claimed_folder(tmp_path) as folder:
        folder.postgres.mkdir()
        (folder.postgres / "PG_VERSION").write_text("17\n")
        with pytest.raises(CannotStart, match="PostgreSQL 17; this program brings 18"):
            start_postgres(folder, None)
