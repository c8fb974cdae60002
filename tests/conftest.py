"""Shared settings of the test suite."""

from hypothesis import HealthCheck, settings

# The same examples in every run: a failure seen once can be seen again.
settings.register_profile(
    "mcpolar", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mcpolar")
