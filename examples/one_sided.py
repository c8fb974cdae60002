"""From one side a population polarizes with a chance of order 1, within hundreds of steps."""

from mcpolar.bounds import expected_time_on_one_side, one_sided, theorem1
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    chain = ChainParameters(m=30, r=5, sigma="0.2")
    anywhere = theorem1(chain)
    print(f"from any state: P >= {anywhere.lower(3)} within {anywhere.horizon_steps} steps")
    bound = one_sided(chain, log_odds=10, steps=500)
    print(
        f"from one side (log-odds >= 10): {bound.lower(3)} <= P, and no bound exceeds {bound.ceiling.upper(3)}"
    )
    mean = expected_time_on_one_side(bound).decimal(3, "up")
    print(f"polarized or no longer one-sided after {mean} steps on average at most")
    any_memory = one_sided(chain, log_odds=0, start_memory="any")
    print(
        f"from log-odds >= 0 and any memory: P >= {any_memory.lower(3)} after {any_memory.horizon_steps} steps"
    )
