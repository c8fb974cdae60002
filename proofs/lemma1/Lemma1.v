(* L1': the memory becomes well-behaved from any state. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Chain Orders.
Import ListNotations.
Local Open Scope R_scope.

(* the side of an agent: l = 0 counts as + *)
Definition sides (x : state) (i : nat) : bool := if Rle_dec 0 (fst (x i)) then true else false.

Lemma sides_start K m r s x :
  (forall i, (i < m)%nat -> length (snd (x i)) = r /\ after K 0 (snd (own (sides x i) (x i)))) ->
  all_grown m s r K (sides x) 0 x.
Proof.
  intros H i Hi. destruct (H i Hi) as [L A]. repeat split; [now rewrite own_memory_length|easy|].
  simpl. unfold sides, own. destruct (Rle_dec 0 (fst (x i))); simpl; lra.
Qed.

(* W: all memory in I- u I+ *)
Definition inIpm (y : R) : bool := inIplus y || inIplus (- y).
Definition well_behaved (m : nat) (x : state) : bool := forallb (fun i => forallb inIpm (snd (x i))) (seq 0 m).

Lemma own_Iplus_Ipm p l : Forall Iplus (snd (own p l)) -> forallb inIpm (snd l) = true.
Proof.
  intros H. apply forallb_forall. intros z Hz. apply orb_true_intro. rewrite Forall_forall in H. destruct p.
  - left. apply inIplus_spec. now apply H.
  - right. apply inIplus_spec, H. simpl. now apply in_map.
Qed.

Lemma grown_memory K r s u a : (r <= u)%nat -> grown K r s u a -> Forall Iplus (snd a).
Proof.
  intros Hu (L & A & _). apply count_full. pose proof (after_count K u (snd a) A). lia.
Qed.

Lemma PJ_arrives s N : 0 < s -> gaussian N ->
  forall p : bool, PJ s <= N (if p then 1 else -1) s (ind (seen p (arrives from_any))).
Proof.
  intros Hs HN p. rewrite <- mass_J by easy.
  apply (interval_ge s Hs N HN p (5/6) (7/6) inJ); [lra|]. intros y Hy. apply inJ_spec. unfold J; lra.
Qed.

Lemma PJ_unit s N : 0 < s -> gaussian N -> 0 <= PJ s <= 1.
Proof. intros Hs HN. rewrite <- mass_J by easy. split; [apply mass_pos; lra|apply (mass_le_1 N HN); lra]. Qed.

Lemma P_unit s N : 0 < s -> gaussian N -> 0 <= P s <= 1.
Proof. intros Hs HN. rewrite <- mass_own by easy. split; [apply mass_pos; lra|apply (mass_le_1 N HN); lra]. Qed.

(* the bound, with the share of own-side senders b *)
Definition rounds_bound (m n : nat) (a M b : R) : R :=
  INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (b * (a * M) ^ (n * m)).

Lemma rounds_bound_mono m n a M b b' : 0 <= a * M -> b <= b' -> rounds_bound m n a M b <= rounds_bound m n a M b'.
Proof.
  intros H Hb. unfold rounds_bound. apply Rmult_le_compat_l.
  - apply Rmult_le_pos.
    + apply Rmult_le_pos; [apply pos_INR|]. left. apply Rinv_0_lt_compat, pow_lt, lt_0_INR, lt_O_fact.
    + apply pow_le. destruct m; [simpl; rewrite Rinv_0; lra|]. left. apply Rinv_0_lt_compat, lt_0_INR. lia.
  - apply Rmult_le_compat_r; [now apply pow_le|easy].
Qed.

Section L1.
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

(* uniform senders: b is the worst split *)
Theorem uniform_rounds (Q : senders m) K n a M (B : state -> bool) x :
  uniform_senders Q ->
  0 <= a <= 1 -> (forall u, (u <= n)%nat -> a <= a_ r s u) ->
  0 <= M <= 1 -> (forall p : bool, M <= N (if p then 1 else -1) s (ind (seen p (arrives K)))) ->
  (forall x', all_grown m s r K (sides x) n x' -> B x' = true) ->
  all_grown m s r K (sides x) 0 x ->
  rounds_bound m n a M (worst_split m n) <= P_at m Hm s N rule Q (n * m) B x.
Proof.
  intros HQ Ha Hle HM HMle HB H0.
  apply Rle_trans with (rounds_bound m n a M (split m (plus_count m (sides x)) ^ n)).
  - apply rounds_bound_mono; [nra|]. apply worst_split_le, plus_count_le.
  - rewrite <- uniform_shares_product by easy.
    apply (rounds m Hm s Hs N rule Hrule Q r Hr K (sides x) n a M Ha Hle HM HMle); try easy.
    + intros i. now apply uniform_share_01.
    + intros x' i Hi. rewrite uniform_share by easy. lra.
Qed.

(* any senders that are the receiver itself with chance c: b = c^(n m) *)
Theorem self_rounds (Q : senders m) c K n a M (B : state -> bool) x :
  0 <= c <= 1 -> (forall x i, (i < m)%nat -> c <= share Q x i i) ->
  0 <= a <= 1 -> (forall u, (u <= n)%nat -> a <= a_ r s u) ->
  0 <= M <= 1 -> (forall p : bool, M <= N (if p then 1 else -1) s (ind (seen p (arrives K)))) ->
  (forall x', all_grown m s r K (sides x) n x' -> B x' = true) ->
  all_grown m s r K (sides x) 0 x ->
  rounds_bound m n a M (c ^ (n * m)) <= P_at m Hm s N rule Q (n * m) B x.
Proof.
  intros Hc Hself Ha Hle HM HMle HB H0.
  replace (c ^ (n * m)) with (prodn m (fun _ => c) ^ n) by (rewrite prodn_const, <- pow_mult; f_equal; lia).
  apply (rounds m Hm s Hs N rule Hrule Q r Hr K (sides x) n a M Ha Hle HM HMle); try easy.
  intros x' i Hi. apply Rle_trans with (1 := Hself x' i Hi).
  apply Rle_trans with (if Bool.eqb (sides x i) (sides x i) then share Q x' i i else 0).
  - rewrite Bool.eqb_reflx. lra.
  - apply (term_le_sumn m (fun j => if Bool.eqb (sides x j) (sides x i) then share Q x' i j else 0) i Hi).
    intros j _. destruct (Bool.eqb _ _); [apply share_pos|lra].
Qed.

Lemma all_grown_well_behaved K n side x : (r <= n)%nat -> all_grown m s r K side n x -> well_behaved m x = true.
Proof.
  intros Hn H. apply forallb_forall. intros i Hi. apply in_seq in Hi.
  apply own_Iplus_Ipm with (side i). apply (grown_memory K r s n); [easy|]. apply H. lia.
Qed.

Lemma any_start x : memory_of_size m r x -> all_grown m s r from_any (sides x) 0 x.
Proof. intros H. apply sides_start. intros i Hi. split; [now apply H|apply cleared_0]. Qed.

Theorem lemma1 (Q : senders m) a x :
  uniform_senders Q -> 0 <= a -> (forall u, (u < r)%nat -> a <= a_ r s u) -> memory_of_size m r x ->
  rounds_bound m r a (PJ s) (worst_split m r)
    <= P_at m Hm s N rule Q (r * m) (well_behaved m) x.
Proof.
  intros HQ Ha Hle Hx. apply (uniform_rounds Q from_any); [easy| | | | | |].
  - split; [easy|]. pose proof (Hle 0%nat Hr) as A. rewrite a_0 in A. lra.
  - now apply least_own_weight_at_r.
  - now apply PJ_unit with N.
  - now apply PJ_arrives.
  - intros x' H. now apply (all_grown_well_behaved from_any r (sides x)).
  - now apply any_start.
Qed.

Theorem lemma1_self (Q : senders m) c a x :
  0 <= c <= 1 -> (forall x i, (i < m)%nat -> c <= share Q x i i) ->
  0 <= a -> (forall u, (u < r)%nat -> a <= a_ r s u) -> memory_of_size m r x ->
  rounds_bound m r a (PJ s) (c ^ (r * m)) <= P_at m Hm s N rule Q (r * m) (well_behaved m) x.
Proof.
  intros Hc Hq Ha Hle Hx. apply (self_rounds Q c from_any); try easy.
  - split; [easy|]. pose proof (Hle 0%nat Hr) as A. rewrite a_0 in A. lra.
  - now apply least_own_weight_at_r.
  - now apply PJ_unit with N.
  - now apply PJ_arrives.
  - intros x' H. now apply (all_grown_well_behaved from_any r (sides x)).
  - now apply any_start.
Qed.
End L1.
