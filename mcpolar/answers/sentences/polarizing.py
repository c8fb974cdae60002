"""Will it polarize, and when: simulated from this start, and proved for every start."""

from __future__ import annotations

from mcpolar.answers.evidence import Evidence
from mcpolar.answers.findings import Finding, Section
from mcpolar.answers.sentences.numbers import at_least, chance, span, steps_text, when


def polarizing(found: Evidence) -> Section:
    """Return the section."""
    return Section("Will it polarize, and when?", (*_simulated(found), *_proved(found)))


def _simulated(found: Evidence) -> list[Finding]:
    passages, asked = found.passages, found.setting
    if found.is_about_start:
        return [Finding("This start is polarized already, at step 0.", "given", "passages")]
    estimate = passages.chance("polarized")
    text = f"From this start it is polarized within {asked.steps} steps with a chance of {span(estimate)}."
    said = [Finding(text, "estimated", "passages")]
    median = passages.quantile("polarized")
    if median.step is not None:
        text = f"Half of all runs are polarized, for the first time, by {when(median, asked.chain.m)}."
        said.append(Finding(text, "estimated", "passages"))
    return said


def _proved(found: Evidence) -> list[Finding]:
    proofs = found.proofs
    bound, steps = proofs.any_state, proofs.any_state.horizon_steps
    if bound.value.is_zero:
        failed = "; ".join(one.text for one in bound.assumptions if not one.holds)
        return [Finding(f"No proof covers every start here: {failed}.", "explained", bound.statement)]
    said = [
        Finding(
            "Whatever the start, the population will be polarized at some time: the chance that it never is, is 0.",
            "proved",
            bound.statement,
        ),
        Finding(
            f"How soon, at the worst: from any start at all the chance to be polarized after {steps} steps is at least "
            f"{at_least(bound)}"
            + (
                "."
                if bound.ceiling is None
                else f", and from the worst start it is at most {_ceiling(found)}."
            ),
            "certified",
            bound.statement,
        ),
    ]
    return [*said, *_mean(found), Finding(_distance(found), "explained", bound.statement)]


def _ceiling(found: Evidence) -> str:
    ceiling = found.proofs.any_state.ceiling
    return "1" if ceiling is None else chance(ceiling.log10, "up")


def _mean(found: Evidence) -> list[Finding]:
    proofs = found.proofs
    if proofs.mean_at_most is None:
        return []
    text = f"From any start it takes at most {steps_text(proofs.mean_at_most, up=True)} steps on average"
    if proofs.mean_at_least is not None and proofs.mean_at_least.log10 > 1:
        text += f", and there are starts from which it takes at least {steps_text(proofs.mean_at_least, up=False)}"
    return [Finding(text + ".", "certified", proofs.any_state.statement)]


def _distance(found: Evidence) -> str:
    """Say why the proved numbers are so far from what is simulated."""
    chain = found.setting.chain
    worst = (
        "two halves that are decided beyond all measure while their memories are about to mislead them; then every "
        "agent must hear its own side many times in a row"
    )
    text = (
        f"Why these numbers are so extreme: they must hold for the worst start there is. Think of {worst}. Your start "
        "need not be like that, and the simulation says what happens from it."
    )
    if not chain.is_unrestricted and chain.mirror is None:
        text += (
            f" With neighbourhoods the proof can count only on agents that ask themselves, one time in "
            f"{(chain.k or 0) + 1}, so that it gives away even more."
        )
    return text
