"""Fieldbeat, the server: one capability a folder; floors in docs/architecture.md."""
