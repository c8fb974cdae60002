"""Any population polarizes: with what probability, how sharp that is, and how long it takes on average."""

from mcpolar.bounds import expected_hitting_time, not_polarized, slowest_expected_time, theorem1
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    chain = ChainParameters(m=30, r=5, sigma="0.2")
    certified, paper = theorem1(chain), theorem1(chain, variant="paper")
    print(f"certified: {certified.lower()} after {certified.horizon_steps} steps")
    print(f"no such bound exceeds {certified.ceiling.upper(3)}: the chance from {certified.ceiling.start}")
    print(f"the paper: {paper.lower()} after {paper.horizon_steps} steps, and its proof has a gap")
    low, high = slowest_expected_time(certified), expected_hitting_time(certified)
    print(f"the slowest start takes {low.decimal(2)} to {high.decimal(2, 'up')} steps on average")

    few = theorem1(ChainParameters(m=3, r=1, sigma="0.4"))
    mean = expected_hitting_time(few).decimal(4, "up")
    blocks = 300_000 // few.horizon_steps
    tail = not_polarized(few, blocks=blocks).decimal(4, "up")
    print(f"three agents: {mean} steps on average at most; not polarized after 300000: at most {tail}")
