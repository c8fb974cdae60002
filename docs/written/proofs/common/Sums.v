(* Finite sums and products over 0 .. n-1. *)
From Coq Require Import Reals Lra Lia.
Local Open Scope R_scope.

Fixpoint sumn (n : nat) (f : nat -> R) : R := match n with O => 0 | S k => sumn k f + f k end.
Fixpoint prodn (n : nat) (f : nat -> R) : R := match n with O => 1 | S k => prodn k f * f k end.

Lemma sumn_le n f h : (forall i, (i < n)%nat -> f i <= h i) -> sumn n f <= sumn n h.
Proof.
  induction n as [|n IH]; intros H; simpl; [lra|].
  pose proof (H n ltac:(lia)). specialize (IH (fun i Hi => H i (Nat.lt_lt_succ_r _ _ Hi))). lra.
Qed.

Lemma sumn_ext n f h : (forall i, (i < n)%nat -> f i = h i) -> sumn n f = sumn n h.
Proof. intros H. apply Rle_antisym; apply sumn_le; intros i Hi; rewrite (H i Hi); lra. Qed.

Lemma sumn_scal n c f : sumn n (fun i => c * f i) = c * sumn n f.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sumn_plus n f h : sumn n (fun i => f i + h i) = sumn n f + sumn n h.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma sumn_const n c : sumn n (fun _ => c) = INR n * c.
Proof. induction n as [|n IH]; [simpl; ring|]. cbn [sumn]. rewrite S_INR, IH; ring. Qed.

Lemma sumn_pos n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sumn n f.
Proof. intros H. apply Rle_trans with (sumn n (fun _ => 0)); [rewrite sumn_const; lra|now apply sumn_le]. Qed.

Lemma sumn_swap n m (f : nat -> nat -> R) :
  sumn n (fun i => sumn m (f i)) = sumn m (fun j => sumn n (fun i => f i j)).
Proof.
  induction n as [|n IH]; simpl; [rewrite sumn_const; ring|]. now rewrite IH, <- sumn_plus.
Qed.

Lemma sumn_change n f h i :
  (i < n)%nat -> (forall a, a <> i -> f a = h a) -> sumn n f = sumn n h - h i + f i.
Proof.
  revert i. induction n as [|n IH]; intros i Hi H; [lia|]. simpl.
  destruct (Nat.eq_dec i n) as [->|Ne].
  - rewrite (sumn_ext n f h); [ring|]. intros a Ha; apply H; lia.
  - rewrite (IH i ltac:(lia) H), (H n ltac:(lia)). ring.
Qed.

Lemma sumn_single n i c : (i < n)%nat -> sumn n (fun j => if Nat.eqb j i then c else 0) = c.
Proof.
  intros Hi. rewrite (sumn_change n _ (fun _ => 0) i Hi).
  - rewrite Nat.eqb_refl, sumn_const. ring.
  - intros a Ha. apply Nat.eqb_neq in Ha. now rewrite Ha.
Qed.

Lemma sumn_single_le n i c : 0 <= c -> sumn n (fun j => if Nat.eqb j i then c else 0) <= c.
Proof.
  intros Hc. destruct (Nat.lt_ge_cases i n) as [H|H]; [rewrite sumn_single by easy; lra|].
  rewrite (sumn_ext n _ (fun _ => 0)); [rewrite sumn_const; lra|].
  intros j Hj. destruct (Nat.eqb_spec j i); [lia|easy].
Qed.

Lemma term_le_sumn n f i : (i < n)%nat -> (forall a, (a < n)%nat -> 0 <= f a) -> f i <= sumn n f.
Proof.
  intros Hi H. rewrite <- (sumn_single n i (f i) Hi). apply sumn_le. intros a Ha.
  destruct (Nat.eqb_spec a i) as [->|]; [lra|now apply H].
Qed.

Lemma prodn_ext n f h : (forall i, (i < n)%nat -> f i = h i) -> prodn n f = prodn n h.
Proof.
  induction n as [|n IH]; intros H; simpl; [easy|]. rewrite IH, (H n ltac:(lia)); [easy|].
  intros i Hi; apply H; lia.
Qed.

Lemma prodn_pos n f : (forall i, (i < n)%nat -> 0 < f i) -> 0 < prodn n f.
Proof.
  induction n as [|n IH]; intros H; simpl; [lra|].
  apply Rmult_lt_0_compat; [apply IH; intros; apply H; lia|apply H; lia].
Qed.

Lemma prodn_scal n c f : prodn n (fun i => c * f i) = c ^ n * prodn n f.
Proof. induction n as [|n IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma prodn_const n c : prodn n (fun _ => c) = c ^ n.
Proof. induction n as [|n IH]; simpl; [easy|rewrite IH; ring]. Qed.

Lemma prodn_pow n f k : prodn n (fun i => f i ^ k) = prodn n f ^ k.
Proof. induction n as [|n IH]; simpl; [now rewrite pow1|]. now rewrite IH, Rpow_mult_distr. Qed.

