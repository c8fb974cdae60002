(* C(T, m, n) for every n: the number of words in which each of m letters comes n times at
   least, by a recursion on whole numbers that can be computed. *)
From Coq Require Import Reals Lra Lia List ZArith.
From Mcpolar Require Import Sums Orders Theorem2Ascent Cover.
Import ListNotations.
Local Open Scope R_scope.

(* binomial coefficients by Pascal's rule *)
Fixpoint binom (T k : nat) : R :=
  match T, k with
  | _, O => 1
  | O, S _ => 0
  | S T, S k => binom T k + binom T (S k)
  end.
Lemma binom_0 T : binom T 0 = 1. Proof. now destruct T. Qed.
Lemma binom_above T k : (T < k)%nat -> binom T k = 0.
Proof. revert k. induction T as [|T IH]; intros [|k] H; try lia; simpl; [easy|]. rewrite !IH by lia. ring. Qed.

(* words of length T over m letters, letter i c i times at least *)
Definition wordsR (m T : nat) (c : owed) : R := INR m ^ T * cover m T c.

Lemma wordsR_step m T c : (0 < m)%nat -> wordsR m (S T) c = sumn m (fun i => wordsR m T (pay c i)).
Proof.
  intros Hm. assert (0 < INR m) by now apply lt_0_INR. unfold wordsR. cbn [cover pow].
  rewrite (sumn_scal m (INR m ^ T) (fun i => cover m T (pay c i))).
  rewrite (sumn_scal m (/ INR m) (fun i => cover m T (pay c i))). field. lra.
Qed.

Lemma pay_ext m c d i : (forall a, (a < m)%nat -> c a = d a) -> forall a, (a < m)%nat -> pay c i a = pay d i a.
Proof. intros H a Ha. unfold pay. destruct (Nat.eqb a i); now rewrite H. Qed.
Lemma paid_ext m c d : (forall a, (a < m)%nat -> c a = d a) -> paid m c = paid m d.
Proof.
  intros H. apply Bool.eq_true_iff_eq. rewrite !paid_spec. split; intros P i Hi; [rewrite <- H|rewrite H]; auto.
Qed.
Lemma cover_ext m T c d : (forall a, (a < m)%nat -> c a = d a) -> cover m T c = cover m T d.
Proof.
  revert c d. induction T as [|T IH]; intros c d H; simpl; [now rewrite (paid_ext m c d H)|].
  apply sumn_ext. intros i _. f_equal. apply IH. now apply pay_ext.
Qed.

Definition at_least (n k : nat) : R := if Nat.leb n k then 1 else 0.

Lemma sumn_S n f : sumn (S n) f = sumn n f + f n. Proof. reflexivity. Qed.

(* the last letter comes k times, in binom T k places *)
Theorem words_last m T c : (0 < m)%nat ->
  wordsR (S m) T c = sumn (S T) (fun k => binom T k * at_least (c m) k * wordsR m (T - k) c).
Proof.
  intros Hm. revert c. induction T as [|T IH]; intros c.
  - unfold wordsR. simpl. unfold paid. rewrite seq_S, forallb_app. simpl. fold (paid m c).
    unfold at_least. destruct (c m); simpl; [|rewrite Bool.andb_false_r; ring]. rewrite Bool.andb_true_r. ring.
  - rewrite wordsR_step by lia. rewrite (sumn_S m).
    rewrite (sumn_ext m (fun i => wordsR (S m) T (pay c i))
      (fun i => sumn (S T) (fun k => binom T k * at_least (c m) k * wordsR m (T - k) (pay c i)))).
    2:{ intros i Hi. rewrite IH. apply sumn_ext. intros k _. unfold pay at 1. destruct (Nat.eqb_spec m i); [lia|easy]. }
    rewrite (sumn_swap m (S T) (fun i k => binom T k * at_least (c m) k * wordsR m (T - k) (pay c i))).
    rewrite (sumn_ext (S T) _ (fun k => binom T k * at_least (c m) k * wordsR m (S T - k) c)).
    2:{ intros k Hk. rewrite sumn_scal. f_equal. replace (S T - k)%nat with (S (T - k)) by lia. now rewrite wordsR_step. }
    rewrite IH.
    rewrite (sumn_ext (S T) (fun k => binom T k * at_least (pay c m m) k * wordsR m (T - k) (pay c m))
      (fun k => binom T k * at_least (c m) (S k) * wordsR m (S T - S k) c)).
    2:{ intros k _. unfold pay at 1. rewrite Nat.eqb_refl.
        replace (at_least (Nat.pred (c m)) k) with (at_least (c m) (S k)) by (unfold at_least; now destruct (c m)).
        f_equal. unfold wordsR. f_equal. apply cover_ext. intros a Ha. unfold pay. destruct (Nat.eqb_spec a m); [lia|easy]. }
    assert (Head : forall N f, sumn (S N) f = f 0%nat + sumn N (fun k => f (S k))).
    { clear. induction N as [|N IHN]; intros f; [simpl; ring|]. cbn [sumn] in *. rewrite IHN. ring. }
    rewrite (Head T (fun k => binom T k * at_least (c m) k * wordsR m (S T - k) c)).
    rewrite (Head (S T) (fun k => binom (S T) k * at_least (c m) k * wordsR m (S T - k) c)). rewrite !binom_0.
    rewrite (sumn_ext (S T) (fun k => binom (S T) (S k) * at_least (c m) (S k) * wordsR m (S T - S k) c)
      (fun k => binom T k * at_least (c m) (S k) * wordsR m (S T - S k) c + binom T (S k) * at_least (c m) (S k) * wordsR m (S T - S k) c))
      by (intros k _; simpl; ring).
    rewrite sumn_plus. rewrite (sumn_S T (fun k => binom T (S k) * at_least (c m) (S k) * wordsR m (S T - S k) c)).
    rewrite (binom_above T (S T)) by lia. ring.
Qed.

(* ---- the same on whole numbers ---- *)
Definition next_row (l : list Z) : list Z := map (fun p => (fst p + snd p)%Z) (combine (l ++ [0%Z]) (0%Z :: l)).
Fixpoint row (T : nat) : list Z := match T with O => [1%Z] | S T => next_row (row T) end.
Lemma row_length T : length (row T) = S T.
Proof. induction T as [|T IH]; [easy|]. simpl. unfold next_row. rewrite map_length, combine_length, app_length. simpl. rewrite IH. lia. Qed.

Lemma row_nth T k : IZR (nth k (row T) 0%Z) = binom T k.
Proof.
  revert k. induction T as [|T IH]; intros k.
  - destruct k as [|k]; [easy|]. destruct k; easy.
  - destruct (Nat.lt_ge_cases k (S (S T))) as [H|H].
    2:{ rewrite nth_overflow by (rewrite row_length; lia). now rewrite binom_above by lia. }
    cbn [row]. unfold next_row. set (F := fun p : Z * Z => (fst p + snd p)%Z).
    pose proof (row_length T) as Len.
    assert (LenC : length (map F (combine (row T ++ [0%Z]) (0%Z :: row T))) = S (S T)).
    { rewrite map_length, combine_length, app_length. simpl. lia. }
    rewrite (nth_indep _ 0%Z (F (0, 0)%Z)) by lia. rewrite map_nth, combine_nth by (rewrite app_length; simpl; lia).
    unfold F. cbn [fst snd]. rewrite plus_IZR. destruct k as [|k].
    + rewrite app_nth1 by lia. cbn [nth]. rewrite IH, binom_0. simpl. ring.
    + cbn [nth binom]. rewrite IH. destruct (Nat.eq_dec (S k) (S T)) as [E|Ne].
      * rewrite app_nth2 by lia. replace (S k - length (row T))%nat with 0%nat by lia. cbn [nth].
        rewrite (binom_above T (S k)) by lia. ring.
      * rewrite app_nth1 by lia. rewrite IH. ring.
Qed.

Fixpoint dot (a b : list Z) : Z := match a, b with x :: a, y :: b => (x * y + dot a b)%Z | _, _ => 0%Z end.

Lemma sumn_head n f : sumn (S n) f = f 0%nat + sumn n (fun k => f (S k)).
Proof. induction n as [|n IH]; [simpl; ring|]. cbn [sumn] in *. rewrite IH. ring. Qed.

Lemma dot_sum a b : length a = length b -> IZR (dot a b) = sumn (length a) (fun k => IZR (nth k a 0%Z) * IZR (nth k b 0%Z)).
Proof.
  revert b. induction a as [|x a IH]; intros [|y b] H; try discriminate; [easy|].
  cbn [dot length]. rewrite plus_IZR, mult_IZR, IH, sumn_head by (simpl in H; lia). easy.
Qed.

Lemma dot_skip n a b : length a = length b ->
  IZR (dot (skipn n a) (skipn n b)) = sumn (length a) (fun k => IZR (nth k a 0%Z) * at_least n k * IZR (nth k b 0%Z)).
Proof.
  revert n b. induction a as [|x a IH]; intros n [|y b] H; try discriminate; [now destruct n|]. simpl in H.
  destruct n as [|n].
  - cbn [skipn]. rewrite dot_sum by (simpl; lia). apply sumn_ext. intros k _. change (at_least 0 k) with 1. ring.
  - cbn [skipn length]. rewrite IH, sumn_head by lia.
    rewrite (sumn_ext (length a) (fun k => IZR (nth (S k) (x :: a) 0%Z) * at_least (S n) (S k) * IZR (nth (S k) (y :: b) 0%Z))
      (fun k => IZR (nth k a 0%Z) * at_least n k * IZR (nth k b 0%Z))) by (intros; reflexivity).
    change (at_least (S n) 0) with 0. ring.
Qed.

(* from the numbers of words over some letters to those with one letter more, n times at least *)
Fixpoint one_more (n : nat) (r done ahead : list Z) : list Z :=
  match ahead with
  | [] => []
  | v :: ahead => let done := v :: done in dot (skipn n r) (skipn n done) :: one_more n (next_row r) done ahead
  end.

Lemma one_more_length n r done ahead : length (one_more n r done ahead) = length ahead.
Proof. revert r done. induction ahead as [|v t IH]; intros r done; [easy|]. simpl. now rewrite IH. Qed.

Lemma one_more_nth n ahead done t : (t < length ahead)%nat ->
  nth t (one_more n (row (length done)) done ahead) 0%Z
    = dot (skipn n (row (length done + t))) (skipn n (rev (firstn (S t) ahead) ++ done)).
Proof.
  revert done t. induction ahead as [|v ahead IH]; intros done t H; [simpl in H; lia|]. cbn [one_more]. destruct t as [|t].
  - cbn [nth firstn rev app]. now rewrite Nat.add_0_r.
  - cbn [nth]. change (next_row (row (length done))) with (row (length (v :: done))).
    rewrite IH by (simpl in H; lia). cbn [firstn rev length]. rewrite <- app_assoc. cbn [app].
    now replace (S (length done) + t)%nat with (length done + S t)%nat by lia.
Qed.

(* words_list n m T: the numbers of words of length 0 .. T over m + 1 letters, each n times at least *)
Fixpoint words_list (n m T : nat) : list Z :=
  match m with
  | O => map (fun t => if Nat.leb n t then 1%Z else 0%Z) (seq 0 (S T))
  | S m => one_more n (row 0) [] (words_list n m T)
  end.

Lemma words_list_length n m T : length (words_list n m T) = S T.
Proof. induction m as [|m IH]; cbn [words_list]; [now rewrite map_length, seq_length|now rewrite one_more_length]. Qed.

Lemma words_one T c : wordsR 1 T c = at_least (c 0%nat) T.
Proof.
  revert c. induction T as [|T IH]; intros c.
  - unfold wordsR, at_least. cbn [cover]. unfold paid. simpl. destruct (c 0%nat); simpl; ring.
  - rewrite wordsR_step by lia. cbn [sumn]. rewrite IH. unfold pay, at_least. simpl. destruct (c 0%nat); simpl; ring.
Qed.

Theorem words_list_correct n m T t : (t <= T)%nat -> IZR (nth t (words_list n m T) 0%Z) = wordsR (S m) t (fun _ => n).
Proof.
  revert t. induction m as [|m IH]; intros t Ht.
  - cbn [words_list]. set (F := fun t => if Nat.leb n t then 1%Z else 0%Z).
    rewrite (nth_indep _ 0%Z (F 0%nat)) by (rewrite map_length, seq_length; lia).
    rewrite map_nth, seq_nth, words_one by lia. unfold F, at_least. simpl. now destruct (Nat.leb n t).
  - cbn [words_list]. set (L := words_list n m T) in *. pose proof (words_list_length n m T) as Len. fold L in Len.
    change (row 0) with (row (length (@nil Z))). rewrite (one_more_nth n L [] t) by lia. rewrite app_nil_r. cbn [length Nat.add].
    assert (Lf : length (firstn (S t) L) = S t) by (rewrite firstn_length; lia).
    rewrite dot_skip by (now rewrite row_length, rev_length). rewrite row_length, words_last by lia.
    apply sumn_ext. intros k Hk. rewrite row_nth. f_equal.
    rewrite rev_nth by lia. rewrite Lf. replace (S t - S k)%nat with (t - k)%nat by lia.
    rewrite <- (firstn_skipn (S t) L) in IH. rewrite <- IH by lia. rewrite app_nth1 by lia. easy.
Qed.

Theorem cover_many_quotient n m T : cover (S m) T (fun _ => n) = IZR (nth T (words_list n m T) 0%Z) / IZR (word_count (S m) T).
Proof.
  assert (Pm : 0 < INR (S m)) by (apply lt_0_INR; lia).
  rewrite words_list_correct by lia. unfold wordsR, word_count. rewrite <- pow_IZR, <- INR_IZR_INZ.
  field. apply pow_nonzero. lra.
Qed.
