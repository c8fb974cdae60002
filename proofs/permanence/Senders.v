(* Lemma 1: who sends, and what the senders' other weights add up to.

   Over a threshold t lie n agents of a silo. Of them, all lists name n (2k) at most: n
   lists of those above it, of length k; and of those below it, at most k name any, as the
   lowest such list holds all the other such agents. Sums of weights are sums over t. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Neighbours Theorem2 Permanence PM.
Import ListNotations.
Local Open Scope R_scope.

Lemma least_in (key : nat -> R) (l : list nat) : l <> [] -> exists i, In i l /\ forall e, In e l -> key i <= key e.
Proof.
  induction l as [|x t IH]; [easy|]. intros _. destruct t as [|z t'].
  - exists x. split; [now left|]. intros e [<-|[]]; lra.
  - destruct IH as (i & Ii & H); [easy|]. destruct (Rle_dec (key x) (key i)) as [L|L].
    + exists x. split; [now left|]. intros e [<-|He]; [lra|]. specialize (H e He). lra.
    + exists i. split; [now right|]. intros e [<-|He]; [lra|now apply H].
Qed.

Definition above (t v : R) : bool := negb (leb v t).
Lemma above_spec t v : above t v = true <-> t < v.
Proof.
  unfold above. rewrite negb_true_iff. destruct (leb v t) eqn:E.
  - apply leb_spec in E. split; [easy|lra].
  - split; [|easy]. intros _. destruct (Rle_dec v t) as [L|L]; [|lra]. apply leb_spec in L. congruence.
Qed.
Lemma above_false t v : above t v = false <-> v <= t.
Proof. rewrite <- not_true_iff_false, above_spec. lra. Qed.

(* those above 0, and all of them lowered by mu *)
Definition positive_ones (m : nat) (v : nat -> R) : list nat := filter (fun j => above 0 (v j)) (seq 0 m).
Definition lowered (mu : R) (v : nat -> R) (j : nat) : R := if above 0 (v j) then v j - mu else 0.

Lemma positive_spec m v j : In j (positive_ones m v) <-> (j < m)%nat /\ 0 < v j.
Proof. unfold positive_ones. rewrite filter_In, in_seq, above_spec. intuition lia. Qed.

Lemma lowered_above mu v t j : 0 < mu -> 0 <= t -> above t (lowered mu v j) = above (t + mu) (v j).
Proof.
  intros P T. apply eq_true_iff_eq. rewrite !above_spec. unfold lowered.
  destruct (above 0 (v j)) eqn:E; [lra|]. apply above_false in E. lra.
Qed.

Lemma lowered_sum m d v mu : (forall j, (j < m)%nat -> 0 <= v j) ->
  sumn m (fun j => v j * d j)
    = mu * sumn m (fun j => if above 0 (v j) then d j else 0) + sumn m (fun j => lowered mu v j * d j).
Proof.
  intros Hv. rewrite <- sumn_scal, <- sumn_plus. apply sumn_ext. intros j Hj. unfold lowered.
  destruct (above 0 (v j)) eqn:E; [ring|]. apply above_false in E. specialize (Hv j Hj). replace (v j) with 0 by lra. ring.
Qed.

Lemma lowered_fewer m v j0 : In j0 (positive_ones m v) ->
  (length (positive_ones m (lowered (v j0) v)) < length (positive_ones m v))%nat.
Proof.
  intros I0. change (length (j0 :: positive_ones m (lowered (v j0) v)) <= length (positive_ones m v))%nat.
  apply NoDup_incl_length.
  - constructor; [|apply NoDup_filter, seq_NoDup]. intros I. apply positive_spec in I. destruct I as [_ I].
    unfold lowered in I. destruct (above 0 (v j0)); lra.
  - intros j [<-|I]; [easy|]. apply positive_spec in I. destruct I as [I1 I2]. apply positive_spec. split; [easy|].
    unfold lowered in I2. destruct (above 0 (v j)) eqn:E; [now apply above_spec|lra].
Qed.

Lemma layers_by_count m (d : nat -> R) c v : (length (positive_ones m v) <= c)%nat ->
  (forall j, (j < m)%nat -> 0 <= v j) ->
  (forall t, 0 <= t -> 0 <= sumn m (fun j => if above t (v j) then d j else 0)) ->
  0 <= sumn m (fun j => v j * d j).
Proof.
  revert v. induction c as [|c IH]; intros v Hc Hv Ht; destruct (positive_ones m v) as [|l0 L0] eqn:EL; try (simpl in Hc; lia).
  1, 2: right; rewrite (sumn_ext m _ (fun _ => 0)); [rewrite sumn_const; ring|]; intros j Hj;
    destruct (Req_dec (v j) 0) as [->|Ne]; [ring|exfalso]; specialize (Hv j Hj);
    assert (I : In j (positive_ones m v)) by (apply positive_spec; split; [easy|lra]); now rewrite EL in I.
  destruct (least_in v (positive_ones m v) ltac:(now rewrite EL)) as (j0 & I0 & Min). rewrite <- EL in Hc. clear l0 L0 EL.
  pose proof (lowered_fewer m v j0 I0) as Fewer. apply positive_spec in I0. destruct I0 as [_ P0].
  rewrite (lowered_sum m d v (v j0) Hv).
  apply Rplus_le_le_0_compat; [apply Rmult_le_pos; [lra|apply Ht; lra]|]. apply IH; [lia| |].
  - intros j Hj. unfold lowered. destruct (above 0 (v j)) eqn:E; [|lra]. apply above_spec in E.
    specialize (Min j (proj2 (positive_spec m v j) (conj Hj E))). lra.
  - intros t T. rewrite (sumn_ext m _ (fun j => if above (t + v j0) (v j) then d j else 0)).
    + apply Ht. lra.
    + intros j Hj. now rewrite lowered_above.
Qed.

(* a sum of v d is a sum over thresholds of the d above them *)
Theorem layers m (d v : nat -> R) :
  (forall j, (j < m)%nat -> 0 <= v j) ->
  (forall t, 0 <= t -> 0 <= sumn m (fun j => if above t (v j) then d j else 0)) ->
  0 <= sumn m (fun j => v j * d j).
Proof. exact (layers_by_count m d _ v (Nat.le_refl _)). Qed.

(* ---- how often agents are listed ---- *)
Section Lists.
Variables m k : nat.
Variable near : nat -> list nat.
Variable side : nat -> bool.
Variable w : nat -> R.
Hypothesis Hw : forall j, (j < m)%nat -> 0 <= w j.
Hypothesis Hnd : forall i, (i < m)%nat -> NoDup (near i).
Hypothesis Hlen : forall i, (i < m)%nat -> length (near i) = k.
Hypothesis Hin : forall i j, (i < m)%nat -> In j (near i) -> (j < m)%nat /\ j <> i /\ side j = side i.
Hypothesis Hnear : forall i a b, (i < m)%nat -> In a (near i) -> (b < m)%nat -> b <> i -> ~ In b (near i) ->
  side b = side i -> Rabs (w i - w a) <= Rabs (w i - w b).

Definition listed (j : nat) : R := sumn m (fun i => if isin (near i) j then 1 else 0).

Lemma isin_spec l j : isin l j = true <-> In j l.
Proof. unfold isin. destruct (in_dec Nat.eq_dec j l); split; easy. Qed.

Section Threshold.
Variable b0 : bool.
Variable t : R.
Definition high (j : nat) : bool := Bool.eqb (side j) b0 && above t (w j).
Definition number_high : R := sumn m (fun j => if high j then 1 else 0).
(* those below that list one above *)
Definition reaching : list nat := filter (fun i => negb (high i) && existsb high (near i)) (seq 0 m).

Lemma reaching_few : (length reaching <= k)%nat.
Proof.
  destruct reaching as [|e0 l0] eqn:EL; [simpl; lia|]. rewrite <- EL.
  destruct (least_in w reaching ltac:(now rewrite EL)) as (i0 & I0 & Min). clear e0 l0 EL.
  assert (Spec : forall e, In e reaching -> (e < m)%nat /\ side e = b0 /\ w e <= t /\ exists j, In j (near e) /\ high j = true).
  { intros e He. apply filter_In in He. destruct He as [H1 H2]. apply in_seq in H1. apply andb_prop in H2. destruct H2 as [H2 H3].
    apply existsb_exists in H3. destruct H3 as (j & J1 & J2). assert (J3 := J2). apply andb_prop in J3. destruct J3 as [J3 _].
    apply Bool.eqb_prop in J3. assert (Se : side e = b0) by (rewrite <- J3; symmetry; apply (Hin e j); [lia|easy]).
    repeat split; [lia|easy| |now exists j]. unfold high in H2. rewrite Se, Bool.eqb_reflx in H2. apply negb_true_iff in H2.
    now apply above_false. }
  destruct (Spec i0 I0) as (M0 & S0 & W0 & j0 & J1 & J2).
  enough (length (j0 :: reaching) <= length (i0 :: near i0))%nat by (simpl in *; rewrite (Hlen i0 M0) in *; lia).
  apply NoDup_incl_length.
  - constructor; [|apply NoDup_filter, seq_NoDup]. intros I. apply filter_In in I. destruct I as [_ I]. now rewrite J2 in I.
  - intros e [<-|He]; [now right|]. destruct (Nat.eq_dec e i0) as [->|Ne]; [now left|right].
    destruct (Spec e He) as (M1 & S1 & W1 & _). specialize (Min e He).
    destruct (in_dec Nat.eq_dec e (near i0)) as [|No]; [easy|exfalso].
    pose proof (Hnear i0 j0 e M0 J1 M1 Ne No ltac:(congruence)) as D. apply andb_prop in J2. destruct J2 as [_ J2].
    apply above_spec in J2. unfold Rabs in D. repeat destruct Rcase_abs; lra.
Qed.

Lemma listed_high : sumn m (fun j => if high j then listed j else 0) <= 2 * INR k * number_high.
Proof.
  assert (N0 : 0 <= number_high) by (apply sumn_pos; intros j _; destruct (high j); lra).
  apply Rle_trans with (sumn m (fun i => (if high i then INR k else 0) + (if isin reaching i then number_high else 0))).
  - rewrite (sumn_ext m _ (fun j => sumn m (fun i => if high j then if isin (near i) j then 1 else 0 else 0))).
    2:{ intros j _. unfold listed. destruct (high j); [easy|]. rewrite sumn_const. ring. }
    rewrite (sumn_swap m m (fun j i => if high j then if isin (near i) j then 1 else 0 else 0)).
    apply sumn_le. intros i Hi. destruct (high i) eqn:E.
    + apply Rle_trans with (INR k); [|destruct (isin reaching i); lra].
      apply Rle_trans with (sumn m (fun j => if isin (near i) j then 1 else 0)).
      * apply sumn_le. intros j _. destruct (high j), (isin (near i) j); lra.
      * rewrite sum_isin; [rewrite (Hlen i Hi); lra|now apply Hnd|]. intros j Hj. now apply (Hin i j).
    + destruct (existsb high (near i)) eqn:Ex.
      * assert (I : isin reaching i = true).
        { apply isin_spec, filter_In. split; [apply in_seq; lia|]. now rewrite E, Ex. }
        rewrite I, Rplus_0_l. apply sumn_le. intros j _. destruct (high j), (isin (near i) j); lra.
      * apply Rle_trans with 0; [|destruct (isin reaching i); lra]. right.
        rewrite (sumn_ext m _ (fun _ => 0)); [rewrite sumn_const; ring|]. intros j _.
        destruct (high j) eqn:Ej; [|easy]. destruct (isin (near i) j) eqn:Ij; [|easy]. exfalso. apply isin_spec in Ij.
        enough (existsb high (near i) = true) by congruence. apply existsb_exists. now exists j.
  - rewrite (sumn_plus m (fun i => if high i then INR k else 0) (fun i => if isin reaching i then number_high else 0)).
    rewrite sum_isin.
    + rewrite (sumn_ext m (fun i => if high i then INR k else 0) (fun i => INR k * (if high i then 1 else 0))).
      2:{ intros i _. destruct (high i); ring. }
      rewrite sumn_scal. fold number_high. pose proof (le_INR _ _ reaching_few). nra.
    + apply NoDup_filter, seq_NoDup.
    + intros i Hi. apply filter_In in Hi. destruct Hi as [Hi _]. apply in_seq in Hi. lia.
Qed.
End Threshold.

(* the in-degree counts as if it were at most 2 k *)
Theorem listed_2k : sumn m (fun j => w j * listed j) <= 2 * INR k * sumn m w.
Proof.
  assert (G : forall b0, 0 <= sumn m (fun j => (if Bool.eqb (side j) b0 then w j else 0) * (2 * INR k - listed j))).
  { intros b0. apply layers.
    - intros j Hj. destruct (Bool.eqb (side j) b0); [now apply Hw|lra].
    - intros t Ht. pose proof (listed_high b0 t) as H. unfold number_high in H.
      rewrite (sumn_ext m _ (fun j => 2 * INR k * (if high b0 t j then 1 else 0) + -1 * (if high b0 t j then listed j else 0))).
      + rewrite (sumn_plus m (fun j => 2 * INR k * _)), !sumn_scal. lra.
      + intros j _. unfold high. destruct (Bool.eqb (side j) b0); cbn [andb].
        * destruct (above t (w j)); ring.
        * replace (above t 0) with false by (symmetry; apply above_false; lra). ring. }
  pose proof (G true) as G1. pose proof (G false) as G2.
  assert (E : sumn m (fun j => w j * (2 * INR k - listed j)) = 2 * INR k * sumn m w + -1 * sumn m (fun j => w j * listed j)).
  { rewrite <- !sumn_scal, <- sumn_plus. apply sumn_ext. intros; ring. }
  enough (0 <= sumn m (fun j => w j * (2 * INR k - listed j))) by lra.
  rewrite (sumn_ext m _ (fun j => (if Bool.eqb (side j) true then w j else 0) * (2 * INR k - listed j)
                                  + (if Bool.eqb (side j) false then w j else 0) * (2 * INR k - listed j))).
  - rewrite (sumn_plus m (fun j => (if Bool.eqb (side j) true then w j else 0) * _)). lra.
  - intros j _. destruct (side j); simpl; ring.
Qed.

(* and is at most the number of others in the silo *)
Theorem listed_others M j : (j < m)%nat -> (forall i, (i < m)%nat -> (length (others_of_side m side i) <= M)%nat) ->
  listed j <= INR M.
Proof.
  intros Hj HM. apply Rle_trans with (sumn m (fun i => if isin (others_of_side m side j) i then 1 else 0)).
  - apply sumn_le. intros i Hi. destruct (isin (near i) j) eqn:E; [|destruct (isin _ i); lra].
    apply isin_spec in E. destruct (Hin i j Hi E) as (_ & Ne & Sd).
    replace (isin (others_of_side m side j) i) with true; [lra|]. symmetry. apply isin_spec, filter_In.
    split; [apply in_seq; lia|]. rewrite <- Sd, Bool.eqb_reflx. simpl. apply negb_true_iff, Nat.eqb_neq. congruence.
  - apply Rle_trans with (1 := sum_isin_le m 1 _ ltac:(lra)). rewrite Rmult_1_r. apply le_INR, HM, Hj.
Qed.
End Lists.

(* ---- Lemma 1 ---- *)
Lemma other_distance side x i j : side i = side j -> distance x i j = Rabs (u side x i - u side x j).
Proof.
  intros E. unfold distance, u, other. fold (own_weight (side i) (x i)) (own_weight (side j) (x j)).
  rewrite !own_weight_cases, E. unfold Rabs. destruct (side j); repeat destruct Rcase_abs; lra.
Qed.

Lemma below_all m (w : nat -> R) c : 0 < c -> (forall i, (i < m)%nat -> w i < c) ->
  exists e, 0 <= e < c /\ forall i, (i < m)%nat -> w i <= e.
Proof.
  intros Hc. induction m as [|m IH]; intros H.
  - exists 0. split; [lra|]. intros; lia.
  - destruct IH as (e & He & L). { intros; apply H; lia. } exists (Rmax e (w m)). split.
    + pose proof (Rmax_l e (w m)). specialize (H m ltac:(lia)). unfold Rmax in *. destruct Rle_dec; lra.
    + intros i Hi. destruct (Nat.eq_dec i m) as [->|]; [apply Rmax_r|].
      apply Rle_trans with (2 := Rmax_l _ _). apply L. lia.
Qed.

Section Lemma1.
Variables m k : nat.
Variable a : R.
Hypothesis Hk : (0 < k <= m - 1)%nat.
Hypothesis Ha : a < 1.
Variable Q : senders m.
Hypothesis HQ : nearest_senders Q k a.
Variable side : nat -> bool.
Local Notation b := ((1 - a) / INR k).
Local Notation near := (k_nearest m k).

Lemma b_positive : 0 < b.
Proof. apply Rdiv_lt_0_compat; [lra|]. apply lt_0_INR. lia. Qed.
Lemma Hnearest x i : (i < m)%nat -> nearest m k x i (near x i).
Proof. intros Hi. now apply k_nearest_correct. Qed.

(* M other agents at most in a silo *)
Theorem other_weights_of_senders M load x :
  same_side_senders Q side x ->
  (forall i, (i < m)%nat -> (length (others_of_side m side i) <= M)%nat) ->
  a + b * Rmin (2 * INR k) (INR M) <= load ->
  sumn m (fun i => sumn m (fun j => share Q x i j * u side x j)) <= load * sumn m (u side x).
Proof.
  intros Same HM Hl. pose proof b_positive as Hb. set (w := u side x).
  assert (Hw : forall j, (j < m)%nat -> 0 <= w j).
  { intros j _. unfold w, u, other. pose proof (logistic_01 (fst (own (side j) (x j)))). lra. }
  assert (In_ok : forall i j, (i < m)%nat -> In j (near x i) -> (j < m)%nat /\ j <> i /\ side j = side i).
  { intros i j Hi Ij. destruct (Hnearest x i Hi) as (_ & _ & H & _). destruct (H j Ij) as [H1 H2].
    repeat split; [easy|easy|]. apply (Same i j Hi H1). rewrite HQ by easy. destruct (Nat.eqb_spec j i); [easy|].
    apply isin_spec in Ij. rewrite Ij. lra. }
  assert (Nr : forall i c d, (i < m)%nat -> In c (near x i) -> (d < m)%nat -> d <> i -> ~ In d (near x i) ->
             side d = side i -> Rabs (w i - w c) <= Rabs (w i - w d)).
  { intros i c d Hi Ic Hd Ne No Sd. destruct (Hnearest x i Hi) as (_ & _ & _ & H). destruct (In_ok i c Hi Ic) as (_ & _ & Sc).
    unfold w. rewrite <- !other_distance by easy. now apply H. }
  pose proof (listed_2k m k (near x) side w Hw (fun i Hi => proj1 (k_nearest_valid m k x i (proj2 Hk) Hi)) (fun i _ => k_nearest_length m k x i (proj2 Hk)) In_ok Nr) as L2.
  assert (LM : sumn m (fun j => w j * listed m (near x) j) <= INR M * sumn m w).
  { rewrite <- sumn_scal. apply sumn_le. intros j Hj. rewrite (Rmult_comm (INR M)). apply Rmult_le_compat_l; [now apply Hw|].
    now apply (listed_others m (near x) side In_ok M j Hj). }
  assert (E : sumn m (fun i => sumn m (fun j => share Q x i j * w j)) = a * sumn m w + b * sumn m (fun j => w j * listed m (near x) j)).
  { rewrite sumn_swap. rewrite <- !sumn_scal, <- sumn_plus. apply sumn_ext. intros j Hj.
    rewrite (sumn_ext m _ (fun i => w j * (if Nat.eqb i j then a else 0) + b * w j * (if isin (near x i) j then 1 else 0))).
    - rewrite (sumn_plus m (fun i => w j * _)), !sumn_scal, sumn_single by easy. unfold listed. ring.
    - intros i Hi. rewrite HQ by easy. rewrite Nat.eqb_sym. destruct (Nat.eqb i j), (isin (near x i) j); ring. }
  fold w. rewrite E. assert (S0 : 0 <= sumn m w) by now apply sumn_pos.
  apply Rle_trans with ((a + b * Rmin (2 * INR k) (INR M)) * sumn m w); [|now apply Rmult_le_compat_r].
  rewrite Rmult_plus_distr_r, Rmult_assoc. apply Rplus_le_compat_l, Rmult_le_compat_l; [lra|].
  unfold Rmin; destruct Rle_dec; lra.
Qed.

(* two silos of k + 1 agents at least, own weights above 2/3 *)
Theorem two_silos_senders M load ell r :
  exp (- ell) <= 1/2 ->
  (forall i, (i < m)%nat -> (k <= length (others_of_side m side i) <= M)%nat) ->
  a + b * Rmin (2 * INR k) (INR M) <= load -> senders_condition m Q side ell load r.
Proof.
  intros He HM Hl x Sx Ax.
  assert (Same : same_side_senders Q side x).
  { destruct (below_all m (u side x) (1/3) ltac:(lra)) as (e & E1 & E2).
    - intros i Hi. unfold alive in Ax. rewrite forallb_forall in Ax. specialize (Ax i ltac:(apply in_seq; lia)).
      assert (Al : ell < fst (own (side i) (x i))) by (now apply above_spec in Ax).
      unfold u, other. rewrite other_logit. set (l := fst _) in *.
      assert (exp (- l) < exp (- ell)) by (apply exp_increasing; lra). pose proof (exp_pos (- l)).
      apply Rmult_lt_reg_r with (1 + exp (- l)); [lra|]. field_simplify; lra.
    - apply (nearest_senders_same_side Q k a x side e HQ (proj2 Hk) E1).
      + intros j Hj. specialize (E2 j Hj). unfold u, other in E2. fold (own_weight (side j) (x j)) in E2. lra.
      + intros i Hi. now apply HM. }
  split; [easy|]. apply (other_weights_of_senders M); try easy. intros i Hi. now apply HM.
Qed.

End Lemma1.

(* the chain's senders, and the c of Lemma 1: 1 for uniform senders in one silo; for the k nearest
   a + b min(2k, M), a the own share, b that of each neighbour, M the most other agents in a silo *)
Definition senders_in_silos {m} (Q : senders m) (side : nat -> bool) (load : R) : Prop :=
  uniform_senders Q /\ (forall i j, side i = side j) /\ 1 <= load
  \/ exists k a M, nearest_senders Q k a /\ (0 < k <= m - 1)%nat /\ 0 <= a < 1 /\
       (forall i, (i < m)%nat -> (k <= length (others_of_side m side i) <= M)%nat) /\
       a + (1 - a) / INR k * Rmin (2 * INR k) (INR M) <= load.

Theorem silos_condition m (Q : senders m) side ell load r : (0 < m)%nat -> exp (- ell) <= 1/2 ->
  senders_in_silos Q side load -> senders_condition m Q side ell load r.
Proof.
  intros Hm He [(U & One & Hl)|(k & a & M & HQ & Hk & Ha & HM & Hl)].
  - now apply one_silo_senders.
  - now apply two_silos_senders with k a M.
Qed.

(* equal shares: 1/(k+1) each, and c = 2 *)
Lemma equal_shares_fit m (Q : senders m) k side : nearest_senders Q k (/ INR (S k)) -> (0 < k <= m - 1)%nat ->
  (forall i, (i < m)%nat -> (k <= length (others_of_side m side i))%nat) ->
  nearest_senders Q k (/ INR (S k)) /\ (0 < k <= m - 1)%nat /\ 0 <= / INR (S k) < 1 /\
  (forall i, (i < m)%nat -> (k <= length (others_of_side m side i) <= m)%nat) /\
  / INR (S k) + (1 - / INR (S k)) / INR k * Rmin (2 * INR k) (INR m) <= 2.
Proof.
  intros HQ Hk Hs. assert (Pk : 0 < INR k) by (apply lt_0_INR; lia).
  assert (I1 : 0 < / INR (S k) < 1).
  { rewrite S_INR. split; [apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_lt_contravar; lra. }
  split; [easy|]. split; [easy|]. split; [lra|]. split.
  - intros i Hi. split; [now apply Hs|]. unfold others_of_side. rewrite <- (seq_length m 0) at 2.
    clear. induction (seq 0 m) as [|v t IH]; simpl; [lia|]. destruct (_ && _)%bool; simpl; lia.
  - apply Rle_trans with (/ INR (S k) + (1 - / INR (S k)) / INR k * (2 * INR k)).
    + apply Rplus_le_compat_l, Rmult_le_compat_l; [|apply Rmin_l].
      apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat].
    + replace ((1 - / INR (S k)) / INR k * (2 * INR k)) with (2 * (1 - / INR (S k))) by (field; rewrite ?S_INR; lra). lra.
Qed.
