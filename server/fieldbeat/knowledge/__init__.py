"""Knowledge: what solved a customer's trouble before, written down, approved by a second person, and carried offline.

A published article is everyone's; before that, and once it is obsolete, it is its author's and of those above him.
"""
