"""Write common/Numbers.v: enclosures of the certified bounds of the paper's tables, for Coq to check.

The decimals come from `mcpolar.bounds`, the enclosures of P and P_x from balls; Coq computes both again on its own
(coq-interval over whole numbers, no machine floats), so that an error on either side stops the build.
Run `python -m proofs.numbers` after a change; a test compares the file with what this module writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import factorial
from pathlib import Path

import flint

from mcpolar.balls import ball, lower_end, working_precision
from mcpolar.bounds.chances import inner_interval
from mcpolar.bounds.coupons import chance_of_all
from mcpolar.bounds.proposition2 import smallest_own_side_weight
from mcpolar.bounds.rounds import log_rounds
from mcpolar.bounds.tables import PAPER_AGENTS, PAPER_TABLES
from mcpolar.parameters import ChainParameters
from mcpolar.statements import find
from mcpolar.steps import Steps
from proofs.exact import BITS, HALF, interval_mass, normal_cdf, own_log_odds, updates_to_level
from proofs.theorem2_ascent.check import cover

FILE = Path(__file__).parent / "common" / "Numbers.v"
LEVEL = 1
DIGITS = 7
# one over the width of the enclosures that the powers start from
P_SCALE, PX_SCALE, COVER_SCALE = 10**13, 10**8, 10**13

HEAD = """\
(* Written by proofs/numbers.py; do not edit.

   Bounds enclosed: the lower ends are the decimals that mcpolar.bounds prints. *)
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Mcpolar Require Import Enclose.
From Coq Require Import Reals Lra Lia List ZArith.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Gaussian Chain Orders.
From Mcpolar Require Import Theorem2 Theorem2Ascent Cover CoverMany SiloPersistence Lemma1 Theorem1.
From Mcpolar Require Import Permanence PM NormalDraws.
Import ListNotations.
Local Open Scope R_scope.
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

MANY = """
(* the coupon chance C(T, m, n), n = {times} *)
Theorem cover_many : {low} / {scale} <= cover {m} {steps} (fun _ => {times}%nat) <= {high} / {scale}.
Proof. rewrite cover_many_quotient. split; apply fraction_le; vm_compute; congruence. Qed.
"""

KEPT = """
(* table {table}, sigma = {sigma}, h = {level}, T = {steps} *)
Lemma {name} : {low} <= q_level ({sigma}) ({level} / ({sigma}) ^ 2) ^ {steps} <= {high}.
Proof.
  pose proof P_{tag} as A. pose proof Px_{tag} as B.
  replace ({level} / ({sigma}) ^ 2) with ({log_odds}) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
"""

RISEN = """
(* table {table}, sigma = {sigma}, h = {level}, T = {steps} *)
Lemma {name} :
  {low} <= cover {m} {steps} (fun _ => 1%nat) * q_level ({sigma}) ({level} / ({sigma}) ^ 2) ^ {steps} <= {high}.
Proof.
  pose proof P_{tag} as A. pose proof Px_{tag} as B. pose proof cover_{m}_{steps} as K.
  replace ({level} / ({sigma}) ^ 2) with ({log_odds}) by lra. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.
"""

# a table: (sigma, the bound's decimal, a number above the bound)
TABLE = """
Definition table{table} : list (R * R * R) :=
  [{cells}].
Theorem table{table}_encloses sigma low high : In (sigma, low, high) table{table} ->
  0 < sigma /\\ 2 < exp ({level} / sigma ^ 2) /\\ low <= {formula} <= high.
Proof.
  intros H. simpl in H.
  repeat (destruct H as [E|H];
    [injection E as <- <- <-; split; [lra|]; split; [interval with (i_prec 30)|]|]); [..|easy].
{proofs}
Qed.
"""

LAMBDA = """\
Lemma lambda_{u} : {low} <= lambda {r} ({sigma}) {u} <= {high}.
Proof.
 {start} cbn [lambda]. rewrite inverse_square. simpl Nat.min. simpl INR.
  unfold logit, odds, logistic. split; interval with (i_prec 40).
Qed."""

