"""The sync shell: devices register, push their edits and pull their scopes (docs/protocol.md).

It knows the protocol's steps and nothing of the domain: collections come from the capabilities' `replica.py`, decisions
from the kernel, writing from `records`.
"""
