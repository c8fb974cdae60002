"""A majority brings consensus: certified, and by simulation; from a start of one's own there is an estimate."""

from mcpolar.bounds import consensus, fewest_steps
from mcpolar.montecarlo import estimate, validate
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    chain = ChainParameters(m=30, r=1, sigma="0.2")
    bound = consensus(chain, groups="90%@250/10%@-50", level=2, steps=1200)
    print(
        f"27 of 30 agents deep on the + side: consensus within {bound.horizon_steps} steps has P >= {bound.lower(3)}"
    )
    at = {"groups": "90%@250/10%@-50", "level": 2, "steps": 1200}
    found = validate("consensus", chain, replicas=400, seed=1, **at)
    print(f"simulated: {found.estimate} ({found.verdict})")
    free = estimate("consensus", chain, start="undecided", level=2, steps=1200, replicas=400, seed=1)
    print(f"from undecided agents no bound is of use; simulated: {free}")
    print(f"its median time is {fewest_steps(chain, chain.m)} steps at least, whatever the memory size")
