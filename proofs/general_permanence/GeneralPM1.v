(* GPM1: memories of one element, c components in d dimensions: silos that never change.

   As PM1, with a risk for every competitor of an agent's component. *)
From Coquelicot Require Import Coquelicot.
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Odds Sums Lower Rounds Gauss Gaussian Normal Theorem2 GeneralTheorem2 GeneralChance.
Import ListNotations.
Local Open Scope R_scope.

(* ---- the drift of a capped sum of risks, whatever is drawn ---- *)
Section Drift.
Variable X : Type.
Context {Y : Type}.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable q : X -> nat -> nat -> R.
Hypothesis Hq : forall x i, (forall j, 0 <= q x i j) /\ sumn m (q x i) <= 1.
Hypothesis Hq1 : forall x i, (i < m)%nat -> sumn m (q x i) = 1.
(* what sender j gives; what the receiver's own component gives *)
Variable gives : X -> nat -> lower Y.
Variable own : nat -> lower Y.
Variable step : X -> nat -> Y -> X.
Variable good : X -> bool.
Variable risk : X -> R.
Variable u : X -> nat -> R.
Variable load : R.
Hypothesis risk_pos : forall x, 0 <= risk x.
Hypothesis Hu : forall x j, 0 <= u x j.
Hypothesis Hload : forall x, good x = true -> sumn m (fun i => sumn m (fun j => q x i j * u x j)) <= load * sumn m (u x).
Hypothesis Hgives : forall x i j f, good x = true -> (i < m)%nat -> (j < m)%nat -> 0 < q x i j -> unitf f -> (1 - u x j) * own i f <= gives x j f.
Definition value_of (x : X) : R := if good x then 1 - Rmin 1 (risk x) else 0.
Hypothesis Hfalls : forall x i, good x = true -> risk x < 1 -> (i < m)%nat ->
  1 - (risk x - load * u x i) <= own i (fun y => value_of (step x i y)).

Lemma value_of_unit : unitf value_of.
Proof. intros x. unfold value_of, Rmin. specialize (risk_pos x). destruct (good x); [destruct (Rle_dec 1 (risk x)); lra|lra]. Qed.

Notation draw := (fun i x => lchoose m (q x i) (Hq x i) (gives x)).

(* one receiver and sender *)
Lemma part_of_drift x i j : good x = true -> risk x < 1 -> (i < m)%nat -> (j < m)%nat ->
  q x i j * (1 - (risk x - load * u x i)) + -1 * (q x i j * u x j) <= q x i j * gives x j (fun y => value_of (step x i y)).
Proof.
  intros G Small Hi Hj. pose proof (proj1 (Hq x i) j) as Sp. destruct (Req_dec (q x i j) 0) as [->|Ne]; [lra|].
  assert (U : unitf (fun y => value_of (step x i y))) by (intros y; apply value_of_unit).
  pose proof (Hgives x i j _ G Hi Hj ltac:(lra) U) as P. pose proof (Hfalls x i G Small Hi) as F.
  pose proof (lo_unit (own i) _ U) as O. pose proof (lo_unit (gives x j) _ U) as O'. specialize (Hu x j).
  set (z := 1 - (risk x - load * u x i)) in *. set (w := own i (fun y => value_of (step x i y))) in *.
  replace (q x i j * z + -1 * (q x i j * u x j)) with (q x i j * (z - u x j)) by ring. apply Rmult_le_compat_l; [easy|].
  destruct (Rle_lt_dec (u x j) 1); nra.
Qed.

Lemma drift_of_risk x : good x = true -> value_of x <= next X m Hm draw step x value_of.
Proof.
  intros G. assert (Pm : 0 < INR m) by now apply lt_0_INR.
  change (next X m Hm draw step x value_of) with (sumn m (fun i => / INR m * sumn m (fun j => q x i j * gives x j (fun y => value_of (step x i y))))).
  destruct (Rle_dec 1 (risk x)) as [Big|Small].
  { apply Rle_trans with 0; [unfold value_of; rewrite G; unfold Rmin; destruct (Rle_dec 1 (risk x)); lra|].
    apply sumn_pos. intros i Hi. apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat|]. apply sumn_pos. intros j Hj.
    apply Rmult_le_pos; [apply Hq|]. apply lo_unit. intros y. apply value_of_unit. }
  set (z := fun i => 1 - (risk x - load * u x i)).
  apply Rle_trans with (/ INR m * sumn m (fun i => z i - sumn m (fun j => q x i j * u x j))).
  - replace (value_of x) with (/ INR m * (INR m * (1 - risk x))).
    2:{ unfold value_of. rewrite G. unfold Rmin. destruct (Rle_dec 1 (risk x)); [lra|]. field. lra. }
    apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
    rewrite (sumn_ext m (fun i => z i - sumn m (fun j => q x i j * u x j))
      (fun i => (1 - risk x) + (load * u x i + -1 * sumn m (fun j => q x i j * u x j)))) by (intros; unfold z; ring).
    rewrite sumn_plus, sumn_const, sumn_plus, !sumn_scal. pose proof (Hload x G). lra.
  - rewrite <- sumn_scal. apply sumn_le. intros i Hi. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
    apply Rle_trans with (sumn m (fun j => q x i j * z i + -1 * (q x i j * u x j))).
    + rewrite (sumn_ext m (fun j => q x i j * z i + -1 * (q x i j * u x j)) (fun j => z i * q x i j + -1 * (q x i j * u x j))) by (intros; ring).
      rewrite sumn_plus, !sumn_scal, Hq1 by easy. lra.
    + apply sumn_le. intros j Hj. apply part_of_drift; [easy|lra|easy|easy].
Qed.

Theorem kept_of_risk T x : good x = true -> 1 - risk x <= always X m Hm draw step T good x.
Proof.
  intros G. apply Rle_trans with (value_of x).
  { unfold value_of. rewrite G. unfold Rmin. destruct (Rle_dec 1 (risk x)); lra. }
  clear G. revert x. unfold always. induction T as [|T IH]; intros x; cbn [stay].
  - destruct (good x) eqn:E; [apply value_of_unit|unfold value_of; rewrite E; lra].
  - destruct (good x) eqn:E; [|unfold value_of; rewrite E; lra].
    apply Rle_trans with (1 := drift_of_risk x E). apply lo_mono; [apply value_of_unit|apply stay_unit|apply IH].
Qed.
End Drift.

Lemma always_mono X Y m Hm (D : nat -> X -> lower Y) step T (G A : X -> bool) x : (forall x, G x = true -> A x = true) ->
  always X m Hm D step T G x <= always X m Hm D step T A x.
Proof.
  intros H. unfold always. revert x. induction T as [|T IH]; intros x; cbn [stay]; destruct (G x) eqn:E.
  - rewrite (H x E). lra.
  - destruct (A x); [apply unitf_ind|lra].
  - rewrite (H x E). apply lo_mono; [apply stay_unit|apply stay_unit|apply IH].
  - destruct (A x); [|lra]. apply lo_unit, stay_unit.
Qed.

(* ---- one draw ---- *)
(* the draw y against competitor l: log E_l(y) = - [against ... j l y] *)
Definition against (d : nat) (mu : nat -> point) (s : R) (j l : nat) (y : point) : R := (dist2 d y (mu l) - dist2 d y (mu j)) / (2 * s ^ 2).
(* a sum over competitors *)
Definition over_others (c j : nat) (f : nat -> R) : R := sumn c (fun l => if Nat.eqb l j then 0 else f l).
(* log-ratios to all competitors above ell, own component named by home *)
Definition silos_kept (m c : nat) (home : nat -> nat) (ell : nat -> nat -> R) (x : state_) : bool :=
  forallb (fun i => forallb (fun l => Nat.eqb l (home i) || negb (leb (fst (x i) (home i) - fst (x i) l) (ell (home i) l)))%bool (seq 0 c)) (seq 0 m).
(* E min(1, c0 + sum of k_l E_l(y)^theta_l) <= c0 + sum of k_l rho_l, over own draws *)
Definition capped (C : general_chain) (theta : nat -> nat -> R) (j : nat) (c0 : R) (k : nat -> R) (y : point) : R :=
  1 - Rmin 1 (c0 + over_others (components C) j (fun l => k l * exp (- theta j l * against (dimensions C) (means C) (spread C) j l y))).
Definition own_moments (C : general_chain) (law : draws) (theta rho : nat -> nat -> R) : Prop :=
  forall j c0 k, (j < components C)%nat -> 0 <= c0 -> (forall l, 0 <= k l) ->
    1 - (c0 + over_others (components C) j (fun l => k l * rho j l)) <= inner law j (capped C theta j c0 k).
(* the weight of the other components *)
Definition other_weight (c : nat) (home : nat -> nat) (x : state_) (i : nat) : R := 1 - softmax c (fst (x i)) (home i).
(* senders are of the receiver's silo, and their other weights add up to load times all *)
Definition senders_in_own_silos (C : general_chain) (home : nat -> nat) (ell : nat -> nat -> R) (load : R) : Prop :=
  forall x, silos_kept (people C) (components C) home ell x = true ->
    (forall i j, (i < people C)%nat -> (j < people C)%nat -> 0 < share_of C x i j -> home j = home i) /\
    sumn (people C) (fun i => sumn (people C) (fun j => share_of C x i j * other_weight (components C) home x j))
      <= load * sumn (people C) (other_weight (components C) home x).

Lemma silos_kept_spec m c home ell x : silos_kept m c home ell x = true <->
  forall i l, (i < m)%nat -> (l < c)%nat -> l <> home i -> ell (home i) l < fst (x i) (home i) - fst (x i) l.
Proof.
  unfold silos_kept. rewrite forallb_forall. split.
  - intros H i l Hi Hl Ne. specialize (H i ltac:(apply in_seq; lia)). rewrite forallb_forall in H. specialize (H l ltac:(apply in_seq; lia)).
    apply orb_prop in H. destruct H as [H|H]; [now apply Nat.eqb_eq in H|]. apply negb_true_iff in H.
    destruct (Rlt_le_dec (ell (home i) l) (fst (x i) (home i) - fst (x i) l)) as [|L]; [easy|]. apply leb_spec in L. congruence.
  - intros H i Hi. apply in_seq in Hi. apply forallb_forall. intros l Hl. apply in_seq in Hl. apply orb_true_iff.
    destruct (Nat.eq_dec l (home i)) as [->|Ne]; [left; apply Nat.eqb_refl|right]. apply negb_true_iff.
    destruct (leb _ _) eqn:E; [|easy]. apply leb_spec in E. specialize (H i l ltac:(lia) ltac:(lia) Ne). lra.
Qed.

Lemma over_others_le c j f h : (forall l, (l < c)%nat -> l <> j -> f l <= h l) -> over_others c j f <= over_others c j h.
Proof. intros H. apply sumn_le. intros l Hl. destruct (Nat.eqb_spec l j); [lra|now apply H]. Qed.
Lemma over_others_pos c j f : (forall l, (l < c)%nat -> l <> j -> 0 <= f l) -> 0 <= over_others c j f.
Proof. intros H. apply sumn_pos. intros l Hl. destruct (Nat.eqb_spec l j); [lra|now apply H]. Qed.
Lemma over_others_term c j f l : (l < c)%nat -> l <> j -> (forall l, (l < c)%nat -> l <> j -> 0 <= f l) -> f l <= over_others c j f.
Proof.
  intros Hl Ne H. pose proof (term_le_sumn c (fun l => if Nat.eqb l j then 0 else f l) l Hl
    (fun l Hl => ltac:(cbv beta; destruct (Nat.eqb_spec l j); [lra|now apply H]))) as T.
  cbv beta in T. now rewrite (proj2 (Nat.eqb_neq l j) Ne) in T.
Qed.

(* memories of one element: the draw replaces it, and log-ratios move by what is against the competitor *)
Lemma one_element d c mu s v y l' j l : (0 < c)%nat -> 0 < s -> l' = weigh_ d c mu s v [y] ->
  l' j - l' l = v j - v l + against d mu s j l y.
Proof.
  intros Hc Hs ->. unfold weigh_, sum_over. cbn [fold_right length]. change (INR 1) with 1. rewrite !Rplus_0_r, !Rdiv_1. unfold posterior, softmax.
  pose proof (exp_sum_pos c Hc (fun k => v k - dist2 d y (mu k) / (2 * s ^ 2))) as S0. set (S := sumn c _) in *.
  assert (E : forall a, ln (exp a / S) = a - ln S).
  { intros a. unfold Rdiv. rewrite ln_mult, ln_exp, ln_Rinv by (apply exp_pos || (now apply Rinv_0_lt_compat) || easy). ring. }
  rewrite !E. unfold against. field. lra.
Qed.

Lemma other_weight_le c (v : nat -> R) j : (j < c)%nat -> 0 <= 1 - softmax c v j <= over_others c j (fun l => exp (- (v j - v l))).
Proof.
  intros Hj. assert (Hc : (0 < c)%nat) by lia. pose proof (softmax_sum c v Hc) as S1. rewrite (rest_of c j (softmax c v) (softmax c v) Hj) in S1.
  fold (over_others c j (softmax c v)) in S1. pose proof (softmax_pos c Hc v j) as P.
  assert (P0 : 0 <= over_others c j (softmax c v)) by (apply over_others_pos; intros; left; now apply softmax_pos).
  split; [lra|]. replace (1 - softmax c v j) with (over_others c j (softmax c v)) by lra. apply over_others_le. intros l Hl _.
  assert (E : softmax c v l = softmax c v j * exp (- (v j - v l))).
  { unfold softmax, Rdiv. rewrite (Rmult_comm (exp (v j))), Rmult_assoc, <- exp_plus, Rmult_comm. do 2 f_equal. ring. }
  rewrite E. pose proof (exp_pos (- (v j - v l))). assert (softmax c v j <= 1) by lra. nra.
Qed.

Section GPM1.
Variable C : general_chain.
Variable law : draws.
Notation d := (dimensions C).
Notation c := (components C).
Notation m := (people C).
Notation mu := (means C).
Notation s := (spread C).
Variable home : nat -> nat.
Hypothesis Hhome : forall i, (i < m)%nat -> (home i < c)%nat.
Variables ell theta rho A : nat -> nat -> R.
Variable load : R.
Hypothesis Hload : 0 <= load.
Hypothesis Htheta : forall j l, 0 < theta j l < 1.
Hypothesis HA : forall j l, 0 <= A j l.
Hypothesis HA1 : forall j l, 1 <= A j l * exp (- theta j l * ell j l).
Hypothesis HA2 : forall i l, (i < m)%nat -> (l < c)%nat -> l <> home i ->
  load * exp (- (1 - theta (home i) l) * ell (home i) l) <= A (home i) l * (1 - rho (home i) l).
Hypothesis Hmoments : own_moments C law theta rho.
Hypothesis Hsenders : senders_in_own_silos C home ell load.

Definition agent_risk (a : agent_) (j : nat) : R := over_others c j (fun l => A j l * exp (- theta j l * (fst a j - fst a l))).
Definition risk_of (x : state_) : R := sumn m (fun i => agent_risk (x i) (home i)).
Definition one_each (x : state_) : bool := forallb (fun i => Nat.eqb (length (snd (x i))) 1) (seq 0 m).
Definition kept (x : state_) : bool := (one_each x && silos_kept m c home ell x)%bool.

Lemma agent_risk_pos a j : 0 <= agent_risk a j.
Proof. apply over_others_pos. intros l _ _. apply Rmult_le_pos; [apply HA|left; apply exp_pos]. Qed.
Lemma risk_of_pos x : 0 <= risk_of x.
Proof. apply sumn_pos. intros i _. apply agent_risk_pos. Qed.

Lemma one_each_spec x : one_each x = true <-> forall i, (i < m)%nat -> length (snd (x i)) = 1%nat.
Proof.
  unfold one_each. rewrite forallb_forall. split; intros H i Hi.
  - apply Nat.eqb_eq, H, in_seq. lia.
  - apply in_seq in Hi. apply Nat.eqb_eq, H. lia.
Qed.

(* the update of a memory of one element *)
Lemma one_replaced x i y : (i < m)%nat -> one_each x = true -> replaced_in C y (snd (x i)) = [y].
Proof.
  intros Hi O. pose proof (proj1 (one_each_spec x) O i Hi) as L.
  destruct (replaced_in_farthest C y (snd (x i))) as (l1 & z & l2 & E & -> & _); [intros E; rewrite E in L; easy|].
  rewrite E, app_length in L. simpl in L. destruct l1; [|simpl in L; lia]. destruct l2; [easy|simpl in L; lia].
Qed.

Lemma after_same x i y : (i < m)%nat -> one_each x = true -> after_draw_ C x i y i = (weigh_ d c mu s (fst (x i)) [y], [y]).
Proof. intros Hi O. unfold after_draw_, step_. now rewrite Nat.eqb_refl, (one_replaced x i y Hi O). Qed.
Lemma after_other x i y a : a <> i -> after_draw_ C x i y a = x a.
Proof. intros H. unfold after_draw_, step_. now rewrite (proj2 (Nat.eqb_neq a i) H). Qed.

Lemma one_each_after x i y : (i < m)%nat -> one_each x = true -> one_each (after_draw_ C x i y) = true.
Proof.
  intros Hi O. apply one_each_spec. intros a Ha. destruct (Nat.eq_dec a i) as [->|Ne]; [now rewrite after_same|].
  rewrite after_other by easy. now apply one_each_spec.
Qed.

Definition grown_risk (x : state_) (i : nat) (y : point) : R :=
  (risk_of x - agent_risk (x i) (home i)) + over_others c (home i) (fun l =>
    A (home i) l * exp (- theta (home i) l * (fst (x i) (home i) - fst (x i) l)) * exp (- theta (home i) l * against d mu s (home i) l y)).

Lemma risk_after x i y : (i < m)%nat -> one_each x = true -> risk_of (after_draw_ C x i y) = grown_risk x i y.
Proof.
  intros Hi O. unfold risk_of at 1, grown_risk. rewrite (sumn_change m _ (fun i => agent_risk (x i) (home i)) i Hi).
  - fold (risk_of x). f_equal. rewrite after_same by easy. apply sumn_ext. intros l Hl. destruct (Nat.eqb l (home i)); [easy|].
    cbn [fst]. rewrite (one_element d c mu s (fst (x i)) y _ (home i) l (components_positive C) (spread_positive C) eq_refl).
    rewrite Rmult_assoc, <- exp_plus. do 2 f_equal. ring.
  - intros a Ha. now rewrite after_other.
Qed.

(* an agent that has left shows in the risk *)
Lemma lost_shows x i y : (i < m)%nat -> kept x = true -> kept (after_draw_ C x i y) = false -> 1 <= risk_of (after_draw_ C x i y).
Proof.
  intros Hi K L. apply andb_prop in K. destruct K as [O K]. unfold kept in L. rewrite (one_each_after x i y Hi O) in L. cbn [andb] in L.
  destruct (Rle_lt_dec 1 (risk_of (after_draw_ C x i y))) as [|Small]; [easy|exfalso].
  enough (silos_kept m c home ell (after_draw_ C x i y) = true) by congruence. apply silos_kept_spec. intros a l Ha Hl Ne.
  set (x' := after_draw_ C x i y) in *.
  destruct (Rlt_le_dec (ell (home a) l) (fst (x' a) (home a) - fst (x' a) l)) as [|Le]; [easy|exfalso].
  assert (T : A (home a) l * exp (- theta (home a) l * (fst (x' a) (home a) - fst (x' a) l)) <= agent_risk (x' a) (home a)).
  { apply (over_others_term c (home a) (fun l => A (home a) l * exp (- theta (home a) l * (fst (x' a) (home a) - fst (x' a) l))) l Hl Ne).
    intros k _ _. apply Rmult_le_pos; [apply HA|left; apply exp_pos]. }
  pose proof (term_le_sumn m (fun i => agent_risk (x' i) (home i)) a Ha (fun _ _ => agent_risk_pos _ _)) as S. fold (risk_of x') in S. cbv beta in S.
  pose proof (HA1 (home a) l) as E. pose proof (Htheta (home a) l) as Th. pose proof (HA (home a) l) as A0.
  assert (M : A (home a) l * exp (- theta (home a) l * ell (home a) l) <= A (home a) l * exp (- theta (home a) l * (fst (x' a) (home a) - fst (x' a) l))).
  { apply Rmult_le_compat_l; [easy|]. apply exp_le. nra. }
  lra.
Qed.

(* what the risk pays for the senders *)
Lemma risk_pays x i : (i < m)%nat -> kept x = true ->
  load * other_weight c home x i
    <= over_others c (home i) (fun l => A (home i) l * exp (- theta (home i) l * (fst (x i) (home i) - fst (x i) l)) * (1 - rho (home i) l)).
Proof.
  intros Hi K. apply andb_prop in K. destruct K as [_ K]. pose proof (proj1 (silos_kept_spec m c home ell x) K i) as G.
  pose proof (other_weight_le c (fst (x i)) (home i) (Hhome i Hi)) as [_ W].
  apply Rle_trans with (load * over_others c (home i) (fun l => exp (- (fst (x i) (home i) - fst (x i) l)))); [now apply Rmult_le_compat_l|].
  unfold over_others. rewrite <- sumn_scal. apply sumn_le. intros l Hl. destruct (Nat.eqb_spec l (home i)) as [|Ne]; [lra|].
  specialize (G l Hi Hl Ne). set (gap := fst (x i) (home i) - fst (x i) l) in *. pose proof (Htheta (home i) l) as Th.
  replace (- gap) with (- (1 - theta (home i) l) * gap + - theta (home i) l * gap) by ring. rewrite exp_plus.
  replace (A (home i) l * exp (- theta (home i) l * gap) * (1 - rho (home i) l)) with (A (home i) l * (1 - rho (home i) l) * exp (- theta (home i) l * gap)) by ring.
  rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [left; apply exp_pos|]. apply Rle_trans with (2 := HA2 i l Hi Hl Ne).
  apply Rmult_le_compat_l; [easy|]. apply exp_le. nra.
Qed.

Lemma own_draw_falls x i : kept x = true -> risk_of x < 1 -> (i < m)%nat ->
  1 - (risk_of x - load * other_weight c home x i) <= inner law (home i) (fun y => value_of state_ kept risk_of (after_draw_ C x i y)).
Proof.
  intros K Small Hi. pose proof K as K'. apply andb_prop in K'. destruct K' as [O _].
  set (k := fun l => A (home i) l * exp (- theta (home i) l * (fst (x i) (home i) - fst (x i) l))).
  assert (k0 : forall l, 0 <= k l) by (intros l; apply Rmult_le_pos; [apply HA|left; apply exp_pos]).
  assert (c0 : 0 <= risk_of x - agent_risk (x i) (home i)).
  { pose proof (term_le_sumn m (fun i => agent_risk (x i) (home i)) i Hi (fun _ _ => agent_risk_pos _ _)). unfold risk_of. cbv beta in *. lra. }
  pose proof (Hmoments (home i) _ k (Hhome i Hi) c0 k0) as E.
  apply Rle_trans with (1 - (risk_of x - agent_risk (x i) (home i) + over_others c (home i) (fun l => k l * rho (home i) l))).
  - pose proof (risk_pays x i Hi K) as P. fold (k) in P.
    assert (S : over_others c (home i) (fun l => k l * (1 - rho (home i) l)) + over_others c (home i) (fun l => k l * rho (home i) l) = agent_risk (x i) (home i)).
    { unfold over_others, agent_risk. rewrite <- sumn_plus. apply sumn_ext. intros l _. destruct (Nat.eqb l (home i)); [ring|]. unfold k. ring. }
    unfold k in S at 1. lra.
  - apply Rle_trans with (1 := E). assert (Pos : forall y, 0 <= grown_risk x i y) by (intros y; rewrite <- risk_after by easy; apply risk_of_pos).
    apply lo_mono; [|intros y; apply value_of_unit, risk_of_pos|].
    + intros y. specialize (Pos y). change (0 <= 1 - Rmin 1 (grown_risk x i y) <= 1). unfold Rmin. destruct (Rle_dec 1 (grown_risk x i y)); lra.
    + intros y. unfold value_of. destruct (kept (after_draw_ C x i y)) eqn:L.
      * rewrite risk_after by easy. right. reflexivity.
      * pose proof (lost_shows x i y Hi K L) as B. rewrite risk_after in B by easy. change (1 - Rmin 1 (grown_risk x i y) <= 0). rewrite Rmin_left; [lra|exact B].
Qed.

Theorem general_permanence_r1 T x : (forall i, (i < m)%nat -> length (snd (x i)) = 1%nat) -> silos_kept m c home ell x = true ->
  1 - risk_of x <= always state_ m (people_positive C) (inner_arrival C law) (after_draw_ C) T (silos_kept m c home ell) x.
Proof.
  intros H1 K. assert (Kx : kept x = true) by (apply andb_true_intro; split; [now apply one_each_spec|easy]).
  apply Rle_trans with (always state_ m (people_positive C) (inner_arrival C law) (after_draw_ C) T kept x).
  - apply (kept_of_risk state_ m (people_positive C) (share_of C) (share_of_shares C) (share_of_one C)
      (fun x j => lchoose c (softmax c (fst (x j))) (softmax_shares c (components_positive C) (fst (x j))) (inner law))
      (fun i => inner law (home i)) (after_draw_ C) kept risk_of (fun x j => if Nat.ltb j m then other_weight c home x j else 0) load); [apply risk_of_pos| | | | |easy].
    + intros y j. destruct (Nat.ltb_spec j m); [|lra]. apply (other_weight_le c (fst (y j)) (home j)), Hhome. easy.
    + intros y Ky. apply andb_prop in Ky. destruct (Hsenders y (proj2 Ky)) as [_ S].
      assert (E : forall j, (j < m)%nat -> (if Nat.ltb j m then other_weight c home y j else 0) = other_weight c home y j)
        by (intros j Hj; now rewrite (proj2 (Nat.ltb_lt j m) Hj)).
      rewrite (sumn_ext m _ _ E). erewrite sumn_ext; [exact S|]. intros i _. apply sumn_ext. intros j Hj. now rewrite E.
    + intros y i j f Ky Hi Hj Q Uf. apply andb_prop in Ky. destruct (Hsenders y (proj2 Ky)) as [Same _].
      rewrite (proj2 (Nat.ltb_lt j m) Hj). unfold other_weight. rewrite (Same i j Hi Hj Q).
      replace (1 - (1 - softmax c (fst (y j)) (home i))) with (softmax c (fst (y j)) (home i)) by ring.
      apply (term_le_sumn c (fun l => softmax c (fst (y j)) l * inner law l f) (home i) (Hhome i Hi)).
      intros l _. apply Rmult_le_pos; [left; apply softmax_pos, components_positive|now apply lo_unit].
    + intros y i Ky Sm Hi. rewrite (proj2 (Nat.ltb_lt i m) Hi). now apply own_draw_falls.
  - apply always_mono. intros y Ky. now apply andb_prop in Ky.
Qed.
End GPM1.

(* one silo, uniform senders: load 1 *)
Lemma one_silo_senders C home ell : (forall x i j, (i < people C)%nat -> (j < people C)%nat -> share_of C x i j = / INR (people C)) ->
  (forall i j, (i < people C)%nat -> (j < people C)%nat -> home i = home j) -> senders_in_own_silos C home ell 1.
Proof.
  intros HQ Hh x _. split; [intros i j Hi Hj _; now apply Hh|]. right.
  rewrite (sumn_ext _ _ (fun _ => / INR (people C) * sumn (people C) (other_weight (components C) home x))).
  - rewrite sumn_const. field. apply not_0_INR. pose proof (people_positive C). lia.
  - intros i Hi. rewrite <- sumn_scal. apply sumn_ext. intros j Hj. now rewrite HQ.
Qed.
