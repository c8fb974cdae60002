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
Lemma table1_sigma03_h1 : 2.798714e-45 <= q_level (3/10) (1 / (3/10) ^ 2) ^ 1021 <= 2.798715e-45.
Proof.
  pose proof P_03 as A. pose proof Px_03 as B.
  replace (1 / (3/10) ^ 2) with (100/9) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

(* table 1, sigma = 1/5, h = 1, T = 1021 *)
Lemma table1_sigma02_h1 : 2.874780e-06 <= q_level (1/5) (1 / (1/5) ^ 2) ^ 1021 <= 2.874781e-6.
Proof.
  pose proof P_02 as A. pose proof Px_02 as B.
  replace (1 / (1/5) ^ 2) with (25) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

(* table 1, sigma = 1/10, h = 1, T = 1021 *)
Lemma table1_sigma01_h1 : 9.994148e-01 <= q_level (1/10) (1 / (1/10) ^ 2) ^ 1021 <= 9.994149e-1.
Proof.
  pose proof P_01 as A. pose proof Px_01 as B.
  replace (1 / (1/10) ^ 2) with (100) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

(* table 1, sigma = 1/20, h = 1, T = 1021 *)
Lemma table1_sigma005_h1 : 9.999999e-01 <= q_level (1/20) (1 / (1/20) ^ 2) ^ 1021 <= 1.000001e+0.
Proof.
  pose proof P_005 as A. pose proof Px_005 as B.
  replace (1 / (1/20) ^ 2) with (400) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

Definition table1 : list (R * R * R) :=
  [(3/10, 2.798714e-45, 2.798715e-45);
   (1/5, 2.874780e-06, 2.874781e-6);
   (1/10, 9.994148e-01, 9.994149e-1);
   (1/20, 9.999999e-01, 1.000001e+0)].
Theorem table1_encloses sigma low high : In (sigma, low, high) table1 ->
  0 < sigma /\ 2 < exp (1 / sigma ^ 2) /\ low <= q_level sigma (1 / sigma ^ 2) ^ 1021 <= high.
Proof.
  intros H. simpl in H.
  repeat (destruct H as [E|H];
    [injection E as <- <- <-; split; [lra|]; split; [interval with (i_prec 30)|]|]); [..|easy].
  - exact table1_sigma03_h1.
  - exact table1_sigma02_h1.
  - exact table1_sigma01_h1.
  - exact table1_sigma005_h1.
Qed.

(* table 2, sigma = 2/5, h = 1, T = 205 *)
Lemma table2_sigma04_h1 : 4.957861e-22 <= q_level (2/5) (1 / (2/5) ^ 2) ^ 205 <= 4.957862e-22.
Proof.
  pose proof P_04 as A. pose proof Px_04 as B.
  replace (1 / (2/5) ^ 2) with (25/4) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

(* table 2, sigma = 3/10, h = 1, T = 205 *)
Lemma table2_sigma03_h1 : 1.133658e-09 <= q_level (3/10) (1 / (3/10) ^ 2) ^ 205 <= 1.133659e-9.
Proof.
  pose proof P_03 as A. pose proof Px_03 as B.
  replace (1 / (3/10) ^ 2) with (100/9) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

(* table 2, sigma = 1/5, h = 1, T = 205 *)
Lemma table2_sigma02_h1 : 7.715765e-02 <= q_level (1/5) (1 / (1/5) ^ 2) ^ 205 <= 7.715766e-2.
Proof.
  pose proof P_02 as A. pose proof Px_02 as B.
  replace (1 / (1/5) ^ 2) with (25) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

(* table 2, sigma = 1/10, h = 1, T = 205 *)
Lemma table2_sigma01_h1 : 9.998824e-01 <= q_level (1/10) (1 / (1/10) ^ 2) ^ 205 <= 9.998825e-1.
Proof.
  pose proof P_01 as A. pose proof Px_01 as B.
  replace (1 / (1/10) ^ 2) with (100) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

