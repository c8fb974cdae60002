(* What is used of the normal law: the mass of an interval. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Mcpolar Require Import Lower.
Local Open Scope R_scope.

Definition density (u : R) : R := exp (- u ^ 2 / 2) / sqrt (2 * PI).

(* the mass that the normal law of mean mu and deviation s gives to [a, b] *)
Definition mass (mu s a b : R) : R := RInt density ((a - mu) / s) ((b - mu) / s).

(* the premise on the draws: an interval gets its normal mass at least *)
Definition gaussian (N : R -> R -> lower R) : Prop :=
  forall mu s a b (G : R -> bool), 0 < s -> a <= b -> (forall y, a < y < b -> G y = true) ->
    mass mu s a b <= N mu s (ind G).

(* the masses in the statements *)
Definition P (s : R) : R := RInt density (- (1 / (2 * s))) (1 / (2 * s)).
Definition PJ (s : R) : R := RInt density (- (1 / (6 * s))) (1 / (6 * s)).
Definition Px (s : R) : R := RInt density (3 / (2 * s)) (5 / (2 * s)).

Lemma density_pos u : 0 < density u.
Proof.
  unfold density. apply Rdiv_lt_0_compat; [apply exp_pos|]. apply sqrt_lt_R0.
  pose proof PI_RGT_0. lra.
Qed.

Lemma density_even u : density (- u) = density u.
Proof. unfold density. do 3 f_equal. ring. Qed.

Lemma density_falls u v : Rabs u <= Rabs v -> density v <= density u.
Proof.
  intros H. unfold density. apply Rmult_le_compat_r.
  - left. apply Rinv_0_lt_compat, sqrt_lt_R0. pose proof PI_RGT_0; lra.
  - assert (E : u ^ 2 <= v ^ 2) by (rewrite <- (pow2_abs u), <- (pow2_abs v); apply pow_incr; split; [apply Rabs_pos|easy]).
    destruct (Req_dec (u ^ 2) (v ^ 2)) as [->|N]; [lra|]. left. apply exp_increasing. lra.
Qed.

Lemma density_continuous u : continuous density u.
Proof. apply (ex_derive_continuous density). unfold density. auto_derive. exact I. Qed.

Lemma density_integrable a b : ex_RInt density a b.
Proof. apply (ex_RInt_continuous density). intros; apply density_continuous. Qed.

Lemma mass_pos mu s a b : 0 < s -> a <= b -> 0 <= mass mu s a b.
Proof.
  intros Hs H. apply RInt_ge_0; [|apply density_integrable|].
  - apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|lra].
  - intros; left; apply density_pos.
Qed.

Lemma mass_mirror mu s a b : 0 < s -> mass (- mu) s (- b) (- a) = mass mu s a b.
Proof.
  intros Hs. unfold mass.
  set (A := (a - mu) / s). set (B := (b - mu) / s).
  replace ((- b - - mu) / s) with (-1 * B + 0) by (unfold B; field; lra).
  replace ((- a - - mu) / s) with (-1 * A + 0) by (unfold A; field; lra).
  assert (I : forall u v, ex_RInt (fun y => scal (-1) (density (-1 * y + 0))) u v).
  { intros u v. apply (ex_RInt_comp_lin density (-1) 0), density_integrable. }
  rewrite <- (RInt_comp_lin density (-1) 0 B A) by apply density_integrable.
  rewrite <- opp_RInt_swap by apply I. rewrite <- RInt_opp by apply I.
  apply RInt_ext. intros x _. unfold opp, scal; simpl; unfold mult; simpl.
  replace (-1 * x + 0) with (- x) by ring. rewrite density_even. ring.
Qed.

(* the other component is no more likely to land on the own side of its interval *)
Lemma mass_far mu s a b d :
  0 < s -> a <= b -> 0 <= d -> 0 <= (a - mu) + (a - mu + d) -> mass (mu - d) s a b <= mass mu s a b.
Proof.
  intros Hs Hab Hd Ha. unfold mass.
  assert (Ps : 0 < / s) by now apply Rinv_0_lt_compat.
  replace ((a - (mu - d)) / s) with (1 * ((a - mu) / s) + d / s) by (field; lra).
  replace ((b - (mu - d)) / s) with (1 * ((b - mu) / s) + d / s) by (field; lra).
  rewrite <- (RInt_comp_lin density) by apply density_integrable.
  apply RInt_le.
  - apply Rmult_le_compat_r; lra.
  - apply (ex_RInt_comp_lin density), density_integrable.
  - apply density_integrable.
  - intros u [Hu _]. unfold scal; simpl; unfold mult; simpl. rewrite !Rmult_1_l.
    apply density_falls. assert (0 <= d / s) by (apply Rmult_le_pos; lra).
    assert (0 <= u + (u + d / s)).
    { apply Rle_trans with (((a - mu) + (a - mu + d)) / s); [apply Rmult_le_pos; lra|].
      replace (((a - mu) + (a - mu + d)) / s) with (2 * ((a - mu) / s) + d / s) by (field; lra). lra. }
    unfold Rabs; repeat destruct Rcase_abs; lra.
