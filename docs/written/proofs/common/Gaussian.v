(* The Gaussian integral: the normal law has mass 1.

   G(x)^2 + K(x) is constant, G(x) = int_0^x e^{-t^2} dt,
   K(x) = int_0^1 e^{-x^2 (1+t^2)}/(1+t^2) dt; at 0 it is atan 1 = pi/4. *)
From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Mcpolar Require Import Gauss.
Local Open Scope R_scope.

Definition bell (t : R) : R := exp (- t ^ 2).
Definition G (x : R) : R := RInt bell 0 x.
Definition kern (x t : R) : R := exp (- x ^ 2 * (1 + t ^ 2)) / (1 + t ^ 2).
Definition K (x : R) : R := RInt (kern x) 0 1.

Lemma one_sq t : 0 < 1 + t ^ 2.
Proof. pose proof (pow2_ge_0 t). lra. Qed.

Lemma bell_continuous t : continuous bell t.
Proof. apply (ex_derive_continuous bell). unfold bell. auto_derive. exact I. Qed.
Lemma bell_integrable a b : ex_RInt bell a b.
Proof. apply (ex_RInt_continuous bell). intros; apply bell_continuous. Qed.

Lemma kern_derive x t : is_derive (fun z => kern z t) x (-2 * x * exp (- x ^ 2 * (1 + t ^ 2))).
Proof.
  unfold kern. pose proof (one_sq t). auto_derive; [lra|].
  replace (- (x * (x * 1)) * (1 + t * (t * 1))) with (- x ^ 2 * (1 + t ^ 2)) by ring.
  field. nra.
Qed.
Lemma kern_continuous x t : continuous (kern x) t.
Proof.
  apply (ex_derive_continuous (kern x)). unfold kern. pose proof (one_sq t).
  auto_derive. nra.
Qed.
Lemma kern_integrable x a b : ex_RInt (kern x) a b.
Proof. apply (ex_RInt_continuous (kern x)). intros; apply kern_continuous. Qed.

Lemma G_derive x : is_derive G x (bell x).
Proof.
  apply (is_derive_RInt bell G 0).
  - exists (mkposreal 1 Rlt_0_1). intros y _. apply (RInt_correct bell), bell_integrable.
  - apply bell_continuous.
Qed.

Lemma K_derive x : is_derive K x (-2 * bell x * G x).
Proof.
  assert (E : RInt (fun t => Derive (fun z => kern z t) x) 0 1 = -2 * bell x * G x).
  { apply is_RInt_unique.
    apply (is_RInt_ext (fun t => scal (-2 * bell x) (scal x (bell (x * t + 0))))).
    - intros t _. transitivity (-2 * x * exp (- x ^ 2 * (1 + t ^ 2))); [|symmetry; apply is_derive_unique, kern_derive].
      unfold bell, scal; cbn -[pow]; unfold mult; cbn -[pow].
      replace (- x ^ 2 * (1 + t ^ 2)) with (- x ^ 2 + - (x * t + 0) ^ 2) by ring.
      rewrite exp_plus. ring.
    - apply (is_RInt_scal (fun t => scal x (bell (x * t + 0))) 0 1 (-2 * bell x) (G x)).
      apply (is_RInt_comp_lin bell x 0 0 1 (G x)). rewrite Rmult_0_r, Rmult_1_r, !Rplus_0_r.
      apply (RInt_correct bell), bell_integrable. }
  rewrite <- E. unfold K. apply (is_derive_RInt_param kern 0 1 x).
  - exists (mkposreal 1 Rlt_0_1). intros y _ t _. eexists. apply kern_derive.
  - intros t _.
    apply (continuity_2d_pt_ext (fun u v => -2 * u * exp (- u ^ 2 * (1 + v ^ 2)))).
    { intros u v. symmetry. apply is_derive_unique, kern_derive. }
    apply continuity_2d_pt_mult.
    + apply continuity_2d_pt_mult; [apply continuity_2d_pt_const|apply continuity_2d_pt_id1].
    + apply (continuity_1d_2d_pt_comp exp (fun u v => - u ^ 2 * (1 + v ^ 2))).
      * apply derivable_continuous_pt, derivable_pt_exp.
      * apply continuity_2d_pt_mult.
        -- apply continuity_2d_pt_opp.
           apply (continuity_1d_2d_pt_comp (fun z => z ^ 2) (fun u v => u)); [|apply continuity_2d_pt_id1].
           apply derivable_continuous_pt, derivable_pt_pow.
        -- apply continuity_2d_pt_plus; [apply continuity_2d_pt_const|].
           apply (continuity_1d_2d_pt_comp (fun z => z ^ 2) (fun u v => v)); [|apply continuity_2d_pt_id2].
           apply derivable_continuous_pt, derivable_pt_pow.
  - exists (mkposreal 1 Rlt_0_1). intros y _. apply kern_integrable.
