(* n rounds of own-side updates: the common core of L1', L2' and T1'.

   Within n m steps every agent is updated exactly n times, each time by a sender of its
   own side whose draw is an arrival of the kind K; the orders are counted. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Chain.
Import ListNotations.
Local Open Scope R_scope.

(* c i updates are still owed to agent i *)
Definition owed : Type := nat -> nat.
Definition pay (c : owed) (i : nat) : owed := fun a => if Nat.eqb a i then pred (c a) else c a.
Definition paid (m : nat) (c : owed) : bool := forallb (fun i => Nat.eqb (c i) 0) (seq 0 m).

Lemma paid_spec m c : paid m c = true <-> forall i, (i < m)%nat -> c i = 0%nat.
Proof.
  unfold paid. rewrite forallb_forall. split; intros H i Hi.
  - apply Nat.eqb_eq, H, in_seq. lia.
  - apply in_seq in Hi. apply Nat.eqb_eq, H. lia.
Qed.

Fixpoint total (m : nat) (c : owed) : nat := match m with O => O | S k => (total k c + c k)%nat end.

Lemma total_ext m c d : (forall i, (i < m)%nat -> c i = d i) -> total m c = total m d.
Proof.
  induction m as [|k IH]; intros H; simpl; [easy|]. rewrite (H k ltac:(lia)), IH; [easy|].
  intros i Hi; apply H; lia.
Qed.

Lemma total_pay m c i : (i < m)%nat -> (0 < c i)%nat -> total m c = S (total m (pay c i)).
Proof.
  induction m as [|k IH]; intros Hi Hc; [lia|]. cbn [total]. unfold pay at 2.
  destruct (Nat.eqb_spec k i) as [->|Ne].
  - rewrite (total_ext i c (pay c i)); [lia|].
    intros a Ha. unfold pay. destruct (Nat.eqb_spec a i); [lia|easy].
  - rewrite (IH ltac:(lia) Hc). lia.
Qed.

Lemma total_0 m c : total m c = 0%nat -> forall i, (i < m)%nat -> c i = 0%nat.
Proof.
  induction m as [|k IH]; simpl; intros H i Hi; [lia|].
  destruct (Nat.eq_dec i k) as [->|]; [lia|apply IH; lia].
Qed.

Lemma total_const m n : total m (fun _ => n) = (n * m)%nat.
Proof. induction m as [|k IH]; simpl; [lia|rewrite IH; lia]. Qed.

Lemma sum_total m c : sumn m (fun i => INR (c i)) = INR (total m c).
Proof. induction m as [|k IH]; simpl; [easy|]. now rewrite IH, <- plus_INR. Qed.

(* the number of orders in which c i updates of agent i can come *)
Definition words (m : nat) (c : owed) : R := INR (fact (total m c)) / prodn m (fun i => INR (fact (c i))).

Lemma prodn_factor n f h i v :
  (i < n)%nat -> f i = v * h i -> (forall a, a <> i -> f a = h a) -> prodn n f = v * prodn n h.
Proof.
  revert i. induction n as [|n IH]; intros i Hi E H; [lia|]. simpl.
  destruct (Nat.eq_dec i n) as [->|Ne].
  - rewrite E, (prodn_ext n f h); [ring|]. intros a Ha; apply H; lia.
  - rewrite (IH i ltac:(lia) E H), (H n ltac:(lia)). ring.
Qed.

Lemma fact_prod_pos m c : 0 < prodn m (fun i => INR (fact (c i))).
Proof. apply prodn_pos. intros. apply lt_0_INR, lt_O_fact. Qed.

Lemma fact_prod_pay m c i : (i < m)%nat -> (0 < c i)%nat ->
  prodn m (fun a => INR (fact (c a))) = INR (c i) * prodn m (fun a => INR (fact (pay c i a))).
Proof.
  intros Hi Hc. apply (prodn_factor m _ _ i); [easy| |].
  - unfold pay. rewrite Nat.eqb_refl. destruct (c i) as [|v]; [lia|]. simpl pred.
    rewrite <- mult_INR. easy.
  - intros a Ha. unfold pay. apply Nat.eqb_neq in Ha. now rewrite Ha.
Qed.

(* T!/prod c_i! = sum over i with c_i > 0 of the same with one less owed to i *)
Theorem words_step m c T : total m c = S T ->
  sumn m (fun i => if Nat.eqb (c i) 0 then 0 else words m (pay c i)) = words m c.
Proof.
  intros HT. pose proof (fact_prod_pos m c) as PP. set (F := prodn m (fun a => INR (fact (c a)))) in *.
  rewrite (sumn_ext m _ (fun i => INR (fact T) / F * INR (c i))).
  - rewrite sumn_scal, sum_total. unfold words. fold F. rewrite HT.
    change (fact (S T)) with (S T * fact T)%nat. rewrite mult_INR. field. lra.
  - intros i Hi. destruct (Nat.eqb_spec (c i) 0) as [Z|Z]; [rewrite Z; simpl; ring|].
    pose proof (total_pay m c i Hi ltac:(lia)) as E. rewrite HT in E. injection E as E.
    unfold words. rewrite <- E. unfold F. rewrite (fact_prod_pay m c i Hi ltac:(lia)).
    pose proof (fact_prod_pos m (pay c i)). assert (0 < INR (c i)) by (apply lt_0_INR; lia). field. lra.
Qed.

Section Rounds.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.

Variable K : clearing.
Variable side : nat -> bool.
Variable n : nat.
Variables a M : R.
Hypothesis Ha : 0 <= a <= 1.
Hypothesis Ha_le : forall u, (u <= n)%nat -> a <= a_ r s u.
(* the own component's draw is an arrival of the kind with chance M *)
Hypothesis HM : 0 <= M <= 1.
Hypothesis HM_le : forall p : bool, M <= N (if p then 1 else -1) s (ind (seen p (arrives K))).
(* the share of senders of the receiver's side *)
Variable b : nat -> R.
Hypothesis Hb : forall i, 0 <= b i <= 1.
Hypothesis Hb_le : forall x i, (i < m)%nat ->
  b i <= sumn m (fun j => if Bool.eqb (side j) (side i) then share Q x i j else 0).

Definition all_grown (u : nat) (x : state) : Prop :=
  forall i, (i < m)%nat -> grown K r s u (own (side i) (x i)).

Definition in_progress (c : owed) (x : state) : Prop :=
  forall i, (i < m)%nat -> (c i <= n)%nat /\ grown K r s (n - c i) (own (side i) (x i)).

Definition chance_of (c : owed) (i : nat) : R := if Nat.eqb (c i) 0 then 0 else a * M * b i.
Definition done (c : owed) : R := if paid m c then 1 else 0.

Lemma value_words T c : total m c = T ->
  value m owed chance_of pay done T c
    = words m c * (/ INR m) ^ T * prodn m (fun i => (a * M * b i) ^ c i).
Proof.
  revert c. induction T as [|T IH]; intros c HT.
  - pose proof (total_0 m c HT) as Z. cbn [value]. unfold done. rewrite (proj2 (paid_spec m c) Z).
    unfold words. rewrite HT.
    rewrite (prodn_ext m (fun i => INR (fact (c i))) (fun _ => 1)) by (intros i Hi; now rewrite Z).
    rewrite (prodn_ext m (fun i => (a * M * b i) ^ c i) (fun _ => 1)) by (intros i Hi; now rewrite Z).
    rewrite !prodn_const, !pow1. simpl. field.
  - cbn [value]. rewrite <- (words_step m c T HT).
    rewrite (sumn_ext m _ (fun i => ((/ INR m) ^ S T * prodn m (fun i => (a * M * b i) ^ c i)) *
        (if Nat.eqb (c i) 0 then 0 else words m (pay c i)))).
    + rewrite sumn_scal. ring.
    + intros i Hi. unfold chance_of. destruct (Nat.eqb_spec (c i) 0) as [Z|Z]; [ring|].
      pose proof (total_pay m c i Hi ltac:(lia)) as E. rewrite HT in E. injection E as E.
      rewrite IH by easy.
      rewrite (prodn_factor m (fun i => (a * M * b i) ^ c i) (fun j => (a * M * b j) ^ pay c i j) i (a * M * b i) Hi).
      * simpl. ring.
      * unfold pay. rewrite Nat.eqb_refl. destruct (c i); [lia|easy].
      * intros j Hj. unfold pay. apply Nat.eqb_neq in Hj. now rewrite Hj.
Qed.

Lemma own_side_draw c x i : in_progress c x -> (i < m)%nat ->
  a * M * b i <= arrival m s N Q i x (ind (seen (side i) (arrives K))).
Proof.
  intros I Hi. assert (HaM : 0 <= a * M <= 1) by nra.
  eapply Rle_trans; [|apply (arrival_ge_from m s N Q i x _ (fun j => Bool.eqb (side j) (side i)) (a * M))].
  - apply Rmult_le_compat_l; [lra|now apply Hb_le].
  - lra.
  - intros j Hj Es. apply Bool.eqb_prop in Es.
    assert (Z : 0 <= N (if side i then -1 else 1) s (ind (seen (side i) (arrives K)))) by apply lo_unit, unitf_ind.
    apply Rle_trans with (2 := mixture_ge s N (side i) x j (arrives K) M 0 ltac:(lra) ltac:(lra) (HM_le (side i)) Z).
    destruct (I j Hj) as [Lj (_ & _ & G)]. rewrite Es in G.
    assert (W : a <= own_weight (side i) (x j)).
    { apply Rle_trans with (a_ r s (n - c j)); [apply Ha_le; lia|]. now apply logistic_le. }
    nra.
Qed.

Lemma own_side_update c x i y : in_progress c x -> (i < m)%nat -> c i <> 0%nat -> seen (side i) (arrives K) y = true ->
  in_progress (pay c i) (step s rule x i y).
Proof.
  intros I Hi Ne Hy j Hj. unfold pay. destruct (Nat.eqb_spec j i) as [->|Nj].
  - destruct (I i Hi) as [Li G]. split; [lia|].
    replace (n - pred (c i))%nat with (S (n - c i)) by lia. rewrite step_same.
    apply grown_step with (own_draw (side i) y) (own (side i) (x i)); try easy.
    apply moved_own; [easy|]. apply update_moved; [easy|]. intros En.
    destruct G as (Len & _). rewrite own_memory_length, En in Len. simpl in Len. lia.
  - rewrite step_other by easy. now apply I.
Qed.

Theorem rounds (B : state -> bool) x :
  (forall x, all_grown n x -> B x = true) -> all_grown 0 x ->
  INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (prodn m b ^ n * (a * M) ^ (n * m))
    <= P_at m Hm s N rule Q (n * m) B x.
Proof.
  intros HB H0. set (c0 := fun _ : nat => n).
  assert (E : INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (prodn m b ^ n * (a * M) ^ (n * m))
              = value m owed chance_of pay done (n * m) c0).
  { rewrite value_words by exact (total_const m n). unfold words, c0. rewrite total_const, prodn_const, prodn_pow.
    rewrite (prodn_scal m (a * M) b), (Rpow_mult_distr ((a * M) ^ m) (prodn m b) n), <- pow_mult, (Nat.mul_comm m n). ring. }
  rewrite E. eapply Rle_trans; [|apply (stay_le_chance state m Hm (arrival m s N Q) (step s rule) (n * m) (fun _ => true))].
  apply (stay_value state m Hm (arrival m s N Q) (step s rule) owed chance_of pay done)
    with (Inv := in_progress); [| |easy| | |].
  - intros c i. assert (HaM : 0 <= a * M <= 1) by nra. unfold chance_of. destruct (Nat.eqb (c i) 0); [lra|]. specialize (Hb i). nra.
  - intros c. unfold done. destruct (paid m c); lra.
  - intros c x' I. unfold done. destruct (paid m c) eqn:Z; [|apply unitf_ind].
    unfold ind. rewrite HB; [lra|]. intros i Hi. destruct (I i Hi) as [_ G].
    rewrite paid_spec in Z. rewrite (Z i Hi), Nat.sub_0_r in G. exact G.
  - intros c x' i I Hi Pos. exists (seen (side i) (arrives K)).
    unfold chance_of in *. destruct (Nat.eqb_spec (c i) 0) as [|Ne]; [lra|].
    split; [now apply (own_side_draw c)|]. intros y Hy. now apply own_side_update.
  - intros i Hi. unfold c0. rewrite Nat.sub_diag. split; [lia|now apply H0].
Qed.
End Rounds.

(* ---- the own-side share of uniform senders, and its least value over the splits ---- *)
Fixpoint plus_count (m : nat) (side : nat -> bool) : nat :=
  match m with O => O | S k => (plus_count k side + (if side k then 1 else 0))%nat end.

Lemma plus_count_le m side : (plus_count m side <= m)%nat.
Proof. induction m as [|k IH]; simpl; [lia|]. destruct (side k); lia. Qed.

(* the number of agents on the side p *)
Definition on (m : nat) (side : nat -> bool) (p : bool) : nat :=
  if p then plus_count m side else (m - plus_count m side)%nat.

Lemma sum_on m (side : nat -> bool) (p : bool) c : sumn m (fun j => if Bool.eqb (side j) p then c else 0) = INR (on m side p) * c.
Proof.
  induction m as [|k IH]; [destruct p; simpl; ring|]. cbn [sumn]. rewrite IH. unfold on in *.
  pose proof (plus_count_le k side). cbn [plus_count]. destruct p, (side k); simpl Bool.eqb; cbn iota.
  - rewrite plus_INR. simpl. ring.
  - rewrite Nat.add_0_r. ring.
  - replace (S k - (plus_count k side + 1))%nat with (k - plus_count k side)%nat by lia. ring.
  - replace (S k - (plus_count k side + 0))%nat with (S (k - plus_count k side)) by lia. rewrite S_INR. ring.
Qed.

Lemma prod_on m (side : nat -> bool) u v : prodn m (fun i => if side i then u else v) = u ^ plus_count m side * v ^ (m - plus_count m side).
Proof.
  induction m as [|k IH]; [simpl; ring|]. cbn [prodn plus_count]. rewrite IH.
  pose proof (plus_count_le k side). destruct (side k).
  - rewrite Nat.add_1_r, <- tech_pow_Rmult. replace (S k - S (plus_count k side))%nat with (k - plus_count k side)%nat by lia. ring.
  - rewrite Nat.add_0_r. replace (S k - plus_count k side)%nat with (S (k - plus_count k side)) by lia.
    rewrite <- tech_pow_Rmult. ring.
Qed.

(* (p/m)^p ((m-p)/m)^(m-p), with 0^0 = 1 *)
Definition split (m p : nat) : R := (INR p / INR m) ^ p * (INR (m - p) / INR m) ^ (m - p).
(* b = min over 0 <= p <= m of (p/m)^(n p) ((m-p)/m)^(n (m-p)) *)
Definition worst_split (m n : nat) : R := fold_right (fun p acc => Rmin (split m p ^ n) acc) 1 (seq 0 (S m)).

Lemma worst_split_le m n p : (p <= m)%nat -> worst_split m n <= split m p ^ n.
Proof.
  intros Hp. unfold worst_split. assert (I : In p (seq 0 (S m))) by (apply in_seq; lia).
  revert I. generalize (seq 0 (S m)). induction l as [|v t IH]; [easy|]. intros [->|I]; simpl.
  - apply Rmin_l.
  - apply Rle_trans with (2 := IH I). apply Rmin_r.
Qed.

Lemma uniform_share m (Q : senders m) (side : nat -> bool) x i : uniform_senders Q -> (i < m)%nat ->
  sumn m (fun j => if Bool.eqb (side j) (side i) then share Q x i j else 0) = INR (on m side (side i)) / INR m.
Proof.
  intros HQ Hi. rewrite (sumn_ext m _ (fun j => if Bool.eqb (side j) (side i) then / INR m else 0)).
  - rewrite sum_on. reflexivity.
  - intros j Hj. now rewrite HQ.
Qed.

Lemma uniform_share_01 m (side : nat -> bool) p : (0 < m)%nat -> 0 <= INR (on m side p) / INR m <= 1.
Proof.
  intros Hm. assert (0 < INR m) by now apply lt_0_INR. split.
  - apply Rmult_le_pos; [apply pos_INR|left; now apply Rinv_0_lt_compat].
  - apply Rmult_le_reg_r with (INR m); [easy|].
    replace (INR (on m side p) / INR m * INR m) with (INR (on m side p)) by (field; lra). rewrite Rmult_1_l.
    apply le_INR. unfold on. pose proof (plus_count_le m side). destruct p; lia.
Qed.

Lemma uniform_shares_product m (side : nat -> bool) : (0 < m)%nat ->
  prodn m (fun i => INR (on m side (side i)) / INR m) = split m (plus_count m side).
Proof.
  intros Hm. rewrite (prodn_ext m _ (fun i => if side i then INR (plus_count m side) / INR m
      else INR (m - plus_count m side) / INR m)).
  - now rewrite prod_on.
  - intros i _. now destruct (side i).
Qed.
