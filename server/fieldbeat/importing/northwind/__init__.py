"""Northwind's tables and their mapping, as the demo company is imported from them. LICENSE.md says whose they are."""

from pathlib import Path

FOLDER = Path(__file__).parent
MAPPING = FOLDER / "mapping.toml"
SOURCE = "northwind"
