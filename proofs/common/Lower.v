(* Lower expectations: what a lower bound on a chance needs of an expectation.

   A functional on the functions into [0,1], monotone and with c E f <= E (c f).
   Every expectation has this, and so has the lower integral of any probability,
   which is defined for all functions and agrees with the integral on the measurable
   ones; no measurability need be spoken of. [of_expectation] shows the first. *)
From Coq Require Import Reals Lra Lia.
From Mcpolar Require Import Sums.
Local Open Scope R_scope.

Definition unitf {A} (f : A -> R) : Prop := forall a, 0 <= f a <= 1.
Definition ind {A} (G : A -> bool) (x : A) : R := if G x then 1 else 0.

Lemma unitf_ind {A} (G : A -> bool) : unitf (ind G).
Proof. intros a; unfold ind; destruct (G a); lra. Qed.
Lemma unitf_scal {A} c (f : A -> R) : 0 <= c <= 1 -> unitf f -> unitf (fun a => c * f a).
Proof. intros Hc H a; specialize (H a); nra. Qed.

Record lower (A : Type) := Low {
  lo :> (A -> R) -> R;
  lo_unit : forall f, unitf f -> 0 <= lo f <= 1;
  lo_mono : forall f g, unitf f -> unitf g -> (forall a, f a <= g a) -> lo f <= lo g;
  lo_scal : forall c f, 0 <= c <= 1 -> unitf f -> c * lo f <= lo (fun a => c * f a)
}.
Arguments lo_unit {A}. Arguments lo_mono {A}. Arguments lo_scal {A}.

(* a linear expectation is one *)
#[local] Obligation Tactic := idtac.
Program Definition of_expectation {A} (E : (A -> R) -> R)
  (mono : forall f g, unitf f -> unitf g -> (forall a, f a <= g a) -> E f <= E g)
  (scal : forall c f, 0 <= c <= 1 -> unitf f -> E (fun a => c * f a) = c * E f)
  (one : E (fun _ => 1) = 1) : lower A := Low A E _ _ _.
Next Obligation.
  intros A E mono scal one f H.
  assert (U1 : unitf (fun _ : A => 1)) by (intros a; lra).
  assert (U0 : unitf (fun _ : A => 0 * 1)) by (intros a; lra).
  split.
  - pose proof (scal 0 (fun _ => 1) ltac:(lra) U1) as Z. rewrite Rmult_0_l in Z. rewrite <- Z.
    apply mono; [easy|easy|]. intros a; specialize (H a); lra.
  - rewrite <- one. apply mono; [easy|easy|]. intros a; specialize (H a); lra.
Qed.
Next Obligation. intros A E mono scal one f g Hf Hg H. now apply mono. Qed.
Next Obligation. intros A E mono scal one c f Hc Hf. rewrite scal by easy. lra. Qed.

(* the distribution of a function of the draw *)
Program Definition lmap {A B} (h : A -> B) (D : lower A) : lower B :=
  Low B (fun f => D (fun a => f (h a))) _ _ _.
Next Obligation. intros A B h D f H. apply lo_unit. intros a; apply H. Qed.
Next Obligation. intros A B h D f g Hf Hg H. apply lo_mono; intros a; [apply Hf|apply Hg|apply H]. Qed.
Next Obligation. intros A B h D c f Hc Hf. apply (lo_scal D c (fun a => f (h a)) Hc). intros a; apply Hf. Qed.

(* two components *)
Program Definition lmix {A} (w : R) (H : 0 <= w <= 1) (D D' : lower A) : lower A :=
  Low A (fun f => w * D f + (1 - w) * D' f) _ _ _.
Next Obligation.
  intros A w H D D' f Hf. pose proof (lo_unit D f Hf); pose proof (lo_unit D' f Hf); nra.
Qed.
Next Obligation.
  intros A w H D D' f g Hf Hg Hfg. cbv beta.
  apply Rplus_le_compat; apply Rmult_le_compat_l; try lra; now apply lo_mono.
Qed.
Next Obligation.
  intros A w H D D' c f Hc Hf. cbv beta.
  pose proof (lo_scal D c f Hc Hf). pose proof (lo_scal D' c f Hc Hf). nra.
Qed.

(* a finite choice with shares q *)
Program Definition lchoose {A} (m : nat) (q : nat -> R)
  (H : (forall j, 0 <= q j) /\ sumn m q <= 1) (D : nat -> lower A) : lower A :=
  Low A (fun f => sumn m (fun j => q j * D j f)) _ _ _.
Next Obligation.
  intros A m q [H0 H1] D f Hf. split.
  - apply sumn_pos. intros j _. apply Rmult_le_pos; [easy|now apply lo_unit].
  - apply Rle_trans with (2 := H1). apply sumn_le. intros j _.
    pose proof (lo_unit (D j) f Hf). specialize (H0 j). nra.
Qed.
Next Obligation.
  intros A m q [H0 H1] D f g Hf Hg Hfg. apply sumn_le. intros j _.
  apply Rmult_le_compat_l; [easy|now apply lo_mono].
Qed.
Next Obligation.
  intros A m q [H0 H1] D c f Hc Hf. cbv beta. rewrite <- sumn_scal. apply sumn_le. intros j _.
  pose proof (lo_scal (D j) c f Hc Hf). specialize (H0 j). nra.
Qed.

(* a uniform choice *)
Lemma uniform_shares m : (0 < m)%nat -> (forall j : nat, 0 <= / INR m) /\ sumn m (fun _ => / INR m) <= 1.
Proof.
  intros Hm. assert (0 < INR m) by now apply lt_0_INR. split.
  - intros _. left. now apply Rinv_0_lt_compat.
  - rewrite sumn_const, Rinv_r; lra.
Qed.
Definition luniform {A} (m : nat) (Hm : (0 < m)%nat) (D : nat -> lower A) : lower A :=
  lchoose m (fun _ => / INR m) (uniform_shares m Hm) D.
