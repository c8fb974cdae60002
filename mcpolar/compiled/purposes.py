"""What a random draw is for: the third counter word of a Philox block, so that no two uses share a draw."""

from __future__ import annotations

from enum import IntEnum


class Purpose(IntEnum):
    """The purposes of draws; a new use takes a new number, and a number never changes its meaning."""

    STEP = 0
    """Receiver, sender and component of one step of the chain."""
    NORMAL = 1
    """A pair of standard normals, for an even step and the odd one after it."""
    MIRROR = 2
    """Whether the receiver is its own sender, and which neighbour otherwise."""
    START_WEIGHT = 3
    """Weights of a start state."""
    START_COMPONENT = 4
    """Components of the memories of a start state."""
    START_NORMAL = 5
    """Standard normals of the memories of a start state."""
    CONDITIONAL = 6
    """Draws of the conditional estimators."""
    MIXTURE = 16
    """The general system; 16 to 31 are kept for it."""
    BOOTSTRAP = 32
    """Resampling of finished results."""
