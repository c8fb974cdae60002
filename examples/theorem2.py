"""Level h is kept at every one of 10 m log m steps: the paper's number, and the certified one."""

from mcpolar.bounds import theorem2
from mcpolar.parameters import ChainParameters

if __name__ == "__main__":
    for sigma in ("0.3", "0.2", "0.1"):
        chain = ChainParameters(m=30, r=5, sigma=sigma)
        paper = theorem2(chain, level=1, steps="10*m*log(m)", variant="paper")
        certified = theorem2(chain, level=1, steps="10*m*log(m)")
        print(f"sigma = {sigma}: paper {paper.lower()}, certified {certified.lower()} {certified.notes}")
    print(certified.event)
