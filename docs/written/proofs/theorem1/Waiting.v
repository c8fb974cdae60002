(* The corollary of T1': the time to polarization. It is finite almost surely, and its mean is
   at most N/q, for a chain that has chance q at least of being polarized N steps later, from
   every state with memories of the right size. (From states with empty memories it is not: they stay.) *)
From Coq Require Import Reals Lra Lia List Bool.
From Coquelicot Require Import Coquelicot.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Gaussian Normal Chain Probability.
From Mcpolar Require Import Orders Theorem2 Lemma1 Theorem1 Permanence.
Import ListNotations.
Local Open Scope R_scope.

Section Waiting.
Variable C : chain.
Variable A : state -> bool.
Notation m := (agents C).
Notation stp := (step (sigma C) (replaced_by C)).
Notation next := (lower_next C).

(* the lower chance that A is met at one of the steps 0..T *)
Fixpoint meet (T : nat) (x : state) : R :=
  if A x then 1 else match T with O => 0 | S T => next x (meet T) end.

Lemma meet_unit T : unitf (meet T).
Proof. induction T as [|T IH]; intros x; simpl; destruct (A x); try lra. now apply (lo_unit (next x)). Qed.

Lemma meet_ge_chance T x : chance state m (agents_positive C) (lower_arrival C) stp T A x <= meet T x.
Proof.
  revert x. induction T as [|T IH]; intros x; cbn [meet chance].
  - unfold ind. destruct (A x); lra.
  - destruct (A x).
    + apply (lo_unit (next x)), chance_unit.
    + apply lo_mono; [apply chance_unit|apply meet_unit|apply IH].
Qed.

Lemma arrival_one i x : (i < m)%nat -> lower_arrival C i x (fun _ => 1) = 1.
Proof.
  intros Hi. change (lower_arrival C i x (fun _ => 1)) with (sumn m (fun j => share (sender C) x i j *
    (weight x j * std (fun _ => 1) + (1 - weight x j) * std (fun _ => 1)))).
  transitivity (sumn m (share (sender C) x i)); [|now apply share_one].
  apply sumn_ext. intros j _. rewrite std_one. ring.
Qed.

Variable Inv : state -> Prop.
Hypothesis Inv_step : forall x i y, (i < m)%nat -> Inv x -> Inv (stp x i y).

Lemma next_keeps x c f g : 0 <= c <= 1 -> unitf f -> unitf g -> Inv x ->
  (forall y, Inv y -> c + (1 - c) * f y <= g y) -> c + (1 - c) * next x f <= next x g.
Proof.
  intros Hc Uf Ug I H. assert (P : 0 < INR m) by apply lt_0_INR, agents_positive.
  set (d := fun i => lower_arrival C i x (fun y => f (stp x i y))).
  change (next x f) with (sumn m (fun i => / INR m * d i)).
  change (next x g) with (sumn m (fun i => / INR m * lower_arrival C i x (fun y => g (stp x i y)))).
  apply Rle_trans with (sumn m (fun i => / INR m * (c + (1 - c) * d i))).
  - rewrite (sumn_ext m (fun i => / INR m * (c + (1 - c) * d i))
      (fun i => / INR m * c + (1 - c) * (/ INR m * d i))) by (intros; ring).
    rewrite (sumn_plus m (fun _ => / INR m * c)), sumn_const, (sumn_scal m (1 - c)). right. field. lra.
  - apply sumn_le. intros i Hi. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
    eapply Rle_trans; [apply (lo_keeps _ c (fun y => f (stp x i y)) Hc (fun y => Uf _)), arrival_one, Hi|].
    apply lo_mono; [intros y; specialize (Uf (stp x i y)); nra|intros y; apply Ug|].
    intros y. apply H. now apply Inv_step.
Qed.

Lemma meet_later S T c x : 0 <= c <= 1 -> (forall y, Inv y -> c <= meet T y) -> Inv x ->
  c + (1 - c) * meet S x <= meet (S + T) x.
