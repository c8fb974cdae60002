(* The chain of m agents: receiver uniform, sender by shares, the sender's mixture, the
   farthest element replaced, one weight step. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss.
Import ListNotations.
Local Open Scope R_scope.

(* agents are numbered 0 .. m-1; what is beyond does not matter *)
Definition state : Type := nat -> agent.
Definition weight (x : state) (i : nat) : R := logistic (fst (x i)).
Definition memory_of_size (m r : nat) (x : state) : Prop := forall i, (i < m)%nat -> length (snd (x i)) = r.

(* how likely j is the sender when i is the receiver *)
Record senders (m : nat) := Senders {
  share : state -> nat -> nat -> R;
  share_pos : forall x i j, 0 <= share x i j;
  share_le : forall x i, sumn m (share x i) <= 1;
  share_one : forall x i, (i < m)%nat -> sumn m (share x i) = 1
}.
Arguments share {m}. Arguments share_pos {m}. Arguments share_le {m}. Arguments share_one {m}.

(* the unrestricted chain: uniform on all *)
#[local] Obligation Tactic := idtac.
Program Definition unrestricted (m : nat) (Hm : (0 < m)%nat) : senders m :=
  Senders m (fun _ _ _ => / INR m) _ _ _.
Next Obligation. intros m Hm x i j. now apply (uniform_shares m Hm). Qed.
Next Obligation. intros m Hm x i. now apply (uniform_shares m Hm). Qed.
Next Obligation.
  intros m Hm x i Hi. cbv beta. rewrite sumn_const. apply Rinv_r. apply not_0_INR. lia.
Qed.

Definition uniform_senders {m} (Q : senders m) : Prop :=
  forall x i j, (i < m)%nat -> (j < m)%nat -> share Q x i j = / INR m.
Lemma unrestricted_uniform m Hm : uniform_senders (unrestricted m Hm).
Proof. easy. Qed.

Lemma weight_01 x i : 0 <= weight x i <= 1.
Proof. pose proof (logistic_01 (fst (x i))). unfold weight; lra. Qed.

Section Chain.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
(* the two components' draws, and any rule for ties that takes a farthest element *)
Variable N : R -> R -> lower R.
Hypothesis HN : gaussian N.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.

(* agent j's mixture *)
Definition mixture (x : state) (j : nat) : lower R := lmix (weight x j) (weight_01 x j) (N 1 s) (N (-1) s).
(* what the receiver i gets *)
Definition arrival (i : nat) (x : state) : lower R :=
  lchoose m (share Q x i) (conj (share_pos Q x i) (share_le Q x i)) (mixture x).

Definition update (a : agent) (y : R) : agent :=
  let mem := rule y (snd a) in (weigh s (fst a) mem, mem).
Definition step (x : state) (i : nat) (y : R) : state :=
  fun a => if Nat.eqb a i then update (x i) y else x a.

(* the chance, from x, of the event A at all steps 0..T and of B at T *)
Definition P_stay (T : nat) (A B : state -> bool) (x : state) : R := stay state m Hm arrival step T A B x.
Definition P_always (T : nat) (A : state -> bool) (x : state) : R := always state m Hm arrival step T A x.
Definition P_at (T : nat) (B : state -> bool) (x : state) : R := chance state m Hm arrival step T B x.

Lemma update_moved a y : snd a <> [] -> moved s y a (update a y).
Proof. destruct a as [l mem]. intros H. unfold update; simpl. constructor. now apply Hrule. Qed.

Lemma step_same x i y : step x i y i = update (x i) y.
Proof. unfold step. now rewrite Nat.eqb_refl. Qed.
Lemma step_other x i y a : a <> i -> step x i y a = x a.
Proof. intros H. unfold step. apply Nat.eqb_neq in H. now rewrite H. Qed.

(* ---- chances of a draw ---- *)
(* the weight of agent j on the side p *)
Definition own_weight (p : bool) (a : agent) : R := logistic (fst (own p a)).

Lemma own_weight_cases (p : bool) (x : state) (j : nat) : own_weight p (x j) = if p then weight x j else 1 - weight x j.
Proof. destruct p; [easy|]. unfold own_weight, weight; simpl. now rewrite logistic_opp. Qed.

(* G, seen from the side p *)
Definition seen (p : bool) (G : R -> bool) (y : R) : bool := G (own_draw p y).

Lemma mixture_ge (p : bool) x j (G : R -> bool) (A B : R) :
  0 <= A -> 0 <= B ->
  A <= N (if p then 1 else -1) s (ind (seen p G)) ->
  B <= N (if p then -1 else 1) s (ind (seen p G)) ->
  own_weight p (x j) * A + (1 - own_weight p (x j)) * B <= mixture x j (ind (seen p G)).
Proof.
  intros HA HB H1 H2. rewrite own_weight_cases. pose proof (weight_01 x j). simpl.
  destruct p; nra.
Qed.

(* an interval of the own side *)
Lemma interval_ge (p : bool) a b (G : R -> bool) :
  a <= b -> (forall y, a < y < b -> G y = true) ->
  mass 1 s a b <= N (if p then 1 else -1) s (ind (seen p G)) /\
  mass (-1) s a b <= N (if p then -1 else 1) s (ind (seen p G)).
Proof.
  intros Hab H. destruct p; unfold seen, own_draw.
  - split; apply HN; easy.
  - split.
    + apply (gaussian_mirror N HN 1 s a b); try easy. intros y Hy. rewrite Ropp_involutive. now apply H.
    + replace 1 with (- (-1)) by lra. apply (gaussian_mirror N HN (-1) s a b); try easy.
      intros y Hy. rewrite Ropp_involutive. now apply H.
Qed.

Lemma half_line_ge (p : bool) (G : R -> bool) :
  (forall y, 0 < y -> G y = true) ->
  half_line 1 s <= N (if p then 1 else -1) s (ind (seen p G)) /\
  half_line (-1) s <= N (if p then -1 else 1) s (ind (seen p G)).
Proof.
  intros H. destruct p; unfold seen, own_draw.
  - split; apply (half_line_le N HN); easy.
  - split.
    + apply (half_line_mirror N HN 1 s); try easy. intros y Hy. rewrite Ropp_involutive. now apply H.
    + replace 1 with (- (-1)) by lra. apply (half_line_mirror N HN (-1) s); try easy.
      intros y Hy. rewrite Ropp_involutive. now apply H.
Qed.

(* all possible senders give it with chance q *)
Lemma arrival_ge i x (G : R -> bool) q :
  (i < m)%nat -> (forall j, (j < m)%nat -> 0 < share Q x i j -> q <= mixture x j (ind G)) ->
  q <= arrival i x (ind G).
Proof.
  intros Hi H. apply Rle_trans with (sumn m (fun j => q * share Q x i j)).
  { rewrite sumn_scal, (share_one Q x i Hi). lra. }
  change (arrival i x (ind G)) with (sumn m (fun j => share Q x i j * mixture x j (ind G))).
  apply sumn_le. intros j Hj. pose proof (share_pos Q x i j) as S0.
  destruct (Req_dec (share Q x i j) 0) as [->|Ne]; [lra|].
  rewrite (Rmult_comm q). apply Rmult_le_compat_l; [easy|]. apply (H j Hj). lra.
Qed.

(* the senders of a set give it with chance q *)
Lemma arrival_ge_from i x (G : R -> bool) (from : nat -> bool) q :
  0 <= q -> (forall j, (j < m)%nat -> from j = true -> q <= mixture x j (ind G)) ->
  q * sumn m (fun j => if from j then share Q x i j else 0) <= arrival i x (ind G).
Proof.
  intros Hq H. simpl. rewrite <- sumn_scal. apply sumn_le. intros j Hj.
  pose proof (share_pos Q x i j). pose proof (lo_unit (mixture x j) (ind G) (unitf_ind G)) as U.
  specialize (H j Hj). unfold mixture, lmix in *. simpl in *.
  destruct (from j); [specialize (H eq_refl)|]; nra.
Qed.
End Chain.

(* the chain's own rule for ties *)
Lemma smallest_index_rule y l : l <> [] -> repl y l (replace_far y l).
Proof. apply replace_far_repl. Qed.
