"""Assets: what customers have from the company, bought or on loan, and until when it answers for it.

An asset lives where its account lives, like a contact, and goes with it into another territory.
"""
