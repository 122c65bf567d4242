"""How a serving or working process keeps memory: pages of a pull come and go in pieces of some 300 kB, the rows of a
push or of a batch of escalations in small ones."""

import ctypes
import gc

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # of malloc.h
_MB = 1 << 20


def keep_memory() -> None:
    """To be called once, when all is loaded.

    Circles of garbage are looked for less often, and never in what is loaded: a fifth of the time of a push. Where the
    C library is glibc, it keeps up to 64 MB of large pieces instead of giving them back: half the time of a page.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_MMAP_THRESHOLD, 32 * _MB)  # the most that glibc takes
        mallopt(_TRIM_THRESHOLD, 64 * _MB)
        mallopt(_TOP_PAD, 4 * _MB)
