"""Visits: planned, carried out with evidence, filled in by forms; and the plans and templates that they come from.

A visit lives where its account lives and with the rep who makes it; a plan lives with its rep.
"""
