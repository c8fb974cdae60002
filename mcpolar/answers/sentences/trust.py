"""How far to trust it: what the words mean, what was run, and what a simulation cannot say."""

from __future__ import annotations

from mcpolar.answers.evidence import Evidence
from mcpolar.answers.findings import Finding, Section


def legend(confidence: float) -> str:
    """Return what the words beside the sentences mean."""
    return (
        "The words on the left say how a sentence is known. proved: by a proof, whatever happens. certified: a number "
        "that follows from a proof, with all rounding on the safe side. estimated: from simulated runs; the interval "
        f"misses the true number with a chance of at most {100 * (1 - confidence):.3g} %."
    )


def trust(found: Evidence, n_intervals: int) -> Section:
    """Return the section; `n_intervals` is how many intervals the study names."""
    passages = found.passages
    error = 1 - passages.confidence
    texts = [
        f"The runs: {passages.replicas}, with seed {passages.seed} ({passages.stopped}; {passages.seconds:.1f} s). The "
        f"same command with --replicas {passages.replicas} gives the same numbers, whatever the machine.",
        f"The {n_intervals} intervals on this page are all right together with a chance of at least "
        f"{1 - n_intervals * error:.4g}.",
        f"No simulation sees beyond step {passages.steps}; only what is proved or certified does.",
    ]
    if found.verdict == "violated":
        texts.append(
            "The simulation contradicts a certified number: more runs lose a silo than it allows. One of them is "
            "wrong; please report it."
        )
    elif found.is_about_start and not found.proofs.permanent.value.is_zero:
        texts.append("The simulation and the certified numbers were compared: they agree.")
    return Section("How far to trust this", tuple(Finding(text, "explained") for text in texts))
