(* T2': level h is kept at every step. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Neighbours.
Import ListNotations.
Local Open Scope R_scope.

Definition leb (a b : R) : bool := if Rle_dec a b then true else false.
Lemma leb_spec a b : leb a b = true <-> a <= b.
Proof. unfold leb; destruct (Rle_dec a b); split; easy. Qed.

(* an agent seen from its side: log-odds H at least, memory in I+ *)
Definition level (H : R) (a : agent) : bool := leb H (fst a) && forallb inIplus (snd a).
(* E_h with H = h/sigma^2: every agent so on one side or the other *)
Definition polarized (m : nat) (H : R) (x : state) : bool :=
  forallb (fun i => level H (own true (x i)) || level H (own false (x i))) (seq 0 m).

(* the same with the sides named, and the memories' size *)
Definition at_level (m : nat) (side : nat -> bool) (r : nat) (H : R) (x : state) : Prop :=
  forall i, (i < m)%nat ->
    length (snd (x i)) = r /\ H <= fst (own (side i) (x i)) /\ Forall Iplus (snd (own (side i) (x i))).

Lemma at_level_polarized m side r H x : at_level m side r H x -> polarized m H x = true.
Proof.
  intros L. apply forallb_forall. intros i Hi. apply in_seq in Hi. destruct (L i ltac:(lia)) as (_ & A & B).
  assert (E : level H (own (side i) (x i)) = true).
  { apply andb_true_intro. split; [now apply leb_spec|]. apply forallb_forall. intros z Hz.
    apply inIplus_spec. rewrite Forall_forall in B. now apply B. }
  destruct (side i); rewrite E; [easy|apply orb_true_r].
Qed.

(* the bound on one step *)
Definition q_level (s H : R) : R := (P s + exp (- H) * Px s) / (1 + exp (- H)).

Lemma mixture_at_least w a A B : 0 <= B <= A -> a <= w -> a * A + (1 - a) * B <= w * A + (1 - w) * B.
Proof. nra. Qed.

Lemma q_level_mixture s H : q_level s H = logistic H * P s + (1 - logistic H) * Px s.
Proof. unfold q_level, logistic. pose proof (exp_pos (- H)). field. lra. Qed.

Section T2.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Hypothesis HN : gaussian N.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.

Notation arr := (arrival m s N Q).
Notation upd := (step s rule).

(* one draw in the own interval, from senders of the own side at level H *)
Lemma own_interval_draw side i x H :
  (i < m)%nat -> same_side_senders Q side x ->
  (forall j, (j < m)%nat -> H <= fst (own (side j) (x j))) ->
  q_level s H <= arr i x (ind (seen (side i) inIplus)).
Proof.
  intros Hi HQ HL. apply (arrival_ge m s N Q i x _ _ Hi). intros j Hj Hq.
  pose proof (HQ i j Hi Hj Hq) as E. pose proof (Px_le_P s Hs) as HP.
  destruct (interval_ge s Hs N HN (side i) (1/2) (3/2) inIplus ltac:(lra)) as [A B].
  { intros y Hy. apply inIplus_spec. unfold Iplus; lra. }
  rewrite mass_own in A by easy. rewrite mass_other in B by easy.
  apply Rle_trans with (2 := mixture_ge s N (side i) x j inIplus (P s) (Px s) ltac:(lra) ltac:(lra) A B).
  rewrite q_level_mixture. apply mixture_at_least; [easy|].
  unfold own_weight. apply logistic_le. rewrite <- E. now apply HL.
Qed.

(* a good draw raises the receiver's level by 1/sigma^2 and leaves the others *)
Lemma good_update side r i x y H :
  (0 < r)%nat -> seen (side i) inIplus y = true ->
  length (snd (x i)) = r -> H <= fst (own (side i) (x i)) -> Forall Iplus (snd (own (side i) (x i))) ->
  length (snd (upd x i y i)) = r /\ H + 1 / s ^ 2 <= fst (own (side i) (upd x i y i)) /\
  Forall Iplus (snd (own (side i) (upd x i y i))).
Proof.
  intros Hr Hy L A B. rewrite step_same.
  assert (Ne : snd (x i) <> []) by (intros E; rewrite E in L; simpl in L; lia).
  pose proof (update_moved s rule Hrule (x i) y Ne) as M.
  split; [inversion M as [l mem mem' R E1 E2]; simpl; apply repl_length in R; rewrite R; destruct (x i); now inversion E1|].
  pose proof (moved_own s y (side i) _ _ Hs M) as M'.
  destruct (own (side i) (x i)) as [l mem], (own (side i) (update s rule (x i) y)) as [l' mem']. cbn [fst snd] in *.
  apply inIplus_spec in Hy.
  destruct (proposition1_gain s (own_draw (side i) y) l mem l' mem' Hs B Hy M'). split; [lra|easy].
Qed.

Theorem theorem2 T side r H x :
  (0 < r)%nat ->
  (forall x', at_level m side r H x' -> same_side_senders Q side x') ->
  at_level m side r H x ->
  q_level s H ^ T <= P_always m Hm s N rule Q T (polarized m H) x.
Proof.
  intros Hr HQ HL. apply (always_pow state m Hm arr upd _ (at_level m side r H)); [| | |easy].
  - rewrite q_level_mixture. pose proof (logistic_01 H). pose proof (Px_le_P s Hs).
    assert (P s <= 1) by (rewrite <- mass_own by easy; apply (mass_le_1 N HN); lra). nra.
  - apply at_level_polarized.
  - intros x' i L Hi. exists (seen (side i) inIplus). split.
    + apply own_interval_draw; [easy|now apply HQ|]. intros j Hj. now apply L.
    + intros y Hy a Ha. destruct (Nat.eq_dec a i) as [->|Ne].
      * destruct (L i Ha) as (A & B & C).
        destruct (good_update side r i x' y H Hr Hy A B C) as (A' & B' & C').
        repeat split; try easy. assert (0 < 1 / s ^ 2) by (apply Rdiv_lt_0_compat; [lra|now apply pow_lt]). lra.
      * rewrite step_other by easy. now apply L.
Qed.

(* the paper's form follows *)
Theorem theorem2_paper T side r H x :
  (0 < r)%nat ->
  (forall x', at_level m side r H x' -> same_side_senders Q side x') ->
  at_level m side r H x ->
  P s ^ T * exp (- (INR T * exp (- H))) <= P_always m Hm s N rule Q T (polarized m H) x.
Proof.
  intros Hr HQ HL. apply Rle_trans with (2 := theorem2 T side r H x Hr HQ HL).
  assert (E : exp (- (INR T * exp (- H))) = exp (- exp (- H)) ^ T).
  { induction T as [|T IH]; [simpl; rewrite Rmult_0_l, Ropp_0, exp_0; easy|].
    rewrite S_INR. replace (- ((INR T + 1) * exp (- H))) with (- (INR T * exp (- H)) + - exp (- H)) by ring.
    rewrite exp_plus, IH. simpl; ring. }
  rewrite E, <- Rpow_mult_distr. apply pow_incr.
  pose proof (Px_le_P s Hs). pose proof (exp_pos (- H)). pose proof (exp_pos (- exp (- H))).
  split; [apply Rmult_le_pos; lra|]. unfold q_level.
  apply Rmult_le_reg_r with (1 + exp (- H)); [lra|].
  replace ((P s + exp (- H) * Px s) / (1 + exp (- H)) * (1 + exp (- H))) with (P s + exp (- H) * Px s) by (field; lra).
  pose proof (exp_ineq1_le (exp (- H))) as I.
  assert (exp (- exp (- H)) * (1 + exp (- H)) <= 1).
  { apply Rle_trans with (exp (- exp (- H)) * exp (exp (- H))); [apply Rmult_le_compat_l; lra|].
    rewrite <- exp_plus. replace (- exp (- H) + exp (- H)) with 0 by ring. rewrite exp_0. lra. }
  assert (0 <= exp (- H) * Px s) by (apply Rmult_le_pos; lra). nra.
Qed.

(* ---- when senders are of the receiver's side ---- *)
Lemma one_side_senders (side : nat -> bool) x : (forall i j, side i = side j) -> same_side_senders Q side x.
Proof. intros H i j _ _ _. apply H. Qed.
End T2.

(* with the k-restriction: own-side log-odds above log 2, k others on every side that is there *)
Lemma own_weight_above m side r H x :
  at_level m side r H x -> forall j, (j < m)%nat -> 1 - (1 - logistic H) <= own_weight (side j) (x j).
Proof.
  intros L j Hj. unfold own_weight. destruct (L j Hj) as (_ & A & _). pose proof (logistic_le _ _ A). lra.
Qed.

Lemma logistic_above_two_thirds H : 2 < exp H -> 0 <= 1 - logistic H < 1/3.
Proof.
  intros E. pose proof (logistic_01 H). split; [lra|]. unfold logistic. rewrite exp_Ropp.
  replace (1 - / (1 + / exp H)) with (/ (1 + exp H)) by (field; lra).
  replace (1/3) with (/ 3) by lra. apply Rinv_lt_contravar; lra.
Qed.

Lemma level_same_side m (Q : senders m) k a side r H x :
  nearest_senders Q k a -> (k <= m - 1)%nat -> 2 < exp H ->
  (forall i, (i < m)%nat -> (k <= length (others_of_side m side i))%nat) ->
  at_level m side r H x -> same_side_senders Q side x.
Proof.
  intros HQ Hk HH Hsize L. apply nearest_senders_same_side with k a (1 - logistic H); try easy.
  - now apply logistic_above_two_thirds.
  - now apply own_weight_above with r.
Qed.
