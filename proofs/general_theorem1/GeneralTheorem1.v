(* GP3', GP2' and GT1g: a general mixture polarizes from any state. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Odds Proposition2 Sums Lower Rounds Gauss Chain Orders Schedule GeneralTheorem2 GeneralChance.
Import ListNotations.
Local Open Scope R_scope.

(* ---- counting ---- *)
Definition count (P : point -> bool) (l : list point) : nat := length (filter P l).

Lemma count_split P l1 x l2 : count P (l1 ++ x :: l2) = ((if P x then 1 else 0) + count P (l1 ++ l2))%nat.
Proof. unfold count. rewrite !filter_app, !app_length. simpl. destruct (P x); simpl; lia. Qed.

Lemma count_mono P P' l : (forall z, P z = true -> P' z = true) -> (count P l <= count P' l)%nat.
Proof.
  intros H. unfold count. induction l as [|z t IH]; simpl; [lia|].
  specialize (H z). destruct (P z); [rewrite H by easy; simpl; lia|destruct (P' z); simpl; lia].
Qed.

Lemma count_all P l : (forall z, In z l -> P z = true) -> count P l = length l.
Proof.
  unfold count. induction l as [|z t IH]; intros H; simpl; [easy|]. rewrite (H z (or_introl eq_refl)). simpl.
  rewrite IH; [easy|]. intros v Hv. apply H. now right.
Qed.

Lemma count_filled P l : (length l <= count P l)%nat -> forall z, In z l -> P z = true.
Proof.
  intros H z Hz. apply in_split in Hz. destruct Hz as (l1 & l2 & ->). rewrite count_split, app_length in H. simpl in H.
  assert (C : (count P (l1 ++ l2) <= length (l1 ++ l2))%nat).
  { unfold count. clear H. induction (l1 ++ l2) as [|v t IH]; simpl; [lia|]. destruct (P v); simpl; lia. }
  rewrite app_length in C. destruct (P z); [easy|lia].
Qed.

(* ---- distances ---- *)
Lemma dist2_young d x y z t : 0 < t -> dist2 d x z <= (1 + t) * dist2 d x y + (1 + / t) * dist2 d y z.
Proof.
  intros Ht. unfold dist2. rewrite <- !sumn_scal, <- sumn_plus. apply sumn_le. intros i _.
  assert (E : (1 + t) * (x i - y i) ^ 2 + (1 + / t) * (y i - z i) ^ 2 - (x i - z i) ^ 2 = / t * (t * (x i - y i) - (y i - z i)) ^ 2) by (field; lra).
  assert (0 <= / t * (t * (x i - y i) - (y i - z i)) ^ 2) by (apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat|apply pow2_ge_0]). lra.
Qed.

Lemma dist2_sym d x y : dist2 d x y = dist2 d y x.
Proof. unfold dist2. apply sumn_ext. intros i _. ring. Qed.

Section Clearing.
Variable d : nat.
Variable mu : nat -> point.
Variable D : R.
Notation near := (within d mu (D / 12)).
Notation inside := (within d mu (D / 4)).

Lemma near_inside j z : near j z = true -> inside j z = true.
Proof. rewrite !within_spec. intros H. apply Rle_trans with (1 := H). pose proof (pow2_ge_0 D). lra. Qed.

(* the farthest from y is near the mean, and so is y: all is inside *)
Lemma near_removed j x y z : near j x = true -> near j y = true -> dist2 d z y <= dist2 d x y -> inside j z = true.
Proof.
  rewrite !within_spec. intros Hx Hy Hz. pose proof (dist2_young d x (mu j) y 1 ltac:(lra)) as A.
  pose proof (dist2_young d z y (mu j) (1/2) ltac:(lra)) as B. rewrite (dist2_sym d (mu j) y) in A. lra.
Qed.

Definition cleared_ (j u : nat) (l : list point) : Prop := (forall z, In z l -> inside j z = true) \/ (u <= count (near j) l)%nat.

Lemma kept_inside j y l l' : inside j y = true -> repl_ d y l l' -> (forall z, In z l -> inside j z = true) -> forall z, In z l' -> inside j z = true.
Proof. intros Hy H F z Hz. destruct (replaced_in_old d y l l' H) as [_ O]. destruct (O z Hz) as [->|I]; [easy|now apply F]. Qed.

Lemma cleared_step_ j u y l l' : near j y = true -> repl_ d y l l' -> cleared_ j u l -> cleared_ j (S u) l'.
Proof.
  intros Hy H [F|F]; [left; apply (kept_inside j y l l'); [now apply near_inside|easy|easy]|].
  pose proof H as (l1 & x & l2 & -> & -> & Far). destruct (near j x) eqn:Hx.
  - left. apply (kept_inside j y _ _ (near_inside j y Hy) H). intros z Hz. now apply near_removed with x y; [| |apply Far].
  - right. rewrite count_split, Hx in F. rewrite count_split, Hy. lia.
Qed.

Lemma cleared_count_ j u l : cleared_ j u l -> (min u (length l) <= count (inside j) l)%nat.
Proof.
  intros [F|F]; [rewrite count_all by easy; lia|].
  pose proof (count_mono (near j) (inside j) l (near_inside j)). lia.
Qed.

Inductive run_ : list point -> list point -> list point -> Prop :=
| run_nil_ l : run_ [] l l
| run_cons_ y ys l l' l'' : repl_ d y l l' -> run_ ys l' l'' -> run_ (y :: ys) l l''.

Lemma repl_length_ y l l' : repl_ d y l l' -> length l' = length l.
Proof. intros (l1 & x & l2 & -> & -> & _). now rewrite !app_length. Qed.

(* GP3' *)
Theorem general_clearing j ys l l' : run_ ys l l' -> (forall y, In y ys -> near j y = true) ->
  (min (length ys) (length l) <= count (inside j) l')%nat /\ ((length l <= length ys)%nat -> forall z, In z l' -> inside j z = true).
Proof.
  intros H HJ. assert (C : cleared_ j (length ys + 0) l' /\ length l' = length l).
  { assert (G : forall u, cleared_ j u l -> cleared_ j (length ys + u) l' /\ length l' = length l).
    { induction H as [l|y ys l l' l'' H Hr IH]; intros u C; [easy|]. simpl. replace (S (length ys + u)) with (length ys + S u)%nat by lia.
      destruct (IH (fun z Hz => HJ z (or_intror Hz)) (S u)) as [A B].
      - apply cleared_step_ with y l; [apply HJ; now left|easy|easy].
      - split; [easy|]. now rewrite B, (repl_length_ y l l'). }
    apply G. right. lia. }
  rewrite Nat.add_0_r in C. destruct C as [C E]. pose proof (cleared_count_ j _ _ C) as N. rewrite E in N. split; [easy|].
  intros Hl. apply count_filled. lia.
Qed.
End Clearing.

(* ---- GP2': own weights ---- *)
(* lambda_u and a_u: a_0 = 1/c *)
Fixpoint lambda_ (c r : nat) (g : R) (u : nat) : R :=
  match u with O => - ln (INR c - 1) | S v => logit (INR (min u r) / INR r * logistic (lambda_ c r g v + g)) end.
Definition weight_ (c r : nat) (g : R) (u : nat) : R := logistic (lambda_ c r g u).

Section Weights.
Variables d c : nat.
Hypothesis Hc : (2 <= c)%nat.
Variable mu : nat -> point.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable D : R.
Hypothesis HD : forall j l, (j < c)%nat -> (l < c)%nat -> l <> j -> D ^ 2 <= dist2 d (mu j) (mu l).
Notation g := (gamma s D).
Lemma Hc0 : (0 < c)%nat.
Proof. lia. Qed.

Lemma own_and_rest (f : nat -> R) j : (j < c)%nat -> sumn c f = f j + sumn c (fun l => if Nat.eqb l j then 0 else f l).
Proof. exact (rest_of c j f f). Qed.

Lemma logistic_at_most lam w : logistic lam <= w <-> 1 - w <= w * exp (- lam).
Proof.
  unfold logistic. pose proof (exp_pos (- lam)) as E. split; intros H.
  - apply Rmult_le_compat_r with (r := 1 + exp (- lam)) in H; [|lra]. rewrite Rinv_l in H by lra. lra.
  - apply Rmult_le_reg_r with (1 + exp (- lam)); [lra|]. rewrite Rinv_l by lra. lra.
Qed.

Lemma posterior_sum v x : sumn c (posterior d c mu s v x) = 1.
Proof. exact (softmax_sum c _ Hc0). Qed.

Lemma softmax_ratio v j l : softmax c v l = softmax c v j * exp (- (v j - v l)).
Proof.
  unfold softmax, Rdiv. rewrite (Rmult_comm (exp (v j))), Rmult_assoc, <- exp_plus, Rmult_comm. do 2 f_equal. ring.
Qed.

(* the posterior of an element inside *)
Lemma posterior_inside v x j lam : (j < c)%nat -> within d mu (D / 4) j x = true -> logistic lam <= softmax c v j ->
  logistic (lam + g) <= posterior d c mu s v x j.
Proof.
  intros Hj Hx Hl. apply logistic_at_most in Hl. apply logistic_at_most. apply within_spec in Hx. set (p := posterior d c mu s v x).
  assert (P0 : 0 < p j) by apply softmax_pos, Hc0.
  pose proof (softmax_pos c Hc0 v j) as W0. pose proof (softmax_sum c v Hc0) as S1. rewrite (own_and_rest _ j Hj) in S1.
  pose proof (posterior_sum v x) as S2. rewrite (own_and_rest _ j Hj) in S2. fold p in S2.
  assert (R1 : 1 - p j <= p j * exp (- g) / softmax c v j * (1 - softmax c v j)).
  { replace (1 - softmax c v j) with (sumn c (fun l => if Nat.eqb l j then 0 else softmax c v l)) by lra.
    replace (1 - p j) with (sumn c (fun l => if Nat.eqb l j then 0 else p l)) by lra. rewrite <- sumn_scal.
    apply sumn_le. intros l Hl'. destruct (Nat.eqb_spec l j) as [->|Ne]; [lra|].
    pose proof (posterior_ratio d c Hc0 mu s Hs D HD v x j l Hj Hl' Ne Hx) as Q. fold p in Q.
    rewrite (softmax_ratio v j l). replace (p j * exp (- g) / softmax c v j * (softmax c v j * exp (- (v j - v l))))
      with (p j * (exp (- g) * exp (- (v j - v l)))) by (field; lra). rewrite <- exp_plus.
    apply Rmult_le_reg_l with (exp (v j - v l + g)); [apply exp_pos|]. apply Rle_trans with (1 := Q). right.
    replace (- g + - (v j - v l)) with (- (v j - v l + g)) by ring. rewrite exp_Ropp. field. apply Rgt_not_eq, exp_pos. }
  apply Rle_trans with (1 := R1). replace (- (lam + g)) with (- g + - lam) by ring. rewrite exp_plus.
  apply Rmult_le_reg_r with (softmax c v j); [easy|].
  replace (p j * exp (- g) / softmax c v j * (1 - softmax c v j) * softmax c v j) with (p j * exp (- g) * (1 - softmax c v j)) by (field; lra).
  replace (p j * (exp (- g) * exp (- lam)) * softmax c v j) with (p j * exp (- g) * (softmax c v j * exp (- lam))) by ring.
  apply Rmult_le_compat_l; [apply Rmult_le_pos; [lra|left; apply exp_pos]|easy].
Qed.

(* the new weights are the means of the posteriors *)
Lemma sum_over_all v mem : sumn c (fun l => sum_over (fun x => posterior d c mu s v x l) mem) = INR (length mem).
Proof.
  induction mem as [|x t IH]; cbn [sum_over fold_right length]; [rewrite sumn_const; simpl; ring|].
  rewrite S_INR, <- IH, sumn_plus. rewrite posterior_sum. unfold sum_over. ring.
Qed.

Lemma new_weight v mem j : mem <> [] ->
  softmax c (weigh_ d c mu s v mem) j = sum_over (fun x => posterior d c mu s v x j) mem / INR (length mem).
Proof.
  intros Hm. pose proof (length_pos mem Hm) as L. unfold softmax, weigh_.
  assert (E : forall l, exp (ln (sum_over (fun x => posterior d c mu s v x l) mem / INR (length mem))) = / INR (length mem) * sum_over (fun x => posterior d c mu s v x l) mem).
  { intros l. rewrite exp_ln; [field; lra|]. apply Rdiv_lt_0_compat; [apply (sum_over_pos d c Hc0); easy|easy]. }
  rewrite (sumn_ext c _ (fun l => / INR (length mem) * sum_over (fun x => posterior d c mu s v x l) mem)) by (intros; apply E).
  rewrite sumn_scal, sum_over_all, E. field. lra.
Qed.

Lemma sum_over_inside v mem j lam : (j < c)%nat -> logistic lam <= softmax c v j ->
  INR (count (within d mu (D / 4) j) mem) * logistic (lam + g) <= sum_over (fun x => posterior d c mu s v x j) mem.
Proof.
  intros Hj Hl. induction mem as [|x t IH]; [simpl; lra|]. unfold count in *. cbn [filter sum_over fold_right].
  fold (sum_over (fun x => posterior d c mu s v x j) t). destruct (within d mu (D / 4) j x) eqn:E.
  - cbn [length]. rewrite S_INR. pose proof (posterior_inside v x j lam Hj E Hl). lra.
  - assert (0 < posterior d c mu s v x j) by apply softmax_pos, Hc0. lra.
Qed.

(* GP2', one update: the share of elements inside times the posterior's bound *)
Theorem general_weight_update v mem j lam : (j < c)%nat -> mem <> [] -> logistic lam <= softmax c v j ->
  INR (count (within d mu (D / 4) j) mem) / INR (length mem) * logistic (lam + g) <= softmax c (weigh_ d c mu s v mem) j.
Proof.
  intros Hj Hm Hl. rewrite new_weight by easy. unfold Rdiv. rewrite Rmult_assoc, (Rmult_comm (/ _)), <- Rmult_assoc.
  apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat, length_pos|]. now apply sum_over_inside.
Qed.

(* what is known after u own draws: the first r near the mean, later ones inside *)
Definition grown_ (r j u : nat) (a : agent_) : Prop :=
  length (snd a) = r /\ cleared_ d mu D j u (snd a) /\ weight_ c r g u <= softmax c (fst a) j /\
  (r = 1%nat -> forall l, (l < c)%nat -> INR u * g <= fst a j - fst a l \/ l = j).
Definition wanted_ (r j u : nat) (y : point) : bool := if Nat.ltb u r then within d mu (D / 12) j y else within d mu (D / 4) j y.

Lemma wanted_clears r j u y l l' : length l = r -> wanted_ r j u y = true -> repl_ d y l l' -> cleared_ d mu D j u l -> cleared_ d mu D j (S u) l'.
Proof.
  intros Hl Hy H C. unfold wanted_ in Hy. destruct (Nat.ltb_spec u r) as [L|L]; [now apply cleared_step_ with y l|].
  left. apply (kept_inside d mu D j y l l'); [easy|easy|]. apply count_filled. pose proof (cleared_count_ d mu D j u l C). lia.
Qed.

Lemma weight_step r u : (0 < r)%nat -> weight_ c r g (S u) = INR (min (S u) r) / INR r * logistic (lambda_ c r g u + g).
Proof.
  intros Hr. unfold weight_. cbn [lambda_]. apply logistic_logit. pose proof (share_01 u r Hr). pose proof (logistic_01 (lambda_ c r g u + g)). nra.
Qed.

(* GP2', one update *)
Theorem grown_step_ r j u y l mem mem' : (0 < r)%nat -> (j < c)%nat -> wanted_ r j u y = true -> repl_ d y mem mem' ->
  grown_ r j u (l, mem) -> grown_ r j (S u) (weigh_ d c mu s l mem', mem').
Proof.
  intros Hr Hj Hy H (Len & C & W & K). cbn [fst snd] in *. pose proof (repl_length_ d y mem mem' H) as E.
  pose proof (wanted_clears r j u y mem mem' Len Hy H C) as C'. pose proof (cleared_count_ d mu D j (S u) mem' C') as N.
  assert (Ne : mem' <> []) by (intros ->; simpl in E; lia).
  assert (R0 : 0 < INR r) by (apply lt_0_INR; lia).
  split; [simpl; lia|]. split; [easy|]. cbn [fst snd]. split.
  - rewrite weight_step, new_weight by easy. rewrite E, Len. unfold Rdiv. rewrite Rmult_assoc, (Rmult_comm (/ INR r)), <- Rmult_assoc.
    apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|]. apply Rle_trans with (2 := sum_over_inside l mem' j (lambda_ c r g u) Hj W).
    apply Rmult_le_compat_r; [left; apply logistic_01|]. apply le_INR. lia.
  - intros R1 k Hk. destruct (Nat.eq_dec k j) as [->|Nk]; [now right|left]. destruct (K R1 k Hk) as [K'|]; [|easy].
    assert (In_all : forall z, In z mem' -> in_ball d mu D j z) by (intros z Hz; apply within_spec; revert z Hz; apply count_filled; lia).
    pose proof (general_gain d c Hc0 mu s Hs D HD l mem' j k Hj Hk Nk Ne In_all) as Gn. rewrite S_INR. lra.
Qed.

Lemma weight_0 r : weight_ c r g 0 = / INR c.
Proof.
  unfold weight_, logistic. cbn [lambda_]. rewrite Ropp_involutive, exp_ln; [f_equal; ring|].
  assert (2 <= INR c) by (change 2 with (INR 2); now apply le_INR). lra.
Qed.

(* a component of largest weight *)
Definition largest (v : nat -> R) (j : nat) : Prop := (j < c)%nat /\ forall l, (l < c)%nat -> v l <= v j.

Lemma grown_start r j a : length (snd a) = r -> largest (fst a) j -> grown_ r j 0 a.
Proof.
  intros Len [Hj L]. split; [easy|]. split; [right; lia|]. split.
  - rewrite weight_0. pose proof (exp_pos (fst a j)) as P. pose proof (exp_sum_pos c Hc0 (fst a)) as S0. unfold softmax.
    assert (C0 : 0 < INR c) by (apply lt_0_INR; lia).
    apply Rmult_le_reg_r with (sumn c (fun k => exp (fst a k))); [easy|]. unfold Rdiv. rewrite (Rmult_assoc (exp _)), Rinv_l by lra.
    apply Rmult_le_reg_l with (INR c); [easy|]. rewrite <- Rmult_assoc, Rinv_r by lra. rewrite Rmult_1_l, Rmult_1_r, <- sumn_const.
    apply sumn_le. intros l Hl. apply exp_le. now apply L.
  - intros _ l Hl. left. specialize (L l Hl). simpl. lra.
Qed.

(* n updates are enough for level h: n >= r and lambda_n >= h gamma; n >= h for r = 1 *)
Definition enough_ (r n : nat) (h : R) : Prop := (r <= n)%nat /\ (h * g <= lambda_ c r g n \/ (r = 1%nat /\ h <= INR n)).

Lemma grown_level r n h j a : (0 < r)%nat -> (j < c)%nat -> enough_ r n h -> grown_ r j n a -> at_level_ d c mu D j (h * g) a.
Proof.
  intros Hr Hj [Hn Hl] (Len & C & W & K). split; [intros E; rewrite E in Len; simpl in Len; lia|].
  pose proof (cleared_count_ d mu D j n (snd a) C) as N. split.
  - intros x Hx. apply within_spec. revert x Hx. apply count_filled. lia.
  - assert (G0 : 0 <= g).
    { unfold gamma. apply Rmult_le_pos; [apply pow2_ge_0|]. left. apply Rinv_0_lt_compat, Rmult_lt_0_compat; [lra|now apply pow_lt]. }
    intros l Hl' Nl. destruct Hl as [Hl|[R1 Hl]]; [|destruct (K R1 l Hl') as [K'|]; [nra|easy]].
    apply Rle_trans with (1 := Hl). apply logistic_at_most in W. pose proof (softmax_sum c (fst a) Hc0) as S1. rewrite (own_and_rest _ j Hj) in S1.
    pose proof (term_le_sumn c (fun k => if Nat.eqb k j then 0 else softmax c (fst a) k) l Hl'
      (fun k _ => ltac:(cbv beta; destruct (Nat.eqb k j); [lra|left; apply softmax_pos, Hc0]))) as T. cbv beta in T.
    rewrite (proj2 (Nat.eqb_neq l j) Nl), (softmax_ratio (fst a) j l) in T.
    assert (E : exp (- (fst a j - fst a l)) <= exp (- lambda_ c r g n)).
    { apply Rmult_le_reg_l with (softmax c (fst a) j); [apply softmax_pos, Hc0|]. lra. }
    destruct (Rle_lt_dec (lambda_ c r g n) (fst a j - fst a l)) as [|Lt]; [easy|exfalso].
    apply (Rlt_not_le _ _ (exp_increasing (- lambda_ c r g n) (- (fst a j - fst a l)) ltac:(lra)) E).
Qed.
End Weights.