THEOREM1 = """
(* T1' at m = {m}, r = {r}, sigma = {sigma}, h = {level}: n({level}) = {n}, the smallest weight on the way is a_1 *)
Lemma inverse_square : 1 / ({sigma}) ^ 2 = {log_odds}.
Proof. lra. Qed.
Lemma first_weight : a_ {r} ({sigma}) 1 = 1 / {r} / (1 + exp (- {log_odds})).
Proof.
  rewrite a_step by lia. simpl Nat.min. simpl INR. unfold logistic. cbn [lambda].
  rewrite inverse_square, Rplus_0_l. unfold Rdiv. f_equal. lra.
Qed.
{lambdas}
Theorem theorem1_updates : enough {r} ({sigma}) {n} {level}.
Proof.
  split; [lia|]. rewrite lambda_after by lia. pose proof lambda_{last}. rewrite inverse_square. lra.
Qed.
Theorem theorem1_weight u : (u < {n})%nat -> a_ {r} ({sigma}) 1 <= a_ {r} ({sigma}) u.
Proof.
  intros Hu. assert (F : a_ {r} ({sigma}) 1 <= 1 / {r}) by (rewrite first_weight; interval with (i_prec 60)).
  do {n} (destruct u as [|u]; [try lra; try (rewrite a_0; lra); apply Rle_trans with (1 := F);
    unfold a_, logistic; clear F; {poses}; interval with (i_prec 40)|]). lia.
Qed.
Lemma PJ_{tag} : {pj_low} / {scale} <= PJ ({sigma}) <= {pj_high} / {scale}.
Proof.
  unfold PJ, density. replace (1 / (6 * ({sigma}))) with ({pj_end}) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
Lemma theorem1_split : worst_split {m} {n} = (1/2) ^ {total}.
Proof.
  apply Rle_antisym.
  - apply Rle_trans with (1 := worst_split_le {m} {n} {half} ltac:(lia)). unfold split. simpl Nat.sub.
    replace (INR {half} / INR {m}) with (1/2) by (simpl; lra). rewrite <- pow_add, <- pow_mult. right. f_equal.
  - apply (worst_split_at_least {m} {n}). lia.
Qed.
Theorem theorem1_number :
  {low} <= rounds_bound {m} {n} (a_ {r} ({sigma}) 1) (PJ ({sigma})) (worst_split {m} {n}) <= {high}.
Proof.
  rewrite theorem1_split, first_weight. pose proof PJ_{tag} as A. unfold rounds_bound.
  change ({n} * {m})%nat with {total}%nat.
  rewrite !fact_whole. replace (whole_fact {total}) with {fact_total}%Z by (vm_compute; reflexivity).
  replace (whole_fact {n}) with {fact_n}%Z by (vm_compute; reflexivity). replace (INR {m}) with {m} by (simpl; lra).
  set (p := PJ _) in *. clearbody p. split; interval with (i_prec 80).
Qed.
"""

PERSISTENCE = """
(* SP at sigma = {sigma}, H = {level}/sigma^2, T = {steps}; Phi(1/sigma) as an integral *)
Theorem silo_persistence_number : {low} <= q_side ({sigma}) ({level} / ({sigma}) ^ 2) ^ {steps} <= {high}.
Proof.
  replace ({level} / ({sigma}) ^ 2) with ({log_odds}) by lra. unfold q_side. rewrite !half_line_Phi by lra.
  replace (RInt density 0 (-1 / ({sigma}))) with (- RInt density 0 ({end})).
  2:{{ fold (half ({end})). fold (half (-1 / ({sigma}))). rewrite <- half_odd. f_equal. lra. }}
  replace (1 / ({sigma})) with ({end}) by lra.
  assert (A : {half_low} / {scale} <= RInt density 0 ({end}) <= {half_high} / {scale}).
  {{ unfold density. integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46). }}
  set (p := RInt _ _ _) in *. clearbody p. split; interval with (i_prec 60).
Qed.
"""

