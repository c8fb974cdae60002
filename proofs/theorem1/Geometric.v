(* T1g: T1' with the sum over the orders, by geometric means, in place of the least weight. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Chain Orders Schedule Theorem2 Lemma1 Theorem1.
Import ListNotations.
Local Open Scope R_scope.

(* the first r draws in J, later ones in I *)
Definition wanted (r u : nat) (y : R) : bool := if Nat.ltb u r then inJ y else inIplus y.
Definition hit (r : nat) (s : R) (u : nat) : R := if Nat.ltb u r then PJ s else P s.

Lemma wanted_step r s u y a a' : 0 < s -> (0 < r)%nat -> wanted r u y = true -> moved s y a a' ->
  grown from_any r s u a -> grown from_any r s (S u) a'.
Proof.
  intros Hs Hr Hy H G. unfold wanted in Hy. destruct (Nat.ltb_spec u r) as [L|L]; [now apply grown_step with y a|].
  pose proof (grown_memory from_any r s u a L G) as F. destruct G as (Len & _ & Gr). destruct H as [l mem mem' H]. cbn [fst snd] in *.
  pose proof (repl_Forall _ _ _ _ H (proj1 (inIplus_spec y) Hy) F) as F'. pose proof (repl_length _ _ _ H) as E.
  split; [simpl; lia|]. split; [now left|]. simpl. apply own_weight_step; try easy; [lia|].
  rewrite cnt_all; [lia|]. apply Forall_impl with (2 := F'). intros z. apply inIplus_spec.
Qed.

Lemma hit_unit r s N : 0 < s -> gaussian N -> forall u, 0 <= hit r s u <= 1.
Proof.
  intros Hs HN u. unfold hit. destruct (Nat.ltb u r); [now apply PJ_unit with N|].
  now apply P_unit with N.
Qed.
Lemma hit_le r s N u : 0 < s -> gaussian N ->
  forall p : bool, hit r s u <= N (if p then 1 else -1) s (ind (seen p (wanted r u))).
Proof.
  intros Hs HN p. unfold hit. destruct (Nat.ltb u r) eqn:E.
  - rewrite <- mass_J by easy. apply (interval_ge s Hs N HN p (5/6) (7/6)); [lra|].
    intros y Hy. unfold wanted. rewrite E. apply inJ_spec. unfold J; lra.
  - rewrite <- mass_own by easy. apply (interval_ge s Hs N HN p (1/2) (3/2)); [lra|].
    intros y Hy. unfold wanted. rewrite E. apply inIplus_spec. unfold Iplus; lra.
Qed.

Lemma prod_hit r s n : (r <= n)%nat -> prodn n (hit r s) = PJ s ^ r * P s ^ (n - r).
Proof.
  intros H. induction H as [|n H IH].
  - rewrite Nat.sub_diag, (prodn_ext r _ (fun _ => PJ s)), prodn_const; [simpl; ring|].
    intros u Hu. unfold hit. now rewrite (proj2 (Nat.ltb_lt u r) Hu).
  - cbn [prodn]. rewrite IH, (Nat.sub_succ_l r n H). unfold hit. rewrite (proj2 (Nat.ltb_ge n r) H). simpl. ring.
Qed.

(* a memory of one element is cleared by any draw in I: c_1 = P *)
Lemma one_element_step s u y a a' : 0 < s -> inIplus y = true -> moved s y a a' ->
  grown from_any 1 s u a -> grown from_any 1 s (S u) a'.
Proof.
  intros Hs Hy H (Len & _ & Gr). destruct H as [l mem mem' (l1 & x & l2 & -> & -> & _)]. cbn [fst snd] in *.
  rewrite app_length in Len. simpl in Len. destruct l1; [|simpl in Len; lia]. destruct l2; [|simpl in Len; lia]. simpl app.
  assert (C : cnt inIplus [y] = 1%nat) by (unfold cnt; simpl; now rewrite Hy).
  split; [easy|]. split; [left; constructor; [now apply inIplus_spec|easy]|].
  cbn [fst]. apply own_weight_step; try easy; lia.
Qed.

Lemma P_inside s N : 0 < s -> gaussian N ->
  forall p : bool, P s <= N (if p then 1 else -1) s (ind (seen p inIplus)).
Proof.
  intros Hs HN p. rewrite <- mass_own by easy. apply (interval_ge s Hs N HN p (1/2) (3/2)); [lra|].
  intros y Hy. apply inIplus_spec. unfold Iplus; lra.
Qed.

Section Geometric.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.
Variable n : nat.
Variable h : R.
Hypothesis Hn : enough r s n h.
Variable Q : senders m.
(* what an agent's draw number u must be, its chance at least, and that such draws clear and pull *)
Variable want : nat -> R -> bool.
Variable M : nat -> R.
Hypothesis M_unit : forall u, 0 <= M u <= 1.
Hypothesis M_le : forall u (p : bool), M u <= N (if p then 1 else -1) s (ind (seen p (want u))).
Hypothesis want_step : forall u y a a', want u y = true -> moved s y a a' ->
  grown from_any r s u a -> grown from_any r s (S u) a'.
Variable x : state.
Hypothesis Hx : memory_of_size m r x.
(* senders of the receiver's side, as sides were at the start: shares b i times W i j at least *)
Variable b : nat -> R.
Variable W : nat -> nat -> R.
Hypothesis Hb : forall i, 0 <= b i <= 1.
Hypothesis HW : forall i j, 0 <= W i j.
Hypothesis HW1 : forall i, (i < m)%nat -> sumn m (W i) = 1.
Hypothesis Hshare : forall y i j, (i < m)%nat -> (j < m)%nat -> b i * W i j <= share Q y i j.
Hypothesis Hside : forall i j, (i < m)%nat -> (j < m)%nat -> W i j <> 0 -> sides x j = sides x i.

Notation grown_by := (fun i u (y : state) => grown from_any r s u (own (sides x i) (y i))).
Notation good := (fun i u => seen (sides x i) (want u)).

Lemma good_draw c y i : underway state m n grown_by c y -> (i < m)%nat ->
  b i * M (n - c i) * sumn m (fun j => W i j * a_ r s (n - c j)) <= arrival m s N Q i y (ind (good i (n - c i)%nat)).
Proof.
  intros I Hi. rewrite <- sumn_scal. set (u := (n - c i)%nat). pose proof (M_unit u) as HU.
  change (arrival m s N Q i y (ind (good i u))) with (sumn m (fun j => share Q y i j * mixture s N y j (ind (seen (sides x i) (want u))))).
  apply sumn_le. intros j Hj. pose proof (share_pos Q y i j) as S0. pose proof (Hshare y i j Hi Hj) as Sh.
  assert (U : 0 <= mixture s N y j (ind (seen (sides x i) (want u)))) by apply lo_unit, unitf_ind.
  destruct (Req_dec (W i j) 0) as [Z|Z]; [rewrite Z, Rmult_0_l, Rmult_0_r; now apply Rmult_le_pos|].
  destruct (I j Hj) as [_ (_ & _ & G)]. rewrite (Hside i j Hi Hj Z) in G.
  assert (A : a_ r s (n - c j) <= own_weight (sides x i) (y j)) by now apply logistic_le.
  assert (O : 0 <= N (if sides x i then -1 else 1) s (ind (seen (sides x i) (want u)))) by apply lo_unit, unitf_ind.
  pose proof (mixture_ge s N (sides x i) y j (want u) (M u) 0 ltac:(lra) ltac:(lra) (M_le u (sides x i)) O) as Mx.
  assert (A0 : 0 <= a_ r s (n - c j)) by (left; apply logistic_01).
  assert (L : a_ r s (n - c j) * M u <= mixture s N y j (ind (seen (sides x i) (want u)))) by nra.
  apply Rle_trans with (b i * W i j * (a_ r s (n - c j) * M u)); [right; ring|].
  apply Rmult_le_compat; [apply Rmult_le_pos; [apply Hb|apply HW]|now apply Rmult_le_pos|easy|easy].
Qed.

Theorem geometric_rounds :
  schedule_bound m n M (prodn m b)
    (sumn m (fun i => sumn m (fun j => W i j * (if Nat.eqb i j then own_sum n (a_ r s) else other_sum n (a_ r s)))))
    <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  rewrite <- expected_all by easy. unfold P_at. rewrite <- (total_const m n).
  apply (schedule_owed state m Hm (arrival m s N Q) (step s rule) n grown_by good (a_ r s) M b W).
  - intros u. pose proof (logistic_01 (lambda r s u)). unfold a_. lra.
  - apply M_unit.
  - easy.
  - easy.
  - easy.
  - intros c y i I Hi _. now apply good_draw.
  - intros i u y z Hi Hu G Hz. cbv beta in *. rewrite step_same.
    apply want_step with (own_draw (sides x i) z) (own (sides x i) (y i)); try easy.
    apply moved_own; [easy|]. apply update_moved; [easy|]. intros En.
    destruct G as (Len & _). rewrite own_memory_length, En in Len. simpl in Len. lia.
  - intros i j u y z Ne G. cbv beta in *. now rewrite step_other.
  - intros y G. now apply (all_grown_polarized m s r from_any n (sides x)).
  - intros i Hi. rewrite Nat.sub_diag. split; [lia|]. now apply (any_start m s r x Hx).
Qed.
End Geometric.

(* ---- uniform senders: the sides' sizes ---- *)
(* the number of sides that have agents, p of m on one *)
Definition sides_held (m p : nat) : R := (if Nat.eqb p 0 then 0 else 1) + (if Nat.eqb p m then 0 else 1).
(* T1g, M the chance that n draws of an agent are as they must be *)
Definition geometric_bound_of (M : R) (m r : nat) (s : R) (n p : nat) : R :=
  INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (split m p ^ n * M ^ m)
    * exp (sides_held m p * own_sum n (a_ r s) + (INR m - sides_held m p) * other_sum n (a_ r s)).
Definition geometric_self_of (M : R) (m r : nat) (s : R) (n : nat) (c : R) : R :=
  INR (fact (n * m)) / INR (fact n) ^ m * (/ INR m) ^ (n * m) * (c ^ (n * m) * M ^ m)
    * exp (INR m * own_sum n (a_ r s)).
(* the first r draws in J, later ones in I *)
Definition geometric_bound (m r : nat) (s : R) : nat -> nat -> R :=
  fun n => geometric_bound_of (PJ s ^ r * P s ^ (n - r)) m r s n.
Definition geometric_self (m r : nat) (s : R) : nat -> R -> R :=
  fun n => geometric_self_of (PJ s ^ r * P s ^ (n - r)) m r s n.

Lemma sum_sides m (side : nat -> bool) u v : sumn m (fun i => if side i then u else v) = INR (plus_count m side) * u + INR (m - plus_count m side) * v.
Proof.
  induction m as [|k IH]; [simpl; ring|]. cbn [sumn plus_count]. rewrite IH. pose proof (plus_count_le k side). destruct (side k).
  - rewrite Nat.add_1_r, S_INR. replace (S k - S (plus_count k side))%nat with (k - plus_count k side)%nat by lia. ring.
  - rewrite Nat.add_0_r. replace (S k - plus_count k side)%nat with (S (k - plus_count k side)) by lia. rewrite S_INR. ring.
Qed.

Lemma on_pos m side i : (i < m)%nat -> (0 < on m side (side i))%nat.
Proof.
  intros Hi. induction m as [|k IH]; [lia|]. pose proof (plus_count_le k side). destruct (Nat.eq_dec i k) as [->|Ne].
  - unfold on. simpl plus_count. destruct (side k); lia.
  - specialize (IH ltac:(lia)). unfold on in *. simpl plus_count. destruct (side i), (side k); lia.
Qed.

Lemma sum_of_inverses m side : sumn m (fun i => / INR (on m side (side i))) = sides_held m (plus_count m side).
Proof.
  rewrite (sumn_ext m _ (fun i => if side i then / INR (plus_count m side) else / INR (m - plus_count m side))) by (intros i _; now destruct (side i)).
  rewrite sum_sides. unfold sides_held. pose proof (plus_count_le m side).
  f_equal; [destruct (Nat.eqb_spec (plus_count m side) 0) as [E|E]|destruct (Nat.eqb_spec (plus_count m side) m) as [E|E]].
  - rewrite E. simpl. ring.
  - apply Rinv_r, not_0_INR. lia.
  - rewrite E, Nat.sub_diag. simpl. ring.
  - apply Rinv_r, not_0_INR. lia.
Qed.

Definition even_share (m : nat) (side : nat -> bool) (i j : nat) : R :=
  if (Bool.eqb (side j) (side i) && Nat.ltb i m)%bool then / INR (on m side (side i)) else 0.

Lemma even_share_one m side i : (i < m)%nat -> sumn m (even_share m side i) = 1.
Proof.
  intros Hi. unfold even_share. rewrite (sumn_ext m _ (fun j => if Bool.eqb (side j) (side i) then / INR (on m side (side i)) else 0)).
  - rewrite sum_on. apply Rinv_r, not_0_INR. pose proof (on_pos m side i Hi). lia.
  - intros j _. rewrite (proj2 (Nat.ltb_lt i m) Hi). now rewrite andb_true_r.
Qed.

Lemma sum_own_other m side own other : (0 < m)%nat ->
  sumn m (fun i => sumn m (fun j => even_share m side i j * (if Nat.eqb i j then own else other)))
    = sides_held m (plus_count m side) * own + (INR m - sides_held m (plus_count m side)) * other.
Proof.
  intros Hm. rewrite <- sum_of_inverses.
  rewrite (sumn_ext m _ (fun i => other + (own - other) * / INR (on m side (side i)))).
  - rewrite sumn_plus, sumn_const, sumn_scal. ring.
  - intros i Hi. rewrite (sumn_change m _ (fun j => other * even_share m side i j) i Hi).
    + rewrite sumn_scal, even_share_one, Nat.eqb_refl by easy. unfold even_share.
      rewrite Bool.eqb_reflx, (proj2 (Nat.ltb_lt i m) Hi). simpl. ring.
    + intros j Nj. rewrite (proj2 (Nat.eqb_neq i j)) by now apply not_eq_sym. ring.
Qed.

Section Shares.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.
Variable n : nat.
Variable h : R.
Hypothesis Hn : enough r s n h.
Variable Q : senders m.
Variable want : nat -> R -> bool.
Variable M : nat -> R.
Hypothesis M_unit : forall u, 0 <= M u <= 1.
Hypothesis M_le : forall u (p : bool), M u <= N (if p then 1 else -1) s (ind (seen p (want u))).
Hypothesis want_step : forall u y a a', want u y = true -> moved s y a a' ->
  grown from_any r s u a -> grown from_any r s (S u) a'.
Variable x : state.
Hypothesis Hx : memory_of_size m r x.

Theorem geometric_uniform : uniform_senders Q ->
  geometric_bound_of (prodn n M) m r s n (plus_count m (sides x)) <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros HQ. set (b := fun i => INR (on m (sides x) (sides x i)) / INR m).
  pose proof (geometric_rounds m Hm s Hs N rule Hrule r Hr n h Hn Q want M M_unit M_le want_step x Hx b (even_share m (sides x))) as G.
  rewrite sum_own_other in G by easy. unfold schedule_bound, b in G.
  rewrite uniform_shares_product in G by easy. apply G; clear G; intros.
  - now apply uniform_share_01.
  - unfold even_share. destruct (_ && _)%bool eqn:E; [|lra]. apply andb_prop in E. left. apply Rinv_0_lt_compat, lt_0_INR, on_pos.
    now apply Nat.ltb_lt.
  - now apply even_share_one.
  - rewrite HQ by easy. unfold even_share. rewrite (proj2 (Nat.ltb_lt i m)), andb_true_r by easy.
    assert (P : 0 < INR m) by now apply lt_0_INR. destruct (Bool.eqb _ _).
    + right. field. split; [lra|]. apply not_0_INR. pose proof (on_pos m (sides x) i). lia.
    + rewrite Rmult_0_r. left. now apply Rinv_0_lt_compat.
  - unfold even_share in *. destruct (Bool.eqb (sides x j) (sides x i)) eqn:E; [now apply Bool.eqb_prop|easy].
Qed.

(* with k or mirror: the receiver sends to itself with chance c at least *)
Theorem geometric_by_itself c : 0 <= c <= 1 -> (forall y i, (i < m)%nat -> c <= share Q y i i) ->
  geometric_self_of (prodn n M) m r s n c <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros Hc Hq. set (W := fun i j : nat => if Nat.eqb j i then 1 else 0).
  pose proof (geometric_rounds m Hm s Hs N rule Hrule r Hr n h Hn Q want M M_unit M_le want_step x Hx (fun _ => c) W) as G.
  assert (E : sumn m (fun i => sumn m (fun j => W i j * (if Nat.eqb i j then own_sum n (a_ r s) else other_sum n (a_ r s)))) = INR m * own_sum n (a_ r s)).
  { rewrite <- sumn_const. apply sumn_ext. intros i Hi. transitivity (sumn m (fun j => if Nat.eqb j i then own_sum n (a_ r s) else 0)); [|now apply sumn_single]. apply sumn_ext.
    intros j _. unfold W. rewrite (Nat.eqb_sym i j). destruct (Nat.eqb j i); ring. }
  rewrite E in G. unfold schedule_bound in G. rewrite prodn_const, <- pow_mult, (Nat.mul_comm m n) in G.
  apply G; clear G; intros; unfold W in *.
  - easy.
  - destruct (Nat.eqb j i); lra.
  - now apply sumn_single.
  - destruct (Nat.eqb_spec j i) as [->|]; [rewrite Rmult_1_r; now apply Hq|rewrite Rmult_0_r; apply share_pos].
  - destruct (Nat.eqb_spec j i) as [->|]; easy.
Qed.
End Shares.

Section T1g.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Hypothesis HN : gaussian N.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.
Variables (n : nat) (h : R) (x : state).

Section AnyMemory.
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.
Hypothesis Hn : enough r s n h.
Hypothesis Hx : memory_of_size m r x.

Theorem theorem1_geometric : uniform_senders Q ->
  geometric_bound m r s n (plus_count m (sides x)) <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros HQ. unfold geometric_bound. rewrite <- prod_hit by apply Hn.
  apply (geometric_uniform m Hm s Hs N rule Hrule r Hr n h Hn Q (wanted r) (hit r s)); try easy.
  - now apply hit_unit with N.
  - intros u p. now apply hit_le.
  - intros u y a a'. now apply wanted_step.
Qed.

(* with k or mirror: the receiver sends to itself with chance c at least *)
Theorem theorem1_geometric_self c : 0 <= c <= 1 -> (forall y i, (i < m)%nat -> c <= share Q y i i) ->
  geometric_self m r s n c <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros Hc Hq. unfold geometric_self. rewrite <- prod_hit by apply Hn.
  apply (geometric_by_itself m Hm s Hs N rule Hrule r Hr n h Hn Q (wanted r) (hit r s)); try easy.
  - now apply hit_unit with N.
  - intros u p. now apply hit_le.
  - intros u y a a'. now apply wanted_step.
Qed.
End AnyMemory.

(* memories of one element, with c_1 = P *)
Hypothesis Hn : enough 1 s n h.
Hypothesis Hx : memory_of_size m 1 x.

Theorem theorem1_geometric_r1 : uniform_senders Q ->
  geometric_bound_of (P s ^ n) m 1 s n (plus_count m (sides x)) <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros HQ. rewrite <- prodn_const.
  apply (geometric_uniform m Hm s Hs N rule Hrule 1 Nat.lt_0_1 n h Hn Q (fun _ => inIplus) (fun _ => P s)); try easy.
  - intros _. now apply P_unit with N.
  - intros _. now apply P_inside.
  - intros u y a a'. now apply one_element_step.
Qed.

Theorem theorem1_geometric_r1_self c : 0 <= c <= 1 -> (forall y i, (i < m)%nat -> c <= share Q y i i) ->
  geometric_self_of (P s ^ n) m 1 s n c <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros Hc Hq. rewrite <- prodn_const.
  apply (geometric_by_itself m Hm s Hs N rule Hrule 1 Nat.lt_0_1 n h Hn Q (fun _ => inIplus) (fun _ => P s)); try easy.
  - intros _. now apply P_unit with N.
  - intros _. now apply P_inside.
  - intros u y a a'. now apply one_element_step.
Qed.
End T1g.
