(* Written by proofs/numbers.py; do not edit.

   The certified bounds of the paper's tables at h = 1, enclosed: the lower ends are the
   decimals that mcpolar.bounds prints. The theorems on the chain take any draws that give
   intervals their normal mass, and any start with all agents on one side. *)
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From Mcpolar Require Import Enclose.
From Coq Require Import Reals Lra Lia List ZArith.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Orders.
From Mcpolar Require Import Theorem2 Theorem2Ascent Cover.
Local Open Scope R_scope.

Lemma agents : (0 < 30)%nat.
Proof. lia. Qed.

(* sigma = 2/5 *)
Lemma P_04 : 7887004526661 / 10000000000000 <= P (2/5) <= 7887004526664 / 10000000000000.
Proof.
  unfold P, density. replace (1 / (2 * (2/5))) with (5/4) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
Lemma Px_04 : 8840 / 100000000 <= Px (2/5) <= 8843 / 100000000.
Proof.
  unfold Px, density.
  replace (3 / (2 * (2/5))) with (15/4) by lra. replace (5 / (2 * (2/5))) with (25/4) by lra.
  integral with (i_fuel 1000, i_degree 8, i_prec 40, i_width (-30)).
Qed.

(* sigma = 3/10 *)
Lemma P_03 : 9044192954542 / 10000000000000 <= P (3/10) <= 9044192954545 / 10000000000000.
Proof.
  unfold P, density. replace (1 / (2 * (3/10))) with (5/3) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
Lemma Px_03 : 27 / 100000000 <= Px (3/10) <= 30 / 100000000.
Proof.
  unfold Px, density.
  replace (3 / (2 * (3/10))) with (5) by lra. replace (5 / (2 * (3/10))) with (25/3) by lra.
  integral with (i_fuel 1000, i_degree 8, i_prec 40, i_width (-30)).
Qed.

(* sigma = 1/5 *)
Lemma P_02 : 9875806693483 / 10000000000000 <= P (1/5) <= 9875806693486 / 10000000000000.
Proof.
  unfold P, density. replace (1 / (2 * (1/5))) with (5/2) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
Lemma Px_02 : -1 / 100000000 <= Px (1/5) <= 2 / 100000000.
Proof.
  unfold Px, density.
  replace (3 / (2 * (1/5))) with (15/2) by lra. replace (5 / (2 * (1/5))) with (25/2) by lra.
  integral with (i_fuel 1000, i_degree 8, i_prec 40, i_width (-30)).
Qed.

(* sigma = 1/10 *)
Lemma P_01 : 9999994266967 / 10000000000000 <= P (1/10) <= 9999994266970 / 10000000000000.
Proof.
  unfold P, density. replace (1 / (2 * (1/10))) with (5) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
Lemma Px_01 : 0 <= Px (1/10) <= 2.
Proof. pose proof (Px_le_P (1/10) ltac:(lra)). pose proof P_01. lra. Qed.

(* sigma = 1/20 *)
Lemma P_005 : 9999999999998 / 10000000000000 <= P (1/20) <= 10000000000001 / 10000000000000.
Proof.
  unfold P, density. replace (1 / (2 * (1/20))) with (10) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
Lemma Px_005 : 0 <= Px (1/20) <= 2.
Proof. pose proof (Px_le_P (1/20) ltac:(lra)). pose proof P_005. lra. Qed.

(* table 1, sigma = 3/10, h = 1, T = 1021 *)
Lemma table1_sigma03_h1 : 2.798714e-45 <= q_level (3/10) (100/9) ^ 1021 <= 2.798715e-45.
Proof.
  pose proof P_03 as A. pose proof Px_03 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table1_sigma03_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (100/9) x ->
  2.798714e-45 <= P_always 30 agents (3/10) N replace_far (unrestricted 30 agents) 1021 (polarized 30 (100/9)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table1_sigma03_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 1, sigma = 1/5, h = 1, T = 1021 *)
Lemma table1_sigma02_h1 : 2.874780e-06 <= q_level (1/5) (25) ^ 1021 <= 2.874781e-6.
Proof.
  pose proof P_02 as A. pose proof Px_02 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table1_sigma02_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (25) x ->
  2.874780e-06 <= P_always 30 agents (1/5) N replace_far (unrestricted 30 agents) 1021 (polarized 30 (25)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table1_sigma02_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 1, sigma = 1/10, h = 1, T = 1021 *)
Lemma table1_sigma01_h1 : 9.994148e-01 <= q_level (1/10) (100) ^ 1021 <= 9.994149e-1.
Proof.
  pose proof P_01 as A. pose proof Px_01 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table1_sigma01_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (100) x ->
  9.994148e-01 <= P_always 30 agents (1/10) N replace_far (unrestricted 30 agents) 1021 (polarized 30 (100)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table1_sigma01_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 1, sigma = 1/20, h = 1, T = 1021 *)
