"""What was asked, with every word explained: the population, its start, and what polarized means."""

from __future__ import annotations

import math

from mcpolar.answers.evidence import Setting
from mcpolar.answers.findings import Finding
from mcpolar.answers.sentences.numbers import plain
from mcpolar.chain import ChainState
from mcpolar.checks import plain as decimal


def setting(asked: Setting) -> list[Finding]:
    """Return the sentences."""
    texts = [_agents(asked), _step(asked), _log_odds(asked), _polarized(asked), _start(asked)]
    return [Finding(text, "given") for text in texts]


def _agents(asked: Setting) -> str:
    chain = asked.chain
    memory = "one number" if chain.r == 1 else f"{chain.r} numbers"
    return (
        f"There are {chain.m} agents and two views, called +1 and -1. Each agent has an opinion: the weight w between "
        f"0 and 1 that it gives to the view +1 (the rest goes to -1). It also has a memory of {memory}."
    )


def _step(asked: Setting) -> str:
    chain = asked.chain
    noise = f"plus noise of standard deviation sigma = {decimal(chain.sigma)}"
    return (
        f"In one step an agent chosen at random asks {_whom(asked)}. The one that is asked draws a view by its own "
        f"opinion and answers with that number, +1 or -1, {noise}. The answer takes the place of the remembered number "
        f"that is farthest from it, and the agent updates its opinion from its memory by Bayes' rule. A round is "
        f"{chain.m} steps: one update of each agent on average."
    )


def _whom(asked: Setting) -> str:
    chain = asked.chain
    if chain.mirror is not None:
        others = "another one" if chain.k is None else f"one of the {chain.k} agents nearest to it in opinion"
        return f"itself, with chance {decimal(chain.mirror)}, or else {others}"
    if chain.k is None or chain.k == chain.m - 1:
        return "any of the agents, itself included"
    return f"itself or one of the {chain.k} agents nearest to it in opinion, each with the same chance"


def _log_odds(asked: Setting) -> str:
    return (
        "Opinions soon become so extreme that they are counted in log-odds, log(w/(1 - w)): 0 is undecided, positive "
        "leans to +1, and each further unit makes an answer from the other view about 2.7 times less likely. The "
        "agents that lean to the same view form a silo."
    )


def _polarized(asked: Setting) -> str:
    weight = asked.log_odds / math.log(10)
    other = (
        f"less than one answer in {_many(weight)} is of the other view" if weight > 1 else "leaning clearly"
    )
    return (
        f"The population is called polarized when every agent has log-odds of at least {asked.level}/sigma^2 = "
        f"{plain(asked.log_odds, 'nearest')} for its side ({other}) and no number in its memory is farther than 1/2 "
        f"from its side's view. All agents may be on one side, or both sides may have some."
    )


def _many(log10: float) -> str:
    return f"{10**log10:,.0f}" if log10 < 7 else f"10^{math.floor(log10)}"


def _start(asked: Setting) -> str:
    """Say where the population starts, and for how long it is watched."""
    watched = f"It is watched for {asked.steps} steps, which are {plain(asked.rounds, 'nearest', 3)} rounds."
    start, m = asked.start, asked.chain.m
    if isinstance(start, ChainState):
        return f"The start is read from a file. {watched}"
    if start.is_decided:
        plus = start.positive_agents(asked.chain)
        sides = (
            f"all {m} agents lean to +1" if plus == m else f"{plus} agents lean to +1 and {m - plus} to -1"
        )
        own = asked.level * asked.chain.precision if start.log_odds is None else start.log_odds
        return f"Start: {start.kind}. {sides[0].upper()}{sides[1:]}, each with log-odds of {float(own):.4g}. {watched}"
    words = {
        "undecided": "every agent has w = 1/2, and a memory of answers drawn from that opinion",
        "random": "every agent's w is anything between 0 and 1, and its memory is drawn from its opinion",
    }
    return f"Start: {start.kind}. {words[start.kind][0].upper()}{words[start.kind][1:]}. {watched}"
