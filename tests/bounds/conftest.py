"""Precision of the mpmath cross-checks."""

import mpmath
import pytest

from tests.bounds.exact import DIGITS


@pytest.fixture(autouse=True)
def _many_digits():
    with mpmath.workdps(DIGITS):
        yield
