(* GPM1 on a line, and its moments: rho_jl = e^{-theta (1 - theta) |mu_j - mu_l|^2 / (2 sigma^2)}, for normal draws. *)
From Coquelicot Require Import Coquelicot.
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition1 Sums Lower Rounds Gauss Gaussian Normal Chain Permanence PM NormalDraws GeneralTheorem2 GeneralChance GeneralPM1.
Import ListNotations.
Local Open Scope R_scope.

Definition line_rho (mu : nat -> point) (s : R) (theta : nat -> nat -> R) (j l : nat) : R :=
  exp (- theta j l * (1 - theta j l) * (mu j 0%nat - mu l 0%nat) ^ 2 / (2 * s ^ 2)).

Section Line.
Variable mu : nat -> point.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable theta : nat -> nat -> R.
Variable j : nat.
Variable c0 : R.
Hypothesis H0 : 0 <= c0.
Variable k : nat -> R.
Hypothesis Hk : forall l, 0 <= k l.

(* the term of competitor l at y = mu_j + (v - 1), and the sum of the first n *)
Definition tilt (l : nat) (v : R) : R := exp (- theta j l * against 1 mu s j l (fun _ => mu j 0%nat + (v - 1))).
Definition tilts (n : nat) (v : R) : R := c0 + over_others n j (fun l => k l * tilt l v).
Definition masses (n : nat) (B : R) : R :=
  c0 * RInt density (- B) B + over_others n j (fun l => k l * (line_rho mu s theta j l *
    RInt density (1 * - B + theta j l * (mu j 0%nat - mu l 0%nat) / s) (1 * B + theta j l * (mu j 0%nat - mu l 0%nat) / s))).

Lemma tilt_density l u : tilt l (1 + s * u) * density u = line_rho mu s theta j l * density (1 * u + theta j l * (mu j 0%nat - mu l 0%nat) / s).
Proof.
  set (K := / sqrt (2 * PI)). change (tilt l (1 + s * u) * (exp (- u ^ 2 / 2) * K)
    = line_rho mu s theta j l * (exp (- (1 * u + theta j l * (mu j 0%nat - mu l 0%nat) / s) ^ 2 / 2) * K)).
  rewrite <- !Rmult_assoc. f_equal. unfold tilt, line_rho, against, dist2. cbn [sumn]. rewrite <- !exp_plus. f_equal. field. lra.
Qed.

Lemma tilts_step n v : tilts (S n) v = tilts n v + (if Nat.eqb n j then 0 else k n * tilt n v).
Proof. unfold tilts, over_others. cbn [sumn]. ring. Qed.

Lemma tilts_pos n v : 0 <= tilts n v.
Proof.
  apply Rplus_le_le_0_compat; [easy|]. apply over_others_pos. intros l _ _. apply Rmult_le_pos; [apply Hk|left; apply exp_pos].
Qed.

Lemma tilts_integral n B : is_RInt (fun u => tilts n (1 + s * u) * density u) (- B) B (masses n B).
Proof.
  induction n as [|n IH].
  - apply (is_RInt_ext (fun u => scal c0 (density u))); [intros u _; unfold tilts, over_others, scal; simpl; unfold mult; simpl; ring|].
    replace (masses 0 B) with (scal c0 (RInt density (- B) B)) by (unfold masses, over_others, scal; simpl; unfold mult; simpl; ring).
    apply (is_RInt_scal density), (RInt_correct density), density_integrable.
  - set (t := if Nat.eqb n j then 0 else k n * line_rho mu s theta j n). set (e := theta j n * (mu j 0%nat - mu n 0%nat) / s).
    apply (is_RInt_ext (fun u => plus (tilts n (1 + s * u) * density u) (scal t (scal 1 (density (1 * u + e)))))).
    { intros u _. rewrite tilts_step. unfold plus, scal; cbn -[density tilts tilt]; unfold mult; cbn -[density tilts tilt].
      unfold t, e. destruct (Nat.eqb n j); [ring|]. rewrite Rmult_1_l, Rmult_assoc, <- tilt_density. ring. }
    replace (masses (S n) B) with (plus (masses n B) (scal t (RInt density (1 * - B + e) (1 * B + e)))).
    + apply (is_RInt_plus (fun u => tilts n (1 + s * u) * density u)); [easy|].
      apply (is_RInt_scal (fun u => scal 1 (density (1 * u + e)))), (is_RInt_comp_lin density 1 e), (RInt_correct density), density_integrable.
    + unfold plus, scal; cbn -[RInt]; unfold mult; cbn -[RInt]. unfold masses, over_others. cbn [sumn]. fold e. unfold t.
      destruct (Nat.eqb n j); ring.
Qed.