Qed.

Lemma mass_own s : 0 < s -> mass 1 s (1/2) (3/2) = P s.
Proof. intros Hs. unfold mass, P. f_equal; field; lra. Qed.
Lemma mass_J s : 0 < s -> mass 1 s (5/6) (7/6) = PJ s.
Proof. intros Hs. unfold mass, PJ. f_equal; field; lra. Qed.
Lemma mass_other s : 0 < s -> mass (-1) s (1/2) (3/2) = Px s.
Proof. intros Hs. unfold mass, Px. f_equal; field; lra. Qed.

Lemma Px_le_P s : 0 < s -> 0 <= Px s <= P s.
Proof.
  intros Hs. rewrite <- mass_own, <- mass_other by easy. split; [apply mass_pos; lra|].
  replace (-1) with (1 - 2) by lra. apply mass_far; lra.
Qed.

(* ---- half-lines: the mass of [0, infinity) is the least upper bound of those of [0, b] ---- *)
(* Phi(1/s) for the own component, Phi(-1/s) for the other one *)
Definition half_line (mu s : R) : R := real (Lub_Rbar (fun v => exists b, 0 <= b /\ v = mass mu s 0 b)).

Section Premise.
Variable N : R -> R -> lower R.
Hypothesis HN : gaussian N.

Lemma gaussian_mirror mu s a b (G : R -> bool) :
  0 < s -> a <= b -> (forall y, a < y < b -> G (- y) = true) -> mass mu s a b <= N (- mu) s (ind G).
Proof.
  intros Hs Hab H. rewrite <- mass_mirror by easy. apply HN; [easy|lra|].
  intros y Hy. rewrite <- (Ropp_involutive y). apply H. lra.
Qed.

Lemma mass_le_1 mu s a b : 0 < s -> a <= b -> mass mu s a b <= 1.
Proof.
  intros Hs Hab. apply Rle_trans with (N mu s (ind (fun _ => true))); [now apply HN|].
  apply lo_unit, unitf_ind.
Qed.

Lemma half_line_lub mu s : 0 < s ->
  (forall b, 0 <= b -> mass mu s 0 b <= half_line mu s) /\
  (forall M, (forall b, 0 <= b -> mass mu s 0 b <= M) -> half_line mu s <= M).
Proof.
  intros Hs. unfold half_line. set (S := fun v => _). destruct (Lub_Rbar_correct S) as [U L].
  assert (H0 : S (mass mu s 0 0)) by (exists 0; split; [lra|easy]).
  assert (H1 : Rbar_le (Lub_Rbar S) 1).
  { apply L. intros v (b & Hb & ->). simpl. apply mass_le_1; lra. }
  pose proof (U _ H0) as U0. destruct (Lub_Rbar S) as [l| |]; simpl in *; try easy. split.
  - intros b Hb. apply (U (mass mu s 0 b)). now exists b.
  - intros M HM. apply (L M). intros v (b & Hb & ->). simpl. now apply HM.
Qed.

Lemma half_line_le mu s (G : R -> bool) :
  0 < s -> (forall y, 0 < y -> G y = true) -> half_line mu s <= N mu s (ind G).
Proof.
  intros Hs H. apply half_line_lub; [easy|]. intros b Hb. apply HN; [easy|easy|]. intros y Hy; apply H; lra.
Qed.

Lemma half_line_mirror mu s (G : R -> bool) :
  0 < s -> (forall y, 0 < y -> G (- y) = true) -> half_line mu s <= N (- mu) s (ind G).
Proof.
  intros Hs H. apply half_line_lub; [easy|]. intros b Hb. apply gaussian_mirror; [easy|easy|].
  intros y Hy; apply H; lra.
Qed.

Lemma half_line_own s : 0 < s -> 0 <= half_line (-1) s <= half_line 1 s.
Proof.
  intros Hs. destruct (half_line_lub 1 s Hs) as [U1 L1]. destruct (half_line_lub (-1) s Hs) as [U2 L2].
  split.
  - apply Rle_trans with (mass (-1) s 0 0); [apply mass_pos; lra|apply U2; lra].
  - apply L2. intros b Hb. apply Rle_trans with (mass 1 s 0 b); [|now apply U1].
    replace (-1) with (1 - 2) by lra. apply mass_far; lra.
Qed.
End Premise.
