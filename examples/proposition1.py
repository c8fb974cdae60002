"""How far one update can move an agent whose memory is well-behaved."""

from mcpolar.bounds import proposition1
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    for sigma in ("0.2", "0.3", "0.5"):
        found = proposition1(ChainParameters(m=30, r=5, sigma=sigma), log_odds=10)
        low, high = float(found.value.fraction), float(found.upper.fraction)
        print(f"sigma = {sigma}: from log-odds 10 to somewhere between {low:.5g} and {high:.5g}")