Lemma table1_sigma005_h1 : 9.999999e-01 <= q_level (1/20) (400) ^ 1021 <= 1.000001e+0.
Proof.
  pose proof P_005 as A. pose proof Px_005 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table1_sigma005_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (400) x ->
  9.999999e-01 <= P_always 30 agents (1/20) N replace_far (unrestricted 30 agents) 1021 (polarized 30 (400)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table1_sigma005_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 2, sigma = 2/5, h = 1, T = 205 *)
Lemma table2_sigma04_h1 : 4.957861e-22 <= q_level (2/5) (25/4) ^ 205 <= 4.957862e-22.
Proof.
  pose proof P_04 as A. pose proof Px_04 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table2_sigma04_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (25/4) x ->
  4.957861e-22 <= P_always 30 agents (2/5) N replace_far (unrestricted 30 agents) 205 (polarized 30 (25/4)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table2_sigma04_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 2, sigma = 3/10, h = 1, T = 205 *)
Lemma table2_sigma03_h1 : 1.133658e-09 <= q_level (3/10) (100/9) ^ 205 <= 1.133659e-9.
Proof.
  pose proof P_03 as A. pose proof Px_03 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table2_sigma03_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (100/9) x ->
  1.133658e-09 <= P_always 30 agents (3/10) N replace_far (unrestricted 30 agents) 205 (polarized 30 (100/9)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table2_sigma03_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 2, sigma = 1/5, h = 1, T = 205 *)
Lemma table2_sigma02_h1 : 7.715765e-02 <= q_level (1/5) (25) ^ 205 <= 7.715766e-2.
Proof.
  pose proof P_02 as A. pose proof Px_02 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table2_sigma02_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (25) x ->
  7.715765e-02 <= P_always 30 agents (1/5) N replace_far (unrestricted 30 agents) 205 (polarized 30 (25)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table2_sigma02_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 2, sigma = 1/10, h = 1, T = 205 *)
Lemma table2_sigma01_h1 : 9.998824e-01 <= q_level (1/10) (100) ^ 205 <= 9.998825e-1.
Proof.
  pose proof P_01 as A. pose proof Px_01 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table2_sigma01_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (100) x ->
  9.998824e-01 <= P_always 30 agents (1/10) N replace_far (unrestricted 30 agents) 205 (polarized 30 (100)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table2_sigma01_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* table 2, sigma = 1/20, h = 1, T = 205 *)
Lemma table2_sigma005_h1 : 9.999999e-01 <= q_level (1/20) (400) ^ 205 <= 1.000001e+0.
Proof.
  pose proof P_005 as A. pose proof Px_005 as B. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.
Theorem table2_sigma005_h1_chain N r x plus : gaussian N -> (0 < r)%nat -> at_level 30 (fun _ => plus) r (400) x ->
  9.999999e-01 <= P_always 30 agents (1/20) N replace_far (unrestricted 30 agents) 205 (polarized 30 (400)) x.
Proof.
  intros HN Hr L. apply Rle_trans with (1 := proj1 table2_sigma005_h1).
  apply theorem2_one_side with r plus; try easy. lra.
Qed.

(* the coupon chance *)
Lemma cover_30_205 : 9715473761617 / 10000000000000 <= cover 30 205 (fun _ => 1%nat) <= 9715473761618 / 10000000000000.
Proof.
  rewrite cover_quotient by lia. split; apply fraction_le; vm_compute; congruence.
Qed.

(* table 3, sigma = 2/5, h = 1, T = 205 *)
Lemma table3_sigma04_h1 : 4.816797e-22 <= cover 30 205 (fun _ => 1%nat) * q_level (2/5) (25/4) ^ 205 <= 4.816798e-22.
Proof.
  pose proof P_04 as A. pose proof Px_04 as B. pose proof cover_30_205 as K. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 3/10, h = 1, T = 205 *)
Lemma table3_sigma03_h1 : 1.101403e-09 <= cover 30 205 (fun _ => 1%nat) * q_level (3/10) (100/9) ^ 205 <= 1.101404e-9.
Proof.
  pose proof P_03 as A. pose proof Px_03 as B. pose proof cover_30_205 as K. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 1/5, h = 1, T = 205 *)
Lemma table3_sigma02_h1 : 7.496231e-02 <= cover 30 205 (fun _ => 1%nat) * q_level (1/5) (25) ^ 205 <= 7.496232e-2.
Proof.
  pose proof P_02 as A. pose proof Px_02 as B. pose proof cover_30_205 as K. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 1/10, h = 1, T = 205 *)
Lemma table3_sigma01_h1 : 9.714331e-01 <= cover 30 205 (fun _ => 1%nat) * q_level (1/10) (100) ^ 205 <= 9.714332e-1.
Proof.
  pose proof P_01 as A. pose proof Px_01 as B. pose proof cover_30_205 as K. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 1/20, h = 1, T = 205 *)
Lemma table3_sigma005_h1 : 9.715473e-01 <= cover 30 205 (fun _ => 1%nat) * q_level (1/20) (400) ^ 205 <= 9.715474e-1.
Proof.
  pose proof P_005 as A. pose proof Px_005 as B. pose proof cover_30_205 as K. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.
