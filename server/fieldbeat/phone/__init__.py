"""The reference client: the kernel's device over httpx, with its store in SQLite.

It imports the kernel alone, as an app would. The tests, `fieldbeat simulate` and the load tests are its users.
"""

from fieldbeat.phone.clock import PhoneClock, SystemClock
from fieldbeat.phone.edge import Edge, NotAdmitted, NotUnderstood, Unreachable
from fieldbeat.phone.network import Fault, Network
from fieldbeat.phone.phone import Account, Phone, Standing, WrongPerson, open_phone

__all__ = [
    "Account",
    "Edge",
    "Fault",
    "Network",
    "NotAdmitted",
    "NotUnderstood",
    "Phone",
    "PhoneClock",
    "Standing",
    "SystemClock",
    "Unreachable",
    "WrongPerson",
    "open_phone",
]