# the conditions of the theorems at the points of their numbers
POINTS = """
Lemma silo_level : 2 < exp (1 / (3/10) ^ 2).
Proof. interval with (i_prec 30). Qed.

(* PM1 at m = 30, sigma = 0.3, h = 2, theta = 19/20, p_star = 1/20 *)
Lemma level_above : ln 20 < 2 / (3/10) ^ 2.
Proof. interval with (i_prec 40). Qed.
Theorem permanence_one :
  exp (- ln 20) <= 1/2 /\\ exp (- ln 20) / (1 + exp (- ln 20)) <= 1 - 19/20 /\\
  1 <= exp (19/20 * ln 20) * exp (- (19/20) * ln 20) /\\
  2 * (exp (- (1 - 19/20) * ln 20) / (1 + exp (- ln 20))) <= exp (19/20 * ln 20) * (1 - rho1 (19/20) (3/10)) /\\
  1 - 3.504780e-7 <= 1 - exp (19/20 * ln 20) * (INR 30 * exp (- (19/20) * (2 / (3/10) ^ 2))).
Proof.
  assert (E : exp (- ln 20) = / 20) by (rewrite exp_Ropp, exp_ln; lra). rewrite E. repeat split; [lra|lra| | |].
  - rewrite <- exp_plus. right. rewrite <- exp_0 at 1. f_equal. lra.
  - unfold rho1. interval with (i_prec 40).
  - replace (INR 30) with 30 by (simpl; lra). apply Rplus_le_compat_l, Ropp_le_contravar. interval with (i_prec 60).
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


def tables() -> Iterator[str]:
    """Yield every row of the tables, then each table as a list."""
    m = PAPER_AGENTS
    for table in PAPER_TABLES:
        steps, rises = Steps.read(table.steps, m).whole, table.statement == "theorem2_ascent"
        if rises:
            with working_precision(BITS):
                low, high = ends(ball(cover(steps, m)), COVER_SCALE)
            yield COVER.format(m=m, steps=steps, low=low, high=high, scale=COVER_SCALE)
        rows = []
        for sigma in table.sigmas:
            bound = find(table.statement).function(
                ChainParameters(m, 1, sigma), level=LEVEL, steps=table.steps
            )
            low, exact = bound.lower(DIGITS), Fraction(sigma)
            rows.append((coq(exact), low, next_up(low), f"table{table.number}_sigma{tag(sigma)}_h{LEVEL}"))
            yield (RISEN if rises else KEPT).format(
                table=table.number, sigma=coq(exact), level=LEVEL, steps=steps, m=m, tag=tag(sigma),
                name=rows[-1][3], low=low, high=next_up(low), log_odds=coq(LEVEL / exact**2),
            )  # fmt: skip
        formula = f"q_level sigma ({LEVEL} / sigma ^ 2) ^ {steps}"
        yield TABLE.format(
            table=table.number, level=LEVEL,
            cells=";\n   ".join(f"({sigma}, {low}, {high})" for sigma, low, high, _ in rows),
            formula=f"cover {m} {steps} (fun _ => 1%nat) * {formula}" if rises else formula,
            proofs="\n".join(f"  - exact {name}." for *_, name in rows),
        )  # fmt: skip


def many() -> str:
    """Return the coupon chance of several draws in every cell, at one point."""
    m, steps, times = 10, 60, 2
    with working_precision(BITS):
        low, high = ends(chance_of_all(steps, m, times), COVER_SCALE)
    return MANY.format(m=m, steps=steps, times=times, low=low, high=high, scale=COVER_SCALE)


def theorem1() -> str:
    """Return T1' at one point: n(h), the weights on the way, b, and the bound."""
    m, r, sigma = PAPER_AGENTS, 5, Fraction(1, 5)
    log_odds = LEVEL / sigma**2
    with working_precision(BITS):
        n = updates_to_level(r, sigma, LEVEL)
        grown = own_log_odds(r, sigma, n)
        low, high = ends(interval_mass(5 * HALF / 3, 7 * HALF / 3, Fraction(1), sigma), P_SCALE)
    around = [ends(value, 10) for value in grown]
    lambdas = "\n".join(
        LAMBDA.format(u=u, r=r, sigma=coq(sigma), low=coq(Fraction(a, 10)), high=coq(Fraction(b, 10)),
            start="" if u == 1 else f" pose proof lambda_{u - 1} as A.", share=coq(Fraction(u, r)))
        for u, (a, b) in enumerate(around) if 0 < u < n
    )  # fmt: skip
    chain = ChainParameters(m, r, str(float(sigma)))

    def value() -> flint.arb:
        return log_rounds(chain, n, smallest_own_side_weight(chain) * inner_interval(chain.sigma)).exp()

    bound = lower_end(value).decimal(DIGITS)  # of T1' itself: mcpolar.bounds.theorem1 is larger
    return THEOREM1.format(
        m=m, r=r, sigma=coq(sigma), level=LEVEL, n=n, log_odds=coq(log_odds), lambdas=lambdas, last=n - 1,
        poses="; ".join(f"pose proof lambda_{u}" for u in range(1, n)), tag=tag(str(float(sigma))),
        pj_low=low - 1, pj_high=high + 1, scale=P_SCALE, pj_end=coq(1 / (6 * sigma)), total=n * m, half=m // 2,
        low=bound, high=next_up(bound), fact_total=factorial(n * m), fact_n=factorial(n),
    )  # fmt: skip


def persistence() -> str:
    """Return SP at one point."""
    m, sigma, steps = PAPER_AGENTS, Fraction(3, 10), "10*m*log(m)"
    bound = (
        find("silo_persistence")
        .function(ChainParameters(m, 1, "0.3"), level=LEVEL, steps=steps)
        .lower(DIGITS)
    )
    with working_precision(BITS):
        low, high = ends(normal_cdf(ball(1 / sigma)) - ball(HALF), P_SCALE)
    return PERSISTENCE.format(
        sigma=coq(sigma), level=LEVEL, steps=Steps.read(steps, m).whole, low=bound, high=next_up(bound),
        log_odds=coq(LEVEL / sigma**2), end=coq(1 / sigma), half_low=low - 1, half_high=high + 1, scale=P_SCALE,
    )  # fmt: skip


def text() -> str:
    """Return the whole file."""
    sigmas = sorted({sigma for table in PAPER_TABLES for sigma in table.sigmas}, key=Decimal, reverse=True)
    return (
        HEAD + "".join(map(masses, sigmas)) + "".join(tables()) + many() + theorem1() + persistence() + POINTS
    )


if __name__ == "__main__":
    FILE.write_text(text())
