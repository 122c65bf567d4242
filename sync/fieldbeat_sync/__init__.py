"""The pure sync kernel: no I/O, no clock, no framework."""
