(* The chances of the general chain: c components in d dimensions.

   A law of the draws is any expectation on a class of measurable functions: monotone, total mass 1,
   additive and homogeneous from below. What a statement needs of the normal law (the mass of a ball, a
   moment) is a premise on the law. The lower integrals that proofs work with are below all chances. *)
From Coquelicot Require Import Coquelicot.
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Odds Sums Lower Rounds Gauss Gaussian Normal GeneralTheorem2.
Import ListNotations.
Local Open Scope R_scope.

(* [expected_draw j f] is E f(y) for y from component j *)
Record draws := Draws {
  measured : (point -> R) -> Prop;
  expected_draw : nat -> (point -> R) -> R;
  expected_monotone : forall j f g, measured f -> measured g -> unitf f -> unitf g -> (forall y, f y <= g y) -> expected_draw j f <= expected_draw j g;
  expected_constant : forall j t, 0 <= t <= 1 -> measured (fun _ => t) /\ expected_draw j (fun _ => t) = t;
  expected_scaled : forall j t f, 0 <= t <= 1 -> measured f -> unitf f ->
    measured (fun y => t * f y) /\ t * expected_draw j f <= expected_draw j (fun y => t * f y);
  expected_added : forall j f g, measured f -> measured g -> unitf f -> unitf g -> unitf (fun y => f y + g y) ->
    measured (fun y => f y + g y) /\ expected_draw j f + expected_draw j g <= expected_draw j (fun y => f y + g y)
}.

