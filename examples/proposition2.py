"""How many own-side updates polarize an agent, and how small its own-side weight can get on the way."""

from mcpolar.bounds import own_side_weights, proposition2
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    for r in (1, 2, 5, 10):
        chain = ChainParameters(m=30, r=r, sigma="0.3")
        certified, paper = proposition2(chain), proposition2(chain, variant="paper")
        print(f"r = {r}: {certified.updates} updates in J (the paper: {paper.updates} updates in I)")

    chain = ChainParameters(m=30, r=5, sigma="0.3")
    for u, weight in enumerate(own_side_weights(chain, updates=6)):
        print(f"after {u} updates the own-side weight is at least {weight.decimal(6)}")
