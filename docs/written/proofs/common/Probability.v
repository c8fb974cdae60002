(* The chances that the statements are about.

   A law of the draws is any monotone expectation, on a class of measurable functions, that
   agrees with the Riemann integral against the normal density where that exists: Lebesgue's
   integral is one. The chances of the chain are what one step of the chain and this expectation
   make of an event. The lower chances that proofs work with are below all of them. *)
From Coq Require Import Reals Lra Lia List Bool.
From Coquelicot Require Import Coquelicot.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Gaussian Normal Chain.
Import ListNotations.
Local Open Scope R_scope.

(* [expect mu f] is E f(y) for y ~ N(mu, s^2) *)
Record normal_law (s : R) := Normal_law {
  measurable : (R -> R) -> Prop;
  expect : R -> (R -> R) -> R;
  expect_monotone : forall mu f g, measurable f -> measurable g -> unitf f -> unitf g ->
    (forall y, f y <= g y) -> expect mu f <= expect mu g;
  expect_is_integral : forall mu a b h v, a <= b -> (forall u, a < u < b -> 0 <= h u <= 1) ->
    is_RInt (fun u => h u * density u) a b v ->
    measurable (piece mu s a b h) /\ expect mu (piece mu s a b h) = v
}.
Arguments measurable {s}. Arguments expect {s}. Arguments expect_monotone {s}. Arguments expect_is_integral {s}.

(* the chain as it is run *)
Record chain := Chain {
  agents : nat;
  agents_positive : (0 < agents)%nat;
  sigma : R;
  sigma_positive : 0 < sigma;
  (* which of the elements farthest from y is replaced by it *)
  replaced_by : R -> list R -> list R;
  replaced_is_farthest : forall y l, l <> [] -> repl y l (replaced_by y l);
  sender : senders agents
}.
Notation law_of C := (normal_law (sigma C)).
Definition after_draw (C : chain) (x : state) (i : nat) (y : R) : state := step (sigma C) (replaced_by C) x i y.

