(* GT2: level h is kept in a mixture of c components in d dimensions.

   Weights are kept as their logarithms, up to a common constant. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Odds Sums Lower Rounds Theorem2.
Import ListNotations.
Local Open Scope R_scope.

Definition point : Type := nat -> R.
(* squared distance of the first d coordinates *)
Definition dist2 (d : nat) (x y : point) : R := sumn d (fun i => (x i - y i) ^ 2).

Definition softmax (c : nat) (v : nat -> R) (l : nat) : R := exp (v l) / sumn c (fun k => exp (v k)).

(* ---- geometry ---- *)
Theorem farther_from_others d x a b D :
  dist2 d x a <= (D / 4) ^ 2 -> D ^ 2 <= dist2 d a b -> D ^ 2 / 2 <= dist2 d x b - dist2 d x a.
Proof.
  intros HA HB.
  (* sum of (2 (x - a) + (a - b)/2)^2 >= 0 *)
  assert (E : dist2 d x b - dist2 d x a + 4 * dist2 d x a - 3/4 * dist2 d a b
              = sumn d (fun i => (2 * (x i - a i) + (a i - b i) / 2) ^ 2)).
  { unfold dist2. clear. induction d as [|d IH]; simpl; [ring|]. simpl in IH. rewrite <- IH. field. }
  assert (0 <= sumn d (fun i => (2 * (x i - a i) + (a i - b i) / 2) ^ 2)) by (apply sumn_pos; intros; apply pow2_ge_0).
  lra.
Qed.

Section Mixture.
Variables d c : nat.
Hypothesis Hc : (0 < c)%nat.
Variable mu : nat -> point.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable D : R.
Hypothesis HD : forall j l, (j < c)%nat -> (l < c)%nat -> l <> j -> D ^ 2 <= dist2 d (mu j) (mu l).
Definition gamma : R := D ^ 2 / (4 * s ^ 2).

Definition agent_ : Type := (nat -> R) * list point.

Lemma exp_sum_pos v : 0 < sumn c (fun k => exp (v k)).
Proof.
  apply Rlt_le_trans with (exp (v 0%nat)); [apply exp_pos|].
  apply (term_le_sumn c (fun k => exp (v k)) 0 Hc). intros; left; apply exp_pos.
Qed.

Lemma softmax_pos v l : 0 < softmax c v l.
Proof. apply Rdiv_lt_0_compat; [apply exp_pos|apply exp_sum_pos]. Qed.

Lemma softmax_shares v : (forall l, 0 <= softmax c v l) /\ sumn c (softmax c v) <= 1.
Proof.
  split; [intros l; left; apply softmax_pos|]. right.
  rewrite (sumn_ext c _ (fun l => / sumn c (fun k => exp (v k)) * exp (v l))) by (intros; unfold softmax, Rdiv; ring).
  rewrite sumn_scal. apply Rinv_l. pose proof (exp_sum_pos v). lra.
Qed.

(* the posterior of x, and the weight step: the logarithm of its mean over the memory *)
Definition posterior (v : nat -> R) (x : point) (l : nat) : R :=
  softmax c (fun k => v k - dist2 d x (mu k) / (2 * s ^ 2)) l.
Definition sum_over (f : point -> R) (mem : list point) : R := fold_right (fun x acc => f x + acc) 0 mem.
Definition weigh_ (v : nat -> R) (mem : list point) (l : nat) : R :=
  ln (sum_over (fun x => posterior v x l) mem / INR (length mem)).

(* level h at component j: log-weight differences of h gamma, memory in the ball *)
Definition in_ball (j : nat) (x : point) : Prop := dist2 d x (mu j) <= (D / 4) ^ 2.
Definition at_level_ (j : nat) (H : R) (a : agent_) : Prop :=
  snd a <> [] /\ (forall x, In x (snd a) -> in_ball j x) /\
  forall l, (l < c)%nat -> l <> j -> H <= fst a j - fst a l.

Lemma posterior_ratio v x j l : (j < c)%nat -> (l < c)%nat -> l <> j -> in_ball j x ->
  exp (v j - v l + gamma) * posterior v x l <= posterior v x j.
Proof.
  intros Hj Hl Ne Hb. pose proof (farther_from_others d x (mu j) (mu l) D Hb (HD j l Hj Hl Ne)) as F.
  unfold posterior, softmax. set (S := sumn c _). assert (S0 : 0 < S) by apply exp_sum_pos.
  unfold Rdiv at 1 3. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
  rewrite <- exp_plus. apply exp_le. unfold gamma.
  apply Rmult_le_reg_r with (4 * s ^ 2); [apply Rmult_lt_0_compat; [lra|now apply pow_lt]|].
  replace ((v j - v l + D ^ 2 / (4 * s ^ 2) + (v l - dist2 d x (mu l) / (2 * s ^ 2))) * (4 * s ^ 2))
    with (v j * (4 * s ^ 2) + D ^ 2 - 2 * dist2 d x (mu l)) by (field; lra).
  replace ((v j - dist2 d x (mu j) / (2 * s ^ 2)) * (4 * s ^ 2))
    with (v j * (4 * s ^ 2) - 2 * dist2 d x (mu j)) by (field; lra).
  lra.
Qed.

Lemma sum_over_pos v l mem : mem <> [] -> 0 < sum_over (fun x => posterior v x l) mem.
Proof.
  destruct mem as [|x t]; [easy|]. intros _. simpl.
  assert (0 < posterior v x l) by apply softmax_pos.
  assert (0 <= sum_over (fun x => posterior v x l) t).
  { induction t as [|z t' IH]; simpl; [lra|]. assert (0 < posterior v z l) by apply softmax_pos. lra. }
  lra.
Qed.

(* part 1: one update with all memory in the ball raises every log-ratio by gamma *)
Theorem general_gain v mem j l : (j < c)%nat -> (l < c)%nat -> l <> j ->
  mem <> [] -> (forall x, In x mem -> in_ball j x) ->
  v j - v l + gamma <= weigh_ v mem j - weigh_ v mem l.
Proof.
  intros Hj Hl Ne Hm Hb.
  assert (E : exp (v j - v l + gamma) * sum_over (fun x => posterior v x l) mem <= sum_over (fun x => posterior v x j) mem).
  { clear Hm. induction mem as [|x t IH]; simpl; [lra|].
    pose proof (posterior_ratio v x j l Hj Hl Ne (Hb x (or_introl eq_refl))).
    specialize (IH (fun z Hz => Hb z (or_intror Hz))). lra. }
  assert (Pn : 0 < INR (length mem)) by now apply length_pos.
  pose proof (sum_over_pos v l mem Hm) as Pl. pose proof (exp_pos (v j - v l + gamma)) as Pe.
  unfold weigh_. set (Sl := sum_over (fun x => posterior v x l) mem) in *.
  set (Sj := sum_over (fun x => posterior v x j) mem) in *.
  assert (Ql : 0 < Sl / INR (length mem)) by now apply Rdiv_lt_0_compat.
  enough (v j - v l + gamma + ln (Sl / INR (length mem)) <= ln (Sj / INR (length mem))) by lra.
  rewrite <- (ln_exp (v j - v l + gamma)), <- ln_mult by easy.
  assert (Le : exp (v j - v l + gamma) * (Sl / INR (length mem)) <= Sj / INR (length mem)).
  { unfold Rdiv. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|easy]. }
  destruct Le as [Le|Le]; [|rewrite Le; lra]. left. apply ln_increasing; [now apply Rmult_lt_0_compat|easy].
Qed.

(* at level h the own weight is at least 1/(1 + (c-1) e^{-H}) *)
Lemma own_weight_at_level j H a : (j < c)%nat -> at_level_ j H a ->
  / (1 + (INR c - 1) * exp (- H)) <= softmax c (fst a) j.
Proof.
  intros Hj (_ & _ & L). unfold softmax. pose proof (exp_pos (fst a j)) as Pj. pose proof (exp_sum_pos (fst a)) as PS.
  assert (C1 : 1 <= INR c) by (change 1 with (INR 1); apply le_INR; lia).
  pose proof (exp_pos (- H)) as Ph. assert (0 <= (INR c - 1) * exp (- H)) by (apply Rmult_le_pos; lra).
  assert (B : sumn c (fun k => exp (fst a k)) <= exp (fst a j) * (1 + (INR c - 1) * exp (- H))).
  { apply Rle_trans with (sumn c (fun k => exp (fst a j) * (if Nat.eqb k j then 1 else exp (- H)))).
    - apply sumn_le. intros k Hk. destruct (Nat.eqb_spec k j) as [->|Ne]; [lra|].
      rewrite <- exp_plus. apply exp_le. specialize (L k Hk Ne). lra.
    - rewrite sumn_scal. apply Rmult_le_compat_l; [lra|].
      rewrite (sumn_change c _ (fun _ => exp (- H)) j Hj).
      + rewrite Nat.eqb_refl, sumn_const. lra.
      + intros k Ne. apply Nat.eqb_neq in Ne. now rewrite Ne. }
  apply Rmult_le_reg_r with (1 + (INR c - 1) * exp (- H)); [lra|]. rewrite Rinv_l by lra.
  apply Rmult_le_reg_r with (sumn c (fun k => exp (fst a k))); [easy|].
  replace (exp (fst a j) / sumn c (fun k => exp (fst a k)) * (1 + (INR c - 1) * exp (- H)) * sumn c (fun k => exp (fst a k)))
    with (exp (fst a j) * (1 + (INR c - 1) * exp (- H))) by (field; lra). lra.
Qed.

(* ---- part 2: the chain ---- *)
Section Chain.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Definition state_ : Type := nat -> agent_.
(* the components' draws; each lands in its ball with chance PB at least *)
Variable N : nat -> lower point.
Variable ball : nat -> point -> bool.
Hypothesis Hball : forall j y, ball j y = true -> in_ball j y.
Variable PB : R.
Hypothesis HPB : 0 <= PB.
Definition ball_mass : Prop := forall j, (j < c)%nat -> PB <= N j (ind (ball j)).
Hypothesis Hmass : ball_mass.
(* the memory rule brings in nothing but the draw *)
Variable rule : point -> list point -> list point.
Hypothesis Hrule : forall y l, l <> [] -> rule y l <> [] /\ forall z, In z (rule y l) -> z = y \/ In z l.
(* shares of the senders *)
Variable q : state_ -> nat -> nat -> R.
Hypothesis q_shares : forall x i, (forall j, 0 <= q x i j) /\ sumn m (q x i) <= 1.
Hypothesis q_one : forall x i, (i < m)%nat -> sumn m (q x i) = 1.

Definition arrival_ (i : nat) (x : state_) : lower point :=
  lchoose m (q x i) (q_shares x i) (fun j => lchoose c (softmax c (fst (x j))) (softmax_shares (fst (x j))) N).
Definition step_ (x : state_) (i : nat) (y : point) : state_ :=
  fun a => if Nat.eqb a i then (weigh_ (fst (x i)) (rule y (snd (x i))), rule y (snd (x i))) else x a.

Definition all_at_level (home : nat -> nat) (H : R) (x : state_) : Prop :=
  forall i, (i < m)%nat -> at_level_ (home i) H (x i).
(* the event, as a test that the states at level h pass *)
Variable A : state_ -> bool.
Variable home : nat -> nat.
Variable H : R.
Hypothesis Hhome : forall i, (i < m)%nat -> (home i < c)%nat.
Hypothesis HA : forall x, all_at_level home H x -> A x = true.
(* senders are of the receiver's silo *)
Definition same_silo_senders : Prop := forall x, all_at_level home H x ->
  forall i j, (i < m)%nat -> (j < m)%nat -> 0 < q x i j -> home j = home i.
Hypothesis Hsame : same_silo_senders.

Theorem general_theorem2 T x :
  all_at_level home H x ->
  (PB / (1 + (INR c - 1) * exp (- H))) ^ T <= always state_ m Hm arrival_ step_ T A x.
Proof.
  intros L0. assert (C1 : 1 <= INR c) by (change 1 with (INR 1); apply le_INR; lia).
  pose proof (exp_pos (- H)) as Ph. assert (Pq : 0 <= (INR c - 1) * exp (- H)) by (apply Rmult_le_pos; lra).
  set (den := 1 + (INR c - 1) * exp (- H)) in *. assert (D1 : 1 <= den) by (unfold den; lra).
  assert (PB1 : PB <= 1).
  { apply Rle_trans with (1 := Hmass 0%nat Hc). apply lo_unit, unitf_ind. }
  apply (always_pow state_ m Hm arrival_ step_ _ (all_at_level home H)); [|exact HA| |exact L0].
  - split; [apply Rmult_le_pos; [easy|left; apply Rinv_0_lt_compat; lra]|].
    apply Rmult_le_reg_r with den; [lra|]. replace (PB / den * den) with PB by (field; lra). lra.
  - intros x' i L Hi. exists (ball (home i)). split.
    + apply Rle_trans with (sumn m (fun j => PB / den * q x' i j)).
      { rewrite sumn_scal, q_one by easy. lra. }
      change (arrival_ i x' (ind (ball (home i))))
        with (sumn m (fun j => q x' i j * sumn c (fun l => softmax c (fst (x' j)) l * N l (ind (ball (home i)))))).
      apply sumn_le. intros j Hj. destruct (q_shares x' i) as [Q0 _]. specialize (Q0 j).
      destruct (Req_dec (q x' i j) 0) as [->|Nq]; [lra|]. rewrite (Rmult_comm (PB / den)).
      apply Rmult_le_compat_l; [easy|].
      pose proof (Hsame x' L i j Hi Hj ltac:(lra)) as Eh.
      apply Rle_trans with (softmax c (fst (x' j)) (home i) * N (home i) (ind (ball (home i)))).
      * pose proof (own_weight_at_level (home j) H (x' j) (Hhome j Hj) (L j Hj)) as W. fold den in W. rewrite Eh in W.
        pose proof (Hmass (home i) (Hhome i Hi)) as M. unfold Rdiv. rewrite (Rmult_comm PB).
        apply Rmult_le_compat; [left; apply Rinv_0_lt_compat; lra|easy|easy|easy].
      * apply (term_le_sumn c (fun l => softmax c (fst (x' j)) l * N l (ind (ball (home i)))) (home i) (Hhome i Hi)).
        intros l _. apply Rmult_le_pos; [left; apply softmax_pos|apply lo_unit, unitf_ind].
    + intros y Hy a Ha. unfold step_. destruct (Nat.eqb_spec a i) as [->|Ne]; [|now apply L].
      destruct (L i Ha) as (Nn & B & Lv). destruct (Hrule y (snd (x' i)) Nn) as [Nn' Old].
      assert (B' : forall z, In z (rule y (snd (x' i))) -> in_ball (home i) z).
      { intros z Hz. destruct (Old z Hz) as [->|Hz']; [now apply Hball|now apply B]. }
      split; [easy|]. split; [easy|]. intros l Hl Nl. simpl.
      pose proof (general_gain (fst (x' i)) _ (home i) l (Hhome i Ha) Hl Nl Nn' B') as G.
      specialize (Lv l Hl Nl).
      assert (0 <= gamma).
      { unfold gamma. apply Rmult_le_pos; [apply pow2_ge_0|]. left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; [lra|now apply pow_lt]. }
      lra.
Qed.
End Chain.
End Mixture.
