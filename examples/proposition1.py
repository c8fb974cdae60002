"""How far one update can move an agent whose memory is well-behaved."""

from mcpolar.bounds import proposition1
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    for sigma in ("0.2", "0.3", "0.5"):
        found = proposition1(ChainParameters(m=30, r=5, sigma=sigma), log_odds=10)
        low, high = found.value.decimal(5, "up"), found.upper.decimal(5, "up")
        print(f"sigma = {sigma}: from log-odds 10 to somewhere between {low} and {high}")
