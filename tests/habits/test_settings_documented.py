"""The table of settings that operators read is the class that the program reads."""

import re
from pathlib import Path

import pytest

from fieldbeat.kit.settings import (
    Settings,
    SettingsInvalid,
    child_environment,
    is_loopback,
    masked,
    read_settings,
    unknown_variables,
)

TABLE = Path(__file__).parents[2] / "docs" / "operating" / "settings.md"


def test_the_table_is_the_class() -> None:
    documented = re.findall(r"^\| `FIELDBEAT_(\w+)` \| (.*?) \| (.*?) \|$", TABLE.read_text(), re.MULTILINE)
    declared = [
        (name.upper(), "" if field.default is None else f"`{field.default}`", field.description)
        for name, field in Settings.model_fields.items()
    ]
    assert documented == declared


def test_a_child_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = read_settings(port=9, database_url="postgresql://app:p%20w@db/x", redis_url=None, log_level="debug")
    monkeypatch.setenv("FIELDBEAT_REDIS_URL", "redis://leftover")
    for name, value in child_environment(chosen).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("FIELDBEAT_REDIS_URL")
    assert read_settings() == chosen


def test_a_setting_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDBEAT_PORT", "eighty")
    with pytest.raises(SettingsInvalid, match="FIELDBEAT_PORT"):
        read_settings()


def test_a_misspelt_setting_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDBEAT_PROT", "80")
    assert unknown_variables() == ["FIELDBEAT_PROT"]


def test_a_password_is_never_shown() -> None:
    assert masked("postgresql://app:secret@db:5432/x") == "postgresql://app:***@db:5432/x"
    assert masked("redis://:secret@cache/0") == "redis://:***@cache/0"
    assert masked("postgresql://app@/x?host=%2Frun") == "postgresql://app@/x?host=%2Frun"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("[::1]", True), ("localhost", True), ("127.8.9.1", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("localhost.example", False), ("", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
