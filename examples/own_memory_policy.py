"""A memory policy and a neighbour rule of one's own: what they change, and which bounds still hold.

The paper's agents forget the element farthest from an arrival. Here they forget the oldest, and hear a ring of
neighbours. theorem2 holds for every memory policy, so that its bound is compared with a simulation under this one;
permanence rests on the farthest element, and refuses.
"""

import mcpolar as mp


def oldest(memory, y, u):
    """Return the element that arrived first: memories come with the oldest first."""
    return 0


def ring(log_odds, receiver, k, u):
    """Return the receiver or one of the k agents that follow it."""
    return (receiver + int(u * (k + 1))) % log_odds.size


def main(replicas: int = 2000, steps: int = 900) -> None:
    mp.register_memory_policy("oldest", oldest)
    mp.register_neighbour_rule("ring", ring)
    for rules in ({}, {"policy": "oldest"}, {"policy": "oldest", "neighbours": "ring", "k": 2}):
        chain = mp.ChainParameters(m=30, r=5, sigma="0.5", **rules)
        _, seen = mp.passage_times(chain, "random", steps, seed=1, replicas=replicas).of("consensus")
        print(f"{rules or 'the paper'}: {seen.sum()} of {replicas} on one side within {steps} steps")
    chain = mp.ChainParameters(m=30, r=5, sigma="0.3", policy="oldest")
    print(mp.validate("theorem2", chain, level=1, steps=200, replicas=replicas))
    try:
        mp.permanence(chain, level=1)
    except mp.InputError as refused:
        print(refused)


if __name__ == "__main__":
    main()
