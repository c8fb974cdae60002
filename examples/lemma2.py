"""The chance that a well-behaved population polarizes, for the unrestricted chain and with neighbourhoods."""

from mcpolar.bounds import lemma2
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    for k in (None, 14, 5, 1):
        bound = lemma2(ChainParameters(m=30, r=5, sigma="0.3", k=k))
        print(f"k = {k}: log10 of the bound is {bound.log10:.2f} after {bound.horizon_steps} steps")
