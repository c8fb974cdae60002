(* GT1g of the chance: orders counted, senders of the own silo, clearing and own weights as in GP3' and GP2'. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Odds Proposition2 Sums Lower Rounds Gauss Chain Orders Schedule GeneralTheorem2 GeneralChance GeneralTheorem1.
Import ListNotations.
Local Open Scope R_scope.

Definition general_hit (r : nat) (PJ PB : R) (u : nat) : R := if Nat.ltb u r then PJ else PB.

Lemma prod_general_hit r PJ PB n : (r <= n)%nat -> prodn n (general_hit r PJ PB) = PJ ^ r * PB ^ (n - r).
Proof.
  intros H. induction H as [|n H IH].
  - rewrite Nat.sub_diag, (prodn_ext r _ (fun _ => PJ)), prodn_const; [simpl; ring|].
    intros u Hu. unfold general_hit. now rewrite (proj2 (Nat.ltb_lt u r) Hu).
  - cbn [prodn]. rewrite IH, (Nat.sub_succ_l r n H). unfold general_hit. rewrite (proj2 (Nat.ltb_ge n r) H). simpl. ring.
Qed.

Section Polarization.
Variable C : general_chain.
Variable law : draws.
Hypothesis Hc : (2 <= components C)%nat.
Variable D : R.
Notation d := (dimensions C).
Notation c := (components C).
Notation m := (people C).
Notation mu := (means C).
Notation s := (spread C).
Notation g := (gamma (spread C) D).
Hypothesis HD : forall j l, (j < c)%nat -> (l < c)%nat -> l <> j -> D ^ 2 <= dist2 d (mu j) (mu l).
Variables PJ PB : R.
Hypothesis HPJ : 0 <= PJ.
Hypothesis HPB : 0 <= PB.
Hypothesis HJ : mass_at_least law c (within d mu (D / 12)) PJ.
Hypothesis HB : mass_at_least law c (within d mu (D / 4)) PB.
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.
Variable n : nat.
Variable h : R.
Hypothesis Hn : enough_ c s D r n h.
Variable x : state_.
Variable home : nat -> nat.
Hypothesis Hx : forall i, (i < m)%nat -> length (snd (x i)) = r /\ largest c (fst (x i)) (home i).
Variable b : nat -> R.
Variable W : nat -> nat -> R.
Hypothesis Hb : forall i, 0 <= b i <= 1.
Hypothesis HW : forall i j, 0 <= W i j.
Hypothesis HW1 : forall i, (i < m)%nat -> sumn m (W i) = 1.
Hypothesis Hshare : forall y i j, (i < m)%nat -> (j < m)%nat -> b i * W i j <= share_of C y i j.
Hypothesis Hhome : forall i j, (i < m)%nat -> (j < m)%nat -> W i j <> 0 -> home j = home i.

Notation a := (weight_ c r g).
Notation M := (general_hit r PJ PB).
Notation grown_by := (fun i u (y : state_) => grown_ d c mu s D r (home i) u (y i)).
Notation good := (fun i u => wanted_ d mu D r (home i) u).

Lemma general_hit_le u l : (l < c)%nat -> M u <= inner law l (ind (wanted_ d mu D r l u)).
Proof.
  intros Hl. unfold general_hit, wanted_, ind. destruct (Nat.ltb u r).
  - exact (HJ l Hl).
  - exact (HB l Hl).
Qed.

Lemma general_hit_unit u : 0 <= M u <= 1.
Proof.
  split; [unfold general_hit; now destruct (Nat.ltb u r)|].
  apply Rle_trans with (1 := general_hit_le u 0 (components_positive C)), lo_unit, unitf_ind.
Qed.

Lemma general_good_draw o y i : underway state_ m n grown_by o y -> (i < m)%nat ->
  b i * M (n - o i)%nat * sumn m (fun j => W i j * a (n - o j)%nat) <= inner_arrival C law i y (ind (good i (n - o i)%nat)).
Proof.
  intros I Hi. rewrite <- sumn_scal. set (u := (n - o i)%nat). pose proof (general_hit_unit u) as HU. destruct (Hx i Hi) as [_ [Hl _]].
  set (G := ind (good i u)). assert (UG : unitf G) by apply unitf_ind.
  change (inner_arrival C law i y G) with (sumn m (fun j => share_of C y i j * sumn c (fun l => softmax c (fst (y j)) l * inner law l G))).
  apply sumn_le. intros j Hj. pose proof (proj1 (share_of_shares C y i) j) as S0. pose proof (Hshare y i j Hi Hj) as Sh.
  assert (T : forall l, (l < c)%nat -> 0 <= softmax c (fst (y j)) l * inner law l G).
  { intros l _. apply Rmult_le_pos; [left; apply softmax_pos, components_positive|now apply lo_unit]. }
  destruct (Req_dec (W i j) 0) as [Z|Z]; [rewrite Z, Rmult_0_l, Rmult_0_r; apply Rmult_le_pos; [easy|now apply sumn_pos]|].
  destruct (I j Hj) as [_ (_ & _ & A & _)]. rewrite (Hhome i j Hi Hj Z) in A.
  assert (A0 : 0 <= a (n - o j)%nat) by (left; apply logistic_01).
  assert (L : a (n - o j)%nat * M u <= sumn c (fun l => softmax c (fst (y j)) l * inner law l G)).
  { apply Rle_trans with (2 := term_le_sumn c (fun l => softmax c (fst (y j)) l * inner law l G) (home i) Hl T).
    apply Rmult_le_compat; [easy|easy|easy|now apply general_hit_le]. }
  apply Rle_trans with (b i * W i j * (a (n - o j)%nat * M u)); [right; ring|].
  apply Rmult_le_compat; [apply Rmult_le_pos; [apply Hb|apply HW]|now apply Rmult_le_pos|easy|easy].
Qed.

Lemma general_rounds (A : state_ -> bool) : (forall y, all_at_level d c mu D m home (h * g) y -> A y = true) ->
  schedule_bound m n M (prodn m b) (sumn m (fun i => sumn m (fun j => W i j * (if Nat.eqb i j then own_sum n a else other_sum n a))))
    <= inner_chance C law (n * m) A x.
Proof.
  intros HA. rewrite <- expected_all by apply people_positive. unfold inner_chance. rewrite <- (total_const m n).
  apply (schedule_owed state_ m (people_positive C) (inner_arrival C law) (after_draw_ C) n grown_by good a M b W).
  - intros u. pose proof (logistic_01 (lambda_ c r g u)). unfold weight_. lra.
  - apply general_hit_unit.
  - easy.
  - easy.
  - easy.
  - intros o y i I Hi _. now apply general_good_draw.
  - intros i u y z Hi Hu G Hz. cbv beta in *. unfold after_draw_, step_. rewrite Nat.eqb_refl.
    destruct (y i) as [l mem]. cbn [fst snd]. apply grown_step_ with z mem; try easy; [apply spread_positive|now apply Hx|].
    apply replaced_in_farthest. intros E. destruct G as (Len & _). rewrite E in Len. simpl in Len. lia.
  - intros i j u y z Ne G. cbv beta in *. unfold after_draw_, step_. now rewrite (proj2 (Nat.eqb_neq j i) Ne).
  - intros y G. apply HA. intros i Hi. apply grown_level with r n; try easy; [apply spread_positive|now apply Hx|now apply G].
  - intros i Hi. rewrite Nat.sub_diag. split; [lia|]. apply grown_start; [easy|now apply Hx|now apply Hx].
Qed.
End Polarization.

(* ---- the silos at the start ---- *)
(* the size of agent i's silo; the number of silos that have agents *)
Definition silo_size (m : nat) (home : nat -> nat) (i : nat) : R := sumn m (fun j => if Nat.eqb (home j) (home i) then 1 else 0).
Definition silos_held (m : nat) (home : nat -> nat) : R := sumn m (fun i => / silo_size m home i).
Definition general_bound (m c r : nat) (g PJ PB : R) (n : nat) (home : nat -> nat) : R :=
  INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (prodn m (fun i => silo_size m home i / INR m) ^ n * (PJ ^ r * PB ^ (n - r)) ^ m)
    * exp (silos_held m home * own_sum n (weight_ c r g) + (INR m - silos_held m home) * other_sum n (weight_ c r g)).
Definition general_self (m c r : nat) (g PJ PB : R) (n : nat) (share : R) : R :=
  INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (share ^ (n * m) * (PJ ^ r * PB ^ (n - r)) ^ m)
    * exp (INR m * own_sum n (weight_ c r g)).

Lemma silo_size_ge_1 m home i : (i < m)%nat -> 1 <= silo_size m home i.
Proof.
  intros Hi. pose proof (term_le_sumn m (fun j => if Nat.eqb (home j) (home i) then 1 else 0) i Hi) as T. cbv beta in T.
  rewrite Nat.eqb_refl in T. apply T. intros j _. destruct (Nat.eqb _ _); lra.
Qed.

Lemma silo_size_share m home i : (0 < m)%nat -> 0 <= silo_size m home i / INR m <= 1.
Proof.
  intros Hm. assert (P : 0 < INR m) by now apply lt_0_INR.
  assert (B : 0 <= silo_size m home i <= INR m * 1).
  { rewrite <- sumn_const. split; [apply sumn_pos|apply sumn_le]; intros j _; destruct (Nat.eqb _ _); lra. }
  split; [apply Rmult_le_pos; [easy|left; now apply Rinv_0_lt_compat]|].
  apply Rmult_le_reg_r with (INR m); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Definition silo_share (m : nat) (home : nat -> nat) (i j : nat) : R :=
  if (Nat.eqb (home j) (home i) && Nat.ltb i m)%bool then / silo_size m home i else 0.

Lemma silo_share_in m home i j : (i < m)%nat -> silo_share m home i j = / silo_size m home i * (if Nat.eqb (home j) (home i) then 1 else 0).
Proof. intros Hi. unfold silo_share. rewrite (proj2 (Nat.ltb_lt i m) Hi), andb_true_r. destruct (Nat.eqb _ _); ring. Qed.

Lemma silo_share_one m home i : (i < m)%nat -> sumn m (silo_share m home i) = 1.
Proof.
  intros Hi. rewrite (sumn_ext m _ _ (fun j _ => silo_share_in m home i j Hi)), sumn_scal. apply Rinv_l.
  pose proof (silo_size_ge_1 m home i Hi). unfold silo_size in *. lra.
Qed.

Lemma silo_share_pos m home i j : 0 <= silo_share m home i j.
Proof.
  unfold silo_share. destruct (Nat.eqb _ _); [|simpl; lra]. destruct (Nat.ltb_spec i m); simpl; [|lra].
  left. apply Rinv_0_lt_compat. pose proof (silo_size_ge_1 m home i ltac:(easy)). lra.
Qed.

Lemma silo_sum m home own other :
  sumn m (fun i => sumn m (fun j => silo_share m home i j * (if Nat.eqb i j then own else other)))
    = silos_held m home * own + (INR m - silos_held m home) * other.
Proof.
  unfold silos_held. rewrite (sumn_ext m _ (fun i => other + (own - other) * / silo_size m home i)).
  - rewrite sumn_plus, sumn_const, sumn_scal. ring.
  - intros i Hi. rewrite (sumn_change m _ (fun j => other * silo_share m home i j) i Hi).
    + rewrite sumn_scal, silo_share_one, Nat.eqb_refl, silo_share_in, Nat.eqb_refl by easy. ring.
    + intros j Nj. rewrite (proj2 (Nat.eqb_neq i j)) by now apply not_eq_sym. ring.
Qed.

Theorem general_theorem1 C law A D PJ PB r n h home x (P : general_chances C law any_state A) :
  (2 <= components C)%nat ->
  (forall j l, (j < components C)%nat -> (l < components C)%nat -> l <> j -> D ^ 2 <= dist2 (dimensions C) (means C j) (means C l)) ->
  0 <= PJ -> 0 <= PB -> mass_at_least law (components C) (within (dimensions C) (means C) (D / 12)) PJ ->
  mass_at_least law (components C) (within (dimensions C) (means C) (D / 4)) PB ->
  (0 < r)%nat -> enough_ (components C) (spread C) D r n h ->
  (forall y i j, (i < people C)%nat -> (j < people C)%nat -> share_of C y i j = / INR (people C)) ->
  (forall i, (i < people C)%nat -> length (snd (x i)) = r /\ largest (components C) (fst (x i)) (home i)) ->
  (forall y, all_at_level (dimensions C) (components C) (means C) D (people C) home (h * gamma (spread C) D) y -> A y = true) ->
  general_bound (people C) (components C) r (gamma (spread C) D) PJ PB n home <= P (n * people C)%nat x.
Proof.
  intros Hc HD H1 H2 HJ HB Hr Hn HQ Hx HA. apply Rle_trans with (2 := inner_chance_le C law A P _ x).
  pose proof (general_rounds C law Hc D HD PJ PB H1 H2 HJ HB r Hr n h Hn x home Hx (fun i => silo_size (people C) home i / INR (people C))
    (silo_share (people C) home)) as G.
  rewrite silo_sum in G. unfold schedule_bound in G. rewrite prod_general_hit in G by apply Hn. apply G; clear G; try easy; intros.
  - apply silo_size_share, people_positive.
  - apply silo_share_pos.
  - now apply silo_share_one.
  - rewrite HQ, silo_share_in by easy. pose proof (silo_size_ge_1 (people C) home i ltac:(easy)).
    assert (Pm : 0 < INR (people C)) by apply lt_0_INR, people_positive. destruct (Nat.eqb _ _).
    + right. field. lra.
    + rewrite !Rmult_0_r. left. now apply Rinv_0_lt_compat.
  - unfold silo_share in *. destruct (Nat.eqb_spec (home j) (home i)); easy.
Qed.

(* with k or mirror: the receiver sends to itself with chance [share] at least *)
Theorem general_theorem1_self C law A D PJ PB r n h home share x (P : general_chances C law any_state A) :
  (2 <= components C)%nat ->
  (forall j l, (j < components C)%nat -> (l < components C)%nat -> l <> j -> D ^ 2 <= dist2 (dimensions C) (means C j) (means C l)) ->
  0 <= PJ -> 0 <= PB -> mass_at_least law (components C) (within (dimensions C) (means C) (D / 12)) PJ ->
  mass_at_least law (components C) (within (dimensions C) (means C) (D / 4)) PB ->
  (0 < r)%nat -> enough_ (components C) (spread C) D r n h ->
  0 <= share <= 1 -> (forall y i, (i < people C)%nat -> share <= share_of C y i i) ->
  (forall i, (i < people C)%nat -> length (snd (x i)) = r /\ largest (components C) (fst (x i)) (home i)) ->
  (forall y, all_at_level (dimensions C) (components C) (means C) D (people C) home (h * gamma (spread C) D) y -> A y = true) ->
  general_self (people C) (components C) r (gamma (spread C) D) PJ PB n share <= P (n * people C)%nat x.
Proof.
  intros Hc HD H1 H2 HJ HB Hr Hn Hs HQ Hx HA. apply Rle_trans with (2 := inner_chance_le C law A P _ x).
  set (W := fun i j : nat => if Nat.eqb j i then 1 else 0). set (a := weight_ (components C) r (gamma (spread C) D)).
  pose proof (general_rounds C law Hc D HD PJ PB H1 H2 HJ HB r Hr n h Hn x home Hx (fun _ => share) W) as G.
  assert (E : sumn (people C) (fun i => sumn (people C) (fun j => W i j * (if Nat.eqb i j then own_sum n a else other_sum n a))) = INR (people C) * own_sum n a).
  { rewrite <- sumn_const. apply sumn_ext. intros i Hi.
    transitivity (sumn (people C) (fun j => if Nat.eqb j i then own_sum n a else 0)); [|now apply sumn_single]. apply sumn_ext.
    intros j _. unfold W. rewrite (Nat.eqb_sym i j). destruct (Nat.eqb j i); ring. }
  fold a in G. rewrite E in G. unfold schedule_bound in G. rewrite prod_general_hit, prodn_const, <- pow_mult, (Nat.mul_comm (people C) n) in G by apply Hn.
  apply G; clear G; try easy; intros; unfold W in *.
  - destruct (Nat.eqb j i); lra.
  - now apply sumn_single.
  - destruct (Nat.eqb_spec j i) as [->|]; [rewrite Rmult_1_r; now apply HQ|rewrite Rmult_0_r; apply share_of_shares].
  - destruct (Nat.eqb_spec j i) as [->|]; easy.
Qed.
