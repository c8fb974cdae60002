(* The premises of PM1, PM and PMr on draws, for the normal law: the exponential moment is
   proved; the others are inequalities between a Riemann integral and a number. *)
From Coq Require Import Reals Lra Lia List Bool.
From Coquelicot Require Import Coquelicot.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Gaussian Normal Chain Neighbours Theorem2 Permanence PM.
Local Open Scope R_scope.

Definition rho1 (theta s : R) : R := exp (-2 * theta * (1 - theta) / s ^ 2).

Lemma cap_continuous c0 c1 e s u :
  continuous (weighted (fun u => 1 - Rmin 1 (c0 + c1 * exp (e * (1 + s * u))))) u.
Proof.
  apply (continuous_ext (fun u => (1 - (1 + (c0 + c1 * exp (e * (1 + s * u))) - Rabs (1 - (c0 + c1 * exp (e * (1 + s * u))))) / 2) * density u)).
  { intros v. unfold weighted. f_equal. f_equal. unfold Rmin, Rabs. destruct (Rle_dec _ _), (Rcase_abs _); lra. }
  apply (continuous_mult (fun u => 1 - (1 + (c0 + c1 * exp (e * (1 + s * u))) - Rabs (1 - (c0 + c1 * exp (e * (1 + s * u))))) / 2) density);
    [|apply density_continuous].
  set (w := fun u => c0 + c1 * exp (e * (1 + s * u))).
  assert (Cw : continuous w u) by (apply (ex_derive_continuous w); unfold w; auto_derive; exact I).
  assert (Ca : continuous (fun u => Rabs (1 - w u)) u).
  { apply (continuous_comp (fun u => 1 - w u) Rabs); [|apply continuous_Rabs].
    apply (continuous_minus (fun _ => 1) w); [apply continuous_const|easy]. }
  apply (continuous_ext (fun u => plus (1 / 2) (plus (scal (- (1 / 2)) (w u)) (scal (1 / 2) (Rabs (1 - w u)))))).
  { intros v. unfold plus, scal; simpl; unfold mult; simpl. unfold w. field. }
  apply (continuous_plus (fun _ => 1 / 2)); [apply continuous_const|].
  apply (continuous_plus (fun u => scal (- (1 / 2)) (w u))); [now apply (continuous_scal_r (- (1/2)) w)|].
  now apply (continuous_scal_r (1/2) (fun u => Rabs (1 - w u))).
Qed.

(* times an exponential, the density is another one, moved *)
Lemma tilted_density theta s u : 0 < s ->
  exp (-2 * theta / s ^ 2 * (1 + s * u)) * density u = rho1 theta s * density (1 * u + 2 * theta / s).
Proof.
  intros Hs. unfold density, rho1. set (v := 1 * u + 2 * theta / s).
  transitivity (exp (-2 * theta / s ^ 2 * (1 + s * u) + - u ^ 2 / 2) / sqrt (2 * PI)).
  { rewrite exp_plus. unfold Rdiv. ring. }
  transitivity (exp (-2 * theta * (1 - theta) / s ^ 2 + - v ^ 2 / 2) / sqrt (2 * PI)).
  - do 2 f_equal. unfold v. field. lra.
  - rewrite exp_plus. unfold Rdiv. ring.
Qed.

Lemma capped_exponential_mean theta s c0 c1 : 0 < s -> 0 <= c0 -> 0 <= c1 ->
  1 - (c0 + c1 * rho1 theta s) <= std (fun u => 1 - Rmin 1 (c0 + c1 * exp (-2 * theta / s ^ 2 * (1 + s * u)))).
