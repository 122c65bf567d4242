"""Importing a company from CSV files by a mapping: people, territories, accounts, contacts, and the past of tickets
(docs/importing.md).

A mapping and its files make a plan, without a database: a broken file stops there and changes nothing. The plan is then
settled in chunks, each one transaction; what each row became is kept, so that the same rows again add nothing, an
interrupted import goes on, and a batch can be undone.
"""
