(* The k nearest agents in weight, and senders who are among them.

   [nearest] leaves the choice among ties open; [k_nearest] takes the smaller index. *)
From Coq Require Import Reals Lra Lia List Bool Permutation Sorted.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain.
Import ListNotations.
Local Open Scope R_scope.

Definition distance (x : state) (i j : nat) : R := Rabs (weight x i - weight x j).

Definition nearest (m k : nat) (x : state) (i : nat) (near : list nat) : Prop :=
  NoDup near /\ length near = k /\ (forall a, In a near -> (a < m)%nat /\ a <> i) /\
  (forall a b, In a near -> (b < m)%nat -> b <> i -> ~ In b near -> distance x i a <= distance x i b).

(* shares from a list of candidates *)
Definition isin (l : list nat) (j : nat) : bool := if in_dec Nat.eq_dec j l then true else false.

Lemma sum_isin_le m b l : 0 <= b -> sumn m (fun j => if isin l j then b else 0) <= INR (length l) * b.
Proof.
  intros Hb. induction l as [|v t IH].
  - rewrite (sumn_ext m _ (fun _ => 0)); [rewrite sumn_const; simpl; lra|easy].
  - cbn [length]. rewrite S_INR. apply Rle_trans with
      (sumn m (fun j => (if isin t j then b else 0) + (if Nat.eqb j v then b else 0))).
    + apply sumn_le. intros j _. unfold isin.
      destruct (in_dec Nat.eq_dec j (v :: t)) as [I|I], (in_dec Nat.eq_dec j t) as [I'|I'],
        (Nat.eqb_spec j v); simpl in I; try lra; exfalso; intuition congruence.
    + rewrite (sumn_plus m (fun j => if isin t j then b else 0) (fun j => if Nat.eqb j v then b else 0)).
      pose proof (sumn_single_le m v b Hb). lra.
Qed.

Lemma sum_isin m b l : NoDup l -> (forall a, In a l -> (a < m)%nat) ->
  sumn m (fun j => if isin l j then b else 0) = INR (length l) * b.
Proof.
  induction 1 as [|v t Hv Ht IH]; intros H.
  - rewrite (sumn_ext m _ (fun _ => 0)); [rewrite sumn_const; simpl; lra|easy].
  - cbn [length]. rewrite S_INR.
    rewrite (sumn_ext m _ (fun j => (if isin t j then b else 0) + (if Nat.eqb j v then b else 0))).
    + rewrite (sumn_plus m (fun j => if isin t j then b else 0) (fun j => if Nat.eqb j v then b else 0)).
      rewrite sumn_single by (apply H; now left). rewrite IH; [ring|].
      intros a Ha; apply H; now right.
    + intros j _. unfold isin.
      destruct (in_dec Nat.eq_dec j (v :: t)) as [I|I], (in_dec Nat.eq_dec j t) as [I'|I'],
        (Nat.eqb_spec j v); simpl in I; subst; try lra; exfalso; intuition congruence.
Qed.

