"""No agent changes its silo: far likelier than keeping the level, and another event."""

from mcpolar.bounds import silo_persistence, theorem2
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    two_silos = ChainParameters(m=30, r=5, sigma="0.3", k=14)
    silos = silo_persistence(two_silos, steps="10*m*log(m)", level=1, split=15)
    level = theorem2(two_silos, steps="10*m*log(m)", level=1, split=15)
    for bound in (silos, level):
        print(f"{bound.lower(4)}: {bound.event}")