Lemma masses_le n B : 0 <= B -> masses n B <= c0 + over_others n j (fun l => k l * line_rho mu s theta j l).
Proof.
  intros HB. assert (M : forall b b', RInt density b b' <= 1) by (intros; apply density_mass_le_1). apply Rplus_le_compat.
  - specialize (M (- B) B). nra.
  - apply over_others_le. intros l _ _. apply Rmult_le_compat_l; [apply Hk|]. pose proof (exp_pos (- theta j l * (1 - theta j l) * (mu j 0%nat - mu l 0%nat) ^ 2 / (2 * s ^ 2))) as P.
    fold (line_rho mu s theta j l) in P. rewrite <- (Rmult_1_r (line_rho mu s theta j l)) at 2. apply Rmult_le_compat_l; [lra|apply M].
Qed.

Lemma tilts_continuous n u : continuous (fun u => tilts n (1 + s * u)) u.
Proof.
  induction n as [|n IH]; [apply (continuous_ext (fun _ => c0)); [intros v; unfold tilts, over_others; simpl; ring|apply continuous_const]|].
  apply (continuous_ext (fun u => plus (tilts n (1 + s * u)) (if Nat.eqb n j then 0 else k n * tilt n (1 + s * u)))).
  { intros v. now rewrite tilts_step. }
  apply (continuous_plus (fun u => tilts n (1 + s * u))); [easy|]. destruct (Nat.eqb n j); [apply continuous_const|].
  apply (ex_derive_continuous (fun u => k n * tilt n (1 + s * u))). unfold tilt, against, dist2. cbn [sumn]. auto_derive. exact I.
Qed.

Lemma capped_tilts_continuous n u : continuous (weighted (fun u => 1 - Rmin 1 (tilts n (1 + s * u)))) u.
Proof.
  set (w := fun u => tilts n (1 + s * u)). assert (Cw : continuous w u) by apply tilts_continuous.
  apply (continuous_ext (fun u => plus (1 / 2) (plus (scal (- (1 / 2)) (w u)) (scal (1 / 2) (Rabs (1 - w u)))) * density u)).
  { intros v. unfold weighted. f_equal. fold (w v). unfold plus, scal; simpl; unfold mult; simpl. unfold Rmin, Rabs. destruct (Rle_dec _ _), (Rcase_abs _); lra. }
  apply (continuous_mult (fun u => plus (1 / 2) (plus (scal (- (1 / 2)) (w u)) (scal (1 / 2) (Rabs (1 - w u))))) density); [|apply density_continuous].
  assert (Ca : continuous (fun u => Rabs (1 - w u)) u).
  { apply (continuous_comp (fun u => 1 - w u) Rabs); [|apply continuous_Rabs]. apply (continuous_minus (fun _ => 1) w); [apply continuous_const|easy]. }
  apply (continuous_plus (fun _ => 1 / 2)); [apply continuous_const|].
  apply (continuous_plus (fun u => scal (- (1 / 2)) (w u))); [now apply (continuous_scal_r (- (1/2)) w)|].
  now apply (continuous_scal_r (1/2) (fun u => Rabs (1 - w u))).
Qed.

Lemma line_moment n : 1 - (c0 + over_others n j (fun l => k l * line_rho mu s theta j l)) <= normal 1 s (fun v => 1 - Rmin 1 (tilts n v)).
Proof.
  apply (normal_mean_le s (tilts n) (c0 + over_others n j (fun l => k l * line_rho mu s theta j l)) Hs (tilts_pos n)) with (p := true).
  - intros a b. apply (ex_RInt_continuous (weighted (fun u => 1 - Rmin 1 (tilts n (1 + s * u))))). intros u _. apply capped_tilts_continuous.
  - intros B HB. exists (masses n B). split; [apply tilts_integral|now apply masses_le].
Qed.
End Line.

