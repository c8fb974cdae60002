(* T2ii': the level rises from h to h + n, with the coupon chance C(T, m, n). *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Neighbours Orders Theorem2.
Import ListNotations.
Local Open Scope R_scope.

(* the chance that T uniform draws from m cells pay what is owed: C(T, m, n) for c = n *)
Fixpoint cover (m T : nat) (c : owed) : R :=
  match T with
  | O => if paid m c then 1 else 0
  | S T => sumn m (fun i => / INR m * cover m T (pay c i))
  end.

Section Ascent.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Hypothesis HN : gaussian N.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.

(* agent i has risen by n - c i levels above H *)
Definition risen (side : nat -> bool) (r n : nat) (H : R) (c : owed) (x : state) : Prop :=
  forall i, (i < m)%nat -> (c i <= n)%nat /\ length (snd (x i)) = r /\
    H + INR (n - c i) * (1 / s ^ 2) <= fst (own (side i) (x i)) /\ Forall Iplus (snd (own (side i) (x i))).

Lemma unit_pos : 0 < 1 / s ^ 2.
Proof. apply Rdiv_lt_0_compat; [lra|now apply pow_lt]. Qed.

Lemma risen_at_level side r n H c x : risen side r n H c x -> at_level m side r H x.
Proof.
  intros R i Hi. destruct (R i Hi) as (_ & A & B & C). repeat split; try easy.
  pose proof unit_pos. pose proof (pos_INR (n - c i)). nra.
Qed.

Lemma risen_paid side r n H c x :
  risen side r n H c x -> paid m c = true -> at_level m side r (H + INR n * (1 / s ^ 2)) x.
Proof.
  intros R Z i Hi. destruct (R i Hi) as (_ & A & B & C). apply paid_spec with (i := i) in Z; [|easy].
  rewrite Z, Nat.sub_0_r in B. now repeat split.
Qed.

Theorem theorem2_ascent T side r n H x :
  (0 < r)%nat ->
  (forall x', at_level m side r H x' -> same_side_senders Q side x') ->
  at_level m side r H x ->
  cover m T (fun _ => n) * q_level s H ^ T
    <= P_stay m Hm s N rule Q T (polarized m H) (polarized m (H + INR n * (1 / s ^ 2))) x.
Proof.
  intros Hr HQ HL. set (q := q_level s H).
  assert (Hq : 0 <= q <= 1).
  { unfold q. rewrite q_level_mixture. pose proof (logistic_01 H). pose proof (Px_le_P s Hs).
    assert (P s <= 1) by (rewrite <- mass_own by easy; apply (mass_le_1 N HN); lra). nra. }
  set (v0 := fun c => if paid m c then 1 else 0).
  assert (E : forall T c, value m owed (fun _ _ => q) pay v0 T c = cover m T c * q ^ T).
  { clear. induction T as [|T IH]; intros c; [unfold v0; simpl; ring|]. cbn [value cover pow].
    rewrite (Rmult_comm (sumn m _)), <- sumn_scal. apply sumn_ext. intros i _. rewrite IH. ring. }
  rewrite <- E.
  apply (stay_value state m Hm (arrival m s N Q) (step s rule) owed (fun _ _ => q) pay v0 (fun _ _ => Hq))
    with (Inv := risen side r n H).
  - intros c. unfold v0. destruct (paid m c); lra.
  - intros c x' R. apply at_level_polarized with side r. now apply risen_at_level with n c.
  - intros c x' R. unfold v0. destruct (paid m c) eqn:Z; [|apply unitf_ind].
    unfold ind. rewrite (at_level_polarized m side r _ x' (risen_paid side r n H c x' R Z)). lra.
  - intros c x' i R Hi _. exists (seen (side i) inIplus). split.
    + apply (own_interval_draw m s Hs N HN Q side i x' H Hi).
      * now apply HQ, risen_at_level with n c.
      * intros j Hj. now apply (risen_at_level side r n H c x' R).
    + intros y Hy a Ha. unfold pay. destruct (Nat.eqb_spec a i) as [->|Ne].
      * destruct (R i Ha) as (Lc & A & B & C).
        destruct (good_update m Hm s Hs rule Hrule side r i x' y _ Hr Hy A B C) as (A' & B' & C').
        split; [lia|]. split; [easy|]. split; [|easy]. apply Rle_trans with (2 := B').
        pose proof unit_pos. assert (INR (n - pred (c i)) <= INR (n - c i) + 1).
        { rewrite <- S_INR. apply le_INR. lia. }
        nra.
      * rewrite step_other by easy. now apply R.
  - intros i Hi. destruct (HL i Hi) as (A & B & C). rewrite Nat.sub_diag. simpl INR.
    repeat split; try easy; lra.
Qed.
End Ascent.

(* ---- the coupon chance for n = 1 ---- *)
Fixpoint count_owed (m : nat) (c : owed) : nat :=
  match m with O => O | S k => (count_owed k c + (if Nat.eqb (c k) 0 then 0 else 1))%nat end.

Lemma count_owed_ext m c d : (forall i, (i < m)%nat -> c i = d i) -> count_owed m c = count_owed m d.
Proof.
  induction m as [|k IH]; intros H; simpl; [easy|]. rewrite (H k ltac:(lia)), IH; [easy|].
  intros i Hi; apply H; lia.
Qed.

Lemma count_owed_pay m c i : (i < m)%nat -> (c i <= 1)%nat ->
  count_owed m c = (count_owed m (pay c i) + (if Nat.eqb (c i) 0 then 0 else 1))%nat.
Proof.
  induction m as [|k IH]; intros Hi Hc; [lia|]. cbn [count_owed]. unfold pay at 2.
  destruct (Nat.eqb_spec k i) as [->|Ne].
  - rewrite (count_owed_ext i c (pay c i)).
    2:{ intros a Ha. unfold pay. destruct (Nat.eqb_spec a i); [lia|easy]. }
    destruct (c i) as [|[|v]]; simpl; lia.
  - rewrite (IH ltac:(lia) Hc). lia.
Qed.

Lemma count_owed_0 m c : count_owed m c = 0%nat <-> paid m c = true.
Proof.
  rewrite paid_spec. induction m as [|k IH]; simpl; [split; [intros _ i Hi; lia|easy]|]. split.
  - intros E i Hi. destruct (Nat.eqb_spec (c k) 0) as [Z|Z]; [|lia].
    destruct (Nat.eq_dec i k) as [->|]; [easy|]. apply IH; lia.
  - intros H. rewrite (H k ltac:(lia)). simpl. rewrite Nat.add_0_r. apply IH. intros i Hi; apply H; lia.
Qed.

Lemma sum_by_owed m c a b :
  sumn m (fun i => if Nat.eqb (c i) 0 then a else b) = INR (m - count_owed m c) * a + INR (count_owed m c) * b.
Proof.
  assert (L : forall m, (count_owed m c <= m)%nat).
  { induction m0 as [|k IH]; simpl; [lia|]. destruct (Nat.eqb (c k) 0); lia. }
  induction m as [|k IH]; [simpl; lra|]. specialize (L k). cbn [sumn count_owed]. rewrite IH.
  destruct (Nat.eqb (c k) 0).
  - rewrite Nat.add_0_r. replace (S k - count_owed k c)%nat with (S (k - count_owed k c)) by lia.
    rewrite S_INR. ring.
  - replace (S k - (count_owed k c + 1))%nat with (k - count_owed k c)%nat by lia.
    rewrite plus_INR. simpl (INR 1). ring.
Qed.

(* hits T z: T draws from m cells hit z given ones, each at least once *)
Fixpoint hits (m T z : nat) : R :=
  match T with
  | O => if Nat.eqb z 0 then 1 else 0
  | S T => INR (m - z) / INR m * hits m T z + INR z / INR m * hits m T (pred z)
  end.

Theorem cover_hits m T c : (0 < m)%nat -> (forall i, (i < m)%nat -> (c i <= 1)%nat) ->
  cover m T c = hits m T (count_owed m c).
Proof.
  intros Hm. assert (Pm : 0 < INR m) by now apply lt_0_INR. revert c.
  induction T as [|T IH]; intros c Hc.
  - simpl. destruct (paid m c) eqn:Z.
    + apply count_owed_0 in Z. now rewrite Z.
    + destruct (Nat.eqb_spec (count_owed m c) 0) as [E|]; [|easy].
      apply count_owed_0 in E. congruence.
  - cbn [cover hits].
    rewrite (sumn_ext m _ (fun i => if Nat.eqb (c i) 0
        then / INR m * hits m T (count_owed m c) else / INR m * hits m T (pred (count_owed m c)))).
    + rewrite sum_by_owed. field. lra.
    + intros i Hi. rewrite IH.
      * rewrite (count_owed_pay m c i Hi (Hc i Hi)). destruct (Nat.eqb (c i) 0).
        -- now rewrite Nat.add_0_r.
        -- now rewrite Nat.add_1_r.
      * intros a Ha. specialize (Hc a Ha). unfold pay. destruct (Nat.eqb a i); lia.
Qed.

(* inclusion and exclusion: sum_j (-1)^j binom(z, j) (1 - j/m)^T, as an iterated difference *)
Fixpoint difference (z : nat) (f : nat -> R) (d : nat) : R :=
  match z with O => f d | S z => difference z f d - difference z f (S d) end.

Definition missed (m T d : nat) : R := (1 - INR d / INR m) ^ T.

Lemma difference_step m T z d : (0 < m)%nat ->
  difference z (missed m (S T)) d =
    (1 - (INR z + INR d) / INR m) * difference z (missed m T) d
    + INR z / INR m * difference (pred z) (missed m T) d.
Proof.
  intros Hm. assert (Pm : 0 < INR m) by now apply lt_0_INR. revert d.
  induction z as [|z IH]; intros d.
  - simpl. unfold missed. simpl. field. lra.
  - cbn [difference pred]. rewrite !IH. rewrite !S_INR.
    destruct z as [|z]; [simpl; field; lra|]. cbn [difference pred]. rewrite !S_INR. field. lra.
Qed.

Theorem hits_closed m T z : (0 < m)%nat -> (z <= m)%nat -> hits m T z = difference z (missed m T) 0.
Proof.
  intros Hm. assert (Pm : 0 < INR m) by now apply lt_0_INR. revert z.
  induction T as [|T IH]; intros z Hz.
  - simpl hits. assert (E : forall z d, difference z (missed m 0) d = if Nat.eqb z 0 then 1 else 0).
    { clear. induction z as [|z IH]; intros d; [reflexivity|]. cbn [difference]. rewrite !IH.
      destruct z; simpl; lra. }
    now rewrite E.
  - rewrite difference_step by easy. cbn [hits]. rewrite <- !IH by lia. rewrite minus_INR by lia.
    simpl (INR 0). field. lra.
Qed.

(* the same as a sum with binomial coefficients *)
Theorem difference_binomial z f d :
  difference z f d = sumn (S z) (fun j => (-1) ^ j * Binomial.C z j * f (d + j)%nat).
Proof.
  revert d. induction z as [|z IH]; intros d.
  - simpl. unfold C. simpl. rewrite Nat.add_0_r. field.
  - cbn [difference]. rewrite !IH. symmetry.
    assert (Z : forall n g, sumn (S n) g = g 0%nat + sumn n (fun j => g (S j))).
    { clear. induction n as [|n IHn]; intros g; [simpl; ring|]. cbn [sumn] in *. rewrite IHn. ring. }
    rewrite (Z (S z)). rewrite (Z z (fun j => (-1) ^ j * C z j * f (d + j)%nat)).
    assert (C0 : forall n, C n 0 = 1).
    { intros n. unfold C. rewrite Nat.sub_0_r. simpl (fact 0). simpl (INR 1). field. apply INR_fact_neq_0. }
    assert (Cn : forall n, C n n = 1).
    { intros n. unfold C. rewrite Nat.sub_diag. simpl (fact 0). simpl (INR 1). field. apply INR_fact_neq_0. }
    rewrite !C0. cbn [sumn]. rewrite !Cn.
    rewrite (sumn_ext z (fun j => (-1) ^ S j * C (S z) (S j) * f (d + S j)%nat)
      (fun j => (-1) ^ S j * C z (S j) * f (d + S j)%nat - (-1) ^ j * C z j * f (S d + j)%nat)).
    + assert (Sub : forall g h, sumn z (fun j => g j - h j) = sumn z g - sumn z h).
      { intros g h. clear. induction z as [|k IHk]; simpl; [ring|rewrite IHk; ring]. }
      rewrite Sub. replace (d + S z)%nat with (S d + z)%nat by lia. simpl. ring.
    + intros j Hj. rewrite <- (pascal z j) by easy. replace (d + S j)%nat with (S d + j)%nat by lia.
      simpl. ring.
Qed.

(* the union bound: C(T, m, 1) >= 1 - m (1 - 1/m)^T *)
Theorem hits_union m T z : (0 < m)%nat -> (z <= m)%nat -> 1 - INR z * (1 - / INR m) ^ T <= hits m T z.
Proof.
  intros Hm. assert (Pm : 0 < INR m) by now apply lt_0_INR.
  assert (P1 : 1 <= INR m) by (change 1 with (INR 1); apply le_INR; lia).
  assert (I1 : 0 < / INR m <= 1).
  { split; [now apply Rinv_0_lt_compat|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra. }
  revert z. induction T as [|T IH]; intros z Hz.
  - simpl. destruct z; simpl Nat.eqb; [simpl; lra|]. cbn [Nat.eqb].
    rewrite S_INR. pose proof (pos_INR z). lra.
  - cbn [hits pow]. set (v := (1 - / INR m) ^ T).
    assert (V : 0 <= v) by (apply pow_le; lra).
    pose proof (IH z Hz) as A. pose proof (IH (pred z) ltac:(lia)) as B. fold v in A, B.
    destruct z as [|z].
    + simpl pred in *. simpl (INR 0) in *. rewrite Nat.sub_0_r.
      replace (INR m / INR m) with 1 by (field; lra). replace (0 / INR m) with 0 by (field; lra). lra.
    + change (Init.Nat.pred (S z)) with z in *. rewrite minus_INR by lia.
      set (p := INR (S z) / INR m). replace ((INR m - INR (S z)) / INR m) with (1 - p) by (unfold p; field; lra).
      assert (0 <= p <= 1).
      { unfold p. split; [apply Rmult_le_pos; [apply pos_INR|lra]|].
        apply Rmult_le_reg_r with (INR m); [easy|]. replace (INR (S z) / INR m * INR m) with (INR (S z)) by (field; lra).
        rewrite Rmult_1_l. now apply le_INR. }
      apply Rle_trans with ((1 - p) * (1 - INR (S z) * v) + p * (1 - INR z * v)).
      * right. unfold p. rewrite S_INR. field. lra.
      * apply Rplus_le_compat; apply Rmult_le_compat_l; lra.
Qed.

Corollary union_exp m T : (0 < m)%nat -> 1 - INR m * exp (- (INR T / INR m)) <= hits m T m.
Proof.
  intros Hm. assert (Pm : 0 < INR m) by now apply lt_0_INR.
  apply Rle_trans with (2 := hits_union m T m Hm (le_n m)).
  assert (P1 : 1 <= INR m) by (change 1 with (INR 1); apply le_INR; lia).
  apply Rplus_le_compat_l, Ropp_le_contravar, Rmult_le_compat_l; [lra|].
  replace (exp (- (INR T / INR m))) with (exp (- / INR m) ^ T).
  - apply pow_incr. split.
    + assert (/ INR m <= 1) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra). lra.
    + pose proof (exp_ineq1_le (- / INR m)). lra.
  - induction T as [|T IH]; [simpl; replace (- (0 / INR m)) with 0 by (field; lra); now rewrite exp_0|].
    rewrite S_INR. replace (- ((INR T + 1) / INR m)) with (- (INR T / INR m) + - / INR m) by (field; lra).
    rewrite exp_plus, <- IH. simpl; ring.
Qed.

Theorem cover_once m T : (0 < m)%nat ->
  cover m T (fun _ => 1%nat) = sumn (S m) (fun j => (-1) ^ j * Binomial.C m j * (1 - INR j / INR m) ^ T) /\
  1 - INR m * exp (- (INR T / INR m)) <= cover m T (fun _ => 1%nat).
Proof.
  intros Hm. rewrite cover_hits by (easy || (intros; lia)).
  replace (count_owed m (fun _ => 1%nat)) with m.
  - split; [|now apply union_exp]. rewrite hits_closed by lia. rewrite difference_binomial. reflexivity.
  - clear. induction m as [|k IH]; simpl; [easy|]. rewrite <- IH. lia.
Qed.
