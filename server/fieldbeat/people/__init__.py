"""People: who works for a tenant, how they prove who they are, and who reports to whom.

A person is a record of the collection `user`, in the scope `tenant`: everybody's phone knows everybody's name. What
only the server may know (passwords, sessions, keys) lives in tables of its own and never travels.
"""
