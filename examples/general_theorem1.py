"""Polarization of general mixtures from any state: three means in the plane, and the line of the paper's Figure 2."""

from mcpolar.bounds import general_theorem1

if __name__ == "__main__":
    for agents, memory in ((3, 1), (6, 3), (30, 5)):
        bound = general_theorem1(m=agents, r=memory, sigma="0.2", components=3, dimension=2, distance=2)
        print(
            f"triangle, m = {agents}, r = {memory}: log10 P >= {bound.log10:.2f} in {bound.horizon_steps} steps"
        )
    bound = general_theorem1(m=30, r=5, sigma="0.2", means="line", components=30, distance=1)
    print(f"line of 30, m = 30, r = 5: log10 P >= {bound.log10:.2f} in {bound.horizon_steps} steps")