(* table 2, sigma = 1/20, h = 1, T = 205 *)
Lemma table2_sigma005_h1 : 9.999999e-01 <= q_level (1/20) (1 / (1/20) ^ 2) ^ 205 <= 1.000001e+0.
Proof.
  pose proof P_005 as A. pose proof Px_005 as B.
  replace (1 / (1/20) ^ 2) with (400) by lra. unfold q_level.
  set (p := P _) in *. set (px := Px _) in *. clearbody p px. split; interval with (i_prec 60).
Qed.

Definition table2 : list (R * R * R) :=
  [(2/5, 4.957861e-22, 4.957862e-22);
   (3/10, 1.133658e-09, 1.133659e-9);
   (1/5, 7.715765e-02, 7.715766e-2);
   (1/10, 9.998824e-01, 9.998825e-1);
   (1/20, 9.999999e-01, 1.000001e+0)].
Theorem table2_encloses sigma low high : In (sigma, low, high) table2 ->
  0 < sigma /\ 2 < exp (1 / sigma ^ 2) /\ low <= q_level sigma (1 / sigma ^ 2) ^ 205 <= high.
Proof.
  intros H. simpl in H.
  repeat (destruct H as [E|H];
    [injection E as <- <- <-; split; [lra|]; split; [interval with (i_prec 30)|]|]); [..|easy].
  - exact table2_sigma04_h1.
  - exact table2_sigma03_h1.
  - exact table2_sigma02_h1.
  - exact table2_sigma01_h1.
  - exact table2_sigma005_h1.
Qed.

(* the coupon chance *)
Lemma cover_30_205 : 9715473761617 / 10000000000000 <= cover 30 205 (fun _ => 1%nat) <= 9715473761618 / 10000000000000.
Proof.
  rewrite cover_quotient by lia. split; apply fraction_le; vm_compute; congruence.
Qed.

(* table 3, sigma = 2/5, h = 1, T = 205 *)
Lemma table3_sigma04_h1 :
  4.816797e-22 <= cover 30 205 (fun _ => 1%nat) * q_level (2/5) (1 / (2/5) ^ 2) ^ 205 <= 4.816798e-22.
Proof.
  pose proof P_04 as A. pose proof Px_04 as B. pose proof cover_30_205 as K.
  replace (1 / (2/5) ^ 2) with (25/4) by lra. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 3/10, h = 1, T = 205 *)
Lemma table3_sigma03_h1 :
  1.101403e-09 <= cover 30 205 (fun _ => 1%nat) * q_level (3/10) (1 / (3/10) ^ 2) ^ 205 <= 1.101404e-9.
Proof.
  pose proof P_03 as A. pose proof Px_03 as B. pose proof cover_30_205 as K.
  replace (1 / (3/10) ^ 2) with (100/9) by lra. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 1/5, h = 1, T = 205 *)
Lemma table3_sigma02_h1 :
  7.496231e-02 <= cover 30 205 (fun _ => 1%nat) * q_level (1/5) (1 / (1/5) ^ 2) ^ 205 <= 7.496232e-2.
Proof.
  pose proof P_02 as A. pose proof Px_02 as B. pose proof cover_30_205 as K.
  replace (1 / (1/5) ^ 2) with (25) by lra. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 1/10, h = 1, T = 205 *)
Lemma table3_sigma01_h1 :
  9.714331e-01 <= cover 30 205 (fun _ => 1%nat) * q_level (1/10) (1 / (1/10) ^ 2) ^ 205 <= 9.714332e-1.
Proof.
  pose proof P_01 as A. pose proof Px_01 as B. pose proof cover_30_205 as K.
  replace (1 / (1/10) ^ 2) with (100) by lra. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

(* table 3, sigma = 1/20, h = 1, T = 205 *)
Lemma table3_sigma005_h1 :
  9.715473e-01 <= cover 30 205 (fun _ => 1%nat) * q_level (1/20) (1 / (1/20) ^ 2) ^ 205 <= 9.715474e-1.
Proof.
  pose proof P_005 as A. pose proof Px_005 as B. pose proof cover_30_205 as K.
  replace (1 / (1/20) ^ 2) with (400) by lra. unfold q_level.
  set (c := cover _ _ _) in *. set (p := P _) in *. set (px := Px _) in *. clearbody c p px.
  split; interval with (i_prec 60).
Qed.