Proof.
  intros Hc HT. revert x. induction S as [|S IH]; intros x I.
  - change (0 + T)%nat with T. cbn [meet]. destruct (A x) eqn:E.
    + destruct T; cbn [meet]; rewrite E; lra.
    + specialize (HT x I). lra.
  - cbn [meet Nat.add]. destruct (A x); [lra|].
    apply next_keeps; [easy|apply meet_unit|apply meet_unit|easy|]. intros y Iy. now apply IH.
Qed.

Variables (q : R) (N : nat).
Hypothesis Hq : 0 <= q <= 1.
Hypothesis HN : forall y, Inv y -> q <= chance state m (agents_positive C) (lower_arrival C) stp N A y.

Theorem meet_blocks j x : Inv x -> 1 - (1 - q) ^ j <= meet (j * N) x.
Proof.
  assert (H : forall y, Inv y -> q <= meet N y).
  { intros y I. apply Rle_trans with (1 := HN y I). apply meet_ge_chance. }
  revert x. induction j as [|j IH]; intros x I; [cbn [pow Nat.mul]; pose proof (meet_unit 0 x); lra|].
  assert (P : 0 <= (1 - q) ^ j <= 1).
  { split; [apply pow_le; lra|]. apply Rle_trans with (1 ^ j); [apply pow_incr; lra|rewrite pow1; lra]. }
  cbn [Nat.mul]. apply Rle_trans with ((1 - (1 - q) ^ j) + (1 - (1 - (1 - q) ^ j)) * meet N x).
  - simpl. specialize (H x I). nra.
  - apply meet_later; [lra|easy|easy].
Qed.

(* ---- the same for the chances of the chain ---- *)
Variables (law : law_of C) (h : hitting C law A).

Lemma meet_le_hit T x : meet T x <= h T x.
Proof.
  revert x. induction T as [|T IH]; intros x; cbn [meet].
  - rewrite hit_at_0. unfold ind. destruct (A x); lra.
  - rewrite hit_later. destruct (A x); [lra|].
    apply lower_next_le; [apply meet_unit|apply hit_is_unit|apply hit_measurable|apply IH].
Qed.

Theorem hit_blocks j x : Inv x -> 1 - (1 - q) ^ j <= h (j * N)%nat x.
Proof. intros I. apply Rle_trans with (1 := meet_blocks j x I). apply meet_le_hit. Qed.

Lemma hit_rises T x : h T x <= h (S T) x.
Proof.
  revert x. induction T as [|T IH]; intros x.
  - rewrite hit_at_0. unfold ind. pose proof (hit_is_unit h 1 x) as U. rewrite hit_later in U |- *.
    destruct (A x); [lra|apply U].
  - rewrite !hit_later. destruct (A x); [lra|].
    apply expect_next_mono; try apply hit_is_unit; try apply hit_measurable; easy.
Qed.
Lemma hit_mono S T x : (S <= T)%nat -> h S x <= h T x.
Proof. induction 1 as [|T _ IH]; [lra|]. pose proof (hit_rises T x). lra. Qed.

(* E tau = sum over T of P(tau > T) *)
Lemma late_sum j x : Inv x -> 0 < q ->
  q * sumn (j * N) (fun T => 1 - h T x) <= INR N * (1 - (1 - q) ^ j).
Proof.
  intros I Q. induction j as [|j IH]; [simpl; lra|].
  assert (Block : forall k, sumn (k + j * N) (fun T => 1 - h T x)
            <= sumn (j * N) (fun T => 1 - h T x) + INR k * (1 - q) ^ j).
  { induction k as [|k IHk]; [simpl; lra|]. rewrite S_INR. cbn [Nat.add sumn].
    pose proof (hit_blocks j x I). pose proof (hit_mono (j * N) (k + j * N) x ltac:(lia)). lra. }
  specialize (Block N). cbn [Nat.mul pow]. nra.
Qed.

Hypothesis Npos : (0 < N)%nat.
Hypothesis Qpos : 0 < q.

