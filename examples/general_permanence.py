"""Silos of 30 components for all time: the mixture of the paper's Figure 2, and a simplex in R^30."""

from mcpolar.bounds import general_permanence

if __name__ == "__main__":
    for level in (2, 3):
        bound = general_permanence(
            m=30, r=1, sigma="0.2", level=level, means="line", components=30, distance=1
        )
        print(f"line, memory 1, level {level}: P >= {bound.lower(4)}, 1 - P <= {bound.failure_upper(3)}")
    bound = general_permanence(m=30, r=1, sigma=1, level=2, means="simplex", components=30, distance=8)
    print(f"simplex in R^29, memory 1, level 2: 1 - P <= {bound.failure_upper(3)}")
