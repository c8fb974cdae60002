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
    """Receiver, sender and component of a step of the conditional estimator."""
    CONDITIONAL_NORMAL = 7
    """Truncated normals of the conditional estimator."""
    SPLITTING = 8
    """Which surviving paths branch."""
    TILTED = 9
    """Receiver, sender and component of a step of importance sampling."""
    TILTED_NORMAL = 10
    """A pair of standard normals, for an even step of importance sampling and the odd one after it."""
    TILTED_AGENT = 11
    """Which agent is sent the other side's arrivals."""
    GROWTH = 12
    """A pair of own draws, for an even update of one agent's memory and the odd one after it."""
    PARTICLE = 13
    """The update of a particle."""
    PARTICLE_RESAMPLING = 14
    """The offset of systematic resampling."""
    MIXTURE_COMPONENT = 16
    """Components of the query and of the answer of one update of the general system; 16 to 31 are kept for it."""
    MIXTURE_NORMAL = 17
    """A pair of standard normals, for one coordinate of the query and of the answer."""
    MIXTURE_PARTNER = 18
    """Whether an agent asks itself, which of the nearest it asks, and which among the tied."""
    MIXTURE_POLICY = 19
    """Draws of memory policies."""
    MIXTURE_AGENT = 20
    """Which agent is updated, when one is at a time."""
    MIXTURE_START_COMPONENT = 21
    """Components of the memories at the start."""
    MIXTURE_START_NORMAL = 22
    """Standard normals of the memories at the start."""
    BOOTSTRAP = 32
    """Resampling of finished results."""
    WORST_START = 33
    """The search for the worst start."""
    GENERAL = 34
    """Receiver and sender of a step of the general mixture's conditional estimator."""
    GENERAL_NORMAL = 35
    """Directions of its arrivals."""
    GENERAL_RADIUS = 36
    """Distances of its arrivals from the mean."""
    TWIST = 37
    """An update of a single agent in the search for a twist."""
    TWIST_START = 38
    """Standard normals of the memories that it begins with."""
    TWISTED_NORMAL = 39
    """Truncated normals of importance sampling by a twist."""
    LONE_COMPONENT = 40
    """Components of the draws of a memory that receives independent ones."""
    LONE_NORMAL = 41
    """Their standard normals."""
    GENERAL_STEP = 42
    """Receiver and sender of a step of the general mixture's chain."""
    GENERAL_COMPONENT = 43
    """The component that the sender draws from."""
    GENERAL_ARRIVAL = 44
    """A pair of standard normals, for two coordinates of what is drawn."""
    MEMORY_RULE = 45
    """The uniform number of a registered memory policy, one a step."""
    SENDER_RULE = 46
    """The uniform number of a registered neighbour rule, one a step."""
    AGENT_SENDER = 48
    """Whom a language-model agent hears; 48 to 63 are kept for those."""
    AGENT_RECEIVER = 49
    """Which of them is updated, when one is at a time."""
    AGENT_ANSWER = 50
    """The seed that the model is given for an answer."""
    AGENT_QUESTION = 51
    """The seed that the model is given for one of many questions."""
