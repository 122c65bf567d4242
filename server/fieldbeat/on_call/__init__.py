"""On call: who is reached outside of business hours, by turns of local days, for a territory or for the whole company.

A rota is a record in the scope `tenant`: every phone shows who is on call without asking.
"""
