"""Accounts, the customers and where they are, and contacts, the people to be met there.

An account lives in its territory: whoever holds the territory sees it, its contacts, and the conflicts of both.
"""