(* E f(next state): a uniform receiver i, a sender j by shares, j's mixture *)
Definition expect_next (C : chain) (law : law_of C) (x : state) (f : state -> R) : R :=
  sumn (agents C) (fun i => / INR (agents C) * sumn (agents C) (fun j => share (sender C) x i j *
    (weight x j * expect law 1 (fun y => f (after_draw C x i y))
     + (1 - weight x j) * expect law (-1) (fun y => f (after_draw C x i y))))).
Definition measurable_next (C : chain) (law : law_of C) (f : state -> R) : Prop :=
  forall x i, (i < agents C)%nat -> measurable law (fun y => f (after_draw C x i y)).

(* [chance T x]: that A holds at the steps 0 .. T and B at step T, from x *)
Record chances (C : chain) (law : law_of C) (A B : state -> bool) := Chances {
  chance_that :> nat -> state -> R;
  chance_is_unit : forall T, unitf (chance_that T);
  chance_measurable : forall T, measurable_next C law (chance_that T);
  chance_at_0 : forall x, chance_that 0 x = if A x then ind B x else 0;
  chance_later : forall T x, chance_that (S T) x = if A x then expect_next C law x (chance_that T) else 0
}.
Arguments chance_that {C law A B}. Arguments chance_is_unit {C law A B}. Arguments chance_measurable {C law A B}.
Arguments chance_at_0 {C law A B}. Arguments chance_later {C law A B}.
Definition anything (x : state) : bool := true.
(* that A holds at all of the steps 0 .. T, and that B holds at step T *)
Notation chances_always C law A := (chances C law A anything).
Notation chances_at C law B := (chances C law anything B).

(* [chance T x]: that A holds at one of the steps 0 .. T, from x; so P(tau > T) = 1 - chance T x *)
Record hitting (C : chain) (law : law_of C) (A : state -> bool) := Hitting {
  hit_by :> nat -> state -> R;
  hit_is_unit : forall T, unitf (hit_by T);
  hit_measurable : forall T, measurable_next C law (hit_by T);
  hit_at_0 : forall x, hit_by 0 x = ind A x;
  hit_later : forall T x, hit_by (S T) x = if A x then 1 else expect_next C law x (hit_by T)
}.
Arguments hit_by {C law A}. Arguments hit_is_unit {C law A}. Arguments hit_measurable {C law A}.
Arguments hit_at_0 {C law A}. Arguments hit_later {C law A}.

(* ---- the lower integral is below every law ---- *)
Lemma normal_le_expect s (law : normal_law s) mu f g : 0 < s ->
  unitf f -> unitf g -> measurable law g -> (forall y, f y <= g y) -> normal mu s f <= expect law mu g.
Proof.
  intros Hs Uf Ug Mg H. simpl. apply (std_lub (fun u => f (mu + s * u)) (fun u => Uf _)).
  intros v (a & b & h & Hab & Hh & I).
  assert (Hh1 : forall u, a < u < b -> 0 <= h u <= 1).
  { intros u Hu. specialize (Hh u Hu). specialize (Uf (mu + s * u)). lra. }
  destruct (expect_is_integral law mu a b h v Hab Hh1 I) as [Mp <-].
  assert (Between : forall y, 0 <= piece mu s a b h y <= f y).
  { intros y. unfold piece. set (u := (y - mu) / s). replace y with (mu + s * u) by (unfold u; field; lra).
    apply (cut_between a b h (fun u => f (mu + s * u))); [intros v'; apply Uf|exact Hh]. }
  apply expect_monotone; [easy|easy| |easy|]; intros y; specialize (Between y); specialize (Uf y); specialize (H y); lra.
Qed.

(* the draws of the chain under the lower integral *)
Notation lower_arrival C := (arrival (agents C) (sigma C) normal (sender C)).
Notation lower_next C := (next state (agents C) (agents_positive C) (lower_arrival C) (step (sigma C) (replaced_by C))).

Lemma lower_next_le C law x f g : unitf f -> unitf g -> measurable_next C law g -> (forall y, f y <= g y) ->
  lower_next C x f <= expect_next C law x g.
Proof.
  intros Uf Ug Mg H.
  change (lower_next C x f) with (sumn (agents C) (fun i => / INR (agents C) * sumn (agents C) (fun j => share (sender C) x i j *
    (weight x j * normal 1 (sigma C) (fun y => f (after_draw C x i y))
     + (1 - weight x j) * normal (-1) (sigma C) (fun y => f (after_draw C x i y)))))).
  apply sumn_le. intros i Hi. apply Rmult_le_compat_l; [apply (uniform_shares _ (agents_positive C)); exact 0%nat|].
  apply sumn_le. intros j Hj. apply Rmult_le_compat_l; [apply share_pos|]. pose proof (weight_01 x j).
  apply Rplus_le_compat; (apply Rmult_le_compat_l; [lra|]);
    (apply normal_le_expect; [apply sigma_positive|intros y; apply Uf|intros y; apply Ug|now apply Mg|intros y; apply H]).
Qed.

Definition lower_stay (C : chain) (T : nat) (A B : state -> bool) (x : state) : R :=
  P_stay (agents C) (agents_positive C) (sigma C) normal (replaced_by C) (sender C) T A B x.

Theorem lower_chance_le C law A B (P : chances C law A B) T x : lower_stay C T A B x <= P T x.
Proof.
  revert x. unfold lower_stay, P_stay. induction T as [|T IH]; intros x.
  - rewrite chance_at_0. cbn [stay]. destruct (A x); lra.
  - rewrite chance_later. cbn [stay]. destruct (A x); [|lra].
    apply lower_next_le; [apply stay_unit|apply chance_is_unit|apply chance_measurable|apply IH].
Qed.

Lemma stay_anything X Y m Hm D stp T (B : X -> bool) x :
  @stay X Y m Hm D stp T (fun _ => true) B x = chance X m Hm D stp T B x.
Proof.
  revert x. induction T as [|T IH]; intros x; [easy|]. cbn [stay chance]. simpl. apply sumn_ext. intros i _. f_equal.
  apply f_equal. apply FunctionalExtensionality.functional_extensionality. intros y. apply IH.
Qed.

Corollary lower_always_le C law A (P : chances_always C law A) T x :
  P_always (agents C) (agents_positive C) (sigma C) normal (replaced_by C) (sender C) T A x <= P T x.
Proof. exact (lower_chance_le C law A anything P T x). Qed.

Corollary lower_stay_le C law A B (P : chances C law A B) T x :
  P_stay (agents C) (agents_positive C) (sigma C) normal (replaced_by C) (sender C) T A B x <= P T x.
Proof. exact (lower_chance_le C law A B P T x). Qed.

Corollary lower_at_le C law B (P : chances_at C law B) T x :
  P_at (agents C) (agents_positive C) (sigma C) normal (replaced_by C) (sender C) T B x <= P T x.
Proof.
  apply Rle_trans with (2 := lower_chance_le C law anything B P T x). right. symmetry. unfold P_at. apply stay_anything.
Qed.

(* ---- for all time: chances that A holds at 0 .. T fall, and have a limit ---- *)
Section Forever.
Variables (C : chain) (law : law_of C) (A : state -> bool) (P : chances_always C law A).

Lemma expect_next_mono x f g : unitf f -> unitf g -> measurable_next C law f -> measurable_next C law g ->
  (forall y, f y <= g y) -> expect_next C law x f <= expect_next C law x g.
Proof.
  intros Uf Ug Mf Mg H. apply sumn_le. intros i Hi.
  apply Rmult_le_compat_l; [apply (uniform_shares _ (agents_positive C)); exact 0%nat|].
  apply sumn_le. intros j Hj. apply Rmult_le_compat_l; [apply share_pos|]. pose proof (weight_01 x j).
  apply Rplus_le_compat; (apply Rmult_le_compat_l; [lra|]); (apply expect_monotone; [now apply Mf|now apply Mg|intros y; apply Uf|intros y; apply Ug|intros y; apply H]).
Qed.

Lemma chance_falls T x : P (S T) x <= P T x.
Proof.
  revert x. induction T as [|T IH]; intros x.
  - pose proof (chance_is_unit P 1 x) as U. rewrite (chance_later P) in U |- *. rewrite (chance_at_0 P).
    unfold ind, anything. destruct (A x); [apply U|lra].
  - rewrite !(chance_later P). destruct (A x); [|lra].
    apply expect_next_mono; try apply (chance_is_unit P); try apply (chance_measurable P); easy.
Qed.

(* by continuity of the probability, the chance that A holds at every step *)
Definition chance_forever (x : state) : R := real (Lim_seq (fun T => P T x)).
Theorem chance_forever_limit x : is_lim_seq (fun T => P T x) (chance_forever x).
Proof.
  apply Lim_seq_correct'. apply ex_finite_lim_seq_decr with 0; [intros T; apply chance_falls|].
  intros T. apply (chance_is_unit P).
Qed.
Theorem chance_forever_ge b x : (forall T, b <= P T x) -> b <= chance_forever x.
Proof.
  intros H. apply (is_lim_seq_le (fun _ => b) (fun T => P T x) b (chance_forever x) H).
  - apply is_lim_seq_const.
  - apply chance_forever_limit.
Qed.
End Forever.
Arguments chance_forever {C law A}.

(* ---- what is impossible has chance 0, what is certain chance 1 ---- *)
Section Sane.
Variables (C : chain) (law : law_of C).

Lemma expect_zero mu : expect law mu (fun _ => 0) = 0.
Proof.
  assert (E : (fun _ : R => 0) = piece mu (sigma C) 0 0 (fun _ => 0)).
  { apply FunctionalExtensionality.functional_extensionality. intros y. unfold piece, cut.
    destruct (Rlt_dec 0 _); [|easy]. now destruct (Rlt_dec _ 0). }
  rewrite E. apply (expect_is_integral law mu 0 0 (fun _ => 0) 0); [lra|intros; lra|].
  apply (is_RInt_point (fun u => 0 * density u)).
Qed.

Theorem impossible_chance (P : chances_at C law (fun _ => false)) T x : P T x = 0.
Proof.
  revert x. induction T as [|T IH]; intros x; [now rewrite chance_at_0|].
  rewrite chance_later. simpl. unfold expect_next. rewrite (sumn_ext _ _ (fun _ => 0)); [rewrite sumn_const; ring|]. intros i _.
  rewrite (sumn_ext _ _ (fun _ => 0)); [rewrite sumn_const; ring|]. intros j _.
  assert (Z : (fun y => P T (after_draw C x i y)) = fun _ => 0) by (apply FunctionalExtensionality.functional_extensionality; easy).
  rewrite Z, !expect_zero. ring.
Qed.

Theorem certain_chance (P : chances_at C law anything) T x : P T x = 1.
Proof.
  apply Rle_antisym; [apply (chance_is_unit P)|]. apply Rle_trans with (2 := lower_chance_le C law anything anything P T x).
  unfold lower_stay, P_stay. right. symmetry. revert x. induction T as [|T IH]; intros x; [easy|]. cbn [stay anything].
  pose proof (agents_positive C) as Hm. assert (Pm : 0 < INR (agents C)) by now apply lt_0_INR.
  set (f := stay _ _ _ _ _ _ _ _) in *.
  change (sumn (agents C) (fun i => / INR (agents C) * lower_arrival C i x (fun y => f (after_draw C x i y))) = 1).
  rewrite (sumn_ext _ _ (fun _ => / INR (agents C))); [rewrite sumn_const; field; lra|]. intros i Hi.
  replace (fun y => f (after_draw C x i y)) with (fun _ : R => 1).
  - rewrite <- (Rmult_1_r (/ INR (agents C))) at 2. f_equal.
    change (sumn (agents C) (fun j => share (sender C) x i j * (weight x j * std (fun _ => 1) + (1 - weight x j) * std (fun _ => 1))) = 1).
    transitivity (sumn (agents C) (share (sender C) x i)); [|now apply share_one].
    apply sumn_ext. intros j _. rewrite std_one. ring.
  - apply FunctionalExtensionality.functional_extensionality. intros y. symmetry. apply IH.
Qed.
End Sane.

(* ---- such laws and chances exist: the lower integral itself ---- *)
#[local] Obligation Tactic := idtac.
Program Definition lower_law (s : R) (Hs : 0 < s) : normal_law s :=
  Normal_law s (fun _ => True) (fun mu => normal mu s) _ _.
Next Obligation. intros s Hs mu f g _ _ Uf Ug H. now apply (lo_mono (normal mu s) f g). Qed.
Next Obligation. intros s Hs mu a b h v Hab Hh I. split; [exact Logic.I|]. exact (normal_riemann mu s a b h v Hs Hab Hh I). Qed.

Definition lower_law_of (C : chain) : law_of C := lower_law (sigma C) (sigma_positive C).

Program Definition lower_chances (C : chain) (A B : state -> bool) : chances C (lower_law_of C) A B :=
  Chances C (lower_law_of C) A B (fun T => lower_stay C T A B) _ _ _ _.
Next Obligation. intros C A B T. apply stay_unit. Qed.
Next Obligation. intros C A B T x i Hi. exact I. Qed.
Next Obligation. reflexivity. Qed.
Next Obligation. reflexivity. Qed.