Definition table3 : list (R * R * R) :=
  [(2/5, 4.816797e-22, 4.816798e-22);
   (3/10, 1.101403e-09, 1.101404e-9);
   (1/5, 7.496231e-02, 7.496232e-2);
   (1/10, 9.714331e-01, 9.714332e-1);
   (1/20, 9.715473e-01, 9.715474e-1)].
Theorem table3_encloses sigma low high : In (sigma, low, high) table3 ->
  0 < sigma /\ 2 < exp (1 / sigma ^ 2) /\ low <= cover 30 205 (fun _ => 1%nat) * q_level sigma (1 / sigma ^ 2) ^ 205 <= high.
Proof.
  intros H. simpl in H.
  repeat (destruct H as [E|H];
    [injection E as <- <- <-; split; [lra|]; split; [interval with (i_prec 30)|]|]); [..|easy].
  - exact table3_sigma04_h1.
  - exact table3_sigma03_h1.
  - exact table3_sigma02_h1.
  - exact table3_sigma01_h1.
  - exact table3_sigma005_h1.
Qed.

(* the coupon chance C(T, m, n), n = 2 *)
Theorem cover_many : 8670958888732 / 10000000000000 <= cover 10 60 (fun _ => 2%nat) <= 8670958888733 / 10000000000000.
Proof. rewrite cover_many_quotient. split; apply fraction_le; vm_compute; congruence. Qed.

(* T1' at m = 30, r = 5, sigma = 1/5, h = 1: n(1) = 5, the smallest weight on the way is a_1 *)
Lemma inverse_square : 1 / (1/5) ^ 2 = 25.
Proof. lra. Qed.
Lemma first_weight : a_ 5 (1/5) 1 = 1 / 5 / (1 + exp (- 25)).
Proof.
  rewrite a_step by lia. simpl Nat.min. simpl INR. unfold logistic. cbn [lambda].
  rewrite inverse_square, Rplus_0_l. unfold Rdiv. f_equal. lra.
Qed.
Lemma lambda_1 : -7/5 <= lambda 5 (1/5) 1 <= -13/10.
Proof.
  cbn [lambda]. rewrite inverse_square. simpl Nat.min. simpl INR.
  unfold logit, odds, logistic. split; interval with (i_prec 40).
Qed.
Lemma lambda_2 : -1/2 <= lambda 5 (1/5) 2 <= -2/5.
Proof.
  pose proof lambda_1 as A. cbn [lambda]. rewrite inverse_square. simpl Nat.min. simpl INR.
  unfold logit, odds, logistic. split; interval with (i_prec 40).
Qed.
Lemma lambda_3 : 2/5 <= lambda 5 (1/5) 3 <= 1/2.
Proof.
  pose proof lambda_2 as A. cbn [lambda]. rewrite inverse_square. simpl Nat.min. simpl INR.
  unfold logit, odds, logistic. split; interval with (i_prec 40).
Qed.
Lemma lambda_4 : 13/10 <= lambda 5 (1/5) 4 <= 7/5.
Proof.
  pose proof lambda_3 as A. cbn [lambda]. rewrite inverse_square. simpl Nat.min. simpl INR.
  unfold logit, odds, logistic. split; interval with (i_prec 40).
Qed.
Theorem theorem1_updates : enough 5 (1/5) 5 1.
Proof.
  split; [lia|]. rewrite lambda_after by lia. pose proof lambda_4. rewrite inverse_square. lra.
Qed.
Theorem theorem1_weight u : (u < 5)%nat -> a_ 5 (1/5) 1 <= a_ 5 (1/5) u.
Proof.
  intros Hu. assert (F : a_ 5 (1/5) 1 <= 1 / 5) by (rewrite first_weight; interval with (i_prec 60)).
  do 5 (destruct u as [|u]; [try lra; try (rewrite a_0; lra); apply Rle_trans with (1 := F);
    unfold a_, logistic; clear F; pose proof lambda_1; pose proof lambda_2; pose proof lambda_3; pose proof lambda_4; interval with (i_prec 40)|]). lia.
Qed.
Lemma PJ_02 : 5953432380726 / 10000000000000 <= PJ (1/5) <= 5953432380729 / 10000000000000.
Proof.
  unfold PJ, density. replace (1 / (6 * (1/5))) with (5/6) by lra.
  integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46).
