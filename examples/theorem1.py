"""Any population polarizes: with what probability, and how long it takes at most on average."""

from mcpolar.bounds import expected_hitting_time, not_polarized, theorem1
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    chain = ChainParameters(m=30, r=5, sigma="0.2")
    certified, paper = theorem1(chain), theorem1(chain, variant="paper")
    print(f"certified: {certified.lower()} after {certified.horizon_steps} steps")
    print(f"the paper: {paper.lower()} after {paper.horizon_steps} steps, and its proof has a gap")

    few = theorem1(ChainParameters(m=3, r=1, sigma="0.4"))
    mean = expected_hitting_time(few).decimal(4, "up")
    tail = not_polarized(few, blocks=100_000).decimal(4, "up")
    print(f"three agents: {mean} steps on average at most; not polarized after 300000: at most {tail}")