Qed.

Lemma K_0 : K 0 = PI / 4.
Proof.
  unfold K. replace (PI / 4) with (minus (atan 1) (atan 0)).
  2:{ rewrite atan_1, atan_0. unfold minus, plus, opp; simpl. ring. }
  apply is_RInt_unique.
  apply (is_RInt_ext (fun t => / (1 + t ^ 2))).
  { intros t _. unfold kern. cbn -[pow]. replace (- 0 ^ 2 * (1 + t ^ 2)) with 0 by ring. rewrite exp_0. unfold Rdiv. ring. }
  apply (is_RInt_derive atan (fun t => / (1 + t ^ 2))).
  - intros t _. apply is_derive_Reals, derivable_pt_lim_atan.
  - intros t _. apply (ex_derive_continuous (fun t => / (1 + t ^ 2))). pose proof (one_sq t). auto_derive. nra.
Qed.

Lemma G_0 : G 0 = 0.
Proof. unfold G. now rewrite RInt_point. Qed.

Lemma G_K x : 0 <= x -> G x ^ 2 + K x = PI / 4.
Proof.
  intros [Hx|<-]; [|rewrite K_0, G_0; ring].
  rewrite <- K_0. transitivity (G 0 ^ 2 + K 0); [|rewrite G_0; ring].
  symmetry. apply (eq_is_derive (fun z => G z ^ 2 + K z)); [|easy].
  intros t _. pose proof (is_derive_mult G G t _ _ (G_derive t) (G_derive t) Rmult_comm) as D.
  pose proof (is_derive_plus _ _ t _ _ D (K_derive t)) as S.
  match goal with |- is_derive _ _ ?z =>
    replace z with (plus (plus (mult (bell t) (G t)) (mult (G t) (bell t))) (-2 * bell t * G t)) end.
  2:{ unfold plus, mult, zero; simpl. ring. }
  revert S. apply is_derive_ext. intros z. unfold plus, mult; simpl. ring.
Qed.

Lemma K_bounds x : 0 <= K x <= exp (- x ^ 2).
Proof.
  unfold K. split.
  - apply RInt_ge_0; [lra|apply kern_integrable|]. intros t _. unfold kern. pose proof (one_sq t).
    left. apply Rdiv_lt_0_compat; [apply exp_pos|easy].
  - replace (exp (- x ^ 2)) with (RInt (fun _ => exp (- x ^ 2)) 0 1).
    2:{ rewrite RInt_const. unfold scal; simpl; unfold mult; simpl. ring. }
    apply RInt_le; [lra|apply kern_integrable|apply ex_RInt_const|]. intros t _. unfold kern. pose proof (one_sq t) as P.
    apply Rmult_le_reg_r with (1 + t ^ 2); [easy|].
    replace (exp (- x ^ 2 * (1 + t ^ 2)) / (1 + t ^ 2) * (1 + t ^ 2)) with (exp (- x ^ 2 * (1 + t ^ 2))) by (field; lra).
    replace (- x ^ 2 * (1 + t ^ 2)) with (- x ^ 2 + - (x * t) ^ 2) by ring. rewrite exp_plus.
    apply Rmult_le_compat_l; [left; apply exp_pos|].
    apply Rle_trans with 1; [|pose proof (pow2_ge_0 t); lra].
    rewrite <- exp_0. pose proof (pow2_ge_0 (x * t)) as Q.
    destruct Q as [Q|<-]; [left; apply exp_increasing; lra|rewrite Ropp_0; lra].
Qed.

(* ---- the normal law ---- *)
Definition half (x : R) : R := RInt density 0 x.

