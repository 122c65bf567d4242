"""Territories: what a company divides its customers into, and who covers each from which local date until which.

A person sees what he covers today, a supervisor also what everyone below him covers, an administrator everything. All
scoped reads of customers stand on `held_territories`, a function of the database that answers exactly that.
"""
