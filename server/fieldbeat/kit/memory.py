"""How this process keeps memory: pages of a pull come and go in pieces of some 300 kB."""

import ctypes

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # of malloc.h
_MB = 1 << 20


def keep_memory() -> None:
    """Lets the C library keep large pieces instead of giving them back and asking again: half the time of a page.

    Costs at most 64 MB that stay with the process. Does nothing where the C library is not glibc.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_MMAP_THRESHOLD, 32 * _MB)  # the most that glibc takes
        mallopt(_TRIM_THRESHOLD, 64 * _MB)
        mallopt(_TOP_PAD, 4 * _MB)
