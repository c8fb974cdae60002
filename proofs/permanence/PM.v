(* PM1 (r = 1, any memory) and PM (every r, any memory; every r, own-side memory).

   Premises on the normal law, each about one draw: an exponential moment (PM1), the
   supremum over two reals (PM), the same on y >= y0 with the rest (own-side memory). *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Neighbours Theorem2 Permanence.
Import ListNotations.
Local Open Scope R_scope.

(* E min(1, g(y)) <= rho', for the own component seen from its side *)
Definition own_mean_le (N : R -> R -> lower R) (s : R) (g : R -> R) (bound : R) : Prop :=
  forall p : bool, 1 - bound <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (g (own_draw p y))).

(* ---- p^(1-theta)/(1+p) increases while p <= (1-theta)/theta, by weighted means ---- *)
Lemma weighted_mean lam z : 0 <= lam <= 1 -> exp (lam * z) <= lam * exp z + (1 - lam).
Proof.
  intros H. pose proof (exp_pos (lam * z)) as E.
  pose proof (exp_ineq1_le ((1 - lam) * z)) as A. pose proof (exp_ineq1_le (- lam * z)) as B.
  assert (A' : exp z = exp (lam * z) * exp ((1 - lam) * z)) by (rewrite <- exp_plus; f_equal; ring).
  assert (B' : 1 = exp (lam * z) * exp (- lam * z)).
  { rewrite <- exp_plus. replace (lam * z + - lam * z) with 0 by ring. now rewrite exp_0. }
  apply Rle_trans with (exp (lam * z) * (lam * (1 + (1 - lam) * z) + (1 - lam) * (1 + - lam * z))).
  - right. ring.
  - rewrite A'. apply Rle_trans with (exp (lam * z) * (lam * exp ((1 - lam) * z) + (1 - lam) * exp (- lam * z))).
    + apply Rmult_le_compat_l; [lra|]. apply Rplus_le_compat; apply Rmult_le_compat_l; lra.
    + right. transitivity (lam * (exp (lam * z) * exp ((1 - lam) * z)) + (1 - lam) * (exp (lam * z) * exp (- lam * z))); [ring|].
      rewrite <- B'. ring.
Qed.

Lemma other_logit l : 1 - logistic l = exp (- l) / (1 + exp (- l)).
Proof. unfold logistic. pose proof (exp_pos (- l)). field. lra. Qed.

(* p-star is exp (- ell) *)
Lemma other_pays theta ell l :
  0 < theta < 1 -> exp (- ell) / (1 + exp (- ell)) <= 1 - theta -> ell <= l ->
  1 - logistic l <= exp (- (1 - theta) * ell) / (1 + exp (- ell)) * exp (- theta * l).
Proof.
  intros Ht Hp Hl. rewrite other_logit. pose proof (exp_pos (- l)) as E. pose proof (exp_pos (- ell)) as F.
  set (lam := exp (- ell) / (1 + exp (- ell))) in *.
  assert (L : 0 <= lam <= 1).
  { unfold lam. split; [apply Rlt_le, Rdiv_lt_0_compat; lra|].
    apply Rmult_le_reg_r with (1 + exp (- ell)); [lra|].
    replace (exp (- ell) / (1 + exp (- ell)) * (1 + exp (- ell))) with (exp (- ell)) by (field; lra). lra. }
  assert (W : exp ((1 - theta) * (ell - l)) <= (1 + exp (- l)) / (1 + exp (- ell))).
  { apply Rle_trans with (exp (lam * (ell - l))).
    - apply exp_le. nra.
    - apply Rle_trans with (1 := weighted_mean lam (ell - l) L).
      replace (ell - l) with (- l + - (- ell)) by ring. rewrite exp_plus, (exp_Ropp (- ell)). right. unfold lam. field. lra. }
  apply Rmult_le_reg_r with (1 + exp (- l)); [lra|].
  replace (exp (- l) / (1 + exp (- l)) * (1 + exp (- l))) with (exp (- l)) by (field; lra).
  replace (exp (- l)) with (exp (- (1 - theta) * ell) * exp (- theta * l) * exp ((1 - theta) * (ell - l))) at 1.
  2:{ rewrite <- !exp_plus. f_equal. ring. }
  replace (exp (- (1 - theta) * ell) / (1 + exp (- ell)) * exp (- theta * l) * (1 + exp (- l)))
    with (exp (- (1 - theta) * ell) * exp (- theta * l) * ((1 + exp (- l)) / (1 + exp (- ell)))) by (field; lra).
  apply Rmult_le_compat_l; [|easy]. left. apply Rmult_lt_0_compat; apply exp_pos.
Qed.

(* ---- memories ---- *)
Lemma extremes (l : list R) : l <> [] -> exists a b, In a l /\ In b l /\ forall x, In x l -> a <= x <= b.
Proof.
  induction l as [|x t IH]; [easy|]. intros _. destruct t as [|z t'].
  - exists x, x. repeat split; try (now left); destruct H as [<-|[]]; lra.
  - destruct IH as (a & b & Ia & Ib & H); [easy|].
    exists (Rmin x a), (Rmax x b). repeat split.
    + unfold Rmin; destruct Rle_dec; [now left|now right].
    + unfold Rmax; destruct Rle_dec; [now right|now left].
    + destruct H0 as [<-|H0]; [apply Rmin_l|]. pose proof (Rmin_r x a). apply H in H0. lra.
    + destruct H0 as [<-|H0]; [apply Rmax_l|]. pose proof (Rmax_r x b). apply H in H0. lra.
Qed.

(* Psi: a product over the memory *)
Definition Psi (f : R -> R) (l : list R) : R := fold_right (fun x acc => f x * acc) 1 l.

Lemma Psi_ge_1 f l : (forall x, 1 <= f x) -> 1 <= Psi f l.
Proof. intros H. induction l as [|x t IH]; simpl; [lra|]. specialize (H x). nra. Qed.

Lemma Psi_app f l1 x l2 : Psi f (l1 ++ x :: l2) = f x * Psi f (l1 ++ l2).
Proof. induction l1 as [|y t IH]; simpl; [ring|rewrite IH; ring]. Qed.

Lemma Psi_mono f g l : (forall x, 0 <= f x) -> (forall x, In x l -> f x <= g x) -> Psi f l <= Psi g l.
Proof.
  intros H0 H. induction l as [|x t IH]; simpl; [lra|].
  assert (0 <= Psi f t) by (clear -H0; induction t as [|y u IHu]; simpl; [lra|]; apply Rmult_le_pos; [apply H0|easy]).
  specialize (IH (fun y Hy => H y (or_intror Hy))). pose proof (H x (or_introl eq_refl)). specialize (H0 x).
  apply Rmult_le_compat; lra.
Qed.

Lemma Psi_in f l x : (forall x, 1 <= f x) -> In x l -> f x <= Psi f l.
Proof.
  intros H I. apply in_split in I. destruct I as (l1 & l2 & ->). rewrite Psi_app.
  pose proof (Psi_ge_1 f (l1 ++ l2) H). specialize (H x). nra.
Qed.

(* Lemma 2: the farthest element is an extreme *)
Lemma farthest_is_extreme y l1 x l2 a b :
  (forall z, In z (l1 ++ x :: l2) -> Rabs (z - y) <= Rabs (x - y)) ->
  In a (l1 ++ x :: l2) -> In b (l1 ++ x :: l2) -> (forall z, In z (l1 ++ x :: l2) -> a <= z <= b) ->
  (y < (a + b) / 2 -> x = b) /\ ((a + b) / 2 < y -> x = a) /\ (y = (a + b) / 2 -> x = a \/ x = b).
Proof.
  intros Hf Ha Hb Hall. pose proof (Hf a Ha) as Fa. pose proof (Hf b Hb) as Fb.
  assert (Hx : a <= x <= b) by (apply Hall, in_or_app; right; now left).
  unfold Rabs in *. repeat split; intros Hy; repeat destruct Rcase_abs; (lra || (left; lra) || (right; lra)).
Qed.

(* the factor by which theta-risk grows on a draw y, for extremes a and b; both at a tie *)
Definition G_low (theta s : R) (f : R -> R) (a b y : R) : R := exp (-2 * theta * Rmin a y / s ^ 2) * f y / f b.
Definition G_high (theta s : R) (f : R -> R) (a y : R) : R := exp (-2 * theta * a / s ^ 2) * f y / f a.
Definition G_at (theta s : R) (f : R -> R) (a b y : R) : R :=
  if Rlt_dec y ((a + b) / 2) then G_low theta s f a b y
  else if Rlt_dec ((a + b) / 2) y then G_high theta s f a y
  else Rmax (G_low theta s f a b y) (G_high theta s f a y).

Lemma G_parts_pos theta s f a b y : (forall x, 1 <= f x) -> 0 < G_low theta s f a b y /\ 0 < G_high theta s f a y.
Proof.
  intros H. pose proof (H y). pose proof (H a). pose proof (H b).
  split; apply Rdiv_lt_0_compat; try lra; apply Rmult_lt_0_compat; try lra; apply exp_pos.
Qed.

Lemma G_at_pos theta s f a b y : (forall x, 1 <= f x) -> 0 <= G_at theta s f a b y.
Proof.
  intros H. destruct (G_parts_pos theta s f a b y H). unfold G_at, Rmax.
  repeat destruct Rlt_dec; try destruct Rle_dec; lra.
Qed.

Lemma exp_theta theta s x l l' : 0 < theta -> 0 < s -> l + 2 * x / s ^ 2 <= l' ->
  exp (- theta * l') <= exp (- theta * l) * exp (-2 * theta * x / s ^ 2).
Proof.
  intros Ht Hs H. rewrite <- exp_plus. apply exp_le.
  replace (- theta * l + -2 * theta * x / s ^ 2) with (- theta * (l + 2 * x / s ^ 2)) by (field; lra). nra.
Qed.

(* an update in which y replaces x, all elements then at d or above *)
Lemma growth_from theta s f y l l1 l2 d x :
  0 < theta -> 0 < s -> (forall x, 1 <= f x) -> (forall z, In z (l1 ++ y :: l2) -> d <= z) ->
  exp (- theta * weigh s l (l1 ++ y :: l2)) * (f y * Psi f (l1 ++ l2))
    <= exp (- theta * l) * (f x * Psi f (l1 ++ l2)) * (exp (-2 * theta * d / s ^ 2) * f y / f x).
Proof.
  intros Ht Hs Hf Hd. destruct (list_bounds (l1 ++ y :: l2)) as (v & b & B).
  assert (Bd : forall z, In z (l1 ++ y :: l2) -> d <= z <= b) by (intros z Hz; split; [now apply Hd|now apply B]).
  pose proof (one_update s l (l1 ++ y :: l2) d b Hs ltac:(now destruct l1) Bd) as U.
  pose proof (exp_theta theta s d l _ Ht Hs (proj1 U)) as X. pose proof (Hf x) as Fx. pose proof (Hf y) as Fy.
  pose proof (Psi_ge_1 f (l1 ++ l2) Hf) as Pr.
  replace (exp (- theta * l) * (f x * Psi f (l1 ++ l2)) * (exp (-2 * theta * d / s ^ 2) * f y / f x))
    with (exp (- theta * l) * exp (-2 * theta * d / s ^ 2) * (f y * Psi f (l1 ++ l2))) by (field; lra).
  apply Rmult_le_compat_r; [|easy]. apply Rmult_le_pos; lra.
Qed.

(* one update multiplies exp(-theta L) Psi by the factor at most *)
Lemma risk_growth theta s f y l mem l' mem' a b :
  0 < theta -> 0 < s -> (forall x, 1 <= f x) -> moved s y (l, mem) (l', mem') ->
  In a mem -> In b mem -> (forall x, In x mem -> a <= x <= b) ->
  exp (- theta * l') * Psi f mem' <= exp (- theta * l) * Psi f mem * G_at theta s f a b y.
Proof.
  intros Ht Hs Hf M Ha Hb Hall. inversion M as [l0 m0 m1 R]; subst.
  pose proof R as (l1 & x & l2 & E1 & E2 & Hfar). subst mem mem'.
  destruct (farthest_is_extreme y l1 x l2 a b Hfar Ha Hb Hall) as (Low & High & Tie).
  assert (Hnew : forall z, In z (l1 ++ y :: l2) -> z = y \/ a <= z <= b).
  { intros z Hz. apply in_app_or in Hz. destruct Hz as [Hz|[->|Hz]]; [right|now left|right];
      apply Hall, in_or_app; [now left|right; now right]. }
  rewrite !Psi_app. set (rest := Psi f (l1 ++ l2)).
  assert (Low_le : x = b -> exp (- theta * weigh s l (l1 ++ y :: l2)) * (f y * rest)
                     <= exp (- theta * l) * (f x * rest) * G_low theta s f a b y).
  { intros ->. apply growth_from; try easy. intros z Hz. pose proof (Rmin_l a y). pose proof (Rmin_r a y).
    destruct (Hnew z Hz) as [->|]; lra. }
  assert (High_le : x = a -> a <= y -> exp (- theta * weigh s l (l1 ++ y :: l2)) * (f y * rest)
                     <= exp (- theta * l) * (f x * rest) * G_high theta s f a y).
  { intros -> Hy. apply growth_from; try easy. intros z Hz. destruct (Hnew z Hz) as [->|]; lra. }
  assert (Hab : a <= b) by (pose proof (Hall a Ha); lra).
  assert (Pos : 0 <= exp (- theta * l) * (f x * rest)).
  { pose proof (Psi_ge_1 f (l1 ++ l2) Hf) as Pr. fold rest in Pr. pose proof (Hf x).
    apply Rmult_le_pos; [left; apply exp_pos|]. apply Rmult_le_pos; lra. }
  unfold G_at. destruct (Rlt_dec y ((a + b) / 2)) as [L|L]; [now apply Low_le, Low|].
  destruct (Rlt_dec ((a + b) / 2) y) as [G|G]; [apply High_le; [now apply High|lra]|].
  assert (Hy : y = (a + b) / 2) by lra. destruct (Tie Hy) as [Ex|Ex].
  - eapply Rle_trans; [apply High_le; [easy|lra]|]. apply Rmult_le_compat_l; [easy|apply Rmax_r].
  - eapply Rle_trans; [now apply Low_le|]. apply Rmult_le_compat_l; [easy|apply Rmax_l].
Qed.

(* the log-odds fall only if something negative is remembered *)
Lemma fall_needs_negative s y l mem l' mem' :
  0 < s -> moved s y (l, mem) (l', mem') -> l' < l -> exists x, In x mem' /\ x < 0.
Proof.
  intros Hs M Hl. inversion M as [l0 m0 m1 R]; subst.
  destruct (Exists_dec (fun x => x < 0) mem') as [E|E].
  - intros x. destruct (Rlt_dec x 0); [now left|now right].
  - apply Exists_exists in E. destruct E as (x & I & H). now exists x.
  - exfalso. destruct (list_bounds mem') as (a & b & B).
    pose proof (one_update s l mem' 0 b Hs (proj2 (repl_nonempty _ _ _ R))) as U.
    replace (2 * 0 / s ^ 2) with 0 in U by (field; lra).
    assert (l + 0 <= weigh s l mem'); [|lra]. apply U. intros x Hx. split; [|now apply B].
    destruct (Rlt_dec x 0); [|lra]. exfalso. apply E, Exists_exists. now exists x.
Qed.

Section PM.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.
Variable side : nat -> bool.
Variables theta ell A : R.
Hypothesis Htheta : 0 < theta < 1.
(* p-star = exp(-ell) <= (1-theta)/theta *)
Hypothesis Hell : exp (- ell) / (1 + exp (- ell)) <= 1 - theta.
Hypothesis HA : 0 <= A.
(* the c of Lemma 1; 2 is enough for all senders of the chain *)
Variable load : R.
Hypothesis Hload : 0 <= load.

Definition senders_condition (r : nat) : Prop := forall x, memory_of_size m r x -> alive m side ell x = true ->
  same_side_senders Q side x /\ sumn m (fun i => sumn m (fun j => share Q x i j * u side x j)) <= load * sumn m (u side x).

(* ---- PM1 ---- *)
Definition exponential_moment (rho : R) : Prop := forall c0 c1, 0 <= c0 -> 0 <= c1 ->
  own_mean_le N s (fun y => c0 + c1 * exp (-2 * theta * y / s ^ 2)) (c0 + c1 * rho).

Lemma exponential_risk_falls rho (p : bool) a (f : R -> agent) c :
  exponential_moment rho ->
  load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) <= A * (1 - rho) ->
  length (snd a) = 1%nat -> ell < fst a -> (forall y, moved s (own_draw p y) a (f y)) -> 0 <= c ->
  1 - (c + A * exp (- theta * fst a) - load * other a)
    <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (c + A * exp (- theta * fst (f y)))).
Proof.
  intros Hmom HA2. destruct a as [l mem]. intros Len Al Mv Hc. cbn [fst snd] in *.
  set (c1 := A * exp (- theta * l)).
  assert (C1 : 0 <= c1) by (apply Rmult_le_pos; [easy|left; apply exp_pos]).
  assert (E : forall y, A * exp (- theta * fst (f y)) = c1 * exp (-2 * theta * own_draw p y / s ^ 2)).
  { intros y. specialize (Mv y). inversion Mv as [l0 m0 m1 R H1 H2]; subst. cbn [fst].
    pose proof (repl_length _ _ _ R) as L1. destruct R as (l1 & z & l2 & -> & -> & _).
    rewrite app_length in Len. simpl in Len.
    assert (l1 = []) by (destruct l1; [easy|simpl in Len; lia]). assert (l2 = []) by (destruct l2; [easy|subst; simpl in Len; lia]).
    subst. simpl app. pose proof (one_update s l [own_draw p y] (own_draw p y) (own_draw p y) Hs ltac:(easy)) as U.
    assert (W : weigh s l [own_draw p y] = l + 2 * own_draw p y / s ^ 2).
    { apply Rle_antisym; apply U; intros v [<-|[]]; lra. }
    rewrite W. unfold c1. rewrite Rmult_assoc, <- exp_plus. do 2 f_equal. field. lra. }
  apply Rle_trans with (1 - (c + c1 * rho)).
  + pose proof (other_pays theta ell l Htheta Hell ltac:(lra)) as O. fold c1. unfold other; cbn [fst].
    pose proof (exp_pos (- theta * l)) as Ep.
    assert (load * (1 - logistic l) <= c1 * (1 - rho)).
    { unfold c1. apply Rle_trans with (load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) * exp (- theta * l)).
      { rewrite Rmult_assoc. now apply Rmult_le_compat_l. }
      replace (A * exp (- theta * l) * (1 - rho)) with (A * (1 - rho) * exp (- theta * l)) by ring.
      apply Rmult_le_compat_r; lra. }
    lra.
  + eapply Rle_trans; [apply (Hmom c c1 Hc C1 p)|]. apply lo_mono.
    * intros y. apply cap_unit. apply Rplus_le_le_0_compat; [easy|]. apply Rmult_le_pos; [easy|left; apply exp_pos].
    * intros y. apply cap_unit. rewrite E. apply Rplus_le_le_0_compat; [easy|]. apply Rmult_le_pos; [easy|left; apply exp_pos].
    * intros y. rewrite E. lra.
Qed.

Theorem permanence_r1 rho T x :
  exponential_moment rho ->
  1 <= A * exp (- theta * ell) ->
  load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) <= A * (1 - rho) ->
  senders_condition 1 -> memory_of_size m 1 x -> alive m side ell x = true ->
  1 - A * sumn m (fun i => exp (- theta * fst (own (side i) (x i))))
    <= P_always m Hm s N rule Q T (alive m side ell) x.
Proof.
  intros Hmom HA1 HA2 HQ Sx Ax.
  rewrite <- sumn_scal.
  apply (permanence_of_risk m Hm s Hs N rule Hrule Q 1 ltac:(lia) side load ell (fun a => A * exp (- theta * fst a))); try easy.
  - intros a. apply Rmult_le_pos; [easy|left; apply exp_pos].
  - intros y a a' _ _ _ Hd. apply Rle_trans with (1 := HA1). apply Rmult_le_compat_l; [easy|]. apply exp_le. nra.
  - intros p a f c Len Al Mv Hc _. now apply exponential_risk_falls with (rho := rho).
Qed.

(* ---- PM, any memory ---- *)
Section AnyMemory.
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.
Variable f : R -> R.
Variable f0 : R.
Hypothesis Hf : forall x, 1 <= f x.
Hypothesis Hf0 : forall x, x < 0 -> f0 <= f x.
Variable rho : R.
Hypothesis Hrho : rho < 1.
(* rho is at least the supremum of G(a,b) *)
Definition supremum : Prop := forall a b c0 c1, a <= b -> 0 <= c0 -> 0 <= c1 ->
  own_mean_le N s (fun y => c0 + c1 * G_at theta s f a b y) (c0 + c1 * rho).
Hypothesis Hsup : supremum.
Hypothesis HA1 : 1 <= A * exp (- theta * ell) * f0.
Hypothesis HA2 : load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) <= A * (1 - rho).

Definition risk2 (a : agent) : R := A * (exp (- theta * fst a) * Psi f (snd a)).

Lemma risk2_pos a : 0 <= risk2 a.
Proof.
  apply Rmult_le_pos; [easy|]. apply Rmult_le_pos; [left; apply exp_pos|].
  pose proof (Psi_ge_1 f (snd a) Hf). lra.
Qed.

Lemma risk2_dead y a a' : ell < fst a -> moved s y a a' -> fst a' <= ell -> 1 <= risk2 a'.
Proof.
  intros Al Mv Hd. destruct a as [l mem], a' as [l' mem']. cbn [fst snd] in *. unfold risk2; cbn [fst snd].
  destruct (fall_needs_negative s y l mem l' mem' Hs Mv ltac:(lra)) as (z & Iz & Hz).
  apply Rle_trans with (1 := HA1).
  pose proof (Psi_in f mem' z Hf Iz) as Pz. pose proof (Hf0 z Hz) as F0. pose proof (Hf z) as F1.
  assert (E : exp (- theta * ell) <= exp (- theta * l')) by (apply exp_le; nra).
  pose proof (exp_pos (- theta * ell)). pose proof (Psi_ge_1 f mem' Hf).
  rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|].
  apply Rle_trans with (exp (- theta * ell) * Psi f mem').
  - apply Rmult_le_compat_l; lra.
  - apply Rmult_le_compat_r; lra.
Qed.

Lemma load_other_le v l : ell < l -> 1 <= v -> load * (1 - logistic l) <= (1 - rho) * (A * (exp (- theta * l) * v)).
Proof.
  intros Al Hv. pose proof (other_pays theta ell l Htheta Hell ltac:(lra)) as O.
  pose proof (exp_pos (- theta * l)) as Ep.
  apply Rle_trans with (A * (1 - rho) * exp (- theta * l)).
  - apply Rle_trans with (load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) * exp (- theta * l)).
    { rewrite Rmult_assoc. now apply Rmult_le_compat_l. }
    apply Rmult_le_compat_r; lra.
  - replace ((1 - rho) * (A * (exp (- theta * l) * v))) with (A * (1 - rho) * exp (- theta * l) * v) by ring.
    assert (0 <= A * (1 - rho) * exp (- theta * l)) by (apply Rmult_le_pos; [apply Rmult_le_pos; lra|lra]). nra.
Qed.

Lemma risk2_growth y l mem a' a b : moved s y (l, mem) a' ->
  In a mem -> In b mem -> (forall x, In x mem -> a <= x <= b) ->
  risk2 a' <= risk2 (l, mem) * G_at theta s f a b y.
Proof.
  intros Mv Ia Ib Iall. destruct a' as [l' mem']. unfold risk2; cbn [fst snd].
  replace (A * (exp (- theta * l) * Psi f mem) * G_at theta s f a b y)
    with (A * (exp (- theta * l) * Psi f mem * G_at theta s f a b y)) by ring.
  apply Rmult_le_compat_l; [easy|].
  exact (risk_growth theta s f y l mem l' mem' a b ltac:(lra) Hs Hf Mv Ia Ib Iall).
Qed.

Lemma nonempty_of_size (mem : list R) : length mem = r -> mem <> [].
Proof. intros L E. rewrite E in L. simpl in L. lia. Qed.

Lemma risk2_falls (p : bool) a (h : R -> agent) c :
  length (snd a) = r -> ell < fst a -> (forall y, moved s (own_draw p y) a (h y)) -> 0 <= c ->
  1 - (c + risk2 a - load * other a) <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (c + risk2 (h y))).
Proof.
  intros Len Al Mv Hc. destruct a as [l mem]. cbn [fst snd] in *.
  destruct (extremes mem (nonempty_of_size mem Len)) as (a & b & Ia & Ib & Iall).
  pose proof (risk2_pos (l, mem)) as C1. set (c1 := risk2 (l, mem)) in *.
  assert (Hab : a <= b) by (pose proof (Iall a Ia); lra).
  apply Rle_trans with (1 - (c + c1 * rho)).
  - pose proof (load_other_le (Psi f mem) l Al (Psi_ge_1 f mem Hf)) as O. unfold other; cbn [fst].
    fold (risk2 (l, mem)) in O. change (A * (exp (- theta * l) * Psi f mem)) with c1 in O. lra.
  - eapply Rle_trans; [apply (Hsup a b c c1 Hab Hc C1 p)|]. apply lo_mono.
    + intros y. apply cap_unit. apply Rplus_le_le_0_compat; [easy|]. apply Rmult_le_pos; [easy|now apply G_at_pos].
    + intros y. apply cap_unit. apply Rplus_le_le_0_compat; [easy|apply risk2_pos].
    + intros y. assert (H : risk2 (h y) <= c1 * G_at theta s f a b (own_draw p y)) by now apply risk2_growth with (mem := mem).
      unfold Rmin; repeat destruct Rle_dec; lra.
Qed.

Theorem permanence_any_memory T x :
  senders_condition r -> memory_of_size m r x -> alive m side ell x = true ->
  1 - sumn m (fun i => risk2 (own (side i) (x i))) <= P_always m Hm s N rule Q T (alive m side ell) x.
Proof.
  intros HQ Sx Ax.
  apply (permanence_of_risk m Hm s Hs N rule Hrule Q r Hr side load ell risk2 risk2_pos); try easy.
  - intros y a a' _ Al Mv Hd. now apply risk2_dead with y a.
  - intros p a h c Len Al Mv Hc _. now apply risk2_falls.
Qed.

(* ---- PM, memory on the own side ---- *)
(* Stage 1 is told by the memory itself: all of it at y0 or above. There the smaller of
   the two stages' risks is kept, so that coming back to stage 1 costs nothing. *)
Variable fh : R -> R.
Hypothesis Hfh : forall x, 1 <= fh x.
Variables y0 rhoh delta : R.
Hypothesis Hy0 : 0 < y0.
Hypothesis Hf_fh : forall x, y0 <= x -> f x <= fh x.
Hypothesis Hrhoh : rhoh < 1.
Hypothesis Hdelta : 0 <= delta.
Definition zeta : R := exp (-2 * y0 / s ^ 2).
(* the suprema over y0 <= a <= b, on y >= y0, and the part y < y0 *)
Definition G_stage (c1 c2 c3 a b y : R) : R :=
  if Rle_dec y0 y then c1 + c2 * G_at theta s fh a b y else c3 * (exp (-2 * theta * y / s ^ 2) * f y).
Definition restricted_supremum : Prop := forall a b c0 c1 c2 c3, y0 <= a -> a <= b ->
  0 <= c0 -> 0 <= c1 -> 0 <= c2 -> 0 <= c3 ->
  own_mean_le N s (fun y => c0 + G_stage c1 c2 c3 a b y) (c0 + c1 + c2 * rhoh + c3 * delta).
Hypothesis Hrestricted : restricted_supremum.

Definition eps : R := delta / (1 - rhoh).
Definition risk1 (a : agent) : R :=
  load * exp (- fst a) / (1 - zeta) + A * eps * (exp (- theta * fst a) * Psi fh (snd a)).
Definition own_memory (mem : list R) : bool := forallb (leb y0) mem.
Definition risk (a : agent) : R := if own_memory (snd a) then Rmin (risk1 a) (risk2 a) else risk2 a.

Lemma zeta_01 : 0 < zeta < 1.
Proof.
  unfold zeta. split; [apply exp_pos|]. rewrite <- exp_0. apply exp_increasing.
  replace (-2 * y0 / s ^ 2) with (- (2 * y0 * / s ^ 2)) by (field; lra).
  assert (0 < / s ^ 2) by (apply Rinv_0_lt_compat, pow_lt, Hs). nra.
Qed.

Lemma eps_pos : 0 <= eps.
Proof. unfold eps. apply Rmult_le_pos; [easy|]. left. apply Rinv_0_lt_compat. lra. Qed.

Lemma risk1_pos a : 0 <= risk1 a.
Proof.
  unfold risk1. pose proof zeta_01. pose proof eps_pos. apply Rplus_le_le_0_compat.
  - apply Rmult_le_pos; [pose proof (exp_pos (- fst a)); nra|]. left. apply Rinv_0_lt_compat. lra.
  - apply Rmult_le_pos; [now apply Rmult_le_pos|]. apply Rmult_le_pos; [left; apply exp_pos|].
    pose proof (Psi_ge_1 fh (snd a) Hfh). lra.
Qed.

Lemma risk_pos a : 0 <= risk a.
Proof.
  unfold risk. pose proof (risk1_pos a). pose proof (risk2_pos a).
  destruct (own_memory (snd a)); [apply Rmin_glb; easy|easy].
Qed.

Lemma risk_le_2 a : risk a <= risk2 a.
Proof. unfold risk. destruct (own_memory (snd a)); [apply Rmin_r|lra]. Qed.

Lemma own_memory_spec mem : own_memory mem = true <-> forall x, In x mem -> y0 <= x.
Proof.
  unfold own_memory. rewrite forallb_forall. split; intros H x Hx.
  - now apply leb_spec, H.
  - now apply leb_spec, H.
Qed.

(* a draw from y0 on leaves an agent in stage 1 *)
Lemma growth_in_stage y l mem mem' a b : repl y mem mem' -> own_memory mem = true -> y0 <= y ->
  In a mem -> In b mem -> (forall x, In x mem -> a <= x <= b) ->
  risk (weigh s l mem', mem') <= load * zeta * exp (- l) / (1 - zeta)
    + A * eps * (exp (- theta * l) * Psi fh mem) * G_at theta s fh a b y.
Proof.
  intros R Om Hy Ia Ib Iall. rewrite own_memory_spec in Om. pose proof zeta_01 as Z. pose proof eps_pos as E0.
  assert (Om' : own_memory mem' = true).
  { apply own_memory_spec. intros x Hx. destruct R as (l1 & v & l2 & -> & -> & _).
    apply in_app_or in Hx. destruct Hx as [Hx|[<-|Hx]]; [|easy|]; apply Om, in_or_app; [now left|right; now right]. }
  unfold risk. cbn [snd]. rewrite Om'. apply Rle_trans with (1 := Rmin_l _ _). unfold risk1; cbn [fst snd].
  apply Rplus_le_compat.
  - destruct (list_bounds mem') as (v & b' & B).
    assert (U : l + 2 * y0 / s ^ 2 <= weigh s l mem').
    { apply (one_update s l mem' y0 b' Hs (proj2 (repl_nonempty _ _ _ R))). intros x Hx.
      split; [exact (proj1 (own_memory_spec mem') Om' x Hx)|now apply B]. }
    assert (Ep : exp (- weigh s l mem') <= zeta * exp (- l)).
    { unfold zeta. rewrite <- exp_plus. apply exp_le.
      replace (-2 * y0 / s ^ 2) with (- (2 * y0 / s ^ 2)) by (field; lra). lra. }
    unfold Rdiv. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|nra].
  - pose proof (risk_growth theta s fh y l mem _ mem' a b ltac:(lra) Hs Hfh (moved_intro s y l mem mem' R) Ia Ib Iall) as G.
    rewrite (Rmult_assoc (A * eps)). apply Rmult_le_compat_l; [now apply Rmult_le_pos|easy].
Qed.

(* one below takes it into stage 2 *)
Lemma growth_out_of_stage y l mem mem' : repl y mem mem' -> own_memory mem = true -> y < y0 ->
  risk (weigh s l mem', mem')
    <= A * (exp (- theta * l) * Psi fh mem) * (exp (-2 * theta * y / s ^ 2) * f y).
Proof.
  intros R Om Hy. rewrite own_memory_spec in Om.
  apply Rle_trans with (1 := risk_le_2 _). unfold risk2; cbn [fst snd]. rewrite (Rmult_assoc A).
  apply Rmult_le_compat_l; [easy|]. pose proof R as (l1 & v & l2 & E1 & E2 & Hfar). subst mem mem'.
  assert (Hv : y0 <= v) by (apply Om, in_or_app; right; now left).
  assert (U : l + 2 * y / s ^ 2 <= weigh s l (l1 ++ y :: l2)).
  { destruct (list_bounds (l1 ++ y :: l2)) as (v' & b' & B).
    apply (one_update s l (l1 ++ y :: l2) y b' Hs (proj2 (repl_nonempty _ _ _ R))). intros x Hx.
    split; [|now apply B]. apply in_app_or in Hx. destruct Hx as [Hx|[->|Hx]]; [|lra|];
      (enough (y0 <= x) by lra); apply Om, in_or_app; [now left|right; now right]. }
  pose proof (exp_theta theta s y l _ ltac:(lra) Hs U) as X. rewrite !Psi_app.
  assert (Pr : 1 <= Psi f (l1 ++ l2)) by now apply Psi_ge_1.
  assert (Pm : Psi f (l1 ++ l2) <= Psi fh (l1 ++ l2)).
  { apply Psi_mono; [intros x; specialize (Hf x); lra|]. intros x Hx. apply Hf_fh, Om.
    apply in_app_or in Hx. apply in_or_app. destruct Hx; [now left|right; now right]. }
  pose proof (Hfh v) as Fv. pose proof (Hf y) as Fy. pose proof (exp_pos (- theta * l)) as P1.
  pose proof (exp_pos (-2 * theta * y / s ^ 2)) as P2.
  apply Rle_trans with (exp (- theta * l) * exp (-2 * theta * y / s ^ 2) * (f y * Psi f (l1 ++ l2))).
  - apply Rmult_le_compat_r; [|easy]. apply Rmult_le_pos; lra.
  - replace (exp (- theta * l) * (fh v * Psi fh (l1 ++ l2)) * (exp (-2 * theta * y / s ^ 2) * f y))
      with (exp (- theta * l) * exp (-2 * theta * y / s ^ 2) * (f y * (fh v * Psi fh (l1 ++ l2)))) by ring.
    apply Rmult_le_compat_l; [left; now apply Rmult_lt_0_compat|]. apply Rmult_le_compat_l; [lra|]. nra.
Qed.

(* an update of an agent in stage 1 *)
Lemma stage_growth y l mem a' a b : moved s y (l, mem) a' -> own_memory mem = true ->
  In a mem -> In b mem -> (forall x, In x mem -> a <= x <= b) ->
  let p := exp (- l) in let w := exp (- theta * l) * Psi fh mem in
  risk a' <= G_stage (load * zeta * p / (1 - zeta)) (A * eps * w) (A * w) a b y.
Proof.
  intros Mv Om Ia Ib Iall p w. inversion Mv as [l0 m0 mem' R]; subst. unfold G_stage.
  destruct (Rle_dec y0 y) as [Hy|Hy]; [now apply growth_in_stage|]. apply growth_out_of_stage; [easy|easy|lra].
Qed.

(* what stage 1 pays for *)
Lemma stage1_pays l mem c : let q := exp (- l) in let w := exp (- theta * l) * Psi fh mem in
  c + load * zeta * q / (1 - zeta) + A * eps * w * rhoh + A * w * delta <= c + risk1 (l, mem) - load * other (l, mem).
Proof.
  intros q w. pose proof zeta_01 as Z. assert (Qp : 0 < q) by apply exp_pos.
  assert (Ee : eps * rhoh + delta = eps) by (unfold eps; field; lra).
  assert (Bound : c + load * zeta * q / (1 - zeta) + A * eps * w * rhoh + A * w * delta = c + risk1 (l, mem) - load * q).
  { unfold risk1; cbn [fst snd]. fold q. fold w.
    replace (c + load * zeta * q / (1 - zeta) + A * eps * w * rhoh + A * w * delta)
      with (c + load * zeta * q / (1 - zeta) + A * w * (eps * rhoh + delta)) by ring.
    rewrite Ee. field. lra. }
  rewrite Bound. unfold other; cbn [fst]. rewrite other_logit. fold q.
  assert (q / (1 + q) <= q).
  { apply Rmult_le_reg_r with (1 + q); [lra|]. replace (q / (1 + q) * (1 + q)) with q by (field; lra). nra. }
  assert (load * (q / (1 + q)) <= load * q) by now apply Rmult_le_compat_l. lra.
Qed.

Lemma capped_unit (k : agent -> R) (h : R -> agent) c : 0 <= c -> (forall a, 0 <= k a) ->
  unitf (fun y => 1 - Rmin 1 (c + k (h y))).
Proof. intros Hc Hk y. apply cap_unit. apply Rplus_le_le_0_compat; [easy|apply Hk]. Qed.

Lemma stage1_falls (p : bool) l mem (h : R -> agent) c :
  length mem = r -> own_memory mem = true -> (forall y, moved s (own_draw p y) (l, mem) (h y)) -> 0 <= c ->
  1 - (c + risk1 (l, mem) - load * other (l, mem))
    <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (c + risk (h y))).
Proof.
  intros Len Om Mv Hc. destruct (extremes mem (nonempty_of_size mem Len)) as (a & b & Ia & Ib & Iall).
  pose proof zeta_01 as Z. pose proof eps_pos as E0. pose proof (stage1_pays l mem c) as Pays. cbv zeta in Pays.
  pose proof (fun y => stage_growth (own_draw p y) l mem (h y) a b (Mv y) Om Ia Ib Iall) as G. cbv zeta in G.
  set (q := exp (- l)) in *. set (w := exp (- theta * l) * Psi fh mem) in *. set (c1 := load * zeta * q / (1 - zeta)) in *.
  assert (Qp : 0 < q) by apply exp_pos.
  assert (W0 : 0 <= w). { apply Rmult_le_pos; [left; apply exp_pos|]. pose proof (Psi_ge_1 fh mem Hfh). lra. }
  assert (C1 : 0 <= c1). { unfold c1. apply Rmult_le_pos; [apply Rmult_le_pos; nra|]. left. apply Rinv_0_lt_compat. lra. }
  assert (C2 : 0 <= A * eps * w) by (apply Rmult_le_pos; [now apply Rmult_le_pos|easy]).
  assert (C3 : 0 <= A * w) by now apply Rmult_le_pos.
  assert (Hya : y0 <= a) by (exact (proj1 (own_memory_spec mem) Om a Ia)).
  assert (Hab : a <= b) by (pose proof (Iall a Ia); lra).
  apply Rle_trans with (1 - (c + c1 + A * eps * w * rhoh + A * w * delta)); [lra|].
  apply Rle_trans with (1 := Hrestricted a b c c1 (A * eps * w) (A * w) Hya Hab Hc C1 C2 C3 p). apply lo_mono.
  - intros y. apply cap_unit. specialize (G y). pose proof (risk_pos (h y)). lra.
  - apply capped_unit; [easy|apply risk_pos].
  - intros y. specialize (G y). unfold Rmin; repeat destruct Rle_dec; lra.
Qed.

Lemma risk_falls (p : bool) a (h : R -> agent) c :
  length (snd a) = r -> ell < fst a -> (forall y, moved s (own_draw p y) a (h y)) -> 0 <= c ->
  1 - (c + risk a - load * other a) <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (c + risk (h y))).
Proof.
  intros Len Al Mv Hc. pose proof (risk2_falls p a h c Len Al Mv Hc) as F2.
  assert (Ge2 : risk a = risk2 a -> 1 - (c + risk a - load * other a) <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (c + risk (h y)))).
  { intros ->. apply Rle_trans with (1 := F2).
    apply lo_mono; [apply capped_unit; [easy|apply risk2_pos]|apply capped_unit; [easy|apply risk_pos]|].
    intros y. pose proof (risk_le_2 (h y)). unfold Rmin; repeat destruct Rle_dec; lra. }
  destruct (own_memory (snd a)) eqn:Om; [|apply Ge2; unfold risk; now rewrite Om].
  destruct (Rle_dec (risk1 a) (risk2 a)) as [L|L].
  2:{ apply Ge2. unfold risk. rewrite Om. apply Rmin_right. lra. }
  assert (E1 : risk a = risk1 a) by (unfold risk; rewrite Om; now apply Rmin_left). rewrite E1.
  destruct a as [l mem]. now apply stage1_falls.
Qed.

Lemma risk_dead y a a' : ell < fst a -> moved s y a a' -> fst a' <= ell -> 1 <= risk a'.
Proof.
  intros Al Mv Hd. pose proof (risk2_dead y a a' Al Mv Hd) as D. unfold risk.
  destruct (own_memory (snd a')) eqn:Om; [exfalso|easy].
  destruct a as [l mem], a' as [l' mem']. cbn [fst snd] in *.
  destruct (fall_needs_negative s y l mem l' mem' Hs Mv ltac:(lra)) as (z & Iz & Hz).
  pose proof (proj1 (own_memory_spec mem') Om z Iz). lra.
Qed.

Theorem permanence_own_memory T x :
  senders_condition r -> memory_of_size m r x -> alive m side ell x = true ->
  (forall i, (i < m)%nat -> own_memory (snd (own (side i) (x i))) = true) ->
  1 - sumn m (fun i => risk1 (own (side i) (x i))) <= P_always m Hm s N rule Q T (alive m side ell) x.
Proof.
  intros HQ Sx Ax Ox.
  apply Rle_trans with (1 - sumn m (fun i => risk (own (side i) (x i)))).
  - apply Rplus_le_compat_l, Ropp_le_contravar, sumn_le. intros i Hi. unfold risk. rewrite Ox by easy. apply Rmin_l.
  - apply (permanence_of_risk m Hm s Hs N rule Hrule Q r Hr side load ell risk risk_pos); try easy.
    + intros y a a' _ Al Mv Hd. now apply risk_dead with y a.
    + intros p a h c Len Al Mv Hc _. now apply risk_falls.
Qed.

(* from E_h, H = h/sigma^2, with Psi-hat = 1 on I+ *)
Theorem permanence_from_level H T x :
  senders_condition r -> at_level m side r H x -> ell < H -> y0 <= 1/2 ->
  (forall z, 1/2 <= z <= 3/2 -> fh z = 1) ->
  1 - INR m * (load * exp (- H) / (1 - zeta) + A * eps * exp (- theta * H))
    <= P_always m Hm s N rule Q T (alive m side ell) x.
Proof.
  intros HQ L He Hy Hflat.
  apply Rle_trans with (1 - sumn m (fun i => risk1 (own (side i) (x i)))).
  - apply Rplus_le_compat_l, Ropp_le_contravar. rewrite <- sumn_const. apply sumn_le. intros i Hi.
    destruct (L i Hi) as (_ & B & C). unfold risk1. pose proof zeta_01. pose proof eps_pos.
    assert (P1 : Psi fh (snd (own (side i) (x i))) = 1).
    { induction C as [|z t Hz _ IH]; [easy|]. simpl. rewrite IH, Hflat by (unfold Iplus in Hz; lra). ring. }
    rewrite P1, Rmult_1_r. apply Rplus_le_compat.
    + unfold Rdiv. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|].
      apply Rmult_le_compat_l; [lra|]. apply exp_le. lra.
    + apply Rmult_le_compat_l; [now apply Rmult_le_pos|]. apply exp_le. nra.
  - apply permanence_own_memory; try easy.
    + intros i Hi. destruct (L i Hi) as (A0 & _). exact A0.
    + apply (proj2 (alive_spec m Hm r Hr side ell x)). intros i Hi. destruct (L i Hi) as (_ & B & _). lra.
    + intros i Hi. destruct (L i Hi) as (_ & _ & C). apply own_memory_spec. rewrite Forall_forall in C.
      intros z Hz. apply C in Hz. unfold Iplus in Hz. lra.
Qed.
End AnyMemory.
End PM.

(* the shape of the text: f(x) = exp(max(0, alpha (x0 - x), beta (x - x1))/sigma^2) *)
Definition shape (s alpha x0 beta x1 x : R) : R := exp (Rmax 0 (Rmax (alpha * (x0 - x)) (beta * (x - x1))) / s ^ 2).

Theorem shape_fits s alpha x0 beta x1 xh y0 :
  0 < s -> 0 <= alpha -> 0 <= beta -> 0 <= x0 -> x0 <= xh -> 0 < y0 ->
  (forall x, 1 <= shape s alpha x0 beta x1 x) /\
  (forall x, x < 0 -> exp (alpha * x0 / s ^ 2) <= shape s alpha x0 beta x1 x) /\
  (forall x, y0 <= x -> shape s alpha x0 beta x1 x <= shape s alpha xh beta x1 x) /\
  (xh <= 1/2 -> 3/2 <= x1 -> forall z, 1/2 <= z <= 3/2 -> shape s alpha xh beta x1 z = 1).
Proof.
  intros Hs Ha Hb H0 Hh Hy. assert (P : 0 < / s ^ 2) by (apply Rinv_0_lt_compat, pow_lt, Hs).
  assert (Mono : forall u v, u <= v -> exp (u / s ^ 2) <= exp (v / s ^ 2)).
  { intros u v H. apply exp_le. apply Rmult_le_compat_r; lra. }
  repeat split.
  - intros x. unfold shape. rewrite <- exp_0 at 1. replace 0 with (0 / s ^ 2) at 1 by (unfold Rdiv; ring).
    apply Mono, Rmax_l.
  - intros x Hx. apply Mono. eapply Rle_trans; [|apply Rmax_r]. eapply Rle_trans; [|apply Rmax_l]. nra.
  - intros x _. apply Mono. assert (alpha * (x0 - x) <= alpha * (xh - x)) by nra.
    unfold Rmax; repeat destruct Rle_dec; lra.
  - intros H1 H2 z Hz. unfold shape.
    replace (Rmax 0 (Rmax (alpha * (xh - z)) (beta * (z - x1)))) with 0.
    + unfold Rdiv. now rewrite Rmult_0_l, exp_0.
    + symmetry. apply Rmax_left. apply Rmax_lub; nra.
Qed.

(* one silo, uniform senders: the condition on senders holds, with c = 1 *)
Theorem one_silo_senders m (Q : senders m) (side : nat -> bool) ell load r :
  (0 < m)%nat -> uniform_senders Q -> (forall i j, side i = side j) -> 1 <= load -> senders_condition m Q side ell load r.
Proof.
  intros Hm HQ One Hl x Sx Ax. split; [now apply one_side_senders|].
  assert (Pm : 0 < INR m) by now apply lt_0_INR. set (w := u side x).
  rewrite (sumn_ext m _ (fun _ => / INR m * sumn m w)).
  2:{ intros i Hi. rewrite <- sumn_scal. apply sumn_ext. intros j Hj. now rewrite HQ. }
  rewrite sumn_const.
  assert (0 <= sumn m w).
  { apply sumn_pos. intros i _. unfold w, u, other. pose proof (logistic_01 (fst (own (side i) (x i)))). lra. }
  replace (INR m * (/ INR m * sumn m w)) with (sumn m w) by (field; lra). nra.
Qed.
