(* Odds of a mean, and what one update does to the log-odds.

   s is the component standard deviation sigma throughout; l are log-odds. *)
From Coq Require Import Reals Lra Lia List.
From Mcpolar Require Import Proposition3.
Import ListNotations.
Local Open Scope R_scope.

Definition g (s w x : R) : R := w / (w + (1 - w) * exp (-2 * x / s ^ 2)).
Definition odds (w : R) : R := w / (1 - w).
Definition logistic (l : R) : R := / (1 + exp (- l)).
Definition logit (w : R) : R := ln (odds w).
Definition sumR (f : R -> R) (l : list R) : R := fold_right (fun x a => f x + a) 0 l.
Definition mean (f : R -> R) (l : list R) : R := sumR f l / INR (length l).

(* an agent: log-odds and memory; its weight is [logistic l] *)
Definition agent : Type := R * list R.
(* step 4 of the chain: the log-odds of the mean posterior over the memory *)
Definition weigh (s l : R) (mem : list R) : R := logit (mean (g s (logistic l)) mem).

(* ---- exp ---- *)
Lemma exp_le a b : a <= b -> exp a <= exp b.
Proof. intros [H| ->]; [left; now apply exp_increasing|right; easy]. Qed.

Lemma scaled_le s x y c : 0 < s -> c * x <= y -> c * x / s ^ 2 <= y / s ^ 2.
Proof.
  intros Hs H. apply Rmult_le_compat_r; [|easy].
  left; apply Rinv_0_lt_compat, pow_lt, Hs.
Qed.

(* ---- odds, logistic, logit ---- *)
Lemma odds_le a b : a <= b < 1 -> odds a <= odds b.
Proof.
  intros H. unfold odds.
  apply Rmult_le_reg_r with (1 - a); [lra|]. apply Rmult_le_reg_r with (1 - b); [lra|].
  replace (a / (1 - a) * (1 - a) * (1 - b)) with (a * (1 - b)) by (field; lra).
  replace (b / (1 - b) * (1 - a) * (1 - b)) with (b * (1 - a)) by (field; lra).
  nra.
Qed.

Lemma odds_pos w : 0 < w < 1 -> 0 < odds w.
Proof. intros; unfold odds; apply Rdiv_lt_0_compat; lra. Qed.

Lemma logistic_01 l : 0 < logistic l < 1.
Proof.
  unfold logistic. pose proof (exp_pos (- l)). split.
  - apply Rinv_0_lt_compat; lra.
  - rewrite <- Rinv_1. apply Rinv_lt_contravar; lra.
Qed.

Lemma odds_logistic l : odds (logistic l) = exp l.
Proof.
  unfold odds, logistic. rewrite exp_Ropp. pose proof (exp_pos l). field. split; lra.
Qed.

Lemma logit_logistic l : logit (logistic l) = l.
Proof. unfold logit. now rewrite odds_logistic, ln_exp. Qed.

Lemma logit_le a b : 0 < a -> a <= b -> b < 1 -> logit a <= logit b.
Proof.
  intros Ha Hab Hb. unfold logit.
  pose proof (odds_pos a ltac:(lra)) as Oa. pose proof (odds_le a b ltac:(lra)) as H.
  destruct H as [H| ->]; [left; now apply ln_increasing|lra].
Qed.

Lemma logistic_logit w : 0 < w < 1 -> logistic (logit w) = w.
Proof.
  intros H. unfold logistic, logit. rewrite exp_Ropp, exp_ln by now apply odds_pos.
  unfold odds. field. lra.
Qed.

Lemma logistic_le a b : a <= b -> logistic a <= logistic b.
Proof.
  intros H. unfold logistic. pose proof (exp_pos (- a)). pose proof (exp_pos (- b)).
  apply Rinv_le_contravar; [lra|]. pose proof (exp_le (- b) (- a)). lra.
Qed.

Lemma logistic_opp l : logistic (- l) = 1 - logistic l.
Proof.
  unfold logistic. rewrite Ropp_involutive, exp_Ropp. pose proof (exp_pos l). field. split; lra.
