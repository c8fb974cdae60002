"""Own-side updates clear the memory, if they land in J+ = [5/6, 7/6]; I+ = [1/2, 3/2] is too wide."""

from mcpolar.bounds import proposition3
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    chain = ChainParameters(m=30, r=5, sigma="0.3")
    for updates in (1, 3, 5, 8):
        found = proposition3(chain, updates=updates)
        print(f"{int(found.value.fraction)} = {found.quantity}")

    (refuted,) = proposition3(chain, variant="paper").assumptions
    print(f"The paper's form is {refuted.text}.")