Qed.
Lemma theorem1_split : worst_split 30 5 = (1/2) ^ 150.
Proof.
  apply Rle_antisym.
  - apply Rle_trans with (1 := worst_split_le 30 5 15 ltac:(lia)). unfold split. simpl Nat.sub.
    replace (INR 15 / INR 30) with (1/2) by (simpl; lra). rewrite <- pow_add, <- pow_mult. right. f_equal.
  - apply (worst_split_at_least 30 5). lia.
Qed.
Theorem theorem1_number :
  1.067533e-205 <= rounds_bound 30 5 (a_ 5 (1/5) 1) (PJ (1/5)) (worst_split 30 5) <= 1.067534e-205.
Proof.
  rewrite theorem1_split, first_weight. pose proof PJ_02 as A. unfold rounds_bound.
  change (5 * 30)%nat with 150%nat.
  rewrite !fact_whole. replace (whole_fact 150) with 57133839564458545904789328652610540031895535786011264182548375833179829124845398393126574488675311145377107878746854204162666250198684504466355949195922066574942592095735778929325357290444962472405416790722118445437122269675520000000000000000000000000000000000000%Z by (vm_compute; reflexivity).
  replace (whole_fact 5) with 120%Z by (vm_compute; reflexivity). replace (INR 30) with 30 by (simpl; lra).
  set (p := PJ _) in *. clearbody p. split; interval with (i_prec 80).
Qed.

(* SP at sigma = 3/10, H = 1/sigma^2, T = 1021; Phi(1/sigma) as an integral *)
Theorem silo_persistence_number : 6.354530e-01 <= q_side (3/10) (1 / (3/10) ^ 2) ^ 1021 <= 6.354531e-1.
Proof.
  replace (1 / (3/10) ^ 2) with (100/9) by lra. unfold q_side. rewrite !half_line_Phi by lra.
  replace (RInt density 0 (-1 / (3/10))) with (- RInt density 0 (10/3)).
  2:{ fold (half (10/3)). fold (half (-1 / (3/10))). rewrite <- half_odd. f_equal. lra. }
  replace (1 / (3/10)) with (10/3) by lra.
  assert (A : 4995709396667 / 10000000000000 <= RInt density 0 (10/3) <= 4995709396670 / 10000000000000).
  { unfold density. integral with (i_fuel 1000, i_degree 18, i_prec 60, i_relwidth 46). }
  set (p := RInt _ _ _) in *. clearbody p. split; interval with (i_prec 60).
Qed.

Lemma silo_level : 2 < exp (1 / (3/10) ^ 2).
Proof. interval with (i_prec 30). Qed.

(* PM1 at m = 30, sigma = 0.3, h = 2, theta = 19/20, p_star = 1/20 *)
Lemma level_above : ln 20 < 2 / (3/10) ^ 2.
Proof. interval with (i_prec 40). Qed.
Theorem permanence_one :
  exp (- ln 20) <= 1/2 /\ exp (- ln 20) / (1 + exp (- ln 20)) <= 1 - 19/20 /\
  1 <= exp (19/20 * ln 20) * exp (- (19/20) * ln 20) /\
  2 * (exp (- (1 - 19/20) * ln 20) / (1 + exp (- ln 20))) <= exp (19/20 * ln 20) * (1 - rho1 (19/20) (3/10)) /\
  1 - 3.504780e-7 <= 1 - exp (19/20 * ln 20) * (INR 30 * exp (- (19/20) * (2 / (3/10) ^ 2))).
Proof.
  assert (E : exp (- ln 20) = / 20) by (rewrite exp_Ropp, exp_ln; lra). rewrite E. repeat split; [lra|lra| | |].
  - rewrite <- exp_plus. right. rewrite <- exp_0 at 1. f_equal. lra.
  - unfold rho1. interval with (i_prec 40).
  - replace (INR 30) with 30 by (simpl; lra). apply Rplus_le_compat_l, Ropp_le_contravar. interval with (i_prec 60).
Qed.
