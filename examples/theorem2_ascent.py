"""The level rises from 1 to 1 + n: how many steps make it likely."""

from mcpolar.bounds import theorem2_ascent
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    chain = ChainParameters(m=30, r=5, sigma="0.1")
    for ascent in (1, 2, 5):
        for steps in (200, 400, 800):
            bound = theorem2_ascent(chain, level=1, steps=steps, ascent=ascent)
            print(f"level {1 + ascent} at step {steps}: probability >= {bound.lower(4)}")
