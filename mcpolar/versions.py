"""What computed a result: the versions that every stored result carries."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import mcpolar

_PACKAGES = ("numpy", "scipy", "numba", "python-flint")


def versions() -> dict[str, str]:
    """Return the versions of mcpolar, Python and the packages that compute, by name.

    Examples
    --------
    >>> sorted(versions())
    ['mcpolar', 'numba', 'numpy', 'python', 'python-flint', 'scipy']
    """
    found = {"mcpolar": mcpolar.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # pragma: no cover - a build without metadata
            found[package] = "unknown"
    return found
