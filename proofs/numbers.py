"""Write common/Numbers.v: enclosures of the certified bounds of the paper's tables, for Coq to check.

The decimals come from `mcpolar.bounds`, the enclosures of P and P_x from balls; Coq computes both again on its own
(coq-interval over whole numbers, no machine floats), so that an error on either side stops the build.
Run `python -m proofs.numbers` after a change; a test compares the file with what this module writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import flint

from mcpolar.balls import ball, working_precision
from mcpolar.bounds.tables import PAPER_AGENTS, PAPER_TABLES
from mcpolar.parameters import ChainParameters
from mcpolar.statements import find
from mcpolar.steps import Steps
from proofs.exact import BITS, HALF, interval_mass
from proofs.theorem2_ascent.check import cover

FILE = Path(__file__).parent / "common" / "Numbers.v"
LEVEL = 1
DIGITS = 7
# one over the width of the enclosures that the powers start from
P_SCALE, PX_SCALE, COVER_SCALE = 10**13, 10**8, 10**13

HEAD = """\
(* Written by proofs/numbers.py; do not edit.

   The certified bounds of the paper's tables at h = {level}, enclosed: the lower ends are the
   decimals that mcpolar.bounds prints. The theorems on the chain take any draws that give
   intervals their normal mass, and any start with all agents on one side. *)
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Mcpolar Require Import Enclose.
From Coq Require Import Reals Lra Lia List ZArith.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Orders.
From Mcpolar Require Import Theorem2 Theorem2Ascent Cover.
Local Open Scope R_scope.

Lemma agents : (0 < {m})%nat.
Proof. lia. Qed.
"""

MASSES = """
(* sigma = {sigma} *)
Lemma P_{tag} : {p_low} / {scale} <= P ({sigma}) <= {p_high} / {scale}.
Proof.
  unfold P, density. replace (1 / (2 * ({sigma}))) with ({end}) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
"""

# P_x matters to seven digits where sigma is large; elsewhere P_x <= P <= 1 is enough
OTHER = """\
Lemma Px_{tag} : {px_low} / {px_scale} <= Px ({sigma}) <= {px_high} / {px_scale}.
Proof.
  unfold Px, density.
  replace (3 / (2 * ({sigma}))) with ({near}) by lra. replace (5 / (2 * ({sigma}))) with ({far}) by lra.
  integral with (i_fuel 1000, i_degree 8, i_prec 40, i_width (-30)).
Qed.
"""
NO_OTHER = """\
Lemma Px_{tag} : 0 <= Px ({sigma}) <= 2.
Proof. pose proof (Px_le_P ({sigma}) ltac:(lra)). pose proof P_{tag}. lra. Qed.
"""
SMALLEST_SIGMA_WITH_OTHER = Decimal("0.2")

COVER = """
(* the coupon chance *)
Lemma cover_{m}_{steps} : {low} / {scale} <= cover {m} {steps} (fun _ => 1%nat) <= {high} / {scale}.
Proof.
  rewrite cover_quotient by lia. split; apply fraction_le; vm_compute; congruence.
Qed.
"""

KEPT = """
(* table {table}, sigma = {sigma}, h = {level}, T = {steps} *)
Lemma {name} : {low} <= q_level ({sigma}) ({log_odds}) ^ {steps} <= {high}.
Proof.
  pose proof P_{tag} as A. pose proof Px_{tag} as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem {name}_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level {m} (fun _ => plus) r ({log_odds}) x ->
  {low} <= P_always {m} agents ({sigma}) N replace_far (unrestricted {m} agents) {steps} (polarized {m} ({log_odds})) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 {name}).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.
"""

RISEN = """
(* table {table}, sigma = {sigma}, h = {level}, T = {steps} *)
Lemma {name} : {low} <= cover {m} {steps} (fun _ => 1%nat) * q_level ({sigma}) ({log_odds}) ^ {steps} <= {high}.
Proof.
  pose proof P_{tag} as A. pose proof Px_{tag} as B. pose proof cover_{m}_{steps} as K. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.
"""


def coq(value: Fraction | int) -> str:
    """Return a fraction as Coq reads it."""
    exact = Fraction(value)
    return str(exact.numerator) if exact.denominator == 1 else f"{exact.numerator}/{exact.denominator}"


def tag(sigma: str) -> str:
    """Return sigma as part of a name: 0.05 is 005."""
    return sigma.replace(".", "")


def ends(value: flint.arb, scale: int) -> tuple[int, int]:
    """Return whole numbers around `value * scale`."""
    scaled = value * scale
    return int(scaled.lower().floor().unique_fmpz()), int(scaled.upper().ceil().unique_fmpz())


def masses(sigma: str) -> str:
    """Return the lemmas about P and P_x at sigma."""
    exact = Fraction(sigma)
    with working_precision(BITS):
        p_low, p_high = ends(interval_mass(HALF, 3 * HALF, Fraction(1), exact), P_SCALE)
        px_low, px_high = ends(interval_mass(HALF, 3 * HALF, Fraction(-1), exact), PX_SCALE)
    template = MASSES + (OTHER if Decimal(sigma) >= SMALLEST_SIGMA_WITH_OTHER else NO_OTHER)
    return template.format(
        sigma=coq(exact), tag=tag(sigma), p_low=p_low - 1, p_high=p_high + 1, scale=P_SCALE, end=coq(1 / (2 * exact)),
        near=coq(3 / (2 * exact)), far=coq(5 / (2 * exact)), px_low=px_low - 1,
        px_high=px_high + 1, px_scale=PX_SCALE,
    )  # fmt: skip


def next_up(lower: str) -> str:
    """Return the decimal one unit of the last place above; two below 1, as the enclosure of P reaches above 1."""
    value = Decimal(lower)
    if value + Decimal(1).scaleb(-DIGITS) == 1:
        return f"{1 + Decimal(1).scaleb(1 - DIGITS):.{DIGITS - 1}e}"
    return f"{value + Decimal(1).scaleb(value.adjusted() - DIGITS + 1):.{DIGITS - 1}e}"


def cells() -> Iterator[str]:
    """Yield the lemmas and theorems of every row of the tables."""
    m = PAPER_AGENTS
    for table in PAPER_TABLES:
        steps = Steps.read(table.steps, m).whole
        if table.statement == "theorem2_ascent":
            with working_precision(BITS):
                low, high = ends(ball(cover(steps, m)), COVER_SCALE)
            yield COVER.format(m=m, steps=steps, low=low, high=high, scale=COVER_SCALE)
        for sigma in table.sigmas:
            bound = find(table.statement).function(
                ChainParameters(m, 1, sigma), level=LEVEL, steps=table.steps
            )
            low = bound.lower(DIGITS)
            yield (RISEN if table.statement == "theorem2_ascent" else KEPT).format(
                table=table.number, sigma=coq(Fraction(sigma)), level=LEVEL, steps=steps, m=m, tag=tag(sigma),
                name=f"table{table.number}_sigma{tag(sigma)}_h{LEVEL}", low=low, high=next_up(low),
                log_odds=coq(LEVEL / Fraction(sigma) ** 2),
            )  # fmt: skip


def text() -> str:
    """Return the whole file."""
    sigmas = sorted({sigma for table in PAPER_TABLES for sigma in table.sigmas}, key=Decimal, reverse=True)
    return HEAD.format(level=LEVEL, m=PAPER_AGENTS) + "".join(map(masses, sigmas)) + "".join(cells())


if __name__ == "__main__":
    FILE.write_text(text())
