"""Hypothesis for the kernel: no deadlines, because a loaded machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("kernel", deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.load_profile("kernel")
