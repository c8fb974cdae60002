(* n updates of everyone, in any order: the sum over the orders is kept, not its least term.

   Agent i's draw is good with chance b i (M u) (sum over j of W i j times a of j's updates), u its own
   number of updates so far. Geometric means of the senders and over the orders turn the sum into
   one exponential of means of log a. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Odds Sums Lower Rounds Gauss Chain Orders.
Local Open Scope R_scope.

(* exp of a mean is at most the mean of exp *)
Lemma exp_of_mean n q x : (forall i, (i < n)%nat -> 0 <= q i) -> sumn n q = 1 ->
  exp (sumn n (fun i => q i * x i)) <= sumn n (fun i => q i * exp (x i)).
Proof.
  intros Hq H1. set (mu := sumn n (fun i => q i * x i)).
  apply Rle_trans with (sumn n (fun i => q i * (exp mu * (1 + (x i - mu))))).
  - right. rewrite (sumn_ext n _ (fun i => exp mu * (q i * x i) + exp mu * (1 - mu) * q i)) by (intros; ring).
    rewrite sumn_plus, !sumn_scal, H1. fold mu. ring.
  - apply sumn_le. intros i Hi. apply Rmult_le_compat_l; [now apply Hq|].
    replace (exp (x i)) with (exp mu * exp (x i - mu)) by (rewrite <- exp_plus; f_equal; ring).
    apply Rmult_le_compat_l; [left; apply exp_pos|apply exp_ineq1_le].
Qed.

Section Logs.
Variable m n : nat.
Variable a : nat -> R.
Variable W : nat -> nat -> R.

(* of an agent that is still owed k updates *)
Definition log_a (k : nat) : R := ln (a (n - k)).
Definition own_logs (k : nat) : R := sumn k (fun v => log_a (S v)).
Definition mean_log (k : nat) : R := sumn (S k) log_a / INR (S k).
(* over the orders of what is owed: the mean of j's logs at i's updates *)
Definition pair_logs (c : owed) (i j : nat) : R := if Nat.eqb i j then own_logs (c i) else INR (c i) * mean_log (c j).
Definition sender_logs (c : owed) (i : nat) : R := sumn m (fun j => W i j * log_a (c j)).
Definition logs (c : owed) : R := sumn m (fun i => sumn m (fun j => W i j * pair_logs c i j)).

Lemma mean_log_step k : mean_log k + INR k * (mean_log k - mean_log (pred k)) = log_a k.
Proof.
  destruct k as [|k]; [unfold mean_log; simpl; field|]. cbn [pred]. unfold mean_log. cbn [sumn].
  rewrite !S_INR. pose proof (pos_INR k). field. lra.
Qed.

Lemma own_logs_step k : INR k * (own_logs k - own_logs (pred k)) = INR k * log_a k.
Proof. destruct k as [|k]; [simpl; ring|]. cbn [pred]. unfold own_logs. cbn [sumn]. ring. Qed.

Lemma pay_same c i : pay c i i = pred (c i).
Proof. unfold pay. now rewrite Nat.eqb_refl. Qed.
Lemma pay_other c i j : j <> i -> pay c i j = c j.
Proof. intros H. unfold pay. apply Nat.eqb_neq in H. now rewrite H. Qed.

Lemma pair_logs_paid c i j : (i < m)%nat -> (j < m)%nat ->
  sumn m (fun k => INR (c k) * pair_logs (pay c k) i j) = INR (total m c) * pair_logs c i j - INR (c i) * log_a (c j).