Qed.

Lemma logit_opp w : 0 < w < 1 -> logit (1 - w) = - logit w.
Proof.
  intros H. unfold logit. rewrite <- ln_Rinv by now apply odds_pos. f_equal.
  unfold odds. field. lra.
Qed.

(* ---- the posterior ---- *)
Theorem posterior_log_odds s l x : 0 < s -> g s (logistic l) x = logistic (l + 2 * x / s ^ 2).
Proof.
  intros Hs. unfold g, logistic.
  replace (- (l + 2 * x / s ^ 2)) with (- l + -2 * x / s ^ 2) by (field; lra).
  rewrite exp_plus. pose proof (exp_pos (- l)). pose proof (exp_pos (-2 * x / s ^ 2)).
  set (e := exp (- l)) in *. set (f := exp (-2 * x / s ^ 2)) in *.
  assert (0 < e * f) by now apply Rmult_lt_0_compat.
  field. repeat split; lra.
Qed.

(* ---- means ---- *)
Lemma sumR_bounds f a b l :
  (forall x, In x l -> a <= f x <= b) ->
  INR (length l) * a <= sumR f l <= INR (length l) * b.
Proof.
  induction l as [|x t IH]; intros H.
  - simpl; lra.
  - specialize (IH (fun z Hz => H z (or_intror Hz))).
    pose proof (H x (or_introl eq_refl)).
    cbn [length sumR fold_right]. fold (sumR f t). rewrite S_INR. lra.
Qed.

Lemma length_pos {A} (l : list A) : l <> [] -> 0 < INR (length l).
Proof. intros H. apply lt_0_INR. destruct l; [easy|simpl; lia]. Qed.

Lemma mean_bounds f a b l :
  l <> [] -> (forall x, In x l -> a <= f x <= b) -> a <= mean f l <= b.
Proof.
  intros Hl H. apply sumR_bounds in H. pose proof (length_pos l Hl). unfold mean.
  split; apply Rmult_le_reg_l with (INR (length l)); try easy; field_simplify; lra.
Qed.

Theorem odds_of_a_mean f a b l :
  l <> [] -> (forall x, In x l -> 0 < f x < 1 /\ a <= odds (f x) <= b) ->
  0 < mean f l < 1 /\ a <= odds (mean f l) <= b.