Lemma late_sum_le n x : Inv x -> sumn n (fun T => 1 - h T x) <= INR N / q.
Proof.
  intros I. apply Rle_trans with (sumn (n * N) (fun T => 1 - h T x)).
  - assert (E : forall k, sumn n (fun T => 1 - h T x) <= sumn (n + k) (fun T => 1 - h T x)).
    { induction k as [|k IH]; [rewrite Nat.add_0_r; lra|]. rewrite Nat.add_succ_r. cbn [sumn].
      pose proof (hit_is_unit h (n + k) x). lra. }
    replace (n * N)%nat with (n + (n * N - n))%nat by nia. apply E.
  - pose proof (late_sum n x I Qpos). assert (0 <= (1 - q) ^ n) by (apply pow_le; lra). pose proof (pos_INR N).
    apply Rmult_le_reg_l with q; [easy|]. replace (q * (INR N / q)) with (INR N) by (field; lra). nra.
Qed.

Lemma sum_n_sumn (f : nat -> R) n : sum_n f n = sumn (S n) f.
Proof. induction n as [|n IH]; [rewrite sum_O; simpl; ring|]. rewrite sum_Sn, IH. unfold plus; simpl. easy. Qed.

Theorem expected_time x : Inv x ->
  ex_series (fun T => 1 - h T x) /\ Series (fun T => 1 - h T x) <= INR N / q.
Proof.
  intros I. assert (Ex : ex_finite_lim_seq (sum_n (fun T => 1 - h T x))).
  { apply ex_finite_lim_seq_incr with (INR N / q).
    - intros n. rewrite !sum_n_sumn. cbn [sumn]. pose proof (hit_is_unit h (S n) x). lra.
    - intros n. rewrite sum_n_sumn. now apply late_sum_le. }
  destruct Ex as [l Hl].
  assert (L : l <= INR N / q).
  { apply (is_lim_seq_le (sum_n (fun T => 1 - h T x)) (fun _ => INR N / q) l (INR N / q)); [|easy|apply is_lim_seq_const].
    intros n. rewrite sum_n_sumn. now apply late_sum_le. }
  split; [now exists l|]. now rewrite (is_series_unique _ l Hl).
Qed.

End Waiting.

#[local] Obligation Tactic := idtac.
(* the lower chances are an instance *)
Program Definition lower_hitting (C : chain) (A : state -> bool) : hitting C (lower_law_of C) A :=
  Hitting C (lower_law_of C) A (meet C A) _ _ _ _.
Next Obligation. intros C A T. apply meet_unit. Qed.
Next Obligation. intros C A T x i Hi. exact I. Qed.
Next Obligation. reflexivity. Qed.
Next Obligation. reflexivity. Qed.

(* ---- T1' gives such q: the level is reached, with weights above a positive number on the way ---- *)
Lemma lambda_grows r s k : (0 < r)%nat -> lambda r s (r + k) = lambda r s r + INR k * (1 / s ^ 2).
Proof.
  intros Hr. induction k as [|k IH]; [rewrite Nat.add_0_r; simpl; ring|].
  rewrite Nat.add_succ_r, lambda_after, IH, S_INR by lia. ring.
Qed.

Lemma enough_exists r s h : (0 < r)%nat -> 0 < s -> exists n, enough r s n h.
Proof.
  intros Hr Hs. assert (V : 0 < 1 / s ^ 2) by (apply Rdiv_lt_0_compat; [lra|now apply pow_lt]).
  set (v := (h / s ^ 2 - lambda r s r) / (1 / s ^ 2)). destruct (archimed v) as [Hk _].
  assert (Up : IZR (up v) <= INR (Z.to_nat (up v))) by (rewrite INR_IZR_INZ; apply IZR_le; lia).
  exists (r + Z.to_nat (up v))%nat. split; [lia|]. rewrite lambda_grows by easy.
  enough (h / s ^ 2 - lambda r s r <= INR (Z.to_nat (up v)) * (1 / s ^ 2)) by lra.
  replace (h / s ^ 2 - lambda r s r) with (v * (1 / s ^ 2)) by (unfold v; field; lra).
  apply Rmult_le_compat_r; lra.
Qed.

Lemma positive_weight r s n : exists a, 0 < a /\ forall u, (u < n)%nat -> a <= a_ r s u.
Proof.
  induction n as [|n (a & Pa & Ha)]; [exists 1; split; [lra|lia]|].
  exists (Rmin a (a_ r s n)). split.
  - apply Rmin_glb_lt; [easy|]. apply logistic_01.
  - intros u Hu. destruct (Nat.eq_dec u n) as [->|]; [apply Rmin_r|].
    apply Rle_trans with (1 := Rmin_l _ _), Ha. lia.
Qed.

Lemma worst_split_pos m n : (0 < m)%nat -> 0 < worst_split m n.
Proof.
  intros Hm. assert (S0 : forall p, (p <= m)%nat -> 0 < split m p ^ n).
  { intros p Hp. apply pow_lt. apply Rlt_le_trans with (2 := split_at_least m p Hm Hp). apply pow_lt. lra. }
  unfold worst_split. assert (H : forall p, In p (seq 0 (S m)) -> (p <= m)%nat) by (intros p I; apply in_seq in I; lia).
  induction (seq 0 (S m)) as [|v t IH]; simpl; [lra|].
  apply Rmin_glb_lt; [apply S0, H; now left|]. apply IH. intros p I. apply H. now right.
Qed.

Lemma PJ_pos s : 0 < s -> 0 < PJ s.
Proof.
  intros Hs. assert (0 < 1 / (6 * s)) by (apply Rdiv_lt_0_compat; lra).
  apply RInt_gt_0; [lra|intros; apply density_pos|intros; apply density_continuous].
Qed.

Lemma rounds_bound_pos m n a M b : (0 < m)%nat -> 0 < a * M -> 0 < b -> 0 < rounds_bound m n a M b.
Proof.
  intros Hm Ha Hb. unfold rounds_bound. apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat|apply Rmult_lt_0_compat; [easy|now apply pow_lt]].
  - apply Rdiv_lt_0_compat; [apply lt_0_INR, lt_O_fact|apply pow_lt, lt_0_INR, lt_O_fact].
  - apply pow_lt, Rinv_0_lt_compat, lt_0_INR, Hm.
