"""A hint for LLVM: vectors as wide as the processor has."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic


@intrinsic
def prefer_widest_vectors(typing_context: Any) -> Any:
    """Let LLVM use 512-bit vectors in the calling function, where the processor has them.

    LLVM prefers 256 bits on Intel processors, for fear of a lower clock in mixed code; our loops are nothing
    but vector arithmetic and gain 10 to 20 percent. Results do not depend on it.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # llvmlite's own `add` knows only attributes without a value
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate
