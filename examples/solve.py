"""Inverse questions: at which sigma, level or horizon a promise still holds, certified on both sides.

For 30 agents with memory 5: the largest sigma at which level 1 is kept over 10 m log m steps with a chance of 0.95, the
longest time for which all silos stay with a chance of 0.9, and the smallest start level that keeps them for ever with a
chance of 0.9999. The last takes about a minute the first time; its certificates are kept.
"""

import mcpolar as mp


def main() -> None:
    chain = mp.ChainParameters(m=30, r=5, sigma="0.3")
    questions = [
        ("theorem2", "sigma", "0.95", {"level": 1, "steps": "10*m*log(m)"}),
        ("silo-persistence", "steps", "0.9", {"level": 1}),
        ("permanence", "level", "0.9999", {}),
    ]
    for statement, option, p, at in questions:
        found = mp.solve(statement, chain, option, at_least=p, **at)
        print(
            f"{statement}: the {found.sense} {option} with P >= {p} is {found.answer}: P >= {found.lower()} there,"
        )
        print(
            f"  at most {found.upper()} at {found.beyond}; the bound {found.direction.words}: {found.direction.status}"
        )


if __name__ == "__main__":
    main()
