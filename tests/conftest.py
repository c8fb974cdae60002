"""Shared settings of the test suite."""

import pytest
import scipy.linalg  # noqa: F401 (its BLAS must be loaded before it can be limited)
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

from tests.browser.chromium import browser, open_page  # noqa: F401 (fixtures for every test)

# The same examples in every run: a failure seen once can be seen again.
settings.register_profile(
    "mcpolar", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mcpolar")


def pytest_collection_modifyitems(items):
    """Begin with the slow tests, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True, scope="session")
def _one_thread_of_linear_algebra():
    """Keep the threads of BLAS from waiting for each other: the suite's workers fill the processors already."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(autouse=True, scope="session")
def _folders_of_this_run(tmp_path_factory):
    """Keep certificates, and what was written where, in folders of this run, also in subprocesses."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("cache", "state"):
            patch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path_factory.mktemp(name)))
        yield
