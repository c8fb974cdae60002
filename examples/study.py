"""One page about one population: whether it polarizes, what stays, one silo or two, and how sure that is.

Two populations of 30 agents at sigma = 0.3: two equal camps that listen to their 14 nearest, and undecided agents that
listen to everybody. The page is text; `to_dict` has its sentences with their records.
"""

import mcpolar as mp
from mcpolar.report.study import study_text


def main(replicas: int = 500) -> None:
    camps = mp.study(mp.ChainParameters(m=30, r=5, sigma="0.3", k=14), "bipolar", replicas=replicas)
    print(study_text(camps))
    crowd = mp.study(mp.ChainParameters(m=30, r=5, sigma="0.3"), "undecided", replicas=replicas)
    for one in crowd.summary:
        print(f"{crowd.status_text(one)}: {one.text}")


if __name__ == "__main__":
    main()