Qed.

(* ---- what the statements use ---- *)
Definition lower_hit_at (C : chain) (A : state -> bool) (T : nat) (x : state) : R :=
  chance state (agents C) (agents_positive C) (lower_arrival C) (step (sigma C) (replaced_by C)) T A x.

Lemma memory_stays C r x i y : (0 < r)%nat -> memory_of_size (agents C) r x ->
  memory_of_size (agents C) r (step (sigma C) (replaced_by C) x i y).
Proof.
  intros Hr Hx. exact (sized_step (agents C) (agents_positive C) (sigma C) (replaced_by C) (replaced_is_farthest C) r Hr x i y Hx).
Qed.

Lemma theorem1_bound_positive C n a : 0 < a -> 0 < rounds_bound (agents C) n a (PJ (sigma C)) (worst_split (agents C) n).
Proof.
  intros Ha. apply rounds_bound_pos; [apply agents_positive| |apply worst_split_pos, agents_positive].
  apply Rmult_lt_0_compat; [easy|apply PJ_pos, sigma_positive].
Qed.

Lemma theorem1_bound_pos C n a : 0 <= a -> 0 <= rounds_bound (agents C) n a (PJ (sigma C)) (worst_split (agents C) n).
Proof.
  intros [Ha|<-]; [left; now apply theorem1_bound_positive|]. unfold rounds_bound.
  pose proof (agents_positive C) as Hm. pose proof (worst_split_pos (agents C) n Hm).
  apply Rmult_le_pos; [apply Rmult_le_pos|apply Rmult_le_pos; [lra|apply pow_le; lra]].
  - apply Rmult_le_pos; [apply pos_INR|left; apply Rinv_0_lt_compat, pow_lt, lt_0_INR, lt_O_fact].
  - apply pow_le. left. apply Rinv_0_lt_compat, lt_0_INR, Hm.
Qed.

Lemma sum_finite_surely (f : nat -> R) : ex_series (fun T => 1 - f T) -> is_lim_seq f 1.
Proof.
  intros Ex. pose proof (ex_series_lim_0 _ Ex) as L.
  apply (is_lim_seq_ext (fun T => 1 - (1 - f T))); [intros T; ring|].
  apply (is_lim_seq_minus (fun _ => 1) (fun T => 1 - f T) 1 0 1); [apply is_lim_seq_const|exact L|].
  unfold is_Rbar_minus, is_Rbar_plus. simpl. do 2 f_equal. ring.
Qed.
