"""Tickets: a customer's request, complaint or fault, what is said about it, and by when it must be answered.

A ticket lives where its account lives and with the person who answers for it; its messages live with it.
"""