(* a farthest element makes room, in d dimensions *)
Definition repl_ (d : nat) (y : point) (l l' : list point) : Prop :=
  exists l1 x l2, l = l1 ++ x :: l2 /\ l' = l1 ++ y :: l2 /\ forall z, In z l -> dist2 d z y <= dist2 d x y.

(* the general chain as it is run; states hold logarithms of weights, up to a constant, and memories *)
Record general_chain := General_chain {
  dimensions : nat;
  components : nat;
  components_positive : (0 < components)%nat;
  means : nat -> point;
  spread : R;
  spread_positive : 0 < spread;
  people : nat;
  people_positive : (0 < people)%nat;
  replaced_in : point -> list point -> list point;
  replaced_in_farthest : forall y l, l <> [] -> repl_ dimensions y l (replaced_in y l);
  share_of : state_ -> nat -> nat -> R;
  share_of_shares : forall x i, (forall j, 0 <= share_of x i j) /\ sumn people (share_of x i) <= 1;
  share_of_one : forall x i, (i < people)%nat -> sumn people (share_of x i) = 1
}.
Definition after_draw_ (C : general_chain) (x : state_) (i : nat) (y : point) : state_ :=
  step_ (dimensions C) (components C) (means C) (spread C) (replaced_in C) x i y.

Definition expected_next (C : general_chain) (law : draws) (x : state_) (f : state_ -> R) : R :=
  sumn (people C) (fun i => / INR (people C) * sumn (people C) (fun j => share_of C x i j *
    sumn (components C) (fun l => softmax (components C) (fst (x j)) l * expected_draw law l (fun y => f (after_draw_ C x i y))))).

(* that A holds at the steps 0 .. T and B at step T, from x *)
Record general_chances (C : general_chain) (law : draws) (A B : state_ -> bool) := General_chances {
  general_chance :> nat -> state_ -> R;
  general_unit : forall T, unitf (general_chance T);
  general_measured : forall T x i, (i < people C)%nat -> measured law (fun y => general_chance T (after_draw_ C x i y));
  general_at_0 : forall x, general_chance 0 x = if A x then ind B x else 0;
  general_later : forall T x, general_chance (S T) x = if A x then expected_next C law x (general_chance T) else 0
}.
Arguments general_chance {C law A B}. Arguments general_unit {C law A B}. Arguments general_measured {C law A B}.
Arguments general_at_0 {C law A B}. Arguments general_later {C law A B}.
Definition any_state (x : state_) : bool := true.

(* ---- the lower integral of a law ---- *)
Section Inner.
Variable law : draws.
Variable j : nat.

Definition under (f : point -> R) (v : R) : Prop :=
  exists g, measured law g /\ unitf g /\ (forall y, g y <= f y) /\ v = expected_draw law j g.

Lemma under_unit f v : under f v -> 0 <= v <= 1.
Proof.
  intros (g & Mg & Ug & _ & ->). destruct (expected_constant law j 0 ltac:(lra)) as [M0 <-]. split.
  - apply expected_monotone; try easy; [intros y; lra|intros y; apply Ug].
  - destruct (expected_constant law j 1 ltac:(lra)) as [M1 <-].
    apply expected_monotone; try easy; [intros y; lra|intros y; apply Ug].
Qed.

Lemma under_0 f : unitf f -> under f 0.
Proof.
  intros Uf. destruct (expected_constant law j 0 ltac:(lra)) as [M0 E]. exists (fun _ => 0). repeat split; try easy; try lra. intros y. apply Uf.
Qed.

Definition inner_ (f : point -> R) : R := real (Lub_Rbar (under f)).

Lemma inner_lub f : unitf f -> (forall v, under f v -> v <= inner_ f) /\ (forall M, (forall v, under f v -> v <= M) -> inner_ f <= M).
Proof.
  intros Uf. unfold inner_. destruct (Lub_Rbar_correct (under f)) as [U L].
  assert (L1 : Rbar_le (Lub_Rbar (under f)) 1) by (apply L; intros v Hv; apply (under_unit f v Hv)).
  pose proof (U 0 (under_0 f Uf)) as L0. destruct (Lub_Rbar (under f)) as [w| |]; try easy. simpl in *.
  split; [exact U|]. intros M HM. exact (L M HM).
Qed.

Lemma inner_add f g : unitf f -> unitf g -> unitf (fun y => f y + g y) -> inner_ f + inner_ g <= inner_ (fun y => f y + g y).
Proof.
  intros Uf Ug Us. destruct (inner_lub _ Us) as [U _]. set (S := inner_ (fun y => f y + g y)) in *.
  enough (inner_ f <= S - inner_ g) by lra. apply (inner_lub f Uf). intros v (f' & Mf & Uf' & Lf & ->).
  enough (inner_ g <= S - expected_draw law j f') by lra. apply (inner_lub g Ug). intros w (g' & Mg & Ug' & Lg & ->).
  assert (Us' : unitf (fun y => f' y + g' y)) by (intros y; specialize (Uf' y); specialize (Ug' y); specialize (Lf y); specialize (Lg y); specialize (Us y); lra).
  destruct (expected_added law j f' g' Mf Mg Uf' Ug' Us') as [M A].
  enough (expected_draw law j (fun y => f' y + g' y) <= S) by lra. apply U. exists (fun y => f' y + g' y). repeat split; try easy; try apply Us'.
  intros y. specialize (Lf y). specialize (Lg y). lra.
Qed.

#[local] Obligation Tactic := idtac.
Program Definition inner : lower point := Low point inner_ _ _ _ _.
Next Obligation.
  intros f Uf. destruct (inner_lub f Uf) as [U L]. split; [apply U, under_0, Uf|]. apply L. intros v Hv. now apply under_unit in Hv.
Qed.
Next Obligation.
  intros f g Uf Ug H. apply (inner_lub f Uf). intros v (f' & Mf & Uf' & Lf & ->). apply (inner_lub g Ug).
  exists f'. repeat split; try easy; try apply Uf'. intros y. specialize (Lf y). specialize (H y). lra.
Qed.
Next Obligation.
  intros t f Ht Uf. destruct (inner_lub _ (unitf_scal t f Ht Uf)) as [U _].
  destruct (Req_dec t 0) as [->|Nt]; [rewrite Rmult_0_l; apply U, under_0, unitf_scal; [lra|easy]|].
  apply Rmult_le_reg_l with (/ t); [apply Rinv_0_lt_compat; lra|]. rewrite <- Rmult_assoc, Rinv_l, Rmult_1_l by lra.
  apply (inner_lub f Uf). intros v (f' & Mf & Uf' & Lf & ->). apply Rmult_le_reg_l with t; [lra|].
  rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. destruct (expected_scaled law j t f' Ht Mf Uf') as [M A].
  apply Rle_trans with (1 := A), U. exists (fun y => t * f' y). repeat split; try easy; try (apply unitf_scal; easy).
  intros y. specialize (Lf y). nra.
Qed.
Next Obligation. exact inner_add. Qed.

Lemma inner_ge f g : unitf f -> measured law g -> unitf g -> (forall y, g y <= f y) -> expected_draw law j g <= inner f.
Proof. intros Uf Mg Ug H. apply (inner_lub f Uf). now exists g. Qed.

Lemma inner_le f g : unitf f -> unitf g -> measured law g -> (forall y, f y <= g y) -> inner f <= expected_draw law j g.
Proof.
  intros Uf Ug Mg H. apply (inner_lub f Uf). intros v (f' & Mf & Uf' & Lf & ->). apply expected_monotone; try easy.
  intros y. specialize (Lf y). specialize (H y). lra.
Qed.
End Inner.

(* ---- lower chances are below the chances ---- *)
Notation inner_arrival C law :=
  (arrival_ (components C) (components_positive C) (people C) (inner law) (share_of C) (share_of_shares C)).
Definition inner_stay (C : general_chain) (law : draws) (T : nat) (A B : state_ -> bool) (x : state_) : R :=
  stay state_ (people C) (people_positive C) (inner_arrival C law) (after_draw_ C) T A B x.
Definition inner_chance (C : general_chain) (law : draws) (T : nat) (B : state_ -> bool) (x : state_) : R :=
  chance state_ (people C) (people_positive C) (inner_arrival C law) (after_draw_ C) T B x.

Lemma inner_next_le C law x f g : unitf f -> unitf g -> (forall i, (i < people C)%nat -> measured law (fun y => g (after_draw_ C x i y))) ->
  (forall y, f y <= g y) -> next state_ (people C) (people_positive C) (inner_arrival C law) (after_draw_ C) x f <= expected_next C law x g.
Proof.
  intros Uf Ug Mg H. apply sumn_le. intros i Hi. apply Rmult_le_compat_l; [apply (uniform_shares _ (people_positive C)); exact 0%nat|].
  apply sumn_le. intros j Hj. apply Rmult_le_compat_l; [apply share_of_shares|].
  apply sumn_le. intros l Hl. apply Rmult_le_compat_l; [left; apply softmax_pos, components_positive|].
  apply inner_le; [intros y; apply Uf|intros y; apply Ug|now apply Mg|intros y; apply H].
Qed.

Theorem inner_stay_le C law A B (P : general_chances C law A B) T x : inner_stay C law T A B x <= P T x.
Proof.
  revert x. unfold inner_stay. induction T as [|T IH]; intros x.
  - rewrite general_at_0. cbn [stay]. destruct (A x); lra.
  - rewrite general_later. cbn [stay]. destruct (A x); [|lra].
    apply inner_next_le; [apply stay_unit|apply general_unit|apply general_measured|apply IH].
Qed.

Lemma inner_chance_le C law B (P : general_chances C law any_state B) T x : inner_chance C law T B x <= P T x.
Proof.
  revert x. unfold inner_chance. induction T as [|T IH]; intros x.
  - rewrite general_at_0. simpl. lra.
  - rewrite general_later. cbn [chance any_state].
    apply inner_next_le; [apply chance_unit|apply general_unit|apply general_measured|apply IH].
Qed.

(* a set has chance [mass] at least in component j's draws; where it is measurable, the lower integral is its chance *)
Definition mass_at_least (law : draws) (c : nat) (set : nat -> point -> bool) (mass : R) : Prop :=
  forall j, (j < c)%nat -> mass <= inner law j (ind (set j)).

(* ---- the closed ball, as a test ---- *)
Definition within (d : nat) (mu : nat -> point) (radius : R) (j : nat) (y : point) : bool :=
  if Rle_dec (dist2 d y (mu j)) (radius ^ 2) then true else false.
Lemma within_spec d mu radius j y : within d mu radius j y = true <-> dist2 d y (mu j) <= radius ^ 2.
Proof. unfold within. destruct (Rle_dec _ _); split; easy. Qed.

(* ---- such laws and chances exist: any lower expectation of total mass 1 ---- *)
#[local] Obligation Tactic := idtac.
Program Definition lower_draws (N : nat -> lower point) (H1 : forall j t, 0 <= t <= 1 -> N j (fun _ => t) = t) : draws :=
  Draws (fun _ => True) (fun j => N j) _ _ _ _.
Next Obligation. intros N H1 j f g _ _ Uf Ug H. now apply (lo_mono (N j) f g). Qed.
Next Obligation. intros N H1 j t Ht. split; [exact I|now apply H1]. Qed.
Next Obligation. intros N H1 j t f Ht _ Uf. split; [exact I|now apply (lo_scal (N j))]. Qed.
Next Obligation. intros N H1 j f g _ _ Uf Ug Us. split; [exact I|now apply (lo_add (N j))]. Qed.

Program Definition lower_general (C : general_chain) N H1 (A B : state_ -> bool) : general_chances C (lower_draws N H1) A B :=
  General_chances C (lower_draws N H1) A B
    (fun T => stay state_ (people C) (people_positive C) (arrival_ (components C) (components_positive C) (people C) N (share_of C) (share_of_shares C)) (after_draw_ C) T A B) _ _ _ _.
Next Obligation. intros C N H1 A B T. apply stay_unit. Qed.
Next Obligation. intros C N H1 A B T x i Hi. exact I. Qed.
Next Obligation. reflexivity. Qed.
Next Obligation. reflexivity. Qed.

(* ---- one dimension: draws with the normal law ---- *)
(* expectations agree with the Riemann integral against the normal density where that exists *)
Definition normal_on_line (law : draws) (mu : nat -> point) (s : R) : Prop := forall j a b h v, a <= b ->
  (forall u, a < u < b -> 0 <= h u <= 1) -> is_RInt (fun u => h u * density u) a b v ->
  measured law (fun y => piece (mu j 0%nat) s a b h (y 0%nat)) /\ expected_draw law j (fun y => piece (mu j 0%nat) s a b h (y 0%nat)) = v.

Lemma normal_le_inner law mu s j f : 0 < s -> normal_on_line law mu s -> unitf f ->
  normal (mu j 0%nat) s f <= inner law j (fun y => f (y 0%nat)).
Proof.
  intros Hs Hl Uf. simpl. apply (std_lub (fun u => f (mu j 0%nat + s * u)) (fun u => Uf _)). intros v (a & b & h & Hab & Hh & I).
  assert (Hh1 : forall u, a < u < b -> 0 <= h u <= 1) by (intros u Hu; specialize (Hh u Hu); specialize (Uf (mu j 0%nat + s * u)); lra).
  destruct (Hl j a b h v Hab Hh1 I) as [M <-].
  assert (Between : forall y, 0 <= piece (mu j 0%nat) s a b h y <= f y).
  { intros y. unfold piece. set (u := (y - mu j 0%nat) / s). replace y with (mu j 0%nat + s * u) by (unfold u; field; lra).
    apply (cut_between a b h (fun u => f (mu j 0%nat + s * u))); [intros v'; apply Uf|exact Hh]. }
  apply inner_ge; [intros y; apply Uf|easy| |]; intros y; specialize (Between (y 0%nat)); specialize (Uf (y 0%nat)); lra.
Qed.

(* the mass of a ball is that of an interval *)
Theorem ball_mass_on_line law mu s c radius : 0 < s -> normal_on_line law mu s -> 0 <= radius ->
  mass_at_least law c (within 1 mu radius) (mass 0 s (- radius) radius).
Proof.
  intros Hs Hl Hr j _. set (G := fun v : R => within 1 mu radius j (fun _ => v)).
  apply Rle_trans with (normal (mu j 0%nat) s (ind G)); [|exact (normal_le_inner law mu s j (ind G) Hs Hl (unitf_ind G))].
  replace (mass 0 s (- radius) radius) with (mass (mu j 0%nat) s (mu j 0%nat - radius) (mu j 0%nat + radius)).
  - apply normal_gaussian; [easy|lra|]. intros z Hz. apply within_spec. unfold dist2. simpl sumn. nra.
  - unfold mass. f_equal; field; lra.
Qed.

(* ---- such chains, draws and chances exist ---- *)
Lemma normal_constant mu s t : 0 <= t <= 1 -> normal mu s (fun _ => t) = t.
Proof.
  intros Ht. change (std (fun _ => t) = t). pose proof (lo_scal std t (fun _ => 1) Ht ltac:(intros u; lra)) as A.
  pose proof (lo_scal std (1 - t) (fun _ => 1) ltac:(lra) ltac:(intros u; lra)) as B. rewrite std_one in A, B. rewrite !Rmult_1_r in A, B.
  pose proof (lo_add std (fun _ => t) (fun _ => 1 - t) ltac:(intros u; lra) ltac:(intros u; lra) ltac:(intros u; lra)) as S. cbv beta in A, B, S.
  replace (fun _ : R => t + (1 - t)) with (fun _ : R => 1) in S by (apply FunctionalExtensionality.functional_extensionality; intros; ring).
  rewrite std_one in S.
  replace (fun _ : R => t * 1) with (fun _ : R => t) in A by (apply FunctionalExtensionality.functional_extensionality; intros; ring).
  replace (fun _ : R => (1 - t) * 1) with (fun _ : R => 1 - t) in B by (apply FunctionalExtensionality.functional_extensionality; intros; ring). lra.
Qed.

Definition line_draws (mu : nat -> point) (s : R) : draws :=
  lower_draws (fun j => lmap (fun v (_ : nat) => v) (normal (mu j 0%nat) s)) (fun j t Ht => normal_constant (mu j 0%nat) s t Ht).

Lemma line_draws_normal mu s : 0 < s -> normal_on_line (line_draws mu s) mu s.
Proof. intros Hs j a b h v Hab Hh I. split; [exact Logic.I|]. exact (normal_riemann (mu j 0%nat) s a b h v Hs Hab Hh I). Qed.

(* the first of the farthest makes room *)
Definition reach (d : nat) (y : point) (l : list point) : R := fold_right (fun x acc => Rmax (dist2 d x y) acc) 0 l.
Fixpoint put_first (d : nat) (y : point) (far : R) (l : list point) : list point :=
  match l with [] => [] | x :: t => if Rle_dec far (dist2 d x y) then y :: t else x :: put_first d y far t end.

Lemma reach_ge d y l z : In z l -> dist2 d z y <= reach d y l.
Proof.
  induction l as [|x t IH]; [easy|]. intros [->|H]; cbn [reach fold_right]; [apply Rmax_l|].
  apply Rle_trans with (1 := IH H). apply Rmax_r.
Qed.

Lemma reach_in d y l : l <> [] -> exists z, In z l /\ reach d y l <= dist2 d z y.
Proof.
  assert (P : forall z, 0 <= dist2 d z y) by (intros z; apply sumn_pos; intros; apply pow2_ge_0).
  induction l as [|x t IH]; [easy|]. intros _. cbn [reach fold_right]. fold (reach d y t). destruct (Rle_lt_dec (reach d y t) (dist2 d x y)) as [L|L].
  - exists x. split; [now left|]. rewrite Rmax_left by easy. apply Rle_refl.
  - destruct t as [|x' t']; [specialize (P x); simpl in L; lra|]. destruct (IH ltac:(easy)) as (z & Hz & Lz). exists z. split; [now right|].
    rewrite Rmax_right; [easy|lra].
Qed.

Lemma put_first_far d y l : l <> [] -> repl_ d y l (put_first d y (reach d y l) l).
Proof.
  intros Hl. destruct (reach_in d y l Hl) as (z & Hz & Lz). pose proof (reach_ge d y l) as G. revert G Lz. generalize (reach d y l) as far. intros far G Lz.
  assert (E : exists l1 x l2, l = l1 ++ x :: l2 /\ put_first d y far l = l1 ++ y :: l2 /\ far <= dist2 d x y).
  { clear G Hl. induction l as [|x t IH]; [easy|]. simpl. destruct (Rle_dec far (dist2 d x y)) as [L|L]; [now exists [], x, t|].
    destruct Hz as [->|Hz]; [easy|]. destruct (IH Hz) as (l1 & x' & l2 & -> & -> & L'). now exists (x :: l1), x', l2. }
  destruct E as (l1 & x & l2 & E1 & E2 & L). exists l1, x, l2. repeat split; [easy|easy|]. intros v Hv. apply Rle_trans with (2 := L). now apply G.
Qed.

Lemma uniform_sum m : (0 < m)%nat -> sumn m (fun _ => / INR m) = 1.
Proof. intros Hm. rewrite sumn_const. apply Rinv_r, not_0_INR. lia. Qed.

Theorem general_settings_exist m c mu s : (0 < m)%nat -> (0 < c)%nat -> 0 < s -> exists C law,
  dimensions C = 1%nat /\ components C = c /\ means C = mu /\ spread C = s /\ people C = m /\
  (forall x i j, share_of C x i j = / INR m) /\ normal_on_line law mu s /\ forall A B, inhabited (general_chances C law A B).
Proof.
  intros Hm Hc Hs. exists (General_chain 1 c Hc mu s Hs m Hm (fun y l => put_first 1 y (reach 1 y l) l) (put_first_far 1) (fun _ _ _ => / INR m)
    (fun _ _ => uniform_shares m Hm) (fun _ _ _ => uniform_sum m Hm)), (line_draws mu s).
  do 6 (split; [easy|]). split; [exact (line_draws_normal mu s Hs)|]. intros A B. constructor. apply lower_general.
Qed.

(* ---- GT2, of the chance ---- *)
Lemma replaced_in_old d y l l' : repl_ d y l l' -> l' <> [] /\ forall z, In z l' -> z = y \/ In z l.
Proof.
  intros (l1 & x & l2 & -> & -> & _). split; [now destruct l1|]. intros z Hz. apply in_app_or in Hz. destruct Hz as [H|[H|H]].
  - right. apply in_or_app. now left.
  - now left.
  - right. apply in_or_app. right. now right.
Qed.

Theorem general_theorem2_chance C law A D PB home H T x (P : general_chances C law A any_state) :
  (forall j l, (j < components C)%nat -> (l < components C)%nat -> l <> j -> D ^ 2 <= dist2 (dimensions C) (means C j) (means C l)) ->
  0 <= PB -> mass_at_least law (components C) (within (dimensions C) (means C) (D / 4)) PB ->
  (forall i, (i < people C)%nat -> (home i < components C)%nat) ->
  (forall x, all_at_level (dimensions C) (components C) (means C) D (people C) home H x -> A x = true) ->
  same_silo_senders (dimensions C) (components C) (means C) D (people C) (share_of C) home H ->
  all_at_level (dimensions C) (components C) (means C) D (people C) home H x ->
  (PB / (1 + (INR (components C) - 1) * exp (- H))) ^ T <= P T x.
Proof.
  intros HD HP HB Hh HA Hs L. apply Rle_trans with (2 := inner_stay_le C law A any_state P T x).
  apply (GeneralTheorem2.general_theorem2 (dimensions C) (components C) (components_positive C) (means C) (spread C) (spread_positive C) D HD
    (people C) (people_positive C) (inner law) (within (dimensions C) (means C) (D / 4))) with home; try easy.
  - intros j y. apply within_spec.
  - intros y l Hl. apply (replaced_in_old (dimensions C) y l). now apply replaced_in_farthest.
  - apply share_of_one.
Qed.