Proof.
  intros Hs H0 H1. set (e := -2 * theta / s ^ 2). set (F := fun u => 1 - Rmin 1 (c0 + c1 * exp (e * (1 + s * u)))).
  assert (UF : unitf F).
  { intros u. apply cap_unit. apply Rplus_le_le_0_compat; [easy|]. apply Rmult_le_pos; [easy|left; apply exp_pos]. }
  apply le_epsilon. intros eps He. destruct (density_mass_close eps He) as (B & HB & HM).
  pose proof (density_mass_le_1 (- B) B) as M1. set (M := RInt density (- B) B) in *.
  set (d := 2 * theta / s). set (M' := RInt density (1 * - B + d) (1 * B + d)).
  pose proof (density_mass_le_1 (1 * - B + d) (1 * B + d)) as M1'. fold M' in M1'. set (k := c1 * rho1 theta s).
  assert (I1 : is_RInt (fun u => plus (scal (1 - c0) (density u)) (scal (- k) (scal 1 (density (1 * u + d)))))
                 (- B) B (plus (scal (1 - c0) M) (scal (- k) M'))).
  { apply (is_RInt_plus (fun u => scal (1 - c0) (density u))).
    - apply (is_RInt_scal density), (RInt_correct density), density_integrable.
    - apply (is_RInt_scal (fun u => scal 1 (density (1 * u + d)))), (is_RInt_comp_lin density 1 d).
      apply (RInt_correct density), density_integrable. }
  assert (I2 : ex_RInt (weighted F) (- B) B) by (apply (ex_RInt_continuous (weighted F)); intros u _; apply cap_continuous).
  assert (L : plus (scal (1 - c0) M) (scal (- k) M') <= RInt (weighted F) (- B) B).
  { apply (is_RInt_le _ (weighted F) (- B) B _ _ ltac:(lra) I1 (RInt_correct (weighted F) _ _ I2)).
    intros u _. unfold plus, scal; cbn -[density]; unfold mult; cbn -[density]. unfold weighted, F, k, d.
    replace (- (c1 * rho1 theta s) * (1 * density (1 * u + 2 * theta / s))) with (- c1 * (rho1 theta s * density (1 * u + 2 * theta / s))) by ring.
    rewrite <- tilted_density by easy. fold e. pose proof (density_pos u).
    pose proof (Rmin_r 1 (c0 + c1 * exp (e * (1 + s * u)))). nra. }
  pose proof (std_ge F (- B) B UF ltac:(lra) I2) as G. unfold plus, scal in L; simpl in L; unfold mult in L; simpl in L.
  assert (R0 : 0 <= k) by (apply Rmult_le_pos; [easy|left; apply exp_pos]).
  assert (k * M' <= k) by nra. assert (1 - c0 - eps <= (1 - c0) * M) by nra. unfold k in *. lra.
Qed.

Theorem normal_moment theta s : 0 < s -> exponential_moment s normal theta (rho1 theta s).
Proof.
  intros Hs c0 c1 H0 H1. pose proof (capped_exponential_mean theta s c0 c1 Hs H0 H1) as Main.
  set (F := fun u => 1 - Rmin 1 (c0 + c1 * exp (-2 * theta / s ^ 2 * (1 + s * u)))) in Main.
  assert (UF : unitf F).
  { intros u. apply cap_unit. apply Rplus_le_le_0_compat; [easy|]. apply Rmult_le_pos; [easy|left; apply exp_pos]. }
  intros [|].
  - apply Rle_trans with (1 := Main). right. simpl. f_equal.
    apply FunctionalExtensionality.functional_extensionality. intros u. unfold F, own_draw. do 5 f_equal. field. lra.
  - apply Rle_trans with (1 := Main). apply Rle_trans with (1 := std_mirror F UF). right. simpl. f_equal.
    apply FunctionalExtensionality.functional_extensionality. intros u. unfold F, own_draw. do 5 f_equal. field. lra.
Qed.

Theorem normal_mean_le s g bound : 0 < s -> (forall y, 0 <= g y) ->
  (forall a b, ex_RInt (weighted (fun u => 1 - Rmin 1 (g (1 + s * u)))) a b) ->
  (forall B, 0 <= B -> exists v, is_RInt (weighted (fun u => g (1 + s * u))) (- B) B v /\ v <= bound) ->
  own_mean_le normal s g bound.
Proof.
  intros Hs Hg Ex Int. set (F := fun u => 1 - Rmin 1 (g (1 + s * u))).
  assert (UF : unitf F).
  { intros u. unfold F. specialize (Hg (1 + s * u)). unfold Rmin. destruct (Rle_dec 1 (g (1 + s * u))); lra. }
  assert (Main : 1 - bound <= std F).
  { apply le_epsilon. intros eps He. destruct (density_mass_close eps He) as (B & HB & HM).
    destruct (Int B HB) as (v & Iv & Lv).
    pose proof (is_RInt_minus density _ _ _ _ _ (RInt_correct density (- B) B (density_integrable _ _)) Iv) as I1.
    assert (L : minus (RInt density (- B) B) v <= RInt (weighted F) (- B) B).
    { apply (is_RInt_le _ (weighted F) (- B) B _ _ ltac:(lra) I1 (RInt_correct (weighted F) _ _ (Ex _ _))).
      intros u _. unfold minus, plus, opp, weighted, F; cbn -[density]. pose proof (density_pos u).
      pose proof (Rmin_r 1 (g (1 + s * u))). nra. }
    pose proof (std_ge F (- B) B UF ltac:(lra) (Ex _ _)) as Gd. unfold minus, plus, opp in L; simpl in L. lra. }
  intros [|].
  - apply Rle_trans with (1 := Main). right. reflexivity.
  - apply Rle_trans with (1 := Main). apply Rle_trans with (1 := std_mirror F UF). right. simpl. f_equal.
    apply FunctionalExtensionality.functional_extensionality. intros u. unfold F, own_draw. do 4 f_equal. lra.
Qed.
