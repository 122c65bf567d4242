"""Phones, people and a bad world on the real server code and a real PostgreSQL, all of it driven by one seed.

See docs/proof.md for what is checked and how to repeat a run.
"""