(* ---- senders are of the receiver's side ---- *)
Definition same_side_senders {m} (Q : senders m) (side : nat -> bool) (x : state) : Prop :=
  forall i j, (i < m)%nat -> (j < m)%nat -> 0 < share Q x i j -> side j = side i.

Definition others_of_side (m : nat) (side : nat -> bool) (i : nat) : list nat :=
  filter (fun j => Bool.eqb (side j) (side i) && negb (Nat.eqb j i)) (seq 0 m).

(* own weights above 2/3 and k others at least on the receiver's side *)
Theorem nearest_same_side m k x i near (side : nat -> bool) e :
  (i < m)%nat -> 0 <= e < 1/3 ->
  (forall j, (j < m)%nat -> 1 - e <= own_weight (side j) (x j)) ->
  (k <= length (others_of_side m side i))%nat ->
  nearest m k x i near -> forall a, In a near -> side a = side i.
Proof.
  intros Hi He Hw Hk (ND & Len & Hin & Hnear) a Ha.
  destruct (Bool.bool_dec (side a) (side i)) as [|Ne]; [easy|exfalso].
  assert (D : exists b, In b (others_of_side m side i) /\ ~ In b near).
  { destruct (Exists_dec (fun b => ~ In b near) (others_of_side m side i)) as [E|E].
    - intros b. destruct (in_dec Nat.eq_dec b near); [now right|now left].
    - apply Exists_exists in E. exact E.
    - exfalso. assert (I : incl (a :: others_of_side m side i) near).
      { intros b [<-|Hb]; [easy|]. destruct (in_dec Nat.eq_dec b near); [easy|].
        exfalso. apply E, Exists_exists. now exists b. }
      apply NoDup_incl_length in I; [simpl in I; lia|]. constructor.
      + intros F. apply filter_In in F. destruct F as [_ F]. apply andb_prop in F.
        now apply Ne, Bool.eqb_prop.
      + apply NoDup_filter, seq_NoDup. }
  destruct D as (b & Hb & Nb). apply filter_In in Hb. destruct Hb as [Hb F]. apply andb_prop in F.
  destruct F as [F1 F2]. apply Bool.eqb_prop in F1. apply negb_true_iff, Nat.eqb_neq in F2.
  apply in_seq in Hb. destruct (Hin a Ha) as [Am _].
  specialize (Hnear a b Ha ltac:(lia) F2 Nb). unfold distance in Hnear.
  pose proof (Hw i Hi) as Wi. pose proof (Hw a Am) as Wa. pose proof (Hw b ltac:(lia)) as Wb.
  rewrite F1 in Wb. rewrite own_weight_cases in Wi, Wa, Wb.
  pose proof (weight_01 x i). pose proof (weight_01 x a). pose proof (weight_01 x b).
  destruct (side i), (side a); try (now apply Ne);
    unfold Rabs in Hnear; repeat destruct Rcase_abs; lra.
Qed.

(* ---- the chain's rule: the k nearest, ties to the smaller index ---- *)
Section Sort.
Variable key : nat -> R.

Fixpoint insert (v : nat) (l : list nat) : list nat :=
  match l with
  | [] => [v]
  | u :: t => if Rlt_dec (key v) (key u) then v :: l else u :: insert v t
  end.
(* later indices go behind earlier ones of the same key *)
Definition sort (l : list nat) : list nat := fold_left (fun acc v => insert v acc) l [].

Lemma insert_perm v l : Permutation (insert v l) (v :: l).
Proof.
  induction l as [|u t IH]; simpl; [easy|]. destruct (Rlt_dec (key v) (key u)); [easy|].
  rewrite IH. apply perm_swap.
Qed.

Lemma sort_perm_acc l acc : Permutation (fold_left (fun acc v => insert v acc) l acc) (l ++ acc).
Proof.
  revert acc. induction l as [|v t IH]; intros acc; simpl; [easy|].
  rewrite IH, insert_perm. symmetry. apply Permutation_middle.
Qed.

Lemma insert_sorted v l :
  StronglySorted (fun a b => key a <= key b) l -> StronglySorted (fun a b => key a <= key b) (insert v l).
Proof.
  induction 1 as [|u t Ht IH Hu]; simpl; [repeat constructor|].
  destruct (Rlt_dec (key v) (key u)) as [L|L].
  - constructor; [now constructor|]. constructor; [lra|]. apply Forall_impl with (2 := Hu). intros; lra.
  - constructor; [easy|]. rewrite Forall_forall in *. intros a Ha.
    apply (Permutation_in _ (insert_perm v t)) in Ha. destruct Ha as [<-|Ha]; [lra|now apply Hu].
Qed.

Lemma sort_sorted l : StronglySorted (fun a b => key a <= key b) (sort l).
Proof.
  unfold sort. assert (H : StronglySorted (fun a b => key a <= key b) []) by constructor.
  revert H. generalize (@nil nat). induction l as [|v t IH]; intros acc H; simpl; [easy|].
  now apply IH, insert_sorted.
Qed.

Lemma sorted_prefix l n a b :
  StronglySorted (fun a b => key a <= key b) l ->
  In a (firstn n l) -> In b (skipn n l) -> key a <= key b.
Proof.
  intros H. revert n. induction H as [|u t Ht IH Hu]; intros [|n] Ha Hb; simpl in *; try easy.
  destruct Ha as [<-|Ha]; [|now apply (IH n)].
  rewrite Forall_forall in Hu. apply Hu. rewrite <- (firstn_skipn n t). apply in_or_app; now right.
Qed.
End Sort.

Definition candidates (m i : nat) : list nat := filter (fun j => negb (Nat.eqb j i)) (seq 0 m).
Definition k_nearest (m k : nat) (x : state) (i : nat) : list nat :=
  firstn k (sort (distance x i) (candidates m i)).

Lemma candidates_length m i : (i < m)%nat -> length (candidates m i) = (m - 1)%nat.
Proof.
  intros Hi. unfold candidates. replace m with (i + (1 + (m - 1 - i)))%nat at 1 by lia.
  rewrite !seq_app, !filter_app, !app_length. simpl. rewrite Nat.eqb_refl. simpl.
  assert (E : forall a n, (a + n <= i \/ i < a)%nat ->
            filter (fun j => negb (Nat.eqb j i)) (seq a n) = seq a n).
  { intros a n; revert a. induction n as [|n IH]; intros a H; [easy|]. simpl.
    destruct (Nat.eqb_spec a i); [lia|]. simpl. now rewrite IH by lia. }
  rewrite !E by lia. rewrite !seq_length. lia.
Qed.

Lemma NoDup_prefix {A} (l l' : list A) : NoDup (l ++ l') -> NoDup l.
Proof.
  induction l as [|a t IH]; simpl; intros H; [constructor|]. inversion H; subst. constructor; [|auto].
  intros I. apply H2, in_or_app. now left.
Qed.

Theorem k_nearest_correct m k x i :
  (i < m)%nat -> (k <= m - 1)%nat -> nearest m k x i (k_nearest m k x i).
Proof.
  intros Hi Hk. unfold k_nearest. set (l := sort _ _).
  assert (P : Permutation l (candidates m i)).
  { unfold l, sort. rewrite sort_perm_acc. now rewrite app_nil_r. }
  assert (ND : NoDup l).
  { apply (Permutation_NoDup (Permutation_sym P)), NoDup_filter, seq_NoDup. }
  assert (Len : length l = (m - 1)%nat) by (rewrite (Permutation_length P); now apply candidates_length).
  split; [|split; [|split]].
  - rewrite <- (firstn_skipn k l) in ND. now apply NoDup_prefix in ND.
  - rewrite firstn_length. lia.
  - intros a Ha. assert (In a l) as Hl by (rewrite <- (firstn_skipn k l); apply in_or_app; now left).
    apply (Permutation_in _ P), filter_In in Hl. destruct Hl as [H1 H2].
    apply in_seq in H1. apply negb_true_iff, Nat.eqb_neq in H2. split; [lia|easy].
  - intros a b Ha Hb Hbi Nb. apply (sorted_prefix (distance x i) l k); [apply sort_sorted|easy|].
    assert (Hl : In b l).
    { apply (Permutation_in _ (Permutation_sym P)), filter_In. split; [apply in_seq; lia|].
      now apply negb_true_iff, Nat.eqb_neq. }
    rewrite <- (firstn_skipn k l) in Hl. apply in_app_or in Hl. now destruct Hl.
Qed.

Lemma k_nearest_length m k x i : (k <= m - 1)%nat -> length (k_nearest m k x i) = k.
Proof.
  intros Hk. destruct (Nat.lt_ge_cases i m) as [Hi|Hi]; [now apply (k_nearest_correct m k x i Hi Hk)|].
  unfold k_nearest. rewrite firstn_length. apply Nat.min_l.
  unfold sort. rewrite (Permutation_length (sort_perm_acc _ _ _)), app_nil_r.
  unfold candidates. replace (filter _ (seq 0 m)) with (seq 0 m); [rewrite seq_length; lia|].
  assert (E : forall n a, (a + n <= i)%nat -> seq a n = filter (fun j => negb (Nat.eqb j i)) (seq a n)).
  { induction n as [|n IH]; intros a H; [easy|]. simpl. destruct (Nat.eqb_spec a i); [lia|].
    simpl. now rewrite <- IH by lia. }
  apply E. lia.
Qed.

Lemma k_nearest_valid m k x i : (k <= m - 1)%nat -> (i < m)%nat ->
  NoDup (k_nearest m k x i) /\ (forall j, In j (k_nearest m k x i) -> (j < m)%nat).
Proof.
  intros Hk Hi. destruct (k_nearest_correct m k x i Hi Hk) as (A & _ & B & _).
  split; [easy|]. intros j Hj. now apply B.
Qed.

(* the receiver itself with share a, each of its k nearest with (1-a)/k: a = 1/(k+1) gives equal
   shares, a = p is `mirror = p` *)
Definition nearest_senders {m} (Q : senders m) (k : nat) (a : R) : Prop := forall x i j, (i < m)%nat -> (j < m)%nat ->
  share Q x i j = (if Nat.eqb j i then a else 0) + (if isin (k_nearest m k x i) j then (1 - a) / INR k else 0).

(* such senders exist *)
#[local] Obligation Tactic := idtac.
Program Definition k_nearest_senders (m k : nat) (a : R) (Hk : (0 < k <= m - 1)%nat) (Ha : 0 <= a <= 1) : senders m :=
  Senders m (fun x i j => (if Nat.eqb j i then a else 0) + (if isin (k_nearest m k x i) j then (1 - a) / INR k else 0)) _ _ _.
Next Obligation.
  intros m k a Hk Ha x i j. cbv beta. assert (0 < INR k) by (apply lt_0_INR; lia).
  assert (0 <= (1 - a) / INR k) by (apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]).
  destruct (Nat.eqb j i), (isin (k_nearest m k x i) j); lra.
Qed.
Next Obligation.
  intros m k a Hk Ha x i. cbv beta. assert (Pk : 0 < INR k) by (apply lt_0_INR; lia).
  assert (0 <= (1 - a) / INR k) by (apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]).
  rewrite (sumn_plus m (fun j => if Nat.eqb j i then a else 0) (fun j => if isin (k_nearest m k x i) j then (1 - a) / INR k else 0)).
  pose proof (sumn_single_le m i a ltac:(lra)). pose proof (sum_isin_le m ((1 - a) / INR k) (k_nearest m k x i) ltac:(lra)) as S.
  rewrite k_nearest_length in S by lia. replace (INR k * ((1 - a) / INR k)) with (1 - a) in S by (field; lra). lra.
Qed.
Next Obligation.
  intros m k a Hk Ha x i Hi. cbv beta. assert (Pk : 0 < INR k) by (apply lt_0_INR; lia).
  destruct (k_nearest_valid m k x i ltac:(lia) Hi) as [A B].
  rewrite (sumn_plus m (fun j => if Nat.eqb j i then a else 0) (fun j => if isin (k_nearest m k x i) j then (1 - a) / INR k else 0)).
  rewrite sumn_single, sum_isin, k_nearest_length by (easy || lia). field. lra.
Qed.
Lemma k_nearest_senders_are m k a Hk Ha : nearest_senders (k_nearest_senders m k a Hk Ha) k a.
Proof. easy. Qed.

Theorem nearest_senders_same_side {m} (Q : senders m) k a x (side : nat -> bool) e :
  nearest_senders Q k a -> (k <= m - 1)%nat -> 0 <= e < 1/3 ->
  (forall j, (j < m)%nat -> 1 - e <= own_weight (side j) (x j)) ->
  (forall i, (i < m)%nat -> (k <= length (others_of_side m side i))%nat) ->
  same_side_senders Q side x.
Proof.
  intros HQ Hk He Hw Hsize i j Hi Hj Hq. rewrite HQ in Hq by easy. destruct (Nat.eqb_spec j i) as [->|_]; [easy|].
  unfold isin in Hq. destruct (in_dec Nat.eq_dec j (k_nearest m k x i)) as [I|]; [|lra].
  now apply (nearest_same_side m k x i _ side e Hi He Hw (Hsize i Hi) (k_nearest_correct m k x i Hi Hk)).
Qed.
