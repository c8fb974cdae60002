(* GT2: level h is kept in a mixture of c components in d dimensions.

   Weights are kept as their logarithms, up to a common constant. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Odds Sums Lower Rounds Gauss Gaussian Normal Theorem2.
Import ListNotations.
Local Open Scope R_scope.

Definition point : Type := nat -> R.
(* squared distance of the first d coordinates *)
Definition dist2 (d : nat) (x y : point) : R := sumn d (fun i => (x i - y i) ^ 2).

Definition softmax (c : nat) (v : nat -> R) (l : nat) : R := exp (v l) / sumn c (fun k => exp (v k)).

(* ---- geometry ---- *)
Theorem farther_from_others d x a b D :
  dist2 d x a <= (D / 4) ^ 2 -> D ^ 2 <= dist2 d a b -> D ^ 2 / 2 <= dist2 d x b - dist2 d x a.
Proof.
  intros HA HB.
  (* sum of (2 (x - a) + (a - b)/2)^2 >= 0 *)
  assert (E : dist2 d x b - dist2 d x a + 4 * dist2 d x a - 3/4 * dist2 d a b
              = sumn d (fun i => (2 * (x i - a i) + (a i - b i) / 2) ^ 2)).
  { unfold dist2. clear. induction d as [|d IH]; simpl; [ring|]. simpl in IH. rewrite <- IH. field. }
  assert (0 <= sumn d (fun i => (2 * (x i - a i) + (a i - b i) / 2) ^ 2)) by (apply sumn_pos; intros; apply pow2_ge_0).
  lra.
Qed.

Section Mixture.
Variables d c : nat.
Hypothesis Hc : (0 < c)%nat.
Variable mu : nat -> point.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable D : R.
Hypothesis HD : forall j l, (j < c)%nat -> (l < c)%nat -> l <> j -> D ^ 2 <= dist2 d (mu j) (mu l).
Definition gamma : R := D ^ 2 / (4 * s ^ 2).

Definition agent_ : Type := (nat -> R) * list point.

Lemma exp_sum_pos v : 0 < sumn c (fun k => exp (v k)).
Proof.
  apply Rlt_le_trans with (exp (v 0%nat)); [apply exp_pos|].
  apply (term_le_sumn c (fun k => exp (v k)) 0 Hc). intros; left; apply exp_pos.
Qed.

Lemma softmax_pos v l : 0 < softmax c v l.
Proof. apply Rdiv_lt_0_compat; [apply exp_pos|apply exp_sum_pos]. Qed.

Lemma softmax_shares v : (forall l, 0 <= softmax c v l) /\ sumn c (softmax c v) <= 1.
Proof.
  split; [intros l; left; apply softmax_pos|]. right.
  rewrite (sumn_ext c _ (fun l => / sumn c (fun k => exp (v k)) * exp (v l))) by (intros; unfold softmax, Rdiv; ring).
  rewrite sumn_scal. apply Rinv_l. pose proof (exp_sum_pos v). lra.
Qed.

(* the posterior of x, and the weight step: the logarithm of its mean over the memory *)
Definition posterior (v : nat -> R) (x : point) (l : nat) : R :=
  softmax c (fun k => v k - dist2 d x (mu k) / (2 * s ^ 2)) l.
Definition sum_over (f : point -> R) (mem : list point) : R := fold_right (fun x acc => f x + acc) 0 mem.
Definition weigh_ (v : nat -> R) (mem : list point) (l : nat) : R :=
  ln (sum_over (fun x => posterior v x l) mem / INR (length mem)).

(* level h at component j: log-weight differences of h gamma, memory in the ball *)
Definition in_ball (j : nat) (x : point) : Prop := dist2 d x (mu j) <= (D / 4) ^ 2.
Definition at_level_ (j : nat) (H : R) (a : agent_) : Prop :=
  snd a <> [] /\ (forall x, In x (snd a) -> in_ball j x) /\
  forall l, (l < c)%nat -> l <> j -> H <= fst a j - fst a l.

Lemma posterior_ratio v x j l : (j < c)%nat -> (l < c)%nat -> l <> j -> in_ball j x ->
  exp (v j - v l + gamma) * posterior v x l <= posterior v x j.
Proof.
  intros Hj Hl Ne Hb. pose proof (farther_from_others d x (mu j) (mu l) D Hb (HD j l Hj Hl Ne)) as F.
  unfold posterior, softmax. set (S := sumn c _). assert (S0 : 0 < S) by apply exp_sum_pos.
  unfold Rdiv at 1 3. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
  rewrite <- exp_plus. apply exp_le. unfold gamma.
  apply Rmult_le_reg_r with (4 * s ^ 2); [apply Rmult_lt_0_compat; [lra|now apply pow_lt]|].
  replace ((v j - v l + D ^ 2 / (4 * s ^ 2) + (v l - dist2 d x (mu l) / (2 * s ^ 2))) * (4 * s ^ 2))
    with (v j * (4 * s ^ 2) + D ^ 2 - 2 * dist2 d x (mu l)) by (field; lra).
  replace ((v j - dist2 d x (mu j) / (2 * s ^ 2)) * (4 * s ^ 2))
    with (v j * (4 * s ^ 2) - 2 * dist2 d x (mu j)) by (field; lra).
  lra.
Qed.

Lemma sum_over_pos v l mem : mem <> [] -> 0 < sum_over (fun x => posterior v x l) mem.
Proof.
  destruct mem as [|x t]; [easy|]. intros _. simpl.
  assert (0 < posterior v x l) by apply softmax_pos.
  assert (0 <= sum_over (fun x => posterior v x l) t).
  { induction t as [|z t' IH]; simpl; [lra|]. assert (0 < posterior v z l) by apply softmax_pos. lra. }
  lra.
Qed.

(* part 1: one update with all memory in the ball raises every log-ratio by gamma *)
Theorem general_gain v mem j l : (j < c)%nat -> (l < c)%nat -> l <> j ->
  mem <> [] -> (forall x, In x mem -> in_ball j x) ->
  v j - v l + gamma <= weigh_ v mem j - weigh_ v mem l.
Proof.
  intros Hj Hl Ne Hm Hb.
  assert (E : exp (v j - v l + gamma) * sum_over (fun x => posterior v x l) mem <= sum_over (fun x => posterior v x j) mem).
  { clear Hm. induction mem as [|x t IH]; simpl; [lra|].
    pose proof (posterior_ratio v x j l Hj Hl Ne (Hb x (or_introl eq_refl))).
    specialize (IH (fun z Hz => Hb z (or_intror Hz))). lra. }
  assert (Pn : 0 < INR (length mem)) by now apply length_pos.
  pose proof (sum_over_pos v l mem Hm) as Pl. pose proof (exp_pos (v j - v l + gamma)) as Pe.
  unfold weigh_. set (Sl := sum_over (fun x => posterior v x l) mem) in *.
  set (Sj := sum_over (fun x => posterior v x j) mem) in *.
  assert (Ql : 0 < Sl / INR (length mem)) by now apply Rdiv_lt_0_compat.
  enough (v j - v l + gamma + ln (Sl / INR (length mem)) <= ln (Sj / INR (length mem))) by lra.
  rewrite <- (ln_exp (v j - v l + gamma)), <- ln_mult by easy.
  assert (Le : exp (v j - v l + gamma) * (Sl / INR (length mem)) <= Sj / INR (length mem)).
  { unfold Rdiv. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|easy]. }
  destruct Le as [Le|Le]; [|rewrite Le; lra]. left. apply ln_increasing; [now apply Rmult_lt_0_compat|easy].
Qed.

(* at level h the own weight is at least 1/(1 + (c-1) e^{-H}) *)
Lemma own_weight_at_level j H a : (j < c)%nat -> at_level_ j H a ->
  / (1 + (INR c - 1) * exp (- H)) <= softmax c (fst a) j.
Proof.
  intros Hj (_ & _ & L). unfold softmax. pose proof (exp_pos (fst a j)) as Pj. pose proof (exp_sum_pos (fst a)) as PS.
  assert (C1 : 1 <= INR c) by (change 1 with (INR 1); apply le_INR; lia).
  pose proof (exp_pos (- H)) as Ph. assert (0 <= (INR c - 1) * exp (- H)) by (apply Rmult_le_pos; lra).
  assert (B : sumn c (fun k => exp (fst a k)) <= exp (fst a j) * (1 + (INR c - 1) * exp (- H))).
  { apply Rle_trans with (sumn c (fun k => exp (fst a j) * (if Nat.eqb k j then 1 else exp (- H)))).
    - apply sumn_le. intros k Hk. destruct (Nat.eqb_spec k j) as [->|Ne]; [lra|].
      rewrite <- exp_plus. apply exp_le. specialize (L k Hk Ne). lra.
    - rewrite sumn_scal. apply Rmult_le_compat_l; [lra|].
      rewrite (sumn_change c _ (fun _ => exp (- H)) j Hj).
      + rewrite Nat.eqb_refl, sumn_const. lra.
      + intros k Ne. apply Nat.eqb_neq in Ne. now rewrite Ne. }
  apply Rmult_le_reg_r with (1 + (INR c - 1) * exp (- H)); [lra|]. rewrite Rinv_l by lra.
  apply Rmult_le_reg_r with (sumn c (fun k => exp (fst a k))); [easy|].
  replace (exp (fst a j) / sumn c (fun k => exp (fst a k)) * (1 + (INR c - 1) * exp (- H)) * sumn c (fun k => exp (fst a k)))
    with (exp (fst a j) * (1 + (INR c - 1) * exp (- H))) by (field; lra). lra.
Qed.

(* ---- part 2: the chain ---- *)
Section Chain.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Definition state_ : Type := nat -> agent_.
(* the components' draws; each lands in its ball with chance PB at least *)
Variable N : nat -> lower point.
Variable ball : nat -> point -> bool.
Hypothesis Hball : forall j y, ball j y = true -> in_ball j y.
Variable PB : R.
Hypothesis HPB : 0 <= PB.
Definition ball_mass : Prop := forall j, (j < c)%nat -> PB <= N j (ind (ball j)).
Hypothesis Hmass : ball_mass.
(* the memory rule brings in nothing but the draw *)
Variable rule : point -> list point -> list point.
Hypothesis Hrule : forall y l, l <> [] -> rule y l <> [] /\ forall z, In z (rule y l) -> z = y \/ In z l.
(* shares of the senders *)
Variable q : state_ -> nat -> nat -> R.
Hypothesis q_shares : forall x i, (forall j, 0 <= q x i j) /\ sumn m (q x i) <= 1.
Hypothesis q_one : forall x i, (i < m)%nat -> sumn m (q x i) = 1.

Definition arrival_ (i : nat) (x : state_) : lower point :=
  lchoose m (q x i) (q_shares x i) (fun j => lchoose c (softmax c (fst (x j))) (softmax_shares (fst (x j))) N).
Definition step_ (x : state_) (i : nat) (y : point) : state_ :=
  fun a => if Nat.eqb a i then (weigh_ (fst (x i)) (rule y (snd (x i))), rule y (snd (x i))) else x a.

Definition all_at_level (home : nat -> nat) (H : R) (x : state_) : Prop :=
  forall i, (i < m)%nat -> at_level_ (home i) H (x i).
(* the event, as a test that the states at level h pass *)
Variable A : state_ -> bool.
Variable home : nat -> nat.
Variable H : R.
Hypothesis Hhome : forall i, (i < m)%nat -> (home i < c)%nat.
Hypothesis HA : forall x, all_at_level home H x -> A x = true.
(* senders are of the receiver's silo *)
Definition same_silo_senders : Prop := forall x, all_at_level home H x ->
  forall i j, (i < m)%nat -> (j < m)%nat -> 0 < q x i j -> home j = home i.
Hypothesis Hsame : same_silo_senders.

Lemma draw_in_home_ball i x : (i < m)%nat -> all_at_level home H x ->
  PB / (1 + (INR c - 1) * exp (- H)) <= arrival_ i x (ind (ball (home i))).
Proof.
  intros Hi L. set (den := 1 + (INR c - 1) * exp (- H)).
  apply Rle_trans with (sumn m (fun j => PB / den * q x i j)).
  { rewrite sumn_scal, q_one by easy. lra. }
  change (arrival_ i x (ind (ball (home i))))
    with (sumn m (fun j => q x i j * sumn c (fun l => softmax c (fst (x j)) l * N l (ind (ball (home i)))))).
  apply sumn_le. intros j Hj. destruct (q_shares x i) as [Q0 _]. specialize (Q0 j).
  destruct (Req_dec (q x i j) 0) as [->|Nq]; [lra|]. rewrite (Rmult_comm (PB / den)).
  apply Rmult_le_compat_l; [easy|].
  apply Rle_trans with (softmax c (fst (x j)) (home i) * N (home i) (ind (ball (home i)))).
  - pose proof (own_weight_at_level (home j) H (x j) (Hhome j Hj) (L j Hj)) as W. fold den in W.
    rewrite (Hsame x L i j Hi Hj ltac:(lra)) in W. pose proof (Hmass (home i) (Hhome i Hi)) as M.
    apply Rle_trans with (softmax c (fst (x j)) (home i) * PB).
    + unfold Rdiv. rewrite (Rmult_comm PB). now apply Rmult_le_compat_r.
    + apply Rmult_le_compat_l; [left; apply softmax_pos|easy].
  - apply (term_le_sumn c (fun l => softmax c (fst (x j)) l * N l (ind (ball (home i)))) (home i) (Hhome i Hi)).
    intros l _. apply Rmult_le_pos; [left; apply softmax_pos|apply lo_unit, unitf_ind].
Qed.

Lemma level_kept i x y : all_at_level home H x -> ball (home i) y = true -> all_at_level home H (step_ x i y).
Proof.
  intros L Hy a Ha. unfold step_. destruct (Nat.eqb_spec a i) as [->|Ne]; [|now apply L].
  destruct (L i Ha) as (Nn & B & Lv). destruct (Hrule y (snd (x i)) Nn) as [Nn' Old].
  assert (B' : forall z, In z (rule y (snd (x i))) -> in_ball (home i) z).
  { intros z Hz. destruct (Old z Hz) as [->|Hz']; [now apply Hball|now apply B]. }
  split; [easy|]. split; [easy|]. intros l Hl Nl. simpl.
  pose proof (general_gain (fst (x i)) _ (home i) l (Hhome i Ha) Hl Nl Nn' B') as G.
  specialize (Lv l Hl Nl).
  assert (0 <= gamma).
  { unfold gamma. apply Rmult_le_pos; [apply pow2_ge_0|]. left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; [lra|now apply pow_lt]. }
  lra.
Qed.

Theorem general_theorem2 T x :
  all_at_level home H x ->
  (PB / (1 + (INR c - 1) * exp (- H))) ^ T <= always state_ m Hm arrival_ step_ T A x.
Proof.
  intros L0. assert (C1 : 1 <= INR c) by (change 1 with (INR 1); apply le_INR; lia).
  pose proof (exp_pos (- H)) as Ph. assert (Pq : 0 <= (INR c - 1) * exp (- H)) by (apply Rmult_le_pos; lra).
  assert (PB1 : PB <= 1).
  { apply Rle_trans with (1 := Hmass 0%nat Hc). apply lo_unit, unitf_ind. }
  apply (always_pow state_ m Hm arrival_ step_ _ (all_at_level home H)); [|exact HA| |exact L0].
  - set (den := 1 + (INR c - 1) * exp (- H)). assert (D1 : 1 <= den) by (unfold den; lra).
    split; [apply Rmult_le_pos; [easy|left; apply Rinv_0_lt_compat; lra]|].
    apply Rmult_le_reg_r with den; [lra|]. replace (PB / den * den) with PB by (field; lra). lra.
  - intros x' i L Hi. exists (ball (home i)).
    split; [now apply draw_in_home_ball|]. intros y Hy. now apply level_kept.
Qed.
End Chain.
End Mixture.

(* ---- senders of the receiver's silo: the k nearest in Euclidean distance of weights ---- *)
(* weights of c components, all but alpha on component j *)
Definition mostly (c : nat) (alpha : R) (j : nat) (w : point) : Prop :=
  (forall l, 0 <= w l) /\ sumn c w = 1 /\ 1 - alpha <= w j.

Lemma squares_le_square c (w : point) : (forall l, 0 <= w l) -> sumn c (fun l => w l ^ 2) <= sumn c w ^ 2.
Proof.
  intros H. induction c as [|c IH]; [simpl; lra|]. cbn [sumn]. pose proof (sumn_pos c w (fun l _ => H l)). specialize (H c). nra.
Qed.

Lemma rest_of c j (w f : point) : (j < c)%nat ->
  sumn c f = f j + sumn c (fun l => if Nat.eqb l j then 0 else f l).
Proof.
  intros Hj. rewrite (sumn_change c (fun l => if Nat.eqb l j then 0 else f l) f j Hj).
  - rewrite Nat.eqb_refl. lra.
  - intros l Ne. apply Nat.eqb_neq in Ne. now rewrite Ne.
Qed.

Lemma same_silo_near c alpha j v w : (j < c)%nat -> mostly c alpha j v -> mostly c alpha j w ->
  dist2 c v w <= 2 * alpha ^ 2.
Proof.
  intros Hj (V0 & V1 & Vj) (W0 & W1 & Wj). unfold dist2.
  set (rest := fun u : point => fun l => if Nat.eqb l j then 0 else u l).
  assert (Pos : forall u : point, (forall l, 0 <= u l) -> forall l, 0 <= rest u l).
  { intros u U l. unfold rest. destruct (Nat.eqb l j); [lra|apply U]. }
  assert (Rv : sumn c (rest v) = 1 - v j) by (pose proof (rest_of c j v v Hj); unfold rest; lra).
  assert (Rw : sumn c (rest w) = 1 - w j) by (pose proof (rest_of c j w w Hj); unfold rest; lra).
  pose proof (sumn_pos c _ (fun l _ => Pos v V0 l)) as Ev. pose proof (sumn_pos c _ (fun l _ => Pos w W0 l)) as Ew.
  rewrite (rest_of c j v _ Hj).
  assert (B : sumn c (fun l => if Nat.eqb l j then 0 else (v l - w l) ^ 2) <= (1 - v j) ^ 2 + (1 - w j) ^ 2).
  { rewrite <- Rv, <- Rw. pose proof (squares_le_square c _ (Pos v V0)) as Sv. pose proof (squares_le_square c _ (Pos w W0)) as Sw.
    apply Rle_trans with (sumn c (fun l => rest v l ^ 2) + sumn c (fun l => rest w l ^ 2)); [|lra].
    rewrite <- sumn_plus. apply sumn_le. intros l _. unfold rest. specialize (V0 l). specialize (W0 l).
    destruct (Nat.eqb l j); nra. }
  rewrite Rv in Ev. rewrite Rw in Ew. set (e := 1 - v j) in *. set (h := 1 - w j) in *.
  replace (v j - w j) with (h - e) by (unfold e, h; ring).
  assert (e <= alpha) by (unfold e; lra). assert (h <= alpha) by (unfold h; lra). nra.
Qed.

Lemma other_silo_far c alpha i j v w : (i < c)%nat -> (j < c)%nat -> i <> j -> 2 * alpha <= 1 ->
  mostly c alpha i v -> mostly c alpha j w -> 2 * (1 - 2 * alpha) ^ 2 <= dist2 c v w.
Proof.
  intros Hi Hj Ne Ha (V0 & V1 & Vi) (W0 & W1 & Wj).
  assert (Small : forall u a b, (a < c)%nat -> (b < c)%nat -> a <> b -> mostly c alpha a u -> u b <= alpha).
  { intros u a b Ha' Hb Nab (U0 & U1 & Ua). pose proof (rest_of c a u u Ha') as E.
    pose proof (term_le_sumn c (fun l => if Nat.eqb l a then 0 else u l) b Hb
      (fun l _ => ltac:(cbv beta; destruct (Nat.eqb l a); [lra|apply U0]))) as T. cbv beta in T.
    assert (Nb : Nat.eqb b a = false) by now apply Nat.eqb_neq, not_eq_sym. rewrite Nb in T. lra. }
  pose proof (Small v i j Hi Hj Ne (conj V0 (conj V1 Vi))) as Vj. pose proof (Small w j i Hj Hi (not_eq_sym Ne) (conj W0 (conj W1 Wj))) as Wi.
  unfold dist2. rewrite (rest_of c i v _ Hi).
  pose proof (term_le_sumn c (fun l => if Nat.eqb l i then 0 else (v l - w l) ^ 2) j Hj
    (fun l _ => ltac:(cbv beta; destruct (Nat.eqb l i); [lra|apply pow2_ge_0]))) as T. cbv beta in T.
  assert (Nj : Nat.eqb j i = false) by now apply Nat.eqb_neq, not_eq_sym. rewrite Nj in T.
  assert (1 - 2 * alpha <= v i - w i) by lra. assert (1 - 2 * alpha <= w j - v j) by lra. nra.
Qed.

(* the condition alpha < 1/3: with k others in the silo, the k nearest are of the silo, whatever the ties *)
Theorem general_neighbours m c alpha (home : nat -> nat) (w : nat -> point) i near :
  alpha < 1/3 -> (i < m)%nat -> (forall a, (a < m)%nat -> (home a < c)%nat /\ mostly c alpha (home a) (w a)) ->
  (length near <= length (filter (fun a => Nat.eqb (home a) (home i) && negb (Nat.eqb a i)) (seq 0 m)))%nat ->
  NoDup near -> (forall a, In a near -> (a < m)%nat /\ a <> i) ->
  (forall a b, In a near -> (b < m)%nat -> b <> i -> ~ In b near -> dist2 c (w i) (w a) <= dist2 c (w i) (w b)) ->
  forall a, In a near -> home a = home i.
Proof.
  intros Hal Hi Hw Len ND Hin Hnear a Ha. destruct (Nat.eq_dec (home a) (home i)) as [|Ne]; [easy|exfalso].
  set (others := filter _ _) in *.
  assert (D : exists b, In b others /\ ~ In b near).
  { destruct (Exists_dec (fun b => ~ In b near) others) as [E|E].
    - intros b. destruct (in_dec Nat.eq_dec b near); [now right|now left].
    - apply Exists_exists in E. exact E.
    - exfalso. assert (I : incl (a :: others) near).
      { intros b [<-|Hb]; [easy|]. destruct (in_dec Nat.eq_dec b near); [easy|]. exfalso. apply E, Exists_exists. now exists b. }
      apply NoDup_incl_length in I; [simpl in I; lia|]. constructor; [|apply NoDup_filter, seq_NoDup].
      intros F. apply filter_In in F. destruct F as [_ F]. apply andb_prop in F. now apply Ne, Nat.eqb_eq. }
  destruct D as (b & Hb & Nb). apply filter_In in Hb. destruct Hb as [Hb F]. apply andb_prop in F. destruct F as [F1 F2].
  apply Nat.eqb_eq in F1. apply negb_true_iff, Nat.eqb_neq in F2. apply in_seq in Hb.
  destruct (Hin a Ha) as [Am _]. specialize (Hnear a b Ha ltac:(lia) F2 Nb).
  destruct (Hw i Hi) as [Ci Wi]. destruct (Hw a Am) as [Ca Wa]. destruct (Hw b ltac:(lia)) as [Cb Wb]. rewrite F1 in Wb.
  pose proof (same_silo_near c alpha (home i) (w i) (w b) Ci Wi Wb) as Near.
  pose proof (other_silo_far c alpha (home i) (home a) (w i) (w a) Ci Ca (not_eq_sym Ne) ltac:(lra) Wi Wa) as Far.
  assert (0 <= alpha).
  { destruct Wi as (W0 & W1 & Wj). pose proof (term_le_sumn c (w i) (home i) Ci (fun l _ => W0 l)). lra. }
  nra.
Qed.

(* i itself and its k nearest in weight *)
Definition nearest_in_weight (m c : nat) (home : nat -> nat) (near : state_ -> nat -> list nat) : Prop :=
  forall x i, (i < m)%nat ->
    (length (near x i) <= length (filter (fun a => Nat.eqb (home a) (home i) && negb (Nat.eqb a i)) (seq 0 m)))%nat /\
    NoDup (near x i) /\ (forall a, In a (near x i) -> (a < m)%nat /\ a <> i) /\
    forall a b, In a (near x i) -> (b < m)%nat -> b <> i -> ~ In b (near x i) ->
      dist2 c (softmax c (fst (x i))) (softmax c (fst (x a))) <= dist2 c (softmax c (fst (x i))) (softmax c (fst (x b))).

Lemma softmax_sum c v : (0 < c)%nat -> sumn c (softmax c v) = 1.
Proof.
  intros Hc. rewrite (sumn_ext c _ (fun l => / sumn c (fun k => exp (v k)) * exp (v l))) by (intros; unfold softmax, Rdiv; ring).
  rewrite sumn_scal. apply Rinv_l. pose proof (exp_sum_pos c Hc v). lra.
Qed.

Theorem general_same_silo d c mu D m (q : state_ -> nat -> nat -> R) home H near : (0 < c)%nat ->
  (INR c - 1) * exp (- H) / (1 + (INR c - 1) * exp (- H)) < 1/3 ->
  (forall i, (i < m)%nat -> (home i < c)%nat) -> nearest_in_weight m c home near ->
  (forall x i j, 0 < q x i j -> j = i \/ In j (near x i)) -> same_silo_senders d c mu D m q home H.
Proof.
  intros Hc Hal Hhome Hnear Hq x L i j Hi Hj Q. destruct (Hq x i j Q) as [->|I]; [easy|].
  destruct (Hnear x i Hi) as (N1 & N2 & N3 & N4). set (E := (INR c - 1) * exp (- H)) in *.
  assert (E0 : 0 <= E).
  { unfold E. pose proof (exp_pos (- H)). assert (1 <= INR c) by (change 1 with (INR 1); apply le_INR; lia). apply Rmult_le_pos; lra. }
  apply (general_neighbours m c (E / (1 + E)) home (fun a => softmax c (fst (x a))) i (near x i)); try easy.
  intros a Ha. split; [now apply Hhome|]. split; [intros l; left; now apply softmax_pos|]. split; [now apply softmax_sum|].
  pose proof (own_weight_at_level d c Hc mu D (home a) H (x a) (Hhome a Ha) (L a Ha)) as W. fold E in W.
  replace (1 - E / (1 + E)) with (/ (1 + E)) by (field; lra). exact W.
Qed.