Proof.
  intros Hi Hj. rewrite <- sum_total, Rmult_comm, <- sumn_scal. unfold pair_logs. destruct (Nat.eqb_spec i j) as [<-|Ne].
  - rewrite (sumn_change m _ (fun k => own_logs (c i) * INR (c k)) i Hi).
    + rewrite pay_same. pose proof (own_logs_step (c i)). lra.
    + intros k Nk. rewrite pay_other by now apply not_eq_sym. ring.
  - set (h := fun k => INR (c i) * mean_log (c j) * INR (c k)).
    set (h' := fun k => if Nat.eqb k j then INR (c j) * (INR (c i) * mean_log (pred (c j))) else h k).
    rewrite (sumn_change m _ h' i Hi), (sumn_change m h' h j Hj).
    + unfold h'. rewrite Nat.eqb_refl, (proj2 (Nat.eqb_neq i j) Ne). unfold h.
      rewrite pay_same, pay_other by now apply not_eq_sym. pose proof (mean_log_step (c j)) as E.
      assert (P : forall z, INR (c i) * (INR (pred (c i)) * z) = INR (c i) * (INR (c i) - 1) * z).
      { intros z. destruct (c i); [simpl; ring|]. rewrite S_INR. cbn [pred]. ring. }
      rewrite P, <- E. ring.
    + intros k Nk. unfold h'. apply Nat.eqb_neq in Nk. now rewrite Nk.
    + intros k Nk. unfold h'. destruct (Nat.eqb_spec k j) as [->|Nj].
      * rewrite pay_same, pay_other by easy. ring.
      * rewrite !pay_other by now apply not_eq_sym. unfold h. ring.
Qed.

(* the next update is i's with chance c i / total *)
Lemma logs_step c :
  sumn m (fun k => INR (c k) * (sender_logs c k + logs (pay c k))) = INR (total m c) * logs c.
Proof.
  rewrite (sumn_ext m _ (fun k => INR (c k) * sender_logs c k + sumn m (fun i => INR (c k) * sumn m (fun j => W i j * pair_logs (pay c k) i j)))).
  2:{ intros k _. rewrite sumn_scal. unfold logs. ring. }
  rewrite sumn_plus, (sumn_swap m m). unfold logs. rewrite <- sumn_scal, <- sumn_plus. apply sumn_ext. intros i Hi.
  rewrite (sumn_ext m (fun k => INR (c k) * sumn m (fun j => W i j * pair_logs (pay c k) i j))
    (fun k => sumn m (fun j => INR (c k) * (W i j * pair_logs (pay c k) i j)))) by (intros; now rewrite sumn_scal).
  rewrite (sumn_swap m m). unfold sender_logs. rewrite <- !sumn_scal, <- sumn_plus. apply sumn_ext. intros j Hj.
  rewrite (sumn_ext m (fun k => INR (c k) * (W i j * pair_logs (pay c k) i j)) (fun k => W i j * (INR (c k) * pair_logs (pay c k) i j))) by (intros; ring).
  rewrite sumn_scal, (pair_logs_paid c i j Hi Hj). ring.
Qed.
End Logs.

Section Schedule.
Variable X : Type.
Context {Y : Type}.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable D : nat -> X -> lower Y.
Variable step : X -> nat -> Y -> X.
Variable n : nat.
(* agent i has had u good updates; what a good draw is for it then *)
Variable grown_by : nat -> nat -> X -> Prop.
Variable good : nat -> nat -> Y -> bool.
Variables a M b : nat -> R.
Variable W : nat -> nat -> R.
Hypothesis Ha : forall u, 0 < a u <= 1.
Hypothesis HM : forall u, 0 <= M u <= 1.
Hypothesis Hb : forall i, 0 <= b i <= 1.
Hypothesis HW : forall i j, 0 <= W i j.
Hypothesis HW1 : forall i, (i < m)%nat -> sumn m (W i) = 1.
Definition underway (c : owed) (x : X) : Prop := forall i, (i < m)%nat -> (c i <= n)%nat /\ grown_by i (n - c i) x.
Hypothesis Hdraw : forall c x i, underway c x -> (i < m)%nat -> (0 < c i)%nat ->
  b i * M (n - c i) * sumn m (fun j => W i j * a (n - c j)) <= D i x (ind (good i (n - c i))).
Hypothesis Hsame : forall i u x y, (i < m)%nat -> (u < n)%nat -> grown_by i u x -> good i u y = true -> grown_by i (S u) (step x i y).
Hypothesis Hother : forall i j u x y, j <> i -> grown_by j u x -> grown_by j u (step x i y).

Definition chance_owed (c : owed) (i : nat) : R :=
  if (Nat.eqb (c i) 0 || negb (Nat.ltb i m))%bool then 0 else b i * M (n - c i) * exp (sender_logs m n a W c i).
Definition all_paid (c : owed) : R := if paid m c then 1 else 0.
(* the factors M of an agent that is still owed k updates *)
Definition marks (k : nat) : R := prodn k (fun v => M (n - S v)).

Lemma log_a_neg k : log_a n a k <= 0.
Proof. unfold log_a. rewrite <- ln_1. destruct (Ha (n - k)) as [P [L|E]]; [left; now apply ln_increasing|rewrite E; lra]. Qed.

Lemma chance_owed_unit c i : 0 <= chance_owed c i <= 1.
Proof.
  unfold chance_owed. destruct (Nat.eqb (c i) 0 || negb (Nat.ltb i m))%bool; [lra|].
  pose proof (exp_pos (sender_logs m n a W c i)) as P.
  assert (L : exp (sender_logs m n a W c i) <= 1).
  { rewrite <- exp_0. apply exp_le. apply Rle_trans with (sumn m (fun _ => 0)); [|rewrite sumn_const; lra].
    apply sumn_le. intros j _. pose proof (log_a_neg (c j)). specialize (HW i j). nra. }
  specialize (HM (n - c i)). specialize (Hb i). assert (0 <= b i * M (n - c i) <= 1) by nra. nra.
Qed.

Definition worth (c : owed) : R := prodn m (fun i => b i ^ c i * marks (c i)).

Lemma worth_pay c i : (i < m)%nat -> (0 < c i)%nat -> worth c = b i * M (n - c i) * worth (pay c i).
Proof.
  intros Hi Hc. apply (prodn_factor m _ _ i); [easy| |].
  - unfold pay. rewrite Nat.eqb_refl. destruct (c i) as [|k]; [lia|]. cbn [pred]. unfold marks. cbn [prodn pow]. ring.
  - intros j Hj. unfold pay. apply Nat.eqb_neq in Hj. now rewrite Hj.
Qed.

Lemma worth_pos c : 0 <= worth c.
Proof.
  assert (P : forall k f, (forall i, 0 <= f i) -> 0 <= prodn k f).
  { intros k f H. induction k as [|k IH]; simpl; [lra|]. now apply Rmult_le_pos. }
  apply P. intros i. apply Rmult_le_pos; [apply pow_le, Hb|]. apply P. intros v. apply HM.
Qed.

Lemma words_pay c i T : (i < m)%nat -> (0 < c i)%nat -> total m c = S T ->
  words m (pay c i) = words m c * (INR (c i) / INR (S T)).
Proof.
  intros Hi Hc HT. pose proof (total_pay m c i Hi Hc) as E. rewrite HT in E. injection E as E.
  unfold words. rewrite <- E, HT, (fact_prod_pay m c i Hi Hc). change (fact (S T)) with (S T * fact T)%nat. rewrite mult_INR.
  pose proof (fact_prod_pos m (pay c i)). assert (0 < INR (c i)) by (apply lt_0_INR; lia).
  assert (0 < INR (S T)) by (apply lt_0_INR; lia). field. lra.
Qed.

Lemma words_pos c : 0 <= words m c.
Proof. apply Rmult_le_pos; [apply pos_INR|]. left. apply Rinv_0_lt_compat, fact_prod_pos. Qed.

Definition expected (T : nat) (c : owed) : R := words m c * (/ INR m) ^ T * worth c * exp (logs m n a W c).

Lemma expected_term T c i : total m c = S T -> (i < m)%nat ->
  (/ INR m) ^ S T * worth c * words m c * (INR (c i) / INR (S T) * exp (sender_logs m n a W c i + logs m n a W (pay c i)))
    = / INR m * (chance_owed c i * expected T (pay c i)).
Proof.
  intros HT Hi. unfold chance_owed. rewrite (proj2 (Nat.ltb_lt i m) Hi). destruct (Nat.eqb_spec (c i) 0) as [Z|Z]; cbn [negb orb].
  - rewrite Z. change (INR 0) with 0. unfold Rdiv. ring.
  - unfold expected. rewrite (words_pay c i T Hi ltac:(lia) HT), (worth_pay c i Hi ltac:(lia)), exp_plus. cbn [pow]. ring.
Qed.

Lemma expected_0 c : total m c = 0%nat -> expected 0 c = all_paid c.
Proof.
  intros HT. pose proof (total_0 m c HT) as Z. unfold all_paid, expected, words, worth, logs. rewrite (proj2 (paid_spec m c) Z), HT.
  rewrite (prodn_ext m (fun i => INR (fact (c i))) (fun _ => 1)), prodn_const, pow1 by (intros i Hi; now rewrite Z).
  rewrite (prodn_ext m _ (fun _ => 1)), prodn_const, pow1 by (intros i Hi; rewrite Z by easy; unfold marks; simpl; ring).
  rewrite (sumn_ext m _ (fun _ => 0)), sumn_const, Rmult_0_r, exp_0; [simpl; field|]. intros i Hi.
  rewrite (sumn_ext m _ (fun _ => 0)), sumn_const; [ring|]. intros j _.
  unfold pair_logs, own_logs. rewrite Z by easy. destruct (Nat.eqb i j); simpl; ring.
Qed.

(* the mean over the next receiver *)
Lemma expected_step T c : total m c = S T ->
  expected (S T) c <= sumn m (fun i => / INR m * (chance_owed c i * expected T (pay c i))).
Proof.
  intros HT. rewrite <- (sumn_ext m _ _ (fun i Hi => expected_term T c i HT Hi)), sumn_scal. unfold expected.
  replace (words m c * (/ INR m) ^ S T * worth c) with ((/ INR m) ^ S T * worth c * words m c) by ring.
  apply Rmult_le_compat_l.
  { apply Rmult_le_pos; [apply Rmult_le_pos; [apply pow_le; left; now apply Rinv_0_lt_compat, lt_0_INR|apply worth_pos]|apply words_pos]. }
  assert (P : 0 < INR (S T)) by (apply lt_0_INR; lia). set (term := fun i => sender_logs m n a W c i + logs m n a W (pay c i)).
  replace (logs m n a W c) with (sumn m (fun i => INR (c i) / INR (S T) * term i)).
  - apply exp_of_mean; [intros i _; apply Rmult_le_pos; [apply pos_INR|left; now apply Rinv_0_lt_compat]|].
    rewrite (sumn_ext m _ (fun i => / INR (S T) * INR (c i))), sumn_scal, sum_total, HT by (intros; unfold Rdiv; ring). field. lra.
  - rewrite (sumn_ext m _ (fun i => / INR (S T) * (INR (c i) * term i))) by (intros; unfold Rdiv; ring).
    unfold term. rewrite sumn_scal, logs_step, HT. field. lra.
Qed.

Lemma expected_le_value T c : total m c = T -> expected T c <= value m owed chance_owed pay all_paid T c.
Proof.
  revert c. induction T as [|T IH]; intros c HT; [rewrite expected_0 by easy; apply Rle_refl|].
  cbn [value]. apply Rle_trans with (1 := expected_step T c HT).
  apply sumn_le. intros i Hi. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat, lt_0_INR|].
  destruct (Nat.eq_dec (c i) 0) as [Z|Z]; [unfold chance_owed; rewrite Z; simpl; lra|].
  apply Rmult_le_compat_l; [apply chance_owed_unit|]. apply IH.
  pose proof (total_pay m c i Hi ltac:(lia)) as E. rewrite HT in E. now injection E.
Qed.

Lemma schedule_good c x i : underway c x -> (i < m)%nat -> 0 < chance_owed c i ->
  chance_owed c i <= D i x (ind (good i (n - c i))) /\ forall y, good i (n - c i) y = true -> underway (pay c i) (step x i y).
Proof.
  intros I Hi. unfold chance_owed. rewrite (proj2 (Nat.ltb_lt i m) Hi).
  destruct (Nat.eqb_spec (c i) 0) as [|Ne]; cbn [negb orb]; [lra|]. intros _. split.
  - apply Rle_trans with (2 := Hdraw c x i I Hi ltac:(lia)). apply Rmult_le_compat_l; [apply Rmult_le_pos; [apply Hb|apply HM]|].
    rewrite (sumn_ext m (fun j => W i j * a (n - c j)) (fun j => W i j * exp (log_a n a (c j)))).
    + apply exp_of_mean; [intros; apply HW|now apply HW1].
    + intros j _. unfold log_a. rewrite exp_ln; [easy|apply Ha].
  - intros y Hy j Hj. destruct (I j Hj) as [Lj Gj]. unfold pay. destruct (Nat.eqb_spec j i) as [->|Nj].
    + split; [lia|]. replace (n - pred (c i))%nat with (S (n - c i)) by lia. apply Hsame; [easy|lia|easy|easy].
    + split; [easy|now apply Hother].
Qed.

Theorem schedule_owed (B : X -> bool) c x : (forall x, (forall i, (i < m)%nat -> grown_by i n x) -> B x = true) -> underway c x ->
  expected (total m c) c <= chance X m Hm D step (total m c) B x.
Proof.
  intros HB H0. apply Rle_trans with (1 := expected_le_value _ c eq_refl).
  eapply Rle_trans; [|apply (stay_le_chance X m Hm D step (total m c) (fun _ => true))].
  apply (stay_value X m Hm D step owed chance_owed pay all_paid) with (Inv := underway); [apply chance_owed_unit| |easy| | |easy].
  - intros c'. unfold all_paid. destruct (paid m c'); lra.
  - intros c' x' I. unfold all_paid. destruct (paid m c') eqn:Z; [|apply unitf_ind].
    unfold ind. rewrite HB; [lra|]. intros i Hi. destruct (I i Hi) as [_ G]. rewrite paid_spec in Z. now rewrite (Z i Hi), Nat.sub_0_r in G.
  - intros c' x' i I Hi Pos. exists (good i (n - c' i)). now apply schedule_good.
Qed.
End Schedule.

(* the sums and products from what is owed to what was had *)
Lemma sumn_shift k h : sumn (S k) h = h 0%nat + sumn k (fun v => h (S v)).
Proof. induction k as [|k IH]; [simpl; ring|]. cbn [sumn]. cbn [sumn] in IH. rewrite IH. ring. Qed.
Lemma prodn_shift k h : prodn (S k) h = h 0%nat * prodn k (fun v => h (S v)).
Proof. induction k as [|k IH]; [simpl; ring|]. cbn [prodn]. cbn [prodn] in IH. rewrite IH. ring. Qed.

Lemma sumn_rev n f : sumn n (fun v => f (n - S v)%nat) = sumn n f.
Proof.
  induction n as [|n IH]; [easy|]. rewrite sumn_shift. replace (S n - 1)%nat with n by lia. cbn [sumn].
  rewrite <- IH. rewrite Rplus_comm. f_equal.
Qed.

Lemma prodn_rev n f : prodn n (fun v => f (n - S v)%nat) = prodn n f.
Proof.
  induction n as [|n IH]; [easy|]. rewrite prodn_shift. replace (S n - 1)%nat with n by lia. cbn [prodn].
  rewrite <- IH. rewrite Rmult_comm. f_equal.
Qed.

(* sum of log a_u over u < n; n times the mean of log a_u over u <= n *)
Definition own_sum (n : nat) (a : nat -> R) : R := sumn n (fun u => ln (a u)).
Definition other_sum (n : nat) (a : nat -> R) : R := INR n / INR (S n) * sumn (S n) (fun u => ln (a u)).

Lemma own_logs_all n a : own_logs n a n = own_sum n a.
Proof. exact (sumn_rev n (fun u => ln (a u))). Qed.

Lemma mean_log_all n a : INR n * mean_log n a n = other_sum n a.
Proof.
  unfold mean_log, other_sum. replace (sumn (S n) (log_a n a)) with (sumn (S n) (fun u => ln (a u))); [field; apply not_0_INR; lia|].
  rewrite <- (sumn_rev (S n) (fun u => ln (a u))). apply sumn_ext. intros v _. unfold log_a. reflexivity.
Qed.

(* the bound for n updates of everyone: orders, shares b, marks M, logs *)
Definition schedule_bound (m n : nat) (M : nat -> R) (b L : R) : R :=
  INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (b ^ n * prodn n M ^ m) * exp L.

Lemma expected_all m n a M b W : (0 < m)%nat ->
  expected m n a M b W (n * m) (fun _ => n) = schedule_bound m n M (prodn m b)
    (sumn m (fun i => sumn m (fun j => W i j * (if Nat.eqb i j then own_sum n a else other_sum n a)))).
Proof.
  intros Hm. unfold expected, schedule_bound, words, worth. rewrite total_const, prodn_const.
  assert (E : prodn m (fun i => b i ^ n * marks n M n) = prodn m b ^ n * prodn n M ^ m).
  { rewrite (prodn_ext m _ (fun i => marks n M n * b i ^ n)), prodn_scal, prodn_pow by (intros; ring).
    replace (marks n M n) with (prodn n M) by (symmetry; exact (prodn_rev n M)). ring. }
  rewrite E. do 2 f_equal. apply sumn_ext. intros i _. apply sumn_ext. intros j _. f_equal.
  unfold pair_logs. destruct (Nat.eqb i j); [apply own_logs_all|apply mean_log_all].
Qed.