(* GPM1's premise on draws holds for the normal law on a line *)
Theorem moments_on_line C law theta : dimensions C = 1%nat -> normal_on_line law (means C) (spread C) ->
  own_moments C law theta (line_rho (means C) (spread C) theta).
Proof.
  intros Hd Hl j c0 k Hj H0 Hk. set (mu := means C). set (s := spread C). pose proof (spread_positive C) as Hs.
  set (f := fun v : R => 1 - Rmin 1 (c0 + over_others (components C) j (fun l => k l * exp (- theta j l * against 1 mu s j l (fun _ => v))))).
  assert (Uf : unitf f).
  { intros v. unfold f. apply cap_unit. apply Rplus_le_le_0_compat; [easy|]. apply over_others_pos. intros l _ _.
    apply Rmult_le_pos; [apply Hk|left; apply exp_pos]. }
  apply Rle_trans with (normal (mu j 0%nat) s f).
  - apply Rle_trans with (1 := line_moment mu s Hs theta j c0 H0 k Hk (components C)). right.
    change (std (fun u => 1 - Rmin 1 (tilts mu s theta j c0 k (components C) (1 + s * u))) = std (fun u => f (mu j 0%nat + s * u))).
    f_equal. apply FunctionalExtensionality.functional_extensionality. intros u. unfold f, tilts, tilt. do 3 f_equal.
    apply sumn_ext. intros l _. destruct (Nat.eqb l j); [easy|]. do 3 f_equal. unfold against, dist2. cbn [sumn]. f_equal. f_equal; f_equal; f_equal; ring.
  - apply Rle_trans with (1 := normal_le_inner law mu s j f Hs Hl Uf). right. f_equal.
    apply FunctionalExtensionality.functional_extensionality. intros y. unfold f, capped. fold mu s. rewrite Hd. reflexivity.
Qed.

(* one silo on a line, uniform senders: no premise on the draws is left *)
Definition line_constant (mu : nat -> point) (s theta ell : R) (j l : nat) : R :=
  Rmax (exp (theta * ell)) (exp (- (1 - theta) * ell) / (1 - line_rho mu s (fun _ _ => theta) j l)).

Lemma line_rho_less mu s theta j l : 0 < s -> 0 < theta < 1 -> mu j 0%nat <> mu l 0%nat -> line_rho mu s (fun _ _ => theta) j l < 1.
Proof.
  intros Hs Ht Ne. unfold line_rho. cbv beta. apply Rlt_le_trans with (exp 0); [apply exp_increasing|rewrite exp_0; lra].
  assert (P : 0 < (mu j 0%nat - mu l 0%nat) ^ 2) by (rewrite <- Rsqr_pow2; apply Rlt_0_sqr; intros E; apply Ne; lra).
  assert (Q : 0 < theta * (1 - theta) * (mu j 0%nat - mu l 0%nat) ^ 2 / (2 * s ^ 2)).
  { apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; [nra|easy]|]. apply Rmult_lt_0_compat; [lra|now apply pow_lt]. }
  set (d2 := (mu j 0%nat - mu l 0%nat) ^ 2) in *.
  replace (- theta * (1 - theta) * d2 / (2 * s ^ 2)) with (- (theta * (1 - theta) * d2 / (2 * s ^ 2))) by (field; lra). lra.
Qed.

Theorem general_permanence_line C law j ell theta T x (P : general_chances C law (silos_kept (people C) (components C) (fun _ => j) (fun _ _ => ell)) any_state) :
  dimensions C = 1%nat -> normal_on_line law (means C) (spread C) ->
  (forall x i j, (i < people C)%nat -> (j < people C)%nat -> share_of C x i j = / INR (people C)) ->
  (j < components C)%nat -> (forall l, (l < components C)%nat -> l <> j -> means C j 0%nat <> means C l 0%nat) -> 0 < theta < 1 ->
  (forall i, (i < people C)%nat -> length (snd (x i)) = 1%nat) -> silos_kept (people C) (components C) (fun _ => j) (fun _ _ => ell) x = true ->
  1 - sumn (people C) (fun i => over_others (components C) j (fun l =>
        line_constant (means C) (spread C) theta ell j l * exp (- theta * (fst (x i) j - fst (x i) l)))) <= P T x.
Proof.
  intros Hd Hl HQ Hj Hne Ht H1 K. apply Rle_trans with (2 := inner_stay_le C law _ any_state P T x).
  set (A := fun j l => line_constant (means C) (spread C) theta ell j l).
  assert (A0 : forall j l, exp (theta * ell) <= A j l) by (intros; apply Rmax_l).
  refine (general_permanence_r1 C law (fun _ => j) (fun _ _ => Hj) (fun _ _ => ell) (fun _ _ => theta) (line_rho (means C) (spread C) (fun _ _ => theta)) A 1
    ltac:(lra) (fun _ _ => Ht) _ _ _ (moments_on_line C law (fun _ _ => theta) Hd Hl) (one_silo_senders C (fun _ => j) (fun _ _ => ell) HQ (fun _ _ _ _ => eq_refl)) T x H1 K).
  - intros i l. apply Rle_trans with (2 := A0 i l). left. apply exp_pos.
  - intros i l. apply Rle_trans with (exp (theta * ell) * exp (- theta * ell)).
    + rewrite <- exp_plus. replace (theta * ell + - theta * ell) with 0 by ring. rewrite exp_0. lra.
    + apply Rmult_le_compat_r; [left; apply exp_pos|apply A0].
  - intros _ l _ Hl' Ne. pose proof (line_rho_less (means C) (spread C) theta j l (spread_positive C) Ht (Hne l Hl' Ne)) as R1. cbv beta in *.
    rewrite Rmult_1_l. apply Rmult_le_reg_r with (/ (1 - line_rho (means C) (spread C) (fun _ _ => theta) j l)); [apply Rinv_0_lt_compat; lra|].
    rewrite Rmult_assoc, Rinv_r, Rmult_1_r by lra. apply Rmax_r.
Qed.
