"""The portal: what a customer sees of himself, by a token that somebody of the company gave one of his contacts.

A token opens one account: its tickets with what was said publicly, and published articles. Nothing else is there.
"""