Proof.
  intros Hl H.
  assert (H' : exists lo hi, 0 < lo /\ lo <= hi /\ hi < 1 /\ (forall x, In x l -> lo <= f x <= hi)
             /\ a <= odds lo /\ odds hi <= b).
  { revert H. induction l as [|x t IH]; [easy|]. intros H.
    destruct (H x (or_introl eq_refl)) as [Hx Ox].
    destruct t as [|z t'].
    - exists (f x), (f x). repeat split; try lra; destruct H0 as [<-|[]]; lra.
    - destruct IH as (lo & hi & H1 & H2 & H3 & H4 & H5 & H6); [easy| |].
      { intros u Hu. apply H. now right. }
      exists (Rmin lo (f x)), (Rmax hi (f x)). repeat split.
      + unfold Rmin; destruct Rle_dec; lra.
      + unfold Rmin, Rmax; repeat destruct Rle_dec; lra.
      + unfold Rmax; destruct Rle_dec; lra.
      + destruct H0 as [<-|H0]; [apply Rmin_r|]. apply H4 in H0. pose proof (Rmin_l lo (f x)). lra.
      + destruct H0 as [<-|H0]; [apply Rmax_r|]. apply H4 in H0. pose proof (Rmax_l hi (f x)). lra.
      + unfold Rmin; destruct Rle_dec; lra.
      + unfold Rmax; destruct Rle_dec; lra. }
  destruct H' as (lo & hi & H1 & H2 & H3 & H4 & H5 & H6).
  pose proof (mean_bounds f lo hi l Hl H4) as M. split; [lra|].
  pose proof (odds_le lo (mean f l) ltac:(lra)). pose proof (odds_le (mean f l) hi ltac:(lra)). lra.
Qed.

(* ---- one update ---- *)
Theorem one_update s l mem a b :
  0 < s -> mem <> [] -> (forall x, In x mem -> a <= x <= b) ->
  l + 2 * a / s ^ 2 <= weigh s l mem <= l + 2 * b / s ^ 2.
Proof.
  intros Hs Hm H. unfold weigh.
  assert (M : logistic (l + 2 * a / s ^ 2) <= mean (g s (logistic l)) mem <= logistic (l + 2 * b / s ^ 2)).
  { apply mean_bounds; [easy|]. intros x Hx. apply H in Hx. rewrite posterior_log_odds by easy.
    split; apply logistic_le, Rplus_le_compat_l, scaled_le; lra. }
  pose proof (logistic_01 (l + 2 * a / s ^ 2)). pose proof (logistic_01 (l + 2 * b / s ^ 2)).
  rewrite <- (logit_logistic (l + 2 * a / s ^ 2)) at 1.
  rewrite <- (logit_logistic (l + 2 * b / s ^ 2)). split; apply logit_le; lra.
Qed.

Lemma list_bounds (l : list R) : exists a b, forall x, In x l -> a <= x <= b.
Proof.
  induction l as [|x t (a & b & IH)]; [now exists 0, 0|].
  exists (Rmin x a), (Rmax x b). intros z [<-|Hz].
  - split; [apply Rmin_l|apply Rmax_l].
  - apply IH in Hz. pose proof (Rmin_r x a). pose proof (Rmax_r x b). lra.
Qed.

Lemma mean_01 s l mem : 0 < s -> mem <> [] -> 0 < mean (g s (logistic l)) mem < 1.
Proof.
  intros Hs Hm. destruct (list_bounds mem) as (a & b & H).
  pose proof (logistic_01 (l + 2 * a / s ^ 2)). pose proof (logistic_01 (l + 2 * b / s ^ 2)).
  enough (logistic (l + 2 * a / s ^ 2) <= mean (g s (logistic l)) mem <= logistic (l + 2 * b / s ^ 2)) by lra.
  apply mean_bounds; [easy|]. intros x Hx. apply H in Hx. rewrite posterior_log_odds by easy.
  split; apply logistic_le, Rplus_le_compat_l, scaled_le; lra.
Qed.

(* ---- the mirror ---- *)
Lemma posterior_mirror s w x : 0 < s -> 0 < w < 1 -> g s (1 - w) (- x) = 1 - g s w x.
Proof.
  intros Hs Hw. unfold g. replace (-2 * - x / s ^ 2) with (- (-2 * x / s ^ 2)) by (field; lra).
  rewrite exp_Ropp. pose proof (exp_pos (-2 * x / s ^ 2)). set (e := exp _) in *.
  assert (0 < (1 - w) * e) by (apply Rmult_lt_0_compat; lra).
  field. repeat split; nra.
Qed.

Theorem update_mirror s l mem :
  0 < s -> mem <> [] -> weigh s (- l) (map Ropp mem) = - weigh s l mem.
Proof.
  intros Hs Hm. unfold weigh.
  assert (M : mean (g s (logistic (- l))) (map Ropp mem) = 1 - mean (g s (logistic l)) mem).
  { unfold mean. rewrite map_length. pose proof (length_pos mem Hm) as P.
    assert (S : sumR (g s (logistic (- l))) (map Ropp mem) = INR (length mem) - sumR (g s (logistic l)) mem).
    { clear Hm P. induction mem as [|x t IH]; [simpl; lra|].
      cbn [map sumR fold_right length]. fold (sumR (g s (logistic (- l))) (map Ropp t)).
      fold (sumR (g s (logistic l)) t). rewrite IH, S_INR, logistic_opp, posterior_mirror; [ring|easy|apply logistic_01]. }
    rewrite S. field. lra. }
  rewrite M. now apply logit_opp, mean_01.
Qed.
