"""Polarization that lasts for ever: the chance that no agent ever changes its silo (memory size 1)."""

from mcpolar.bounds import permanence
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    for sigma in ("0.2", "0.3", "0.5"):
        for level in (1, 2, 10):
            bound = permanence(ChainParameters(m=30, r=1, sigma=sigma), level=level)
            print(
                f"sigma = {sigma}, level {level}: some agent changes with probability <= {bound.failure_upper(3)}"
            )
