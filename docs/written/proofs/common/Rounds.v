(* Chains in which a uniform receiver takes a draw, and the chance of T good steps.

   [D i x] is the draw that receiver i gets in state x, [step x i y] the new state.
   [stay T A B x] is the chance, from x, that the states at steps 0..T are all in A and
   the last one in B. The theorem [stay_value] turns one-step bounds into it; what has
   been achieved is kept in an index c (a number of updates still owed, say). *)
From Coq Require Import Reals Lra Lia.
From Mcpolar Require Import Sums Lower.
Local Open Scope R_scope.

Section Rounds.
Variable X : Type.
Context {Y : Type}.                  (* what is drawn *)
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable D : nat -> X -> lower Y.
Variable step : X -> nat -> Y -> X.

(* one step of the chain *)
Definition next (x : X) : lower X := luniform m Hm (fun i => lmap (step x i) (D i x)).

Fixpoint stay (T : nat) (A B : X -> bool) (x : X) : R :=
  match T with
  | O => if A x then ind B x else 0
  | S T => if A x then next x (stay T A B) else 0
  end.

(* in the event at T, with nothing asked on the way *)
Fixpoint chance (T : nat) (B : X -> bool) (x : X) : R :=
  match T with O => ind B x | S T => next x (chance T B) end.

Definition always (T : nat) (A : X -> bool) (x : X) : R := stay T A (fun _ => true) x.

Lemma stay_unit T A B : unitf (stay T A B).
Proof.
  induction T as [|T IH]; intros x; simpl; destruct (A x); try lra; [apply unitf_ind|].
  now apply (lo_unit (next x)).
Qed.

Lemma chance_unit T B : unitf (chance T B).
Proof. induction T as [|T IH]; intros x; simpl; [apply unitf_ind|now apply (lo_unit (next x))]. Qed.

Lemma stay_le_chance T A B x : stay T A B x <= chance T B x.
Proof.
  revert x. induction T as [|T IH]; intros x.
  - simpl. destruct (A x); [lra|apply unitf_ind].
  - cbn [stay chance]. destruct (A x).
    + apply lo_mono; [apply stay_unit|apply chance_unit|apply IH].
    + apply (lo_unit (next x)), chance_unit.
Qed.

Section Value.
Variable C : Type.
Variable beta : C -> nat -> R.       (* a chance at least, of a good draw for receiver i *)
Variable after : C -> nat -> C.
Variable v0 : C -> R.

Fixpoint value (T : nat) (c : C) : R :=
  match T with
  | O => v0 c
  | S T => sumn m (fun i => / INR m * (beta c i * value T (after c i)))
  end.

Hypothesis Hbeta : forall c i, 0 <= beta c i <= 1.
Hypothesis Hv0 : forall c, 0 <= v0 c <= 1.

Lemma value_unit T c : 0 <= value T c <= 1.
Proof.
  revert c. induction T as [|T IH]; intros c; [apply Hv0|]. cbn [value].
  destruct (uniform_shares m Hm) as [P Q]. split.
  - apply sumn_pos. intros i _. specialize (Hbeta c i). specialize (IH (after c i)). specialize (P i).
    apply Rmult_le_pos; [easy|]. apply Rmult_le_pos; lra.
  - apply Rle_trans with (2 := Q). apply sumn_le. intros i _.
    specialize (Hbeta c i). specialize (IH (after c i)). specialize (P i).
    assert (beta c i * value T (after c i) <= 1) by nra. nra.
Qed.

Variable Inv : C -> X -> Prop.
Variables A B : X -> bool.
Hypothesis HA : forall c x, Inv c x -> A x = true.
Hypothesis HB : forall c x, Inv c x -> v0 c <= ind B x.
(* a receiver has a good draw with chance beta, or beta is 0 *)
Hypothesis Hgood : forall c x i, Inv c x -> (i < m)%nat -> 0 < beta c i ->
  exists G : Y -> bool, beta c i <= D i x (ind G) /\ forall y, G y = true -> Inv (after c i) (step x i y).

Theorem stay_value T c x : Inv c x -> value T c <= stay T A B x.
Proof.
  revert c x. induction T as [|T IH]; intros c x I.
  - simpl. rewrite (HA c x I). now apply HB with (c := c).
  - cbn [value stay]. rewrite (HA c x I). simpl. apply sumn_le. intros i Hi.
    destruct (uniform_shares m Hm) as [P _]. specialize (P i). apply Rmult_le_compat_l; [easy|].
    assert (U : unitf (fun y => stay T A B (step x i y))) by (intros y; apply stay_unit).
    destruct (Rle_lt_dec (beta c i) 0) as [Z|Pos].
    + replace (beta c i) with 0 by (specialize (Hbeta c i); lra). rewrite Rmult_0_l. now apply lo_unit.
    + destruct (Hgood c x i I Hi Pos) as (G & HG & HI).
      set (v := value T (after c i)). pose proof (value_unit T (after c i)) as V. fold v in V.
      apply Rle_trans with (v * D i x (ind G)); [rewrite (Rmult_comm (beta c i)); apply Rmult_le_compat_l; lra|].
      eapply Rle_trans; [apply lo_scal; [easy|apply unitf_ind]|].
      apply lo_mono; [apply unitf_scal; [easy|apply unitf_ind]|easy|].
      intros y. unfold ind. destruct (G y) eqn:E.
      * rewrite Rmult_1_r. apply IH. now apply HI.
      * rewrite Rmult_0_r. apply stay_unit.
Qed.
End Value.

(* every step good with chance q: the chance of T good steps is q^T *)
Theorem always_pow q (Inv : X -> Prop) (A : X -> bool) T x :
  0 <= q <= 1 ->
  (forall x, Inv x -> A x = true) ->
  (forall x i, Inv x -> (i < m)%nat ->
     exists G : Y -> bool, q <= D i x (ind G) /\ forall y, G y = true -> Inv (step x i y)) ->
  Inv x -> q ^ T <= always T A x.
Proof.
  intros Hq HA HG I.
  pose proof (stay_value unit (fun _ _ => q) (fun c _ => c) (fun _ => 1) (fun _ _ => Hq)
    (fun _ => conj Rle_0_1 (Rle_refl 1)) (fun _ => Inv) A (fun _ => true)
    (fun _ => HA) (fun _ x _ => Rle_refl 1) (fun _ x i I Hi _ => HG x i I Hi) T tt x I) as H.
  apply Rle_trans with (2 := H). right. clear H.
  assert (P : 0 < INR m) by now apply lt_0_INR.
  induction T as [|T IH]; [easy|]. cbn [value pow].
  rewrite (sumn_ext m _ (fun _ => / INR m * (q * q ^ T))); [|intros; now rewrite <- IH].
  rewrite sumn_const. field. lra.
Qed.
End Rounds.
