(* The normal law as a lower integral.

   [std f] is the supremum of the Riemann integrals of h times the density over bounded
   intervals, over all h with 0 <= h <= f for which the integral exists. It has mass 1, gives
   an interval its normal mass, and is the Riemann integral where that exists. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Mcpolar Require Import Sums Lower Gauss Gaussian.
Local Open Scope R_scope.

Definition weighted (h : R -> R) (u : R) : R := h u * density u.

(* v is the integral over [a, b] of a minorant of f *)
Definition below (f : R -> R) (v : R) : Prop :=
  exists a b h, a <= b /\ (forall u, a < u < b -> 0 <= h u <= f u) /\ is_RInt (weighted h) a b v.

Lemma below_unit f v : unitf f -> below f v -> 0 <= v <= 1.
Proof.
  intros Uf (a & b & h & Hab & Hh & I). split.
  - apply (is_RInt_ge_0 (weighted h) a b v Hab I). intros u Hu. specialize (Hh u Hu).
    pose proof (density_pos u). unfold weighted. nra.
  - apply Rle_trans with (2 := density_mass_le_1 a b).
    apply (is_RInt_le (weighted h) density a b); [easy|easy|apply (RInt_correct density), density_integrable|].
    intros u Hu. specialize (Hh u Hu). specialize (Uf u). pose proof (density_pos u). unfold weighted. nra.
Qed.

Lemma below_0 f : below f 0.
Proof.
  exists 0, 0, (fun _ => 0). split; [lra|]. split; [intros; lra|]. apply (is_RInt_point (weighted (fun _ => 0)) 0).
Qed.

Definition std_ (f : R -> R) : R := real (Lub_Rbar (below f)).

Lemma std_lub f : unitf f ->
  (forall v, below f v -> v <= std_ f) /\ (forall M, (forall v, below f v -> v <= M) -> std_ f <= M).
Proof.
  intros Uf. unfold std_. destruct (Lub_Rbar_correct (below f)) as [U L].
  assert (H1 : Rbar_le (Lub_Rbar (below f)) 1).
  { apply L. intros v Hv. simpl. now apply below_unit in Hv. }
  pose proof (U 0 (below_0 f)) as U0. destruct (Lub_Rbar (below f)) as [l| |]; simpl in *; try easy. split.
  - intros v Hv. apply (U v Hv).
  - intros M HM. apply (L M). intros v Hv. simpl. now apply HM.
Qed.

(* ---- a minorant on (a, b) continued by 0 ---- *)
Definition cut (a b : R) (h : R -> R) (u : R) : R := if Rlt_dec a u then if Rlt_dec u b then h u else 0 else 0.

Lemma zero_int a b : is_RInt (fun _ : R => 0) a b 0.
Proof.
  pose proof (is_RInt_const a b (0 : R)) as H. unfold scal in H; simpl in H; unfold mult in H; simpl in H.
  now rewrite Rmult_0_r in H.
Qed.

Lemma cut_integral a b h v A B : A <= a -> a <= b -> b <= B ->
  is_RInt (weighted h) a b v -> is_RInt (weighted (cut a b h)) A B v.
Proof.
  intros HA Hab HB I. replace v with (plus 0 (plus v 0)) by (unfold plus; simpl; ring).
  apply (is_RInt_Chasles (weighted (cut a b h)) A a B 0 (plus v 0)); [|apply (is_RInt_Chasles (weighted (cut a b h)) a b B v 0)].
  - apply (is_RInt_ext (fun _ : R => 0)); [|apply zero_int]. intros u Hu. rewrite Rmin_left, Rmax_right in Hu by easy.
    unfold weighted, cut. destruct (Rlt_dec a u); [lra|symmetry; apply Rmult_0_l].
  - apply (is_RInt_ext (weighted h)); [|easy]. intros u Hu. rewrite Rmin_left, Rmax_right in Hu by easy.
    unfold weighted, cut. destruct (Rlt_dec a u), (Rlt_dec u b); lra || easy.
  - apply (is_RInt_ext (fun _ : R => 0)); [|apply zero_int]. intros u Hu. rewrite Rmin_left, Rmax_right in Hu by easy.
    unfold weighted, cut. destruct (Rlt_dec a u), (Rlt_dec u b); lra || (symmetry; apply Rmult_0_l).
Qed.

Lemma cut_between a b h f u : unitf f -> (forall u, a < u < b -> 0 <= h u <= f u) -> 0 <= cut a b h u <= f u.
Proof.
  intros Uf H. unfold cut. specialize (Uf u). destruct (Rlt_dec a u); [|lra]. destruct (Rlt_dec u b); [|lra]. now apply H.
Qed.

(* two minorants on one interval *)
Lemma below_wide f v : unitf f -> below f v ->
  exists B0, 0 <= B0 /\ forall B, B0 <= B -> exists h, (forall u, 0 <= h u <= f u) /\ is_RInt (weighted h) (- B) B v.
Proof.
  intros Uf (a & b & h & Hab & Hh & I). exists (Rmax (Rabs a) (Rabs b)).
  pose proof (Rmax_l (Rabs a) (Rabs b)). pose proof (Rmax_r (Rabs a) (Rabs b)).
  pose proof (Rabs_pos a). split; [lra|]. intros B HB.
  exists (cut a b h). split; [intros u; now apply cut_between|].
  pose proof (Rle_abs (- a)) as Ea. rewrite Rabs_Ropp in Ea. pose proof (Rle_abs b).
  apply cut_integral; try easy; lra.
Qed.

Lemma std_add_ f g : unitf f -> unitf g -> unitf (fun u => f u + g u) -> std_ f + std_ g <= std_ (fun u => f u + g u).
Proof.
  intros Uf Ug Us. destruct (std_lub _ Us) as [U _]. set (S := std_ (fun u => f u + g u)) in *.
  assert (Pair : forall v w, below f v -> below g w -> v + w <= S).
  { intros v w Hv Hw. destruct (below_wide f v Uf Hv) as (B1 & P1 & W1). destruct (below_wide g w Ug Hw) as (B2 & P2 & W2).
    pose proof (Rmax_l B1 B2). pose proof (Rmax_r B1 B2). set (B := Rmax B1 B2) in *.
    destruct (W1 B ltac:(lra)) as (h & Hh & Ih). destruct (W2 B ltac:(lra)) as (k & Hk & Ik).
    apply U. exists (- B), B, (fun u => h u + k u). split; [lra|]. split.
    - intros u _. specialize (Hh u). specialize (Hk u). lra.
    - apply (is_RInt_ext (fun u => plus (weighted h u) (weighted k u))).
      + intros u _. unfold weighted, plus; simpl. ring.
      + now apply (is_RInt_plus (weighted h) (weighted k)). }
  enough (std_ f <= S - std_ g) by lra. apply (std_lub f Uf). intros v Hv.
  enough (std_ g <= S - v) by lra. apply (std_lub g Ug). intros w Hw. specialize (Pair v w Hv Hw). lra.
Qed.

#[local] Obligation Tactic := idtac.
Program Definition std : lower R := Low R std_ _ _ _ _.
Next Obligation.
  intros f Uf. destruct (std_lub f Uf) as [U L]. split; [apply U, below_0|].
  apply L. intros v Hv. now apply below_unit in Hv.
Qed.
Next Obligation.
  intros f g Uf Ug H. apply (std_lub f Uf). intros v (a & b & h & Hab & Hh & I).
  apply (std_lub g Ug). exists a, b, h. split; [easy|]. split; [|easy].
  intros u Hu. specialize (Hh u Hu). specialize (H u). lra.
Qed.
Next Obligation.
  intros c f Hc Uf. destruct (std_lub _ (unitf_scal c f Hc Uf)) as [U _]. destruct (std_lub f Uf) as [_ L].
  destruct (Req_dec c 0) as [->|Nc].
  { rewrite Rmult_0_l. apply U, below_0. }
  apply Rmult_le_reg_l with (/ c); [apply Rinv_0_lt_compat; lra|]. rewrite <- Rmult_assoc, Rinv_l, Rmult_1_l by lra.
  apply L. intros v (a & b & h & Hab & Hh & I). apply Rmult_le_reg_l with c; [lra|].
  rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. apply U.
  exists a, b, (fun u => c * h u). split; [easy|]. split.
  - intros u Hu. specialize (Hh u Hu). nra.
  - apply (is_RInt_ext (fun u => scal c (weighted h u))).
    + intros u _. unfold weighted, scal; simpl; unfold mult; simpl. ring.
    + now apply (is_RInt_scal (weighted h) a b c v).
Qed.
Next Obligation. exact std_add_. Qed.

(* the lower integral is at least any Riemann integral over a bounded interval *)
Lemma std_ge f a b : unitf f -> a <= b -> ex_RInt (weighted f) a b -> RInt (weighted f) a b <= std f.
Proof.
  intros Uf Hab I. apply (std_lub f Uf). exists a, b, f. split; [easy|]. split.
  - intros u _. specialize (Uf u). lra.
  - now apply (RInt_correct (weighted f)).
Qed.

Lemma std_one : std (fun _ => 1) = 1.
Proof.
  assert (U1 : unitf (fun _ : R => 1)) by (intros u; lra). apply Rle_antisym; [apply (lo_unit std _ U1)|].
  apply le_epsilon. intros eps He. destruct (density_mass_close eps He) as (B & HB & M).
  assert (E : forall u, density u = weighted (fun _ => 1) u) by (intros u; unfold weighted; ring).
  assert (I : ex_RInt (weighted (fun _ => 1)) (- B) B) by (apply (ex_RInt_ext density); [intros u _; apply E|apply density_integrable]).
  pose proof (std_ge _ (- B) B U1 ltac:(lra) I) as G.
  rewrite <- (RInt_ext density) in G by (intros u _; apply E). lra.
Qed.

(* the law of -u is that of u *)
Lemma std_mirror f : unitf f -> std f <= std (fun u => f (- u)).
Proof.
  intros Uf. apply (std_lub f Uf). intros v (a & b & h & Hab & Hh & I).
  apply (std_lub (fun u => f (- u)) (fun u => Uf (- u))).
  exists (- b), (- a), (fun u => h (- u)). split; [lra|]. split; [intros u Hu; apply Hh; lra|].
  assert (J : is_RInt (fun u => opp (weighted h (- u))) (- a) (- b) v).
  { apply (is_RInt_comp_opp (weighted h)). now rewrite !Ropp_involutive. }
  apply is_RInt_swap in J. apply (is_RInt_opp (fun u => opp (weighted h (- u)))) in J.
  replace v with (opp (opp v)) by (unfold opp; simpl; ring).
  revert J. apply is_RInt_ext. intros u _. unfold weighted, opp; cbn -[density]. rewrite density_even. ring.
Qed.

(* ---- mean mu and deviation s ---- *)
Definition normal (mu s : R) : lower R := lmap (fun u => mu + s * u) std.

Theorem normal_gaussian : gaussian normal.
Proof.
  intros mu s a b F Hs Hab HF. unfold mass. simpl.
  apply (proj1 (std_lub _ (fun u => unitf_ind F (mu + s * u)))).
  exists ((a - mu) / s), ((b - mu) / s), (fun _ => 1).
  assert (Hi : 0 < / s) by now apply Rinv_0_lt_compat. split; [apply Rmult_le_compat_r; lra|]. split.
  - intros u Hu. unfold ind. rewrite HF; [lra|]. split.
    + apply Rmult_lt_reg_r with (/ s); [easy|]. replace ((mu + s * u) * / s) with (mu * / s + u) by (field; lra).
      unfold Rdiv in Hu. lra.
    + apply Rmult_lt_reg_r with (/ s); [easy|]. replace ((mu + s * u) * / s) with (mu * / s + u) by (field; lra).
      unfold Rdiv in Hu. lra.
  - apply (is_RInt_ext density); [intros u _; symmetry; apply Rmult_1_l|]. apply (RInt_correct density), density_integrable.
Qed.

(* ---- where the Riemann integral exists, the lower integral is it ---- *)
(* h on a < u < b, 0 elsewhere, as a function of y = mu + s u *)
Definition piece (mu s a b : R) (h : R -> R) (y : R) : R := cut a b h ((y - mu) / s).

Lemma std_cut a b h v : a <= b -> (forall u, a < u < b -> 0 <= h u <= 1) ->
  is_RInt (weighted h) a b v -> std (cut a b h) = v.
Proof.
  intros Hab Hh I.
  assert (Uc : unitf (cut a b h)).
  { intros u. unfold cut. destruct (Rlt_dec a u); [|lra]. destruct (Rlt_dec u b); [|lra]. now apply Hh. }
  destruct (std_lub _ Uc) as [U L]. apply Rle_antisym.
  - apply L. intros w Hw. destruct (below_wide _ w Uc Hw) as (B0 & P0 & W).
    set (B := Rmax B0 (Rmax (Rabs a) (Rabs b))).
    pose proof (Rmax_l B0 (Rmax (Rabs a) (Rabs b))). pose proof (Rmax_r B0 (Rmax (Rabs a) (Rabs b))).
    pose proof (Rmax_l (Rabs a) (Rabs b)). pose proof (Rmax_r (Rabs a) (Rabs b)).
    pose proof (Rle_abs (- a)) as Ea. rewrite Rabs_Ropp in Ea. pose proof (Rle_abs b). fold B in H, H0. clearbody B.
    destruct (W B ltac:(lra)) as (k & Hk & Ik).
    apply (is_RInt_le (weighted k) (weighted (cut a b h)) (- B) B w v ltac:(lra) Ik).
    + apply cut_integral; try easy; lra.
    + intros u _. specialize (Hk u). pose proof (density_pos u). unfold weighted. nra.
  - apply U. exists a, b, h. split; [easy|]. split; [|easy]. intros u Hu. unfold cut. specialize (Hh u Hu).
    destruct (Rlt_dec a u), (Rlt_dec u b); lra.
Qed.

Theorem normal_riemann mu s a b h v : 0 < s -> a <= b -> (forall u, a < u < b -> 0 <= h u <= 1) ->
  is_RInt (weighted h) a b v -> normal mu s (piece mu s a b h) = v.
Proof.
  intros Hs Hab Hh I. rewrite <- (std_cut a b h v Hab Hh I). unfold normal. simpl. f_equal.
  apply FunctionalExtensionality.functional_extensionality. intros u. unfold piece. f_equal. field. lra.
Qed.
