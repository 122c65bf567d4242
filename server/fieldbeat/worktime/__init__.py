"""Worktime: when a company, or one of its people, is at work; and arithmetic in business time.

The arithmetic is pure (`arithmetic.py` over the yearly `timeline.py`): deadlines, plans and previews all stand on it.
"""
