"""One assert for what is refused: the argument's name, the value that came and the sentence, each in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mcpolar.errors import InputError


def assert_rejects(call: Callable[[], Any], name: str, value: Any, allowed: str) -> None:
    """Claim: the call raises InputError of this argument, with this value, allowing exactly this."""
    with pytest.raises(InputError) as caught:
        call()
    found = caught.value
    assert (found.name, found.allowed) == (name, allowed)
    same = found.value is value or np.array_equal(found.value, value, equal_nan=_is_number(value))
    assert same, f"got {found.value!r}, not {value!r}"


def _is_number(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "fc"
