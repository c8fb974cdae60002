(* T1': any population polarizes. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Chain Orders Theorem2 Lemma1.
Import ListNotations.
Local Open Scope R_scope.

(* n updates take an agent to level h: n >= r and lambda_n >= h/sigma^2 *)
Definition enough (r : nat) (s : R) (n : nat) (h : R) : Prop := (r <= n)%nat /\ h / s ^ 2 <= lambda r s n.

Lemma all_grown_polarized m s r K n side h x :
  enough r s n h -> all_grown m s r K side n x -> polarized m (h / s ^ 2) x = true.
Proof.
  intros [Hn Hl] H. apply (at_level_polarized m side r). intros i Hi. pose proof (H i Hi) as G.
  split; [destruct G as (L & _); now rewrite own_memory_length in L|]. split.
  - destruct G as (_ & _ & G). lra.
  - now apply (grown_memory K r s n).
Qed.

Section T1.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Hypothesis HN : gaussian N.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.
Variable n : nat.
Variables a h : R.
Hypothesis Hh : 0 < h.
Hypothesis Hn : enough r s n h.
Hypothesis Ha : 0 <= a.
Hypothesis Hle : forall u, (u < n)%nat -> a <= a_ r s u.

Lemma a_unit : 0 <= a <= 1.
Proof. split; [easy|]. pose proof (Hle 0%nat ltac:(destruct Hn; lia)) as A. rewrite a_0 in A. lra. Qed.

Lemma a_covers : forall u, (u <= n)%nat -> a <= a_ r s u.
Proof. apply least_own_weight_at_level with h; try easy; destruct Hn; [lia|easy]. Qed.

Theorem theorem1 (Q : senders m) x :
  uniform_senders Q -> memory_of_size m r x ->
  rounds_bound m n a (PJ s) (worst_split m n)
    <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros HQ Hx. apply (uniform_rounds m Hm s Hs N rule Hrule r Hr Q from_any); [easy| | | | | |].
  - apply a_unit.
  - apply a_covers.
  - now apply PJ_unit with N.
  - now apply PJ_arrives.
  - intros x' H. now apply (all_grown_polarized m s r from_any n (sides x)).
  - now apply any_start.
Qed.

(* with k or mirror: the receiver sends to itself with chance c = 1/(k+1), or p *)
Theorem theorem1_self (Q : senders m) c x :
  0 <= c <= 1 -> (forall x i, (i < m)%nat -> c <= share Q x i i) -> memory_of_size m r x ->
  rounds_bound m n a (PJ s) (c ^ (n * m))
    <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros Hc Hq Hx. apply (self_rounds m Hm s Hs N rule Hrule r Hr Q c from_any); try easy.
  - apply a_unit.
  - apply a_covers.
  - now apply PJ_unit with N.
  - now apply PJ_arrives.
  - intros x' H. now apply (all_grown_polarized m s r from_any n (sides x)).
  - now apply any_start.
Qed.
End T1.

(* ---- b >= 2^-(n m), by Gibbs' inequality ---- *)
Lemma ln_le_sub1 t : 0 < t -> ln t <= t - 1.
Proof. intros Ht. pose proof (exp_ineq1_le (ln t)) as H. rewrite exp_ln in H by easy. lra. Qed.

Theorem entropy_half x : 0 < x < 1 -> 1/2 <= Rpower x x * Rpower (1 - x) (1 - x).
Proof.
  intros Hx. unfold Rpower. rewrite <- exp_plus.
  replace (1/2) with (exp (- ln 2)) by (rewrite exp_Ropp, exp_ln; lra).
  apply exp_le.
  assert (L : forall t, 0 < t < 1 -> t * (ln t + ln 2) >= t - 1/2).
  { intros t Ht. pose proof (ln_le_sub1 (/ (2 * t)) ltac:(apply Rinv_0_lt_compat; lra)) as H.
    rewrite ln_Rinv, ln_mult in H by lra.
    apply Rmult_le_compat_l with (r := t) in H; [|lra].
    replace (t * (/ (2 * t) - 1)) with (1/2 - t) in H by (field; lra). lra. }
  pose proof (L x Hx). pose proof (L (1 - x) ltac:(lra)). lra.
Qed.

Lemma Rpower_times_nat x y k : 0 < x -> Rpower (Rpower x y) (INR k) = Rpower x (y * INR k).
Proof. intros Hx. unfold Rpower. rewrite ln_exp. f_equal. ring. Qed.

Theorem split_at_least m p : (0 < m)%nat -> (p <= m)%nat -> (1/2) ^ m <= split m p.
Proof.
  intros Hm Hp. assert (Pm : 0 < INR m) by now apply lt_0_INR.
  assert (Half : (1/2) ^ m <= 1) by (apply Rle_trans with (1 ^ m); [apply pow_incr; lra|rewrite pow1; lra]).
  unfold split. destruct (Nat.eq_dec p 0) as [->|P0].
  { rewrite Nat.sub_0_r. simpl. replace (INR m / INR m) with 1 by (field; lra). rewrite pow1. lra. }
  destruct (Nat.eq_dec p m) as [->|Pm'].
  { rewrite Nat.sub_diag. simpl. replace (INR m / INR m) with 1 by (field; lra). rewrite pow1. lra. }
  assert (Qp : 0 < INR p) by (apply lt_0_INR; lia).
  assert (Qr : 0 < INR (m - p)) by (apply lt_0_INR; lia).
  assert (E : INR (m - p) = INR m - INR p) by (apply minus_INR; lia).
  set (x := INR p / INR m).
  assert (Hx : 0 < x < 1).
  { unfold x. split; [now apply Rdiv_lt_0_compat|].
    apply Rmult_lt_reg_r with (INR m); [easy|]. replace (INR p / INR m * INR m) with (INR p) by (field; lra). lra. }
  replace (INR (m - p) / INR m) with (1 - x) by (unfold x; rewrite E; field; lra).
  pose proof (entropy_half x Hx) as G.
  rewrite <- !Rpower_pow by lra.
  replace (Rpower x (INR p)) with (Rpower (Rpower x x) (INR m)).
  2:{ rewrite Rpower_times_nat by lra. f_equal. unfold x. field. lra. }
  replace (Rpower (1 - x) (INR (m - p))) with (Rpower (Rpower (1 - x) (1 - x)) (INR m)).
  2:{ rewrite Rpower_times_nat by lra. f_equal. rewrite E. unfold x. field. lra. }
  assert (A : 0 < Rpower x x) by apply exp_pos. assert (B : 0 < Rpower (1 - x) (1 - x)) by apply exp_pos.
  rewrite !Rpower_pow by lra. rewrite <- Rpow_mult_distr. apply pow_incr. lra.
Qed.

Theorem worst_split_at_least m n : (0 < m)%nat -> (1/2) ^ (n * m) <= worst_split m n.
Proof.
  intros Hm. assert (Each : forall p, (p <= m)%nat -> (1/2) ^ (n * m) <= split m p ^ n).
  { intros p Hp. rewrite Nat.mul_comm, pow_mult. apply pow_incr. split; [apply pow_le; lra|now apply split_at_least]. }
  assert (One : (1/2) ^ (n * m) <= 1) by (apply Rle_trans with (1 ^ (n * m)); [apply pow_incr|rewrite pow1]; lra).
  unfold worst_split. assert (H : forall p, In p (seq 0 (S m)) -> (p <= m)%nat) by (intros p I; apply in_seq in I; lia).
  induction (seq 0 (S m)) as [|v t IH]; simpl; [easy|].
  apply Rmin_glb; [apply Each, H; now left|]. apply IH. intros p I. apply H. now right.
Qed.
