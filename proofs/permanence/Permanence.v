(* PM1 and PM: no agent ever changes its silo.

   A risk is kept for every agent; while all are alive its sum is a supermartingale. In
   terms of lower chances Ville's inequality reads: if V <= 1 on the good states, V <= 0
   elsewhere and V <= E V' at good states, then V <= P(good at steps 0..T), for every T. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Neighbours Theorem2.
Import ListNotations.
Local Open Scope R_scope.

(* ---- Ville ---- *)
Section Ville.
Variable X : Type.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable D : nat -> X -> lower R.
Variable step : X -> nat -> R -> X.
Variable good : X -> bool.
Variable V : X -> R.
Hypothesis Vu : unitf V.
Hypothesis V_bad : forall x, good x = false -> V x = 0.
Hypothesis V_drift : forall x, good x = true -> V x <= next X m Hm D step x V.

Theorem ville T x : V x <= always X m Hm D step T good x.
Proof.
  revert x. unfold always. induction T as [|T IH]; intros x; cbn [stay].
  - destruct (good x) eqn:E; [apply Vu|rewrite V_bad by easy; lra].
  - destruct (good x) eqn:E; [|rewrite V_bad by easy; lra].
    apply Rle_trans with (1 := V_drift x E). apply lo_mono; [easy|apply stay_unit|easy].
Qed.
End Ville.

(* ---- the drift of a sum of risks ---- *)
Section Drift.
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
Variable side : nat -> bool.
(* the c of Lemma 1: the senders' mean other weights add up to c times the sum of all *)
Variable load : R.

(* alive: own-side log-odds above ell = log(1/p-star) *)
Variable ell : R.
(* an agent's risk, from its own side, and the weight of its other component *)
Variable risk : agent -> R.
Definition other (a : agent) : R := 1 - logistic (fst a).
Hypothesis risk_pos : forall a, 0 <= risk a.
(* an update that kills shows in the risk *)
Hypothesis risk_dead : forall y a a', length (snd a) = r -> ell < fst a -> moved s y a a' -> fst a' <= ell -> 1 <= risk a'.
(* where the total risk is below 1, an own draw lowers its mean by c times the other weight *)
Hypothesis risk_falls : forall (p : bool) a (f : R -> agent) c,
  length (snd a) = r -> ell < fst a -> (forall y, moved s (own_draw p y) a (f y)) -> 0 <= c -> c + risk a < 1 ->
  1 - (c + risk a - load * other a)
    <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (c + risk (f y))).

Definition alive (x : state) : bool :=
  forallb (fun i => negb (leb (fst (own (side i) (x i))) ell)) (seq 0 m).
Notation sized := (memory_of_size m r).

Lemma alive_spec x : alive x = true <-> forall i, (i < m)%nat -> ell < fst (own (side i) (x i)).
Proof.
  unfold alive. rewrite forallb_forall. split; intros H i Hi.
  - specialize (H i ltac:(apply in_seq; lia)). apply negb_true_iff in H.
    destruct (Rle_dec (fst (own (side i) (x i))) ell) as [L|L]; [|lra].
    apply leb_spec in L. congruence.
  - apply in_seq in Hi. specialize (H i ltac:(lia)). apply negb_true_iff.
    destruct (leb _ ell) eqn:E; [|easy]. apply leb_spec in E. lra.
Qed.

Definition at_risk (x : state) (i : nat) : R := risk (own (side i) (x i)).
Definition u (x : state) (i : nat) : R := other (own (side i) (x i)).

(* senders are of the receiver's side, and the mean other weights add up to c times the sum *)
Hypothesis senders_ok : forall x, sized x -> alive x = true ->
  same_side_senders Q side x /\
  sumn m (fun i => sumn m (fun j => share Q x i j * u x j)) <= load * sumn m (u x).

Lemma sized_step x i y : sized x -> sized (step s rule x i y).
Proof.
  intros H j Hj. destruct (Nat.eq_dec j i) as [->|Ne]; [|rewrite step_other by easy; now apply H].
  rewrite step_same. unfold update; simpl. specialize (H i Hj).
  assert (Ne : snd (x i) <> []) by (intros E; rewrite E in H; simpl in H; lia).
  rewrite (repl_length _ _ _ (Hrule y (snd (x i)) Ne)). exact H.
Qed.

(* states of the right size *)
Definition sized_b (x : state) : bool := forallb (fun i => Nat.eqb (length (snd (x i))) r) (seq 0 m).
Lemma sized_b_spec x : sized_b x = true <-> sized x.
Proof.
  unfold sized_b, memory_of_size. rewrite forallb_forall. split; intros H i Hi.
  - apply Nat.eqb_eq, H, in_seq. lia.
  - apply in_seq in Hi. apply Nat.eqb_eq, H. lia.
Qed.

Definition fine (x : state) : bool := sized_b x && alive x.
Definition total_risk (x : state) : R := sumn m (at_risk x).
Definition V (x : state) : R := if fine x then 1 - Rmin 1 (total_risk x) else 0.

Lemma total_risk_pos x : 0 <= total_risk x.
Proof. apply sumn_pos. intros; apply risk_pos. Qed.

Lemma cap_unit v : 0 <= v -> 0 <= 1 - Rmin 1 v <= 1.
Proof. intros H. unfold Rmin. destruct (Rle_dec 1 v); lra. Qed.

Lemma V_unit : unitf V.
Proof. intros x. unfold V. destruct (fine x); [apply cap_unit, total_risk_pos|lra]. Qed.

Lemma total_risk_step x i y : (i < m)%nat ->
  total_risk (step s rule x i y)
    = total_risk x - at_risk x i + risk (own (side i) (update s rule (x i) y)).
Proof.
  intros Hi. unfold total_risk. rewrite (sumn_change m _ (at_risk x) i Hi).
  - unfold at_risk at 3. now rewrite step_same.
  - intros a Ha. unfold at_risk. now rewrite step_other.
Qed.

(* the receiver i after its draw, from its own side *)
Definition own_after (x : state) (i : nat) (y : R) : agent := own (side i) (update s rule (x i) y).

Lemma own_after_moved x i y : (i < m)%nat -> sized x -> moved s (own_draw (side i) y) (own (side i) (x i)) (own_after x i y).
Proof.
  intros Hi Sx. assert (Nn : snd (x i) <> []) by (intros E; pose proof (Sx i Hi) as L; rewrite E in L; simpl in L; lia).
  apply moved_own; [easy|]. now apply update_moved.
Qed.

Lemma risk_of_others x i : (i < m)%nat -> 0 <= total_risk x - at_risk x i.
Proof.
  intros Hi. unfold total_risk. pose proof (term_le_sumn m (at_risk x) i Hi (fun a _ => risk_pos _)). lra.
Qed.

Lemma others_and_own_after_unit x i : (i < m)%nat ->
  unitf (fun y => 1 - Rmin 1 (total_risk x - at_risk x i + risk (own_after x i y))).
Proof. intros Hi y. apply cap_unit. pose proof (risk_of_others x i Hi). pose proof (risk_pos (own_after x i y)). lra. Qed.

Lemma own_draw_falls x i : (i < m)%nat -> fine x = true -> total_risk x < 1 ->
  1 - (total_risk x - load * u x i)
    <= N (if side i then 1 else -1) s (fun y => 1 - Rmin 1 (total_risk x - at_risk x i + risk (own_after x i y))).
Proof.
  intros Hi F Small. apply andb_prop in F. destruct F as [F1 F2]. rewrite sized_b_spec in F1.
  pose proof (risk_falls (side i) (own (side i) (x i)) (own_after x i) (total_risk x - at_risk x i)) as D.
  rewrite own_memory_length in D.
  specialize (D (F1 i Hi) (proj1 (alive_spec x) F2 i Hi) (fun y => own_after_moved x i y Hi F1) (risk_of_others x i Hi)
    ltac:(unfold at_risk; lra)).
  replace (total_risk x - load * u x i)
    with (total_risk x - at_risk x i + risk (own (side i) (x i)) - load * other (own (side i) (x i)))
    by (unfold at_risk, u; ring). exact D.
Qed.

Lemma V_after x i y : (i < m)%nat -> fine x = true ->
  1 - Rmin 1 (total_risk x - at_risk x i + risk (own_after x i y)) <= V (step s rule x i y).
Proof.
  intros Hi F. apply andb_prop in F. destruct F as [F1 F2]. rewrite sized_b_spec in F1.
  pose proof (proj1 (alive_spec x) F2) as Al. unfold V. destruct (fine (step s rule x i y)) eqn:E.
  - rewrite total_risk_step by easy. right. reflexivity.
  - assert (Dead : fst (own_after x i y) <= ell).
    { destruct (Rle_dec (fst (own_after x i y)) ell) as [|Nd]; [easy|exfalso].
      enough (fine (step s rule x i y) = true) by congruence.
      apply andb_true_intro. split; [now apply sized_b_spec, sized_step|].
      apply alive_spec. intros a Ha. destruct (Nat.eq_dec a i) as [->|Ne].
      - rewrite step_same. unfold own_after in Nd. lra.
      - rewrite step_other by easy. now apply Al. }
    assert (1 <= risk (own_after x i y)).
    { apply (risk_dead (own_draw (side i) y) (own (side i) (x i))); [|now apply Al|now apply own_after_moved|easy].
      rewrite own_memory_length. now apply F1. }
    pose proof (risk_of_others x i Hi). unfold Rmin. destruct (Rle_dec 1 _); lra.
Qed.

Lemma own_part x i j : (i < m)%nat -> (j < m)%nat -> fine x = true -> total_risk x < 1 -> side j = side i ->
  (1 - u x j) * (1 - (total_risk x - load * u x i)) <= mixture s N x j (fun y => V (step s rule x i y)).
Proof.
  intros Hi Hj F Small Es. assert (UV : unitf (fun y => V (step s rule x i y))) by (intros y; apply V_unit).
  assert (G : 1 - (total_risk x - load * u x i) <= N (if side i then 1 else -1) s (fun y => V (step s rule x i y))).
  { apply Rle_trans with (1 := own_draw_falls x i Hi F Small).
    apply lo_mono; [now apply others_and_own_after_unit|easy|]. intros y. now apply V_after. }
  assert (O : 0 <= N (if side i then -1 else 1) s (fun y => V (step s rule x i y))) by now apply lo_unit.
  assert (W : 1 - u x j = own_weight (side i) (x j)) by (unfold u, other, own_weight; rewrite Es; ring).
  rewrite W. rewrite own_weight_cases. pose proof (weight_01 x j). unfold mixture, lmix; simpl.
  destruct (side i); nra.
Qed.

(* the mean over senders of what a receiver's update leaves *)
Lemma senders_part x i : (i < m)%nat -> fine x = true -> total_risk x < 1 -> same_side_senders Q side x ->
  1 - (total_risk x - load * u x i) - sumn m (fun j => share Q x i j * u x j)
    <= sumn m (fun j => share Q x i j * mixture s N x j (fun y => V (step s rule x i y))).
Proof.
  intros Hi F Small Same. set (z := 1 - (total_risk x - load * u x i)).
  assert (Z1 : z <= 1).
  { apply Rle_trans with (1 := own_draw_falls x i Hi F Small). apply lo_unit. now apply others_and_own_after_unit. }
  apply Rle_trans with (sumn m (fun j => share Q x i j * z + -1 * (share Q x i j * u x j))).
  - rewrite (sumn_plus m (fun j => share Q x i j * z)), (sumn_scal m (-1)).
    rewrite (sumn_ext m (fun j => share Q x i j * z) (fun j => z * share Q x i j)) by (intros; ring).
    rewrite sumn_scal, share_one by easy. lra.
  - apply sumn_le. intros j Hj. pose proof (share_pos Q x i j) as Sp.
    destruct (Req_dec (share Q x i j) 0) as [->|Ne]; [lra|].
    pose proof (own_part x i j Hi Hj F Small (Same i j Hi Hj ltac:(lra))) as O. fold z in O.
    assert (U2 : 0 <= u x j).
    { unfold u, other. pose proof (logistic_01 (fst (own (side j) (x j)))). lra. }
    assert (U3 : 0 <= u x j * (1 - z)) by (apply Rmult_le_pos; lra).
    apply Rle_trans with (share Q x i j * (z - u x j)); [lra|].
    apply Rmult_le_compat_l; [easy|]. lra.
Qed.

(* their mean over receivers *)
Lemma receivers_mean x : sumn m (fun i => sumn m (fun j => share Q x i j * u x j)) <= load * sumn m (u x) ->
  1 - total_risk x
    <= sumn m (fun i => / INR m * (1 - (total_risk x - load * u x i) - sumn m (fun j => share Q x i j * u x j))).
Proof.
  intros Sum. assert (Pm : 0 < INR m) by now apply lt_0_INR. rewrite sumn_scal.
  rewrite (sumn_ext m _ (fun i => 1 - total_risk x + (load * u x i + -1 * sumn m (fun j => share Q x i j * u x j))))
    by (intros; ring).
  rewrite (sumn_plus m (fun _ => 1 - total_risk x)), (sumn_plus m (fun i => load * u x i)), sumn_const, !sumn_scal.
  apply Rle_trans with (/ INR m * (INR m * (1 - total_risk x))); [right; field; lra|].
  apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|lra].
Qed.

Lemma drift x : fine x = true -> V x <= next state m Hm (arrival m s N Q) (step s rule) x V.
Proof.
  intros F. pose proof F as F'. apply andb_prop in F'. destruct F' as [F1 F2].
  destruct (senders_ok x (proj1 (sized_b_spec x) F1) F2) as [Same Sum].
  assert (Pm : 0 < INR m) by now apply lt_0_INR.
  change (next state m Hm (arrival m s N Q) (step s rule) x V)
    with (sumn m (fun i => / INR m * sumn m (fun j => share Q x i j * mixture s N x j (fun y => V (step s rule x i y))))).
  destruct (Rle_dec 1 (total_risk x)) as [Big|Small].
  - apply Rle_trans with 0; [unfold V; rewrite F; unfold Rmin; destruct (Rle_dec 1 (total_risk x)); lra|].
    apply sumn_pos. intros i Hi. apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat|].
    apply sumn_pos. intros j Hj. apply Rmult_le_pos; [apply share_pos|]. apply lo_unit. intros y; apply V_unit.
  - assert (E : V x = 1 - total_risk x) by (unfold V; rewrite F; unfold Rmin; destruct (Rle_dec 1 (total_risk x)); lra).
    rewrite E. apply Rle_trans with (1 := receivers_mean x Sum).
    apply sumn_le. intros i Hi. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|]. apply senders_part; easy || lra.
Qed.

Theorem permanence_of_risk T x :
  sized x -> alive x = true ->
  1 - total_risk x <= P_always m Hm s N rule Q T alive x.
Proof.
  intros Sx Ax. assert (F : fine x = true) by (apply andb_true_intro; split; [now apply sized_b_spec|easy]).
  apply Rle_trans with (V x).
  { unfold V. rewrite F. unfold Rmin. destruct (Rle_dec 1 (total_risk x)); lra. }
  apply Rle_trans with (P_always m Hm s N rule Q T fine x).
  - apply (ville state m Hm (arrival m s N Q) (step s rule) fine V V_unit).
    + intros y Hy. unfold V. now rewrite Hy.
    + apply drift.
  - unfold P_always, always. revert x Sx Ax F. induction T as [|T IH]; intros x Sx Ax F; cbn [stay]; rewrite F, Ax; [lra|].
    (* fine is alive and sized, and sizes are kept *)
    simpl. apply sumn_le. intros i Hi.
    destruct (uniform_shares m Hm) as [Pp _]. apply Rmult_le_compat_l; [apply (Pp i)|].
    apply sumn_le. intros j Hj. apply Rmult_le_compat_l; [apply share_pos|].
    assert (Le : forall y, stay state m Hm (arrival m s N Q) (step s rule) T fine (fun _ => true) (step s rule x i y)
               <= stay state m Hm (arrival m s N Q) (step s rule) T alive (fun _ => true) (step s rule x i y)).
    { intros y. pose proof (sized_step x i y Sx) as Sy. destruct (alive (step s rule x i y)) eqn:Ey.
      - apply IH; try easy. apply andb_true_intro. split; [now apply sized_b_spec|easy].
      - assert (Fy : fine (step s rule x i y) = false) by (unfold fine; rewrite Ey; apply andb_false_r).
        destruct T; cbn [stay]; rewrite Fy, Ey; lra. }
    pose proof (weight_01 x j).
    apply Rplus_le_compat; apply Rmult_le_compat_l; try lra;
      (apply lo_mono; [intros y; apply stay_unit|intros y; apply stay_unit|apply Le]).
Qed.
End Drift.

Lemma alive_from m side ell x : (forall i, (i < m)%nat -> ell < fst (own (side i) (x i))) -> alive m side ell x = true.
Proof.
  intros H. apply forallb_forall. intros i Hi. apply in_seq in Hi. apply negb_true_iff.
  destruct (leb _ ell) eqn:E; [|easy]. apply leb_spec in E. specialize (H i ltac:(lia)). lra.
Qed.
