(* C(T, m, 1) as a quotient of whole numbers, so that it can be computed. *)
From Coq Require Import Reals Lra Lia List ZArith.
From Mcpolar Require Import Sums Orders Theorem2Ascent.
Import ListNotations.
Local Open Scope R_scope.

Fixpoint diffs (l : list Z) : list Z :=
  match l with
  | x :: (y :: _) as t => (x - y)%Z :: diffs t
  | _ => []
  end.

Lemma diffs_length l : length (diffs l) = pred (length l).
Proof. induction l as [|x [|y t] IH]; [easy|easy|]. cbn [diffs length] in *. now rewrite IH. Qed.

Lemma nth_diffs l d : (S d < length l)%nat -> nth d (diffs l) 0%Z = (nth d l 0 - nth (S d) l 0)%Z.
Proof.
  revert d. induction l as [|x [|y t] IH]; intros d H; simpl in H; try lia.
  destruct d as [|d]; [easy|]. cbn [diffs nth] in *. apply IH. simpl; lia.
Qed.

Definition difference_list (z : nat) (l : list Z) : list Z := Nat.iter z diffs l.

Lemma difference_list_length z l : length (difference_list z l) = (length l - z)%nat.
Proof. induction z as [|z IH]; simpl; [lia|]. rewrite diffs_length. fold (difference_list z l). rewrite IH. lia. Qed.

Lemma difference_list_nth z l d : (d + z < length l)%nat ->
  IZR (nth d (difference_list z l) 0%Z) = difference z (fun e => IZR (nth e l 0%Z)) d.
Proof.
  revert d. induction z as [|z IH]; intros d H; [easy|]. cbn [difference].
  rewrite <- !IH by lia. rewrite <- minus_IZR. f_equal. simpl. apply nth_diffs.
  fold (difference_list z l). rewrite difference_list_length. lia.
Qed.

Lemma difference_ext z f g d : (forall e, (d <= e <= d + z)%nat -> f e = g e) -> difference z f d = difference z g d.
Proof.
  revert d. induction z as [|z IH]; intros d H; simpl; [apply H; lia|].
  rewrite (IH d), (IH (S d)); [easy| |]; intros e He; apply H; lia.
Qed.

Lemma difference_scal z c f d : difference z (fun e => c * f e) d = c * difference z f d.
Proof. revert d. induction z as [|z IH]; intros d; simpl; [easy|]. rewrite !IH. ring. Qed.

Definition powers (m T : nat) : list Z := map (fun d => (Z.of_nat (m - d) ^ Z.of_nat T)%Z) (seq 0 (S m)).
Definition cover_count (m T : nat) : Z := hd 0%Z (difference_list m (powers m T)).
Definition word_count (m T : nat) : Z := (Z.of_nat m ^ Z.of_nat T)%Z.

Theorem cover_quotient m T : (0 < m)%nat ->
  cover m T (fun _ => 1%nat) = IZR (cover_count m T) / IZR (word_count m T).
Proof.
  intros Hm. assert (Pm : 0 < INR m) by now apply lt_0_INR.
  rewrite cover_hits by (easy || (intros; lia)).
  replace (count_owed m (fun _ => 1%nat)) with m.
  2:{ clear. induction m as [|k IH]; simpl; [easy|]. rewrite <- IH. lia. }
  rewrite hits_closed by lia.
  assert (W : IZR (word_count m T) = INR m ^ T) by (unfold word_count; rewrite INR_IZR_INZ; symmetry; apply pow_IZR).
  rewrite W. unfold cover_count.
  replace (hd 0%Z (difference_list m (powers m T))) with (nth 0 (difference_list m (powers m T)) 0%Z)
    by (destruct (difference_list m (powers m T)); easy).
  assert (Len : length (powers m T) = S m) by (unfold powers; now rewrite map_length, seq_length).
  rewrite difference_list_nth by lia.
  rewrite (difference_ext m (missed m T) (fun e => / INR m ^ T * IZR (nth e (powers m T) 0%Z))).
  - rewrite difference_scal. field. apply pow_nonzero. lra.
  - intros e He. unfold powers. set (F := fun d => (Z.of_nat (m - d) ^ Z.of_nat T)%Z).
    rewrite (nth_indep (map F (seq 0 (S m))) 0%Z (F 0%nat)) by (rewrite map_length, seq_length; lia).
    rewrite map_nth, seq_nth by lia. unfold F. simpl (0 + e)%nat.
    rewrite <- pow_IZR, <- INR_IZR_INZ, minus_INR by lia. unfold missed.
    rewrite <- pow_inv, <- Rpow_mult_distr. f_equal. field. lra.
Qed.

Lemma fraction_le a b c d : (0 < b)%Z -> (0 < d)%Z -> (a * d <= c * b)%Z -> IZR a / IZR b <= IZR c / IZR d.
Proof.
  intros Hb Hd H. apply IZR_lt in Hb. apply IZR_lt in Hd. apply IZR_le in H. rewrite !mult_IZR in H.
  apply Rmult_le_reg_r with (IZR b * IZR d); [now apply Rmult_lt_0_compat|].
  replace (IZR a / IZR b * (IZR b * IZR d)) with (IZR a * IZR d) by (field; lra).
  replace (IZR c / IZR d * (IZR b * IZR d)) with (IZR c * IZR b) by (field; lra). easy.
Qed.

(* factorials as whole numbers *)
Fixpoint whole_fact (n : nat) : Z := match n with O => 1%Z | S k => (Z.of_nat n * whole_fact k)%Z end.
Lemma fact_whole n : INR (fact n) = IZR (whole_fact n).
Proof.
  induction n as [|n IH]; [easy|]. change (fact (S n)) with (S n * fact n)%nat. rewrite mult_INR, IH.
  cbn [whole_fact]. now rewrite mult_IZR, INR_IZR_INZ.
Qed.
