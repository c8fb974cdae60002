(* T1B's counting: what uniform receivers make of chances that depend on how often each agent was updated.

   Given the receivers, agents whose draws do not depend on each other are in their events with chances that multiply;
   the mean over T uniform receivers is T!/m^T times a coefficient of a product of power series. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Sums Schedule.
Local Open Scope R_scope.

(* f i u for an agent i that was updated u times; the mean over T uniform receivers of the product of all *)
Definition updated (k : nat) (f : nat -> nat -> R) (i u : nat) : R := if Nat.eqb i k then f i (S u) else f i u.
Fixpoint mean_over_receivers (m T : nat) (f : nat -> nat -> R) : R :=
  match T with
  | O => prodn m (fun i => f i 0%nat)
  | S T => sumn m (fun k => / INR m * mean_over_receivers m T (updated k f))
  end.

(* coefficients of sum over u of f u z^u / u!, and of products *)
Definition series (f : nat -> R) (n : nat) : R := f n / INR (fact n).
Definition times (a b : nat -> R) (n : nat) : R := sumn (S n) (fun i => a i * b (n - i)%nat).
Fixpoint product_series (m : nat) (f : nat -> nat -> R) (n : nat) : R :=
  match m with O => if Nat.eqb n 0 then 1 else 0 | S k => times (product_series k f) (series (f k)) n end.

Definition derived (a : nat -> R) (n : nat) : R := INR (S n) * a (S n).

Lemma times_ext a a' b b' n : (forall i, a i = a' i) -> (forall i, b i = b' i) -> times a b n = times a' b' n.
Proof. intros A B. apply sumn_ext. intros i _. now rewrite A, B. Qed.

Lemma sumn_last k h : sumn (S k) h = sumn k h + h k.
Proof. easy. Qed.

Lemma derived_times a b n : derived (times a b) n = times (derived a) b n + times a (derived b) n.
Proof.
  unfold derived at 1, times at 1. rewrite <- sumn_scal.
  rewrite (sumn_ext _ _ (fun i => INR i * a i * b (S n - i)%nat + a i * (INR (S n - i) * b (S n - i)%nat))).
  - rewrite sumn_plus. f_equal.
    + rewrite sumn_shift. change (INR 0) with 0. rewrite Rmult_0_l, Rmult_0_l, Rplus_0_l. apply sumn_ext. intros i _. unfold derived.
      now rewrite Nat.sub_succ.
    + rewrite sumn_last, Nat.sub_diag. change (INR 0) with 0. rewrite Rmult_0_l, Rmult_0_r, Rplus_0_r. apply sumn_ext. intros i Hi. unfold derived.
      now replace (S n - i)%nat with (S (n - i)) by lia.
  - intros i Hi. rewrite minus_INR by lia. ring.
Qed.

Lemma derived_series f n : derived (series f) n = series (fun u => f (S u)) n.
Proof.
  unfold derived, series. change (fact (S n)) with (S n * fact n)%nat. rewrite mult_INR. field.
  split; apply not_0_INR; [|lia]. apply fact_neq_0.
Qed.

Lemma product_ext m f f' n : (forall i u, (i < m)%nat -> f i u = f' i u) -> product_series m f n = product_series m f' n.
Proof.
  revert n. induction m as [|k IH]; intros n H; [easy|]. cbn [product_series]. apply times_ext.
  - intros i. apply IH. intros j u Hj. apply H. lia.
  - intros i. unfold series. f_equal. apply H. lia.
Qed.

Lemma times_sum m (a : nat -> nat -> R) b n : times (fun i => sumn m (fun k => a k i)) b n = sumn m (fun k => times (a k) b n).
Proof.
  unfold times. rewrite sumn_swap. apply sumn_ext. intros i _. rewrite Rmult_comm, <- sumn_scal. apply sumn_ext. intros. ring.
Qed.

(* one more update: Leibniz' rule *)
Lemma derived_product m f n : derived (product_series m f) n = sumn m (fun k => product_series m (updated k f) n).
Proof.
  revert n. induction m as [|p IH]; intros n; [unfold derived; simpl; ring|].
  change (product_series (S p) f) with (times (product_series p f) (series (f p))). rewrite derived_times. cbn [sumn]. f_equal.
  - rewrite (times_ext _ (fun i => sumn p (fun k => product_series p (updated k f) i)) _ (series (f p)) n IH) by easy.
    rewrite times_sum. apply sumn_ext. intros k Hk. cbn [product_series]. apply times_ext; [easy|].
    intros i. unfold series, updated. now rewrite (proj2 (Nat.eqb_neq p k)) by lia.
  - cbn [product_series]. apply times_ext.
    + intros i. apply product_ext. intros j u Hj. unfold updated. now rewrite (proj2 (Nat.eqb_neq j p)) by lia.
    + intros i. rewrite derived_series. unfold series, updated. now rewrite Nat.eqb_refl.
Qed.

Lemma product_series_0 m f : product_series m f 0 = prodn m (fun i => f i 0%nat).
Proof.
  induction m as [|k IH]; [easy|]. cbn [product_series prodn]. unfold times. cbn [sumn]. rewrite IH. unfold series. simpl. field.
Qed.

Theorem receivers_counted m T f : (0 < m)%nat ->
  mean_over_receivers m T f = INR (fact T) / INR m ^ T * product_series m f T.
Proof.
  intros Hm. assert (P : INR m <> 0) by (apply not_0_INR; lia). revert f. induction T as [|T IH]; intros f.
  - rewrite product_series_0. simpl. field.
  - cbn [mean_over_receivers]. rewrite (sumn_ext m _ (fun k => / INR m * (INR (fact T) / INR m ^ T) * product_series m (updated k f) T)).
    + rewrite sumn_scal, <- derived_product. unfold derived. change (fact (S T)) with (S T * fact T)%nat. rewrite mult_INR. cbn [pow]. field.
      split; [now apply pow_nonzero|easy].
    + intros k _. rewrite IH. ring.
Qed.