Lemma half_G x : half x = / sqrt PI * G (/ sqrt 2 * x).
Proof.
  assert (P2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  assert (PP : 0 < sqrt PI) by (apply sqrt_lt_R0, PI_RGT_0).
  unfold half, G.
  apply is_RInt_unique.
  apply (is_RInt_ext (fun u => scal (/ sqrt PI) (scal (/ sqrt 2) (bell (/ sqrt 2 * u + 0))))).
  - intros u _. unfold density, bell, scal; simpl; unfold mult; simpl.
    rewrite sqrt_mult by (pose proof PI_RGT_0; lra).
    replace (- ((/ sqrt 2 * u + 0) * ((/ sqrt 2 * u + 0) * 1))) with (- (u * (u * 1)) / (sqrt 2 * sqrt 2)) by (field; lra).
    rewrite sqrt_sqrt by lra. field. lra.
  - apply (is_RInt_scal (fun u => scal (/ sqrt 2) (bell (/ sqrt 2 * u + 0))) 0 x (/ sqrt PI)).
    apply (is_RInt_comp_lin bell (/ sqrt 2) 0 0 x). rewrite Rmult_0_r, !Rplus_0_r.
    apply (RInt_correct bell), bell_integrable.
Qed.

Lemma half_pos x : 0 <= x -> 0 <= half x.
Proof. intros H. apply RInt_ge_0; [easy|apply density_integrable|]. intros; left; apply density_pos. Qed.

Theorem half_square x : 0 <= x -> 1 / 4 - exp (- x ^ 2 / 2) / PI <= half x ^ 2 <= 1 / 4.
Proof.
  intros Hx. assert (P2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  assert (PP : 0 < sqrt PI) by (apply sqrt_lt_R0, PI_RGT_0). pose proof PI_RGT_0 as Pi.
  assert (H : 0 <= / sqrt 2 * x) by (apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat|easy]).
  pose proof (G_K _ H) as E. pose proof (K_bounds (/ sqrt 2 * x)) as [K1 K2].
  rewrite half_G. set (g := G _) in *. set (k := K _) in *.
  replace ((/ sqrt PI * g) ^ 2) with (g ^ 2 / (sqrt PI * sqrt PI)) by (field; lra). rewrite sqrt_sqrt by lra.
  replace (g ^ 2) with (PI / 4 - k) by lra.
  replace (- (/ sqrt 2 * x) ^ 2) with (- x ^ 2 / (sqrt 2 * sqrt 2)) in K2 by (field; lra). rewrite sqrt_sqrt in K2 by lra.
  replace ((PI / 4 - k) / PI) with (1 / 4 - k / PI) by (field; lra).
  assert (0 < / PI) by now apply Rinv_0_lt_compat. unfold Rdiv. split; nra.
Qed.

Lemma half_le x : 0 <= x -> half x <= 1 / 2.
Proof. intros Hx. pose proof (half_square x Hx). pose proof (half_pos x Hx). nra. Qed.

Lemma half_odd x : half (- x) = - half x.
Proof.
  assert (I : is_RInt (fun u => scal (-1) (density (-1 * u + 0))) 0 x (half (- x))).
  { apply (is_RInt_comp_lin density (-1) 0 0 x). replace (-1 * 0 + 0) with 0 by ring. replace (-1 * x + 0) with (- x) by ring.
    apply (RInt_correct density), density_integrable. }
  assert (J : is_RInt (fun u => opp (density u)) 0 x (opp (half x))).
  { apply (is_RInt_opp density), (RInt_correct density), density_integrable. }
  rewrite <- (is_RInt_unique _ _ _ _ I). apply is_RInt_unique.
  revert J. apply is_RInt_ext. intros u _. unfold scal, opp; cbn -[density]; unfold mult; cbn -[density].
  replace (-1 * u + 0) with (- u) by ring. rewrite density_even. ring.
Qed.

Lemma half_bound x : - (1 / 2) <= half x <= 1 / 2.
Proof.
  destruct (Rle_dec 0 x) as [H|H]; [pose proof (half_le x H); pose proof (half_pos x H); lra|].
  pose proof (half_le (- x) ltac:(lra)). pose proof (half_pos (- x) ltac:(lra)). rewrite half_odd in *. lra.
Qed.

Lemma RInt_half a b : RInt density a b = half b - half a.
Proof.
  unfold half. pose proof (RInt_Chasles density 0 a b (density_integrable _ _) (density_integrable _ _)) as C.
  unfold plus in C; simpl in C. lra.
Qed.

Theorem density_mass_le_1 a b : RInt density a b <= 1.
Proof. rewrite RInt_half. pose proof (half_bound a). pose proof (half_bound b). lra. Qed.

(* explicit: the mass outside [-B, B] is 4/pi e^{-B^2/2} at most *)
Theorem density_mass_ge B : 0 <= B -> 1 - 4 * exp (- B ^ 2 / 2) / PI <= RInt density (- B) B.
Proof.
  intros HB. rewrite RInt_half, half_odd. pose proof (half_square B HB) as [S _].
  pose proof (half_pos B HB). pose proof (half_le B HB).
  set (e := exp _) in *. replace (4 * e / PI) with (4 * (e / PI)) by (field; pose proof PI_RGT_0; lra). nra.
Qed.

Theorem density_mass_close eps : 0 < eps -> exists B, 0 <= B /\ 1 - eps <= RInt density (- B) B.
Proof.
  intros He. set (e := Rmin eps 1). assert (0 < e <= 1 /\ e <= eps) by (unfold e, Rmin; destruct Rle_dec; lra).
  set (L := - ln (e / 2)).
  assert (HL : 0 <= L).
  { unfold L. assert (ln (e / 2) <= ln 1); [|rewrite ln_1 in *; lra].
    destruct (Req_dec (e / 2) 1) as [->|]; [lra|]. left. apply ln_increasing; lra. }
  exists (sqrt (2 * L)). split; [apply sqrt_pos|].
  eapply Rle_trans; [|apply density_mass_ge, sqrt_pos].
  replace (sqrt (2 * L) ^ 2) with (2 * L) by (rewrite <- (sqrt_sqrt (2 * L)) at 1 by lra; ring).
  replace (- (2 * L) / 2) with (ln (e / 2)) by (unfold L; field). rewrite exp_ln by lra.
  assert (4 / PI <= 2).
  { pose proof PI_RGT_0. pose proof PI2_3_2. unfold PI2 in *. apply Rmult_le_reg_r with PI; [easy|].
    replace (4 / PI * PI) with 4 by (field; lra). lra. }
  replace (4 * (e / 2) / PI) with (4 / PI * (e / 2)) by (field; pose proof PI_RGT_0; lra). nra.
Qed.

(* ---- Phi: the mass of [0, infinity) is 1/2 and the mass of [0, mu/s] ---- *)
Lemma half_near_top eps : 0 < eps -> exists B, forall x, B <= x -> 1 / 2 - eps <= half x.
Proof.
  intros He. destruct (density_mass_close eps He) as (B & HB & M). exists B. intros x Hx.
  rewrite RInt_half, half_odd in M. pose proof (RInt_half B x) as E.
  pose proof (RInt_ge_0 density B x Hx (density_integrable _ _) (fun u _ => Rlt_le _ _ (density_pos u))). lra.
Qed.

Theorem half_line_Phi mu s : 0 < s -> half_line mu s = 1 / 2 + RInt density 0 (mu / s).
Proof.
  intros Hs. fold (half (mu / s)). assert (Is : 0 < / s) by now apply Rinv_0_lt_compat.
  assert (E : forall b, mass mu s 0 b = half ((b - mu) / s) + half (mu / s)).
  { intros b. unfold mass. rewrite RInt_half. replace ((0 - mu) / s) with (- (mu / s)) by (field; lra). rewrite half_odd. ring. }
  unfold half_line. set (S := fun v => _). rewrite (is_lub_Rbar_unique S (Finite (1 / 2 + half (mu / s)))); [easy|]. split.
  - intros v (b & Hb & ->). simpl. rewrite E. pose proof (half_bound ((b - mu) / s)). lra.
  - intros M HM. destruct M as [M| |]; [|easy|exact (HM (mass mu s 0 0) (ex_intro _ 0 (conj (Rle_refl 0) eq_refl)))].
    simpl. apply le_epsilon. intros eps He. destruct (half_near_top eps He) as (B & HB).
    pose proof (Rmax_l 0 (mu + s * B)) as A1. pose proof (Rmax_r 0 (mu + s * B)) as A2. set (b := Rmax 0 (mu + s * B)) in *.
    assert (L : B <= (b - mu) / s).
    { apply Rmult_le_reg_l with s; [easy|]. replace (s * ((b - mu) / s)) with (b - mu) by (field; lra). lra. }
    pose proof (HM (mass mu s 0 b) (ex_intro _ b (conj A1 eq_refl))) as H. simpl in H. rewrite E in H. specialize (HB _ L). lra.
Qed.
