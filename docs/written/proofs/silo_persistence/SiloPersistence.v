(* SP: no agent changes its silo for T steps. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Neighbours Theorem2.
Import ListNotations.
Local Open Scope R_scope.

(* own-side log-odds H at least, and memory on the own half-line *)
Definition on_side (m : nat) (side : nat -> bool) (r : nat) (H : R) (x : state) : Prop :=
  forall i, (i < m)%nat ->
    length (snd (x i)) = r /\ H <= fst (own (side i) (x i)) /\ Forall (Rle 0) (snd (own (side i) (x i))).

(* the event: every agent is in its silo, with own-side log-odds H at least *)
Definition in_silos (m : nat) (side : nat -> bool) (H : R) (x : state) : bool :=
  forallb (fun i => leb H (fst (own (side i) (x i)))) (seq 0 m).

Lemma on_side_in_silos m side r H x : on_side m side r H x -> in_silos m side H x = true.
Proof.
  intros L. apply forallb_forall. intros i Hi. apply in_seq in Hi. destruct (L i ltac:(lia)) as (_ & A & _).
  now apply leb_spec.
Qed.

(* Phi(1/sigma) and Phi(-1/sigma) are [half_line 1 s] and [half_line (-1) s] *)
Definition q_side (s H : R) : R := (half_line 1 s + exp (- H) * half_line (-1) s) / (1 + exp (- H)).

Lemma q_side_mixture s H : q_side s H = logistic H * half_line 1 s + (1 - logistic H) * half_line (-1) s.
Proof. unfold q_side, logistic. pose proof (exp_pos (- H)). field. lra. Qed.

Definition not_negative (y : R) : bool := leb 0 y.

Section SP.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Hypothesis HN : gaussian N.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.

Theorem silo_persistence T side r H x :
  (0 < r)%nat ->
  (forall x', on_side m side r H x' -> same_side_senders Q side x') ->
  on_side m side r H x ->
  q_side s H ^ T <= P_always m Hm s N rule Q T (in_silos m side H) x.
Proof.
  intros Hr HQ HL. pose proof (half_line_own N HN s Hs) as HP.
  apply (always_pow state m Hm (arrival m s N Q) (step s rule) _ (on_side m side r H)); [| | |easy].
  - rewrite q_side_mixture. pose proof (logistic_01 H).
    assert (half_line 1 s <= 1).
    { apply (half_line_lub N HN 1 s Hs). intros b Hb. apply (mass_le_1 N HN); lra. }
    nra.
  - apply on_side_in_silos.
  - intros x' i L Hi. exists (seen (side i) not_negative). split.
    + apply (arrival_ge m s N Q i x' _ _ Hi). intros j Hj Hq.
      pose proof (HQ x' L i j Hi Hj Hq) as E.
      destruct (half_line_ge s Hs N HN (side i) not_negative) as [A B].
      { intros y Hy. apply leb_spec. lra. }
      apply Rle_trans with (2 := mixture_ge s N (side i) x' j not_negative (half_line 1 s) (half_line (-1) s) ltac:(lra) ltac:(lra) A B).
      rewrite q_side_mixture. apply mixture_at_least; [lra|].
      unfold own_weight. apply logistic_le. rewrite <- E. now apply L.
    + intros y Hy a Ha. destruct (Nat.eq_dec a i) as [->|Ne]; [|rewrite step_other by easy; now apply L].
      destruct (L i Ha) as (A & B & C). rewrite step_same.
      assert (Nn : snd (x' i) <> []) by (intros E; rewrite E in A; simpl in A; lia).
      pose proof (update_moved s rule Hrule (x' i) y Nn) as M.
      split; [inversion M as [l mem mem' R E1 E2]; simpl; apply repl_length in R; rewrite R; destruct (x' i); now inversion E1|].
      pose proof (moved_own s y (side i) _ _ Hs M) as M'.
      destruct (own (side i) (x' i)) as [l mem], (own (side i) (update s rule (x' i) y)) as [l' mem'].
      cbn [fst snd] in *. apply leb_spec in Hy.
      destruct (half_line_gain s (own_draw (side i) y) l mem l' mem' Hs C Hy M'). split; [lra|easy].
Qed.
End SP.

(* in the named silo an agent keeps its sign: |l| >= H > 0 *)
Lemma in_silos_sign m side H x i : 0 < H -> (i < m)%nat -> in_silos m side H x = true ->
  if side i then 0 < fst (x i) else fst (x i) < 0.
Proof.
  intros HH Hi A. unfold in_silos in A. rewrite forallb_forall in A.
  specialize (A i ltac:(apply in_seq; lia)). apply leb_spec in A.
  destruct (side i); simpl in A; lra.
Qed.

Lemma on_side_same_side m (Q : senders m) k a side r H x :
  nearest_senders Q k a -> (k <= m - 1)%nat -> 2 < exp H ->
  (forall i, (i < m)%nat -> (k <= length (others_of_side m side i))%nat) ->
  on_side m side r H x -> same_side_senders Q side x.
Proof.
  intros HQ Hk HH Hsize L. apply nearest_senders_same_side with k a (1 - logistic H); try easy.
  - now apply logistic_above_two_thirds.
  - intros j Hj. unfold own_weight. destruct (L j Hj) as (_ & A & _). pose proof (logistic_le _ _ A). lra.
Qed.
