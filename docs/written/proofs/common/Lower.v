(* Lower expectations: what a lower bound on a chance needs of an expectation.

   A functional on the functions into [0,1] with the axioms of a lower integral: monotone,
   c E f <= E (c f), and E f + E g <= E (f + g). Every expectation has them, and so has the
   lower integral of any probability, which is defined for all functions and agrees with the
   integral on the measurable ones; no measurability need be spoken of. *)
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
  lo_scal : forall c f, 0 <= c <= 1 -> unitf f -> c * lo f <= lo (fun a => c * f a);
  lo_add : forall f g, unitf f -> unitf g -> unitf (fun a => f a + g a) -> lo f + lo g <= lo (fun a => f a + g a)
}.
Arguments lo_unit {A}. Arguments lo_mono {A}. Arguments lo_scal {A}. Arguments lo_add {A}.

(* a certain gain is kept where the total mass is 1 *)
Lemma lo_keeps {A} (D : lower A) c f : 0 <= c <= 1 -> unitf f -> D (fun _ => 1) = 1 ->
  c + (1 - c) * D f <= D (fun a => c + (1 - c) * f a).
Proof.
  intros Hc Uf H1. assert (U1 : unitf (fun _ : A => 1)) by (intros a; lra).
  assert (Ug : unitf (fun a => c * 1 + (1 - c) * f a)) by (intros a; specialize (Uf a); nra).
  pose proof (lo_scal D c (fun _ => 1) Hc U1) as S1. rewrite H1 in S1.
  pose proof (lo_scal D (1 - c) f ltac:(lra) Uf) as S2.
  pose proof (lo_add D (fun _ => c * 1) (fun a => (1 - c) * f a) (unitf_scal c _ Hc U1) (unitf_scal (1 - c) f ltac:(lra) Uf) Ug) as S3.
  assert (S4 : D (fun a => c * 1 + (1 - c) * f a) <= D (fun a => c + (1 - c) * f a)).
  { apply lo_mono; [easy|intros a; specialize (Ug a); lra|intros a; lra]. }
  lra.
Qed.

#[local] Obligation Tactic := idtac.
(* the distribution of a function of the draw *)
Program Definition lmap {A B} (h : A -> B) (D : lower A) : lower B :=
  Low B (fun f => D (fun a => f (h a))) _ _ _ _.
Next Obligation. intros A B h D f H. apply lo_unit. intros a; apply H. Qed.
Next Obligation. intros A B h D f g Hf Hg H. apply lo_mono; intros a; [apply Hf|apply Hg|apply H]. Qed.
Next Obligation. intros A B h D c f Hc Hf. apply (lo_scal D c (fun a => f (h a)) Hc). intros a; apply Hf. Qed.
Next Obligation.
  intros A B h D f g Hf Hg Hfg. apply (lo_add D (fun a => f (h a)) (fun a => g (h a))); intros a; [apply Hf|apply Hg|apply (Hfg (h a))].
Qed.

(* two components *)
Program Definition lmix {A} (w : R) (H : 0 <= w <= 1) (D D' : lower A) : lower A :=
  Low A (fun f => w * D f + (1 - w) * D' f) _ _ _ _.
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
Next Obligation.
  intros A w H D D' f g Hf Hg Hfg. cbv beta.
  pose proof (lo_add D f g Hf Hg Hfg). pose proof (lo_add D' f g Hf Hg Hfg). nra.
Qed.

(* a finite choice with shares q *)
Program Definition lchoose {A} (m : nat) (q : nat -> R)
  (H : (forall j, 0 <= q j) /\ sumn m q <= 1) (D : nat -> lower A) : lower A :=
  Low A (fun f => sumn m (fun j => q j * D j f)) _ _ _ _.
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
Next Obligation.
  intros A m q [H0 H1] D f g Hf Hg Hfg. cbv beta. rewrite <- sumn_plus. apply sumn_le. intros j _.
  pose proof (lo_add (D j) f g Hf Hg Hfg). specialize (H0 j). nra.
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
