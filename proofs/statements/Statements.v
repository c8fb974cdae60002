(* What is proved: every claimed theorem in full.

   A reader needs this file and the definitions that it names; the proofs are in the folders.
   "[P T x]" is the chance of an event of the chain as it is run, from the state x, T steps on:
   P is any function that obeys the chain's recursion under any monotone expectation of the draws
   that agrees with the Riemann integral against the normal density (common/Probability.v). *)
From Coquelicot Require Import Coquelicot.
From Coq Require Import Reals Lra Lia List Bool Permutation.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Gaussian Normal Chain Probability.
From Mcpolar Require Import Neighbours Orders Theorem2 Theorem2Ascent Cover CoverMany SiloPersistence Lemma1 Theorem1 Waiting Lemma2.
From Mcpolar Require Import Permanence PM NormalDraws Senders PMr Schedule Geometric Ceiling.
From Mcpolar Require Import GeneralTheorem2 GeneralChance GeneralTheorem1 GeneralPolarization GeneralPM1 LineMoments Numbers.
Import ListNotations.
Local Open Scope R_scope.

(* what every chain has *)
Ltac setting := try apply sigma_positive; try apply normal_gaussian; try apply replaced_is_farthest; try easy.

(* ==== facts on odds ==== *)
Theorem posterior_log_odds s l x : 0 < s -> g s (logistic l) x = logistic (l + 2 * x / s ^ 2).
Proof. apply Odds.posterior_log_odds. Qed.

Theorem odds_of_a_mean f a b l : l <> [] -> (forall x, In x l -> 0 < f x < 1 /\ a <= odds (f x) <= b) ->
  0 < mean f l < 1 /\ a <= odds (mean f l) <= b.
Proof. apply Odds.odds_of_a_mean. Qed.

Theorem one_update s l mem a b : 0 < s -> mem <> [] -> (forall x, In x mem -> a <= x <= b) ->
  l + 2 * a / s ^ 2 <= weigh s l mem <= l + 2 * b / s ^ 2.
Proof. apply Odds.one_update. Qed.

Theorem update_mirror s l mem : 0 < s -> mem <> [] -> weigh s (- l) (map Ropp mem) = - weigh s l mem.
Proof. apply Odds.update_mirror. Qed.

(* ==== P1 ==== *)
Theorem proposition1 s y l mem l' mem' : 0 < s -> Forall Ipm mem -> Ipm y -> moved s y (l, mem) (l', mem') ->
  l - 3 / s ^ 2 <= l' <= l + 3 / s ^ 2 /\ Forall Ipm mem'.
Proof. apply Proposition1.proposition1. Qed.

Theorem proposition1_gain s y l mem l' mem' : 0 < s -> Forall Iplus mem -> Iplus y -> moved s y (l, mem) (l', mem') ->
  l + 1 / s ^ 2 <= l' /\ Forall Iplus mem'.
Proof. apply Proposition1.proposition1_gain. Qed.

(* ==== P2, P2' ==== *)
Theorem proposition2 s ys l mem l' mem' : 0 < s -> - (1 / s ^ 2) <= l -> Forall Ipm mem -> Forall Iplus_open ys ->
  (length ys = 4 * length mem + 2)%nat -> moves s ys (l, mem) (l', mem') -> Forall Iplus mem' /\ 1 / s ^ 2 <= l'.
Proof. apply Proposition2.proposition2. Qed.

Theorem proposition2_closed s ys l mem l' mem' :
  0 < s -> - (1 / s ^ 2) <= l -> mem <> [] -> Forall Ipm mem -> Forall Iplus ys ->
  (length ys = 8 * length mem - 2)%nat -> moves s ys (l, mem) (l', mem') -> Forall Iplus mem' /\ 1 / s ^ 2 <= l'.
Proof. apply Proposition2.proposition2_closed. Qed.

(* K: from any memory with arrivals in J, or from memory in I- u I+ with arrivals in (1/2, 3/2] *)
Theorem proposition2_repaired K r s ys a a' : K = from_any \/ K = from_well_behaved ->
  0 < s -> (0 < r)%nat -> length (snd a) = r -> after K 0 (snd a) -> 0 <= fst a ->
  Forall (fun y => arrives K y = true) ys -> moves s ys a a' ->
  a_ r s (length ys) <= logistic (fst a') /\ ((r <= length ys)%nat -> Forall Iplus (snd a')).
Proof. intros _. apply Proposition2.proposition2_repaired. Qed.

Theorem least_own_weight_at_level r s n a h : (0 < n)%nat -> 0 < h -> h / s ^ 2 <= lambda r s n -> 0 < s ->
  (forall u, (u < n)%nat -> a <= a_ r s u) -> forall u, (u <= n)%nat -> a <= a_ r s u.
Proof. apply Proposition2.least_own_weight_at_level. Qed.

Theorem least_own_weight_at_r r s a : (0 < r)%nat -> 0 < s ->
  (forall u, (u < r)%nat -> a <= a_ r s u) -> forall u, (u <= r)%nat -> a <= a_ r s u.
Proof. apply Proposition2.least_own_weight_at_r. Qed.

(* ==== P3 (false), P3' ==== *)
Theorem proposition3_refuted :
  exists l ys l', length ys = length l /\ Forall Iplus ys /\ run ys l l' /\ ~ Forall Iplus l'.
Proof. apply Proposition3.proposition3_refuted. Qed.

Theorem proposition3_repaired ys l l' : run ys l l' -> Forall J ys ->
  (min (length ys) (length l) <= cnt inIplus l')%nat /\ ((length l <= length ys)%nat -> Forall Iplus l').
Proof. apply Proposition3.proposition3_repaired. Qed.

Theorem clear_half_open ys l l' : run ys l l' -> Forall Iplus_open ys -> Forall Ipm l ->
  (length l <= length ys)%nat -> Forall Iplus l'.
Proof. apply Proposition3.clear_half_open. Qed.

Theorem clear_closed ys l l' : run ys l l' -> Forall Iplus ys -> Forall Ipm l ->
  (2 * length l <= length ys + 1)%nat -> Forall Iplus l'.
Proof. apply Proposition3.clear_closed. Qed.

Theorem clear_closed_needs_more :
  exists l ys l', length ys = length l /\ Forall Iplus ys /\ Forall Ipm l /\ run ys l l' /\ ~ Forall Iplus l'.
Proof. apply Proposition3.clear_closed_needs_more. Qed.

Theorem smallest_index_rule y l : l <> [] -> repl y l (replace_far y l).
Proof. apply Chain.smallest_index_rule. Qed.

(* ==== the probability ==== *)
(* the chances spoken of exist for every chain and event: the iterated lower integrals are such *)
Theorem chances_exist C A B : exists law : law_of C, inhabited (chances C law A B) /\ inhabited (hitting C law A).
Proof. exists (lower_law_of C). split; constructor; [apply lower_chances|apply lower_hitting]. Qed.

Theorem impossible_chance C (law : law_of C) (P : chances_at C law (fun _ => false)) T x : P T x = 0.
Proof. apply Probability.impossible_chance. Qed.

Theorem certain_chance C (law : law_of C) (P : chances_at C law anything) T x : P T x = 1.
Proof. apply Probability.certain_chance. Qed.

Theorem chance_forever_limit C (law : law_of C) A (P : chances_always C law A) x :
  (forall T, P (S T) x <= P T x) /\ is_lim_seq (fun T => P T x) (chance_forever P x).
Proof. split; [intros T; apply chance_falls|apply Probability.chance_forever_limit]. Qed.

Theorem normal_mass a b : RInt density a b <= 1 /\ forall eps, 0 < eps -> exists B, 0 <= B /\ 1 - eps <= RInt density (- B) B.
Proof. split; [apply density_mass_le_1|apply density_mass_close]. Qed.

(* chains with such senders, and states to start from, exist *)
Theorem settings_exist m k a s r H side : (0 < k <= m - 1)%nat -> 0 <= a <= 1 -> 0 < s -> (0 < r)%nat -> exists C x,
  agents C = m /\ sigma C = s /\ nearest_senders (sender C) k a /\ at_level (agents C) side r H x.
Proof.
  intros Hk Ha Hs Hr.
  exists (Chain m ltac:(lia) s Hs replace_far Chain.smallest_index_rule (k_nearest_senders m k a Hk Ha)).
  exists (fun i => if side i then (Rmax 0 H, repeat 1 r) else (- Rmax 0 H, repeat (-1) r)).
  repeat split; try easy; destruct (side i); simpl; try (now rewrite repeat_length);
    try (pose proof (Rmax_r 0 H); lra); apply Forall_forall; intros z Hz; unfold Iplus.
  - apply repeat_spec in Hz. lra.
  - apply in_map_iff in Hz. destruct Hz as (v & <- & Hv). apply repeat_spec in Hv. lra.
Qed.

Theorem uniform_settings_exist m s r : (0 < m)%nat -> 0 < s -> exists C x,
  agents C = m /\ sigma C = s /\ uniform_senders (sender C) /\ memory_of_size (agents C) r x.
Proof.
  intros Hm Hs. exists (Chain m Hm s Hs replace_far Chain.smallest_index_rule (unrestricted m Hm)), (fun _ => (0, repeat 0 r)).
  repeat split. intros i _. apply repeat_length.
Qed.

(* ==== L1' ==== *)
Theorem lemma1 C (law : law_of C) (P : chances_at C law (well_behaved (agents C))) r a x :
  uniform_senders (sender C) -> (0 < r)%nat -> 0 <= a -> (forall u, (u < r)%nat -> a <= a_ r (sigma C) u) ->
  memory_of_size (agents C) r x ->
  rounds_bound (agents C) r a (PJ (sigma C)) (worst_split (agents C) r) <= P (r * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Lemma1.lemma1; setting.
Qed.

Theorem lemma1_self C (law : law_of C) (P : chances_at C law (well_behaved (agents C))) r a c x :
  0 <= c <= 1 -> (forall x i, (i < agents C)%nat -> c <= share (sender C) x i i) ->
  (0 < r)%nat -> 0 <= a -> (forall u, (u < r)%nat -> a <= a_ r (sigma C) u) -> memory_of_size (agents C) r x ->
  rounds_bound (agents C) r a (PJ (sigma C)) (c ^ (r * agents C)) <= P (r * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Lemma1.lemma1_self; setting.
Qed.

(* ==== L2' ==== *)
Theorem lemma2 C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) r n a x :
  uniform_senders (sender C) -> (0 < r)%nat -> 0 < h -> enough r (sigma C) n h ->
  0 <= a -> (forall u, (u < n)%nat -> a <= a_ r (sigma C) u) ->
  memory_of_size (agents C) r x -> well_behaved (agents C) x = true ->
  rounds_bound (agents C) n a (Gauss.P (sigma C)) (worst_split (agents C) n) <= P (n * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Lemma2.lemma2 with r; setting.
Qed.

Theorem lemma2_self C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) r n a c x :
  0 <= c <= 1 -> (forall x i, (i < agents C)%nat -> c <= share (sender C) x i i) ->
  (0 < r)%nat -> 0 < h -> enough r (sigma C) n h -> 0 <= a -> (forall u, (u < n)%nat -> a <= a_ r (sigma C) u) ->
  memory_of_size (agents C) r x -> well_behaved (agents C) x = true ->
  rounds_bound (agents C) n a (Gauss.P (sigma C)) (c ^ (n * agents C)) <= P (n * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Lemma2.lemma2_self with r; setting.
Qed.

(* ==== T1' ==== *)
Theorem theorem1 C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) r n a x :
  uniform_senders (sender C) -> (0 < r)%nat -> 0 < h -> enough r (sigma C) n h ->
  0 <= a -> (forall u, (u < n)%nat -> a <= a_ r (sigma C) u) -> memory_of_size (agents C) r x ->
  rounds_bound (agents C) n a (PJ (sigma C)) (worst_split (agents C) n) <= P (n * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Theorem1.theorem1 with r; setting.
Qed.

(* with k or mirror: c is the least chance that an agent is its own sender *)
Theorem theorem1_self C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) r n a c x :
  0 <= c <= 1 -> (forall x i, (i < agents C)%nat -> c <= share (sender C) x i i) ->
  (0 < r)%nat -> 0 < h -> enough r (sigma C) n h -> 0 <= a -> (forall u, (u < n)%nat -> a <= a_ r (sigma C) u) ->
  memory_of_size (agents C) r x ->
  rounds_bound (agents C) n a (PJ (sigma C)) (c ^ (n * agents C)) <= P (n * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Theorem1.theorem1_self with r; setting.
Qed.

(* T1g, sharper: a mean over the orders and over the senders in place of the least weight; P_J for an agent's first r draws,
   P for later ones. geometric_bound m r s n p is the bound for p agents of log-odds >= 0 at the start *)
Theorem theorem1_geometric C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) r n q x :
  uniform_senders (sender C) -> (0 < r)%nat -> enough r (sigma C) n h -> memory_of_size (agents C) r x ->
  (forall p, (p <= agents C)%nat -> q <= geometric_bound (agents C) r (sigma C) n p) -> q <= P (n * agents C)%nat x.
Proof.
  intros U Hr Hn Hx Hq. apply Rle_trans with (1 := Hq _ (plus_count_le (agents C) (sides x))). eapply Rle_trans; [|apply lower_at_le].
  apply Geometric.theorem1_geometric; setting.
Qed.

Theorem theorem1_geometric_self C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) r n c x :
  0 <= c <= 1 -> (forall x i, (i < agents C)%nat -> c <= share (sender C) x i i) ->
  (0 < r)%nat -> enough r (sigma C) n h -> memory_of_size (agents C) r x ->
  geometric_self (agents C) r (sigma C) n c <= P (n * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Geometric.theorem1_geometric_self; setting.
Qed.

(* T1g for memories of one element, with its clearing constant c_1 = P: any draw in I clears such a memory.
   geometric_bound_of M is the same bound, M the chance that all n draws of an agent are as they must be *)
Theorem theorem1_geometric_r1 C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) n q x :
  uniform_senders (sender C) -> enough 1 (sigma C) n h -> memory_of_size (agents C) 1 x ->
  (forall p, (p <= agents C)%nat -> q <= geometric_bound_of (Gauss.P (sigma C) ^ n) (agents C) 1 (sigma C) n p) ->
  q <= P (n * agents C)%nat x.
Proof.
  intros U Hn Hx Hq. apply Rle_trans with (1 := Hq _ (plus_count_le (agents C) (sides x))). eapply Rle_trans; [|apply lower_at_le].
  apply Geometric.theorem1_geometric_r1; setting.
Qed.

Theorem theorem1_geometric_r1_self C (law : law_of C) h (P : chances_at C law (polarized (agents C) (h / sigma C ^ 2))) n c x :
  0 <= c <= 1 -> (forall x i, (i < agents C)%nat -> c <= share (sender C) x i i) ->
  enough 1 (sigma C) n h -> memory_of_size (agents C) 1 x ->
  geometric_self_of (Gauss.P (sigma C) ^ n) (agents C) 1 (sigma C) n c <= P (n * agents C)%nat x.
Proof.
  intros. eapply Rle_trans; [|apply lower_at_le].
  apply Geometric.theorem1_geometric_r1_self; setting.
Qed.

(* T1B's counting: the mean over T uniform receivers of a product of functions of how often each agent was updated *)
Theorem receivers_counted m T f : (0 < m)%nat -> mean_over_receivers m T f = INR (fact T) / INR m ^ T * product_series m f T.
Proof. apply Ceiling.receivers_counted. Qed.

Theorem worst_split_at_least m n : (0 < m)%nat -> (1/2) ^ (n * m) <= worst_split m n.
Proof. apply Theorem1.worst_split_at_least. Qed.

(* the corollary: tau is the first time in E_h; q and N = n m from T1' *)
Theorem waiting C (law : law_of C) h (hit : hitting C law (polarized (agents C) (h / sigma C ^ 2))) r n a j x :
  uniform_senders (sender C) -> (0 < r)%nat -> 0 < h -> enough r (sigma C) n h ->
  0 <= a -> (forall u, (u < n)%nat -> a <= a_ r (sigma C) u) -> memory_of_size (agents C) r x ->
  1 - (1 - rounds_bound (agents C) n a (PJ (sigma C)) (worst_split (agents C) n)) ^ j <= hit (j * (n * agents C))%nat x.
Proof.
  intros U Hr Hh Hn Ha Hle Hx. set (q := rounds_bound _ _ _ _ _).
  assert (Q : forall y, memory_of_size (agents C) r y -> q <= lower_hit_at C (polarized (agents C) (h / sigma C ^ 2)) (n * agents C) y).
  { intros y Hy. apply Theorem1.theorem1 with r; setting. }
  apply (hit_blocks C _ (memory_of_size (agents C) r)); [intros y i z _ Hy; now apply memory_stays| |exact Q|easy].
  split; [|apply Rle_trans with (1 := Q x Hx), chance_unit].
  now apply theorem1_bound_pos.
Qed.

(* E tau = sum over T of P(tau > T) *)
Theorem expected_time C (law : law_of C) h (hit : hitting C law (polarized (agents C) (h / sigma C ^ 2))) r n a x :
  uniform_senders (sender C) -> (0 < r)%nat -> 0 < h -> enough r (sigma C) n h ->
  0 < a -> (forall u, (u < n)%nat -> a <= a_ r (sigma C) u) -> memory_of_size (agents C) r x ->
  ex_series (fun T => 1 - hit T x) /\
  Series (fun T => 1 - hit T x)
    <= INR (n * agents C) / rounds_bound (agents C) n a (PJ (sigma C)) (worst_split (agents C) n).
Proof.
  intros U Hr Hh Hn Ha Hle Hx. set (q := rounds_bound _ _ _ _ _).
  assert (Q : forall y, memory_of_size (agents C) r y -> q <= lower_hit_at C (polarized (agents C) (h / sigma C ^ 2)) (n * agents C) y).
  { intros y Hy. apply Theorem1.theorem1 with r; setting; lra. }
  assert (Qp : 0 < q) by now apply theorem1_bound_positive.
  apply (Waiting.expected_time C _ (memory_of_size (agents C) r)); [intros y i z _ Hy; now apply memory_stays| |exact Q| |easy|easy].
  - split; [lra|]. apply Rle_trans with (1 := Q x Hx), chance_unit.
  - pose proof (agents_positive C). destruct Hn. nia.
Qed.

(* from every state with memories of r >= 1 elements, every level is reached almost surely *)
Theorem polarization_surely C (law : law_of C) h (hit : hitting C law (polarized (agents C) (h / sigma C ^ 2))) r x :
  uniform_senders (sender C) -> (0 < r)%nat -> 0 < h -> memory_of_size (agents C) r x -> is_lim_seq (fun T => hit T x) 1.
Proof.
  intros U Hr Hh Hx. destruct (enough_exists r (sigma C) h Hr (sigma_positive C)) as [n Hn].
  destruct (positive_weight r (sigma C) n) as (a & Ha & Hle).
  destruct (expected_time C law h hit r n a x U Hr Hh Hn Ha Hle Hx) as [Ex _].
  now apply sum_finite_surely.
Qed.

(* the same for any senders that are the receiver itself with chance c > 0 at least: k, mirror *)
Theorem polarization_surely_self C (law : law_of C) h (hit : hitting C law (polarized (agents C) (h / sigma C ^ 2))) r c x :
  0 < c <= 1 -> (forall x i, (i < agents C)%nat -> c <= share (sender C) x i i) ->
  (0 < r)%nat -> 0 < h -> memory_of_size (agents C) r x -> is_lim_seq (fun T => hit T x) 1.
Proof.
  intros Hc Hs Hr Hh Hx. destruct (enough_exists r (sigma C) h Hr (sigma_positive C)) as [n Hn].
  destruct (positive_weight r (sigma C) n) as (a & Ha & Hle).
  set (q := rounds_bound (agents C) n a (PJ (sigma C)) (c ^ (n * agents C))).
  assert (Q : forall y, memory_of_size (agents C) r y -> q <= lower_hit_at C (polarized (agents C) (h / sigma C ^ 2)) (n * agents C) y).
  { intros y Hy. apply Theorem1.theorem1_self with r; setting; lra. }
  assert (Qp : 0 < q).
  { apply rounds_bound_pos; [apply agents_positive|apply Rmult_lt_0_compat; [easy|apply PJ_pos, sigma_positive]|apply pow_lt; lra]. }
  apply sum_finite_surely. refine (proj1 (Waiting.expected_time C _ (memory_of_size (agents C) r) _ q (n * agents C) _ Q law hit _ Qp x Hx)).
  - intros y i z _ Hy. now apply memory_stays.
  - split; [lra|]. apply Rle_trans with (1 := Q x Hx), chance_unit.
  - pose proof (agents_positive C). destruct Hn. nia.
Qed.

(* T1' at m = 30, r = 5, sigma = 0.2, h = 1: n(1) = 5 *)
Theorem theorem1_number C (law : law_of C) (P : chances_at C law (polarized (agents C) (1 / sigma C ^ 2))) x :
  uniform_senders (sender C) -> agents C = 30%nat -> sigma C = 1/5 -> memory_of_size 30 5 x -> 1.067533e-205 <= P 150%nat x.
Proof.
  intros U Em Es Hx. replace 150%nat with (5 * agents C)%nat by (rewrite Em; reflexivity).
  apply Rle_trans with (2 := theorem1 C law 1 P 5 5 (a_ 5 (1/5) 1) x U ltac:(lia) ltac:(lra) ltac:(rewrite Es; exact theorem1_updates)
    ltac:(left; apply logistic_01) ltac:(rewrite Es; exact theorem1_weight) ltac:(rewrite Em; exact Hx)).
  rewrite Em, Es. exact (proj1 Numbers.theorem1_number).
Qed.

(* ==== T2' ==== *)
(* q_level s H = (P + e^{-H} P_x) / (1 + e^{-H}) *)
Theorem theorem2 C (law : law_of C) H (P : chances_always C law (polarized (agents C) H)) side r T x :
  (0 < r)%nat -> (forall y, at_level (agents C) side r H y -> same_side_senders (sender C) side y) ->
  at_level (agents C) side r H x -> q_level (sigma C) H ^ T <= P T x.
Proof.
  intros. eapply Rle_trans; [|apply lower_always_le].
  apply Theorem2.theorem2 with side r; setting.
Qed.

Theorem theorem2_k_nearest C (law : law_of C) H (P : chances_always C law (polarized (agents C) H)) side r k a T x :
  nearest_senders (sender C) k a -> (k <= agents C - 1)%nat ->
  (forall i, (i < agents C)%nat -> (k <= length (others_of_side (agents C) side i))%nat) -> 2 < exp H ->
  (0 < r)%nat -> at_level (agents C) side r H x -> q_level (sigma C) H ^ T <= P T x.
Proof. intros. apply theorem2 with side r; [easy|intros; now apply level_same_side with k a r H|easy]. Qed.

(* all agents on one side *)
Theorem theorem2_one_side C (law : law_of C) H (P : chances_always C law (polarized (agents C) H)) (plus : bool) r T x :
  (0 < r)%nat -> at_level (agents C) (fun _ => plus) r H x -> q_level (sigma C) H ^ T <= P T x.
Proof. intros. apply theorem2 with (fun _ => plus) r; [easy|intros; now apply one_side_senders|easy]. Qed.

(* the paper's form *)
Theorem theorem2_paper C (law : law_of C) H (P : chances_always C law (polarized (agents C) H)) side r T x :
  (0 < r)%nat -> (forall y, at_level (agents C) side r H y -> same_side_senders (sender C) side y) ->
  at_level (agents C) side r H x -> Gauss.P (sigma C) ^ T * exp (- (INR T * exp (- H))) <= P T x.
Proof.
  intros. eapply Rle_trans; [|apply lower_always_le].
  apply Theorem2.theorem2_paper with side r; setting.
Qed.

Theorem nearest_same_side m k x i near (side : nat -> bool) e : (i < m)%nat -> 0 <= e < 1/3 ->
  (forall j, (j < m)%nat -> 1 - e <= own_weight (side j) (x j)) ->
  (k <= length (others_of_side m side i))%nat -> nearest m k x i near -> forall a, In a near -> side a = side i.
Proof. apply Neighbours.nearest_same_side. Qed.

Theorem k_nearest_correct m k x i : (i < m)%nat -> (k <= m - 1)%nat -> nearest m k x i (k_nearest m k x i).
Proof. apply Neighbours.k_nearest_correct. Qed.

(* P_x <= P *)
Theorem other_mass_is_less s : 0 < s -> 0 <= Px s <= Gauss.P s.
Proof. apply Px_le_P. Qed.

(* tables 1 and 2 at h = 1, m = 30, in the certified form: two silos, the k nearest *)
Theorem table1 s low high C (law : law_of C) (P : chances_always C law (polarized (agents C) (1 / sigma C ^ 2))) side r k a x :
  In (s, low, high) Numbers.table1 -> sigma C = s -> agents C = 30%nat -> nearest_senders (sender C) k a ->
  (k <= 29)%nat -> (forall i, (i < 30)%nat -> (k <= length (others_of_side 30 side i))%nat) ->
  (0 < r)%nat -> at_level 30 side r (1 / s ^ 2) x -> low <= P 1021%nat x.
Proof.
  intros I Es Em Hn Hk Hs Hr L. destruct (table1_encloses s low high I) as (_ & E2 & E & _).
  apply Rle_trans with (2 := theorem2_k_nearest C law _ P side r k a 1021 x Hn ltac:(rewrite Em; exact Hk) ltac:(rewrite Em; exact Hs)
    ltac:(rewrite Es; exact E2) Hr ltac:(rewrite Em, Es; exact L)).
  rewrite Es. exact E.
Qed.

Theorem table2 s low high C (law : law_of C) (P : chances_always C law (polarized (agents C) (1 / sigma C ^ 2))) side r k a x :
  In (s, low, high) Numbers.table2 -> sigma C = s -> agents C = 30%nat -> nearest_senders (sender C) k a ->
  (k <= 29)%nat -> (forall i, (i < 30)%nat -> (k <= length (others_of_side 30 side i))%nat) ->
  (0 < r)%nat -> at_level 30 side r (1 / s ^ 2) x -> low <= P 205%nat x.
Proof.
  intros I Es Em Hn Hk Hs Hr L. destruct (table2_encloses s low high I) as (_ & E2 & E & _).
  apply Rle_trans with (2 := theorem2_k_nearest C law _ P side r k a 205 x Hn ltac:(rewrite Em; exact Hk) ltac:(rewrite Em; exact Hs)
    ltac:(rewrite Es; exact E2) Hr ltac:(rewrite Em, Es; exact L)).
  rewrite Es. exact E.
Qed.

(* ==== T2ii' ==== *)
(* cover m T (fun _ => n) = C(T, m, n) *)
Theorem theorem2_ascent C (law : law_of C) H n
  (P : chances C law (polarized (agents C) H) (polarized (agents C) (H + INR n * (1 / sigma C ^ 2)))) side r T x :
  (0 < r)%nat -> (forall y, at_level (agents C) side r H y -> same_side_senders (sender C) side y) ->
  at_level (agents C) side r H x -> cover (agents C) T (fun _ => n) * q_level (sigma C) H ^ T <= P T x.
Proof.
  intros. eapply Rle_trans; [|apply lower_stay_le].
  apply Theorem2Ascent.theorem2_ascent with side r; setting.
Qed.

Theorem cover_once m T : (0 < m)%nat ->
  cover m T (fun _ => 1%nat) = sumn (S m) (fun j => (-1) ^ j * Binomial.C m j * (1 - INR j / INR m) ^ T) /\
  1 - INR m * exp (- (INR T / INR m)) <= cover m T (fun _ => 1%nat).
Proof. apply Theorem2Ascent.cover_once. Qed.

(* words of length T over m + 1 letters, each n times at least, counted by a recursion over letters *)
Theorem cover_many_quotient n m T :
  cover (S m) T (fun _ => n) = IZR (nth T (words_list n m T) 0%Z) / IZR (word_count (S m) T).
Proof. apply CoverMany.cover_many_quotient. Qed.

(* C(60, 10, 2), to 13 decimals *)
Theorem cover_many : 8670958888732 / 10000000000000 <= cover 10 60 (fun _ => 2%nat) <= 8670958888733 / 10000000000000.
Proof. exact Numbers.cover_many. Qed.

(* table 3 at h = 1, m = 30, in the certified form: from level 1 to level 2, two silos, the k nearest *)
Theorem table3 s low high C (law : law_of C)
  (P : chances C law (polarized (agents C) (1 / sigma C ^ 2)) (polarized (agents C) (1 / sigma C ^ 2 + INR 1 * (1 / sigma C ^ 2)))) side r k a x :
  In (s, low, high) Numbers.table3 -> sigma C = s -> agents C = 30%nat -> nearest_senders (sender C) k a ->
  (k <= 29)%nat -> (forall i, (i < 30)%nat -> (k <= length (others_of_side 30 side i))%nat) ->
  (0 < r)%nat -> at_level 30 side r (1 / s ^ 2) x -> low <= P 205%nat x.
Proof.
  intros I Es Em Hn Hk Hs Hr L. destruct (table3_encloses s low high I) as (_ & E2 & E & _).
  apply Rle_trans with (2 := theorem2_ascent C law _ 1 P side r 205 x Hr
    (fun y => level_same_side (agents C) (sender C) k a side r (1 / sigma C ^ 2) y Hn ltac:(rewrite Em; exact Hk)
      ltac:(rewrite Es; exact E2) ltac:(rewrite Em; exact Hs))
    ltac:(rewrite Em, Es; exact L)).
  rewrite Em, Es. exact E.
Qed.

(* ==== SP ==== *)
(* q_side s H = (Phi(1/s) + e^{-H} Phi(-1/s)) / (1 + e^{-H}) *)
Theorem silo_persistence C (law : law_of C) side H (P : chances_always C law (in_silos (agents C) side H)) r T x :
  (0 < r)%nat -> (forall y, on_side (agents C) side r H y -> same_side_senders (sender C) side y) ->
  on_side (agents C) side r H x -> q_side (sigma C) H ^ T <= P T x.
Proof.
  intros. eapply Rle_trans; [|apply lower_always_le].
  apply SiloPersistence.silo_persistence with r; setting.
Qed.

Theorem silo_persistence_k_nearest C (law : law_of C) side H (P : chances_always C law (in_silos (agents C) side H)) r k a T x :
  nearest_senders (sender C) k a -> (k <= agents C - 1)%nat ->
  (forall i, (i < agents C)%nat -> (k <= length (others_of_side (agents C) side i))%nat) -> 2 < exp H ->
  (0 < r)%nat -> on_side (agents C) side r H x -> q_side (sigma C) H ^ T <= P T x.
Proof. intros. apply silo_persistence with r; [easy|intros; now apply on_side_same_side with k a r H|easy]. Qed.

(* in the event every agent keeps the sign of its log-odds *)
Theorem in_silos_sign m side H x i : 0 < H -> (i < m)%nat -> in_silos m side H x = true ->
  if side i then 0 < fst (x i) else fst (x i) < 0.
Proof. apply SiloPersistence.in_silos_sign. Qed.

(* Phi(mu/s) *)
Theorem half_line_Phi mu s : 0 < s -> half_line mu s = 1 / 2 + RInt density 0 (mu / s).
Proof. apply Gaussian.half_line_Phi. Qed.

Theorem silo_persistence_number C (law : law_of C) side (P : chances_always C law (in_silos (agents C) side (1 / sigma C ^ 2))) r k a x :
  sigma C = 3/10 -> agents C = 30%nat -> nearest_senders (sender C) k a -> (k <= 29)%nat ->
  (forall i, (i < 30)%nat -> (k <= length (others_of_side 30 side i))%nat) ->
  (0 < r)%nat -> on_side 30 side r (1 / (3/10) ^ 2) x -> 0.6354530 <= P 1021%nat x.
Proof.
  intros Es Em Hn Hk Hs Hr L. apply Rle_trans with (2 := silo_persistence_k_nearest C law side _ P r k a 1021 x Hn
    ltac:(rewrite Em; exact Hk) ltac:(rewrite Em; exact Hs) ltac:(rewrite Es; exact silo_level) Hr ltac:(rewrite Em, Es; exact L)).
  rewrite Es. apply Rle_trans with (2 := proj1 Numbers.silo_persistence_number). lra.
Qed.

(* ==== PM1: memories of one element ==== *)
(* alive: own-side log-odds above ell = log(1/p_star); rho1 theta s = e^{-2 theta (1-theta)/s^2} *)
Theorem permanence_r1 C (law : law_of C) side ell (P : chances_always C law (alive (agents C) side ell)) theta A load x :
  senders_in_silos (sender C) side load -> exp (- ell) <= 1/2 ->
  0 < theta < 1 -> exp (- ell) / (1 + exp (- ell)) <= 1 - theta ->
  0 <= load -> 0 <= A -> 1 <= A * exp (- theta * ell) ->
  load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) <= A * (1 - rho1 theta (sigma C)) ->
  memory_of_size (agents C) 1 x -> alive (agents C) side ell x = true ->
  1 - A * sumn (agents C) (fun i => exp (- theta * fst (own (side i) (x i)))) <= chance_forever P x.
Proof.
  intros HQ Hl Ht Hp L0 A0 A1 A2 Sx Ax. apply chance_forever_ge. intros T. eapply Rle_trans; [|apply lower_always_le].
  apply PM.permanence_r1 with load (rho1 theta (sigma C)); try easy.
  - apply sigma_positive.
  - apply replaced_is_farthest.
  - apply normal_moment, sigma_positive.
  - apply silos_condition; [apply agents_positive|easy|easy].
Qed.

(* m = 30, sigma = 0.3, two silos, the k nearest with equal shares, level 2: for all time *)
Theorem permanence_r1_number C (law : law_of C) side (P : chances_always C law (alive (agents C) side (ln 20))) k x :
  agents C = 30%nat -> sigma C = 3/10 -> nearest_senders (sender C) k (/ INR (S k)) -> (0 < k <= 29)%nat ->
  (forall i, (i < 30)%nat -> (k <= length (others_of_side 30 side i))%nat) ->
  memory_of_size 30 1 x -> (forall i, (i < 30)%nat -> 2 / (3/10) ^ 2 <= fst (own (side i) (x i))) ->
  1 - 3.504780e-7 <= chance_forever P x.
Proof.
  intros Em Es Hn Hk Hs Sx Lx. destruct permanence_one as (N1 & N2 & N3 & N4 & N5).
  assert (S2 : senders_in_silos (sender C) side 2).
  { right. exists k, (/ INR (S k)), (agents C). apply equal_shares_fit; [easy|rewrite Em; exact Hk|rewrite Em; exact Hs]. }
  apply Rle_trans with (2 := permanence_r1 C law side (ln 20) P (19/20) (exp (19/20 * ln 20)) 2 x S2 N1 ltac:(lra) N2 ltac:(lra)
    ltac:(left; apply exp_pos) N3 ltac:(rewrite Es; exact N4) ltac:(rewrite Em; exact Sx)
    ltac:(rewrite Em; apply alive_from; intros i Hi; apply Rlt_le_trans with (2 := Lx i Hi), level_above)).
  rewrite Em. apply Rle_trans with (1 := N5). apply Rplus_le_compat_l, Ropp_le_contravar, Rmult_le_compat_l; [left; apply exp_pos|].
  rewrite <- sumn_const. apply sumn_le. intros i Hi. apply exp_le. specialize (Lx i Hi). lra.
Qed.

(* ==== PM: every memory size; rho, rho^, delta as in the text, about the normal law ==== *)
Theorem permanence_any_memory C (law : law_of C) side ell (P : chances_always C law (alive (agents C) side ell))
  theta A load r f f0 rho x :
  senders_in_silos (sender C) side load -> exp (- ell) <= 1/2 ->
  0 < theta < 1 -> exp (- ell) / (1 + exp (- ell)) <= 1 - theta -> 0 <= A -> 0 <= load -> (0 < r)%nat ->
  (forall z, 1 <= f z) -> (forall z, z < 0 -> f0 <= f z) -> rho < 1 -> supremum (sigma C) normal theta f rho ->
  1 <= A * exp (- theta * ell) * f0 ->
  load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) <= A * (1 - rho) ->
  memory_of_size (agents C) r x -> alive (agents C) side ell x = true ->
  1 - sumn (agents C) (fun i => risk2 theta A f (own (side i) (x i))) <= chance_forever P x.
Proof.
  intros HQ Hl Ht Hp A0 L0 Hr F1 F2 R1 Sup A1 A2 Sx Ax. apply chance_forever_ge. intros T. eapply Rle_trans; [|apply lower_always_le].
  apply PM.permanence_any_memory with load r f0 rho; try easy; [apply sigma_positive|apply replaced_is_farthest|].
  apply silos_condition; [apply agents_positive|easy|easy].
Qed.

Theorem permanence_from_level C (law : law_of C) side ell (P : chances_always C law (alive (agents C) side ell))
  theta A load r f f0 rho fh y0 rhoh delta H x :
  senders_in_silos (sender C) side load -> exp (- ell) <= 1/2 ->
  0 < theta < 1 -> exp (- ell) / (1 + exp (- ell)) <= 1 - theta -> 0 <= A -> 0 <= load -> (0 < r)%nat ->
  (forall z, 1 <= f z) -> (forall z, z < 0 -> f0 <= f z) -> rho < 1 -> supremum (sigma C) normal theta f rho ->
  1 <= A * exp (- theta * ell) * f0 ->
  load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) <= A * (1 - rho) ->
  (forall z, 1 <= fh z) -> 0 < y0 -> (forall z, y0 <= z -> f z <= fh z) -> rhoh < 1 -> 0 <= delta ->
  restricted_supremum (sigma C) normal theta f fh y0 rhoh delta ->
  at_level (agents C) side r H x -> ell < H -> y0 <= 1/2 -> (forall z, 1/2 <= z <= 3/2 -> fh z = 1) ->
  1 - INR (agents C) * (load * exp (- H) / (1 - zeta (sigma C) y0) + A * eps rhoh delta * exp (- theta * H))
    <= chance_forever P x.
Proof.
  intros HQ Hl Ht Hp A0 L0 Hr F1 F2 R1 Sup A1 A2 G1 Y0 FG R2 D0 Res Lx HH Y1 Flat. apply chance_forever_ge. intros T.
  eapply Rle_trans; [|apply lower_always_le].
  apply PM.permanence_from_level with r f f0 rho fh; try easy; [apply sigma_positive|apply replaced_is_farthest|].
  apply silos_condition; [apply agents_positive|easy|easy].
Qed.

(* for the normal law such premises are inequalities between a Riemann integral and a number *)
Theorem normal_mean_le s g bound : 0 < s -> (forall y, 0 <= g y) ->
  (forall a b, ex_RInt (fun u => (1 - Rmin 1 (g (1 + s * u))) * density u) a b) ->
  (forall B, 0 <= B -> exists v, is_RInt (fun u => g (1 + s * u) * density u) (- B) B v /\ v <= bound) ->
  own_mean_le normal s g bound.
Proof. apply NormalDraws.normal_mean_le. Qed.

(* the f of the text has what PM asks of it *)
Theorem shape_fits s alpha x0 beta x1 xh y0 : 0 < s -> 0 <= alpha -> 0 <= beta -> 0 <= x0 -> x0 <= xh -> 0 < y0 ->
  (forall x, 1 <= shape s alpha x0 beta x1 x) /\
  (forall x, x < 0 -> exp (alpha * x0 / s ^ 2) <= shape s alpha x0 beta x1 x) /\
  (forall x, y0 <= x -> shape s alpha x0 beta x1 x <= shape s alpha xh beta x1 x) /\
  (xh <= 1/2 -> 3/2 <= x1 -> forall z, 1/2 <= z <= 3/2 -> shape s alpha xh beta x1 z = 1).
Proof. apply PM.shape_fits. Qed.

(* ==== PMr: a table of risks that satisfies its inequality ==== *)
Theorem permanence_given_memory C (law : law_of C) side node (P : chances_always C law (alive (agents C) side (node 0%nat)))
  r top theta A load f f0 n g F M P_below E_below P_above E_above table q k1 k2 bound H x :
  senders_in_silos (sender C) side load -> exp (- node 0%nat) <= 1/2 -> (0 < r)%nat ->
  0 < theta < 1 -> 0 <= A -> 0 <= load ->
  (forall z, 1 <= f z) -> (forall z, z < 0 -> f0 <= f z) -> 1 <= A * exp (- theta * node 0%nat) * f0 ->
  falling_form (sigma C) normal r node theta A load f ->
  (0 < n)%nat -> (forall k, (k < n)%nat -> g k < g (S k)) ->
  (forall k z, (k < n)%nat -> g k <= z <= g (S k) -> f z <= F k) ->
  cell_masses (sigma C) normal theta f n g M P_below E_below P_above E_above ->
  certified_table (sigma C) r top node theta A load n g F M P_below E_below P_above E_above table ->
  at_level (agents C) side r H x -> node 0%nat < H -> (q <= top)%nat -> node q <= H ->
  (k1 <= n)%nat -> (k2 <= n)%nat -> g k1 = 1/2 -> g k2 = 3/2 ->
  (forall Z, memory r n Z -> (forall k, In k Z -> (k1 <= k < k2)%nat) -> table q Z <= bound) ->
  1 - INR (agents C) * bound <= chance_forever P x.
Proof.
  intros HQ Hl Hr Ht A0 L0 F1 F2 A1 Fall Hn Hg HF HM HT. intros. apply chance_forever_ge. intros T.
  eapply Rle_trans; [|apply lower_always_le].
  apply (PMr.permanence_given_memory_from_level (agents C) (agents_positive C) (sigma C) (sigma_positive C) normal
    (replaced_by C) (replaced_is_farthest C) (sender C) side r Hr top node theta A load Ht A0 L0 f f0 F1 F2 A1 Fall n g Hn Hg F HF
    M P_below E_below P_above E_above HM table HT q k1 k2 bound H T x); try assumption.
  apply silos_condition; [apply agents_positive|easy|easy].
Qed.

(* the product form is such a table *)
Theorem first_table s r top node theta A load n g F M P_below E_below P_above E_above :
  0 < theta -> 0 <= A -> (forall k, 0 <= F k) -> (forall q, (q < top)%nat -> node q <= node (S q)) ->
  certified_table s r top node theta A load n g F M P_below E_below P_above E_above
    (fun q Z => Rmin 1 (B node theta A q * growth F Z)).
Proof. intros. now apply PMr.first_table. Qed.

(* ==== GT2: c components in d dimensions ==== *)
Theorem farther_from_others d x a b D :
  dist2 d x a <= (D / 4) ^ 2 -> D ^ 2 <= dist2 d a b -> D ^ 2 / 2 <= dist2 d x b - dist2 d x a.
Proof. apply GeneralTheorem2.farther_from_others. Qed.

Theorem general_gain d c mu s D v mem j l : (0 < c)%nat -> 0 < s ->
  (forall j l, (j < c)%nat -> (l < c)%nat -> l <> j -> D ^ 2 <= dist2 d (mu j) (mu l)) ->
  (j < c)%nat -> (l < c)%nat -> l <> j -> mem <> [] -> (forall x, In x mem -> in_ball d mu D j x) ->
  v j - v l + gamma s D <= weigh_ d c mu s v mem j - weigh_ d c mu s v mem l.
Proof. intros. now apply GeneralTheorem2.general_gain. Qed.

Theorem general_own_weight d c mu s D j H a : (0 < c)%nat -> 0 < s ->
  (forall j l, (j < c)%nat -> (l < c)%nat -> l <> j -> D ^ 2 <= dist2 d (mu j) (mu l)) ->
  (j < c)%nat -> at_level_ d c mu D j H a -> / (1 + (INR c - 1) * exp (- H)) <= softmax c (fst a) j.
Proof. intros. now apply (GeneralTheorem2.own_weight_at_level d c ltac:(assumption) mu D). Qed.

(* [law] is any expectation of draws with the mass of a ball that is named; for the normal law in d dimensions that is
   P(chi_d <= D/(4 sigma)). [P T x] is the chance of any event that holds at level h, at all of the steps 0 .. T *)
Theorem general_theorem2 C law A D PB home H T x (P : general_chances C law A any_state) :
  (forall j l, (j < components C)%nat -> (l < components C)%nat -> l <> j -> D ^ 2 <= dist2 (dimensions C) (means C j) (means C l)) ->
  0 <= PB -> mass_at_least law (components C) (within (dimensions C) (means C) (D / 4)) PB ->
  (forall i, (i < people C)%nat -> (home i < components C)%nat) ->
  (forall x, all_at_level (dimensions C) (components C) (means C) D (people C) home H x -> A x = true) ->
  same_silo_senders (dimensions C) (components C) (means C) D (people C) (share_of C) home H ->
  all_at_level (dimensions C) (components C) (means C) D (people C) home H x ->
  (PB / (1 + (INR (components C) - 1) * exp (- H))) ^ T <= P T x.
Proof. apply GeneralChance.general_theorem2_chance. Qed.

(* in particular for the k nearest in Euclidean distance of weights, where alpha < 1/3 and every silo has k others *)
Theorem general_same_silo d c mu D m (q : state_ -> nat -> nat -> R) home H near : (0 < c)%nat ->
  (INR c - 1) * exp (- H) / (1 + (INR c - 1) * exp (- H)) < 1/3 ->
  (forall i, (i < m)%nat -> (home i < c)%nat) -> nearest_in_weight m c home near ->
  (forall x i j, 0 < q x i j -> j = i \/ In j (near x i)) -> same_silo_senders d c mu D m q home H.
Proof. apply GeneralTheorem2.general_same_silo. Qed.

(* on a line, where draws have the normal law: the mass of the ball is that of an interval *)
Theorem ball_mass_line law mu s c radius : 0 < s -> normal_on_line law mu s -> 0 <= radius ->
  mass_at_least law c (within 1 mu radius) (mass 0 s (- radius) radius).
Proof. apply GeneralChance.ball_mass_on_line. Qed.

(* chains, normal draws and chances exist, on a line with any means *)
Theorem general_settings_exist m c mu s : (0 < m)%nat -> (0 < c)%nat -> 0 < s -> exists C law,
  dimensions C = 1%nat /\ components C = c /\ means C = mu /\ spread C = s /\ people C = m /\
  (forall x i j, share_of C x i j = / INR m) /\ normal_on_line law mu s /\ forall A B, inhabited (general_chances C law A B).
Proof. apply GeneralChance.general_settings_exist. Qed.

(* ==== GT1: a general mixture polarizes from any state ==== *)
(* GP3': any memory, draws within D/12 of the mean *)
Theorem general_clearing d mu D j ys l l' : run_ d ys l l' -> (forall y, In y ys -> within d mu (D / 12) j y = true) ->
  (min (length ys) (length l) <= count (within d mu (D / 4) j) l')%nat /\
  ((length l <= length ys)%nat -> forall z, In z l' -> within d mu (D / 4) j z = true).
Proof. apply GeneralTheorem1.general_clearing. Qed.

(* GP2', one update: the share of elements in the ball times logistic(logit w_j + gamma) *)
Theorem general_weight_update d c mu s D v mem j lam : (2 <= c)%nat -> 0 < s ->
  (forall j l, (j < c)%nat -> (l < c)%nat -> l <> j -> D ^ 2 <= dist2 d (mu j) (mu l)) ->
  (j < c)%nat -> mem <> [] -> logistic lam <= softmax c v j ->
  INR (count (within d mu (D / 4) j) mem) / INR (length mem) * logistic (lam + gamma s D) <= softmax c (weigh_ d c mu s v mem) j.
Proof. intros. now apply GeneralTheorem1.general_weight_update. Qed.

(* home i is a component of largest weight of agent i; general_bound is the bound for these silos *)
Theorem general_theorem1 C law A D PJ PB r n h home x (P : general_chances C law any_state A) :
  (2 <= components C)%nat ->
  (forall j l, (j < components C)%nat -> (l < components C)%nat -> l <> j -> D ^ 2 <= dist2 (dimensions C) (means C j) (means C l)) ->
  0 <= PJ -> 0 <= PB -> mass_at_least law (components C) (within (dimensions C) (means C) (D / 12)) PJ ->
  mass_at_least law (components C) (within (dimensions C) (means C) (D / 4)) PB ->
  (0 < r)%nat -> enough_ (components C) (spread C) D r n h ->
  (forall y i j, (i < people C)%nat -> (j < people C)%nat -> share_of C y i j = / INR (people C)) ->
  (forall i, (i < people C)%nat -> length (snd (x i)) = r /\ largest (components C) (fst (x i)) (home i)) ->
  (forall y, all_at_level (dimensions C) (components C) (means C) D (people C) home (h * gamma (spread C) D) y -> A y = true) ->
  general_bound (people C) (components C) r (gamma (spread C) D) PJ PB n home <= P (n * people C)%nat x.
Proof. apply GeneralPolarization.general_theorem1. Qed.

Theorem general_theorem1_self C law A D PJ PB r n h home c x (P : general_chances C law any_state A) :
  (2 <= components C)%nat ->
  (forall j l, (j < components C)%nat -> (l < components C)%nat -> l <> j -> D ^ 2 <= dist2 (dimensions C) (means C j) (means C l)) ->
  0 <= PJ -> 0 <= PB -> mass_at_least law (components C) (within (dimensions C) (means C) (D / 12)) PJ ->
  mass_at_least law (components C) (within (dimensions C) (means C) (D / 4)) PB ->
  (0 < r)%nat -> enough_ (components C) (spread C) D r n h ->
  0 <= c <= 1 -> (forall y i, (i < people C)%nat -> c <= share_of C y i i) ->
  (forall i, (i < people C)%nat -> length (snd (x i)) = r /\ largest (components C) (fst (x i)) (home i)) ->
  (forall y, all_at_level (dimensions C) (components C) (means C) D (people C) home (h * gamma (spread C) D) y -> A y = true) ->
  general_self (people C) (components C) r (gamma (spread C) D) PJ PB n c <= P (n * people C)%nat x.
Proof. apply GeneralPolarization.general_theorem1_self. Qed.

(* ==== GPM1: memories of one element, c components in d dimensions ==== *)
(* silos_kept: every log-ratio of agent i's own component j = home i to another l is above ell j l; at all of the steps 0 .. T, whatever T *)
Theorem general_permanence_r1 C law home ell theta rho A load T x
  (P : general_chances C law (silos_kept (people C) (components C) home ell) any_state) :
  (forall i, (i < people C)%nat -> (home i < components C)%nat) -> 0 <= load -> (forall j l, 0 < theta j l < 1) ->
  (forall j l, 0 <= A j l) -> (forall j l, 1 <= A j l * exp (- theta j l * ell j l)) ->
  (forall i l, (i < people C)%nat -> (l < components C)%nat -> l <> home i ->
    load * exp (- (1 - theta (home i) l) * ell (home i) l) <= A (home i) l * (1 - rho (home i) l)) ->
  own_moments C law theta rho -> senders_in_own_silos C home ell load ->
  (forall i, (i < people C)%nat -> length (snd (x i)) = 1%nat) -> silos_kept (people C) (components C) home ell x = true ->
  1 - sumn (people C) (fun i => over_others (components C) (home i) (fun l =>
        A (home i) l * exp (- theta (home i) l * (fst (x i) (home i) - fst (x i) l)))) <= P T x.
Proof.
  intros Hh L0 Ht A0 A1 A2 Mo Se H1 K. apply Rle_trans with (2 := inner_stay_le C law _ any_state P T x).
  exact (GeneralPM1.general_permanence_r1 C law home Hh ell theta rho A load L0 Ht A0 A1 A2 Mo Se T x H1 K).
Qed.

(* for normal draws on a line the moments are known: rho_jl = e^{-theta (1 - theta) D_jl^2 / (2 sigma^2)} *)
Theorem moments_on_line C law theta : dimensions C = 1%nat -> normal_on_line law (means C) (spread C) ->
  own_moments C law theta (line_rho (means C) (spread C) theta).
Proof. apply LineMoments.moments_on_line. Qed.

(* with one silo and uniform senders load is 1 *)
Theorem one_silo_senders C home ell : (forall x i j, (i < people C)%nat -> (j < people C)%nat -> share_of C x i j = / INR (people C)) ->
  (forall i j, (i < people C)%nat -> (j < people C)%nat -> home i = home j) -> senders_in_own_silos C home ell 1.
Proof. apply GeneralPM1.one_silo_senders. Qed.

(* so there, with one silo and uniform senders, no premise on draws or senders is left *)
Theorem general_permanence_line C law j ell theta T x
  (P : general_chances C law (silos_kept (people C) (components C) (fun _ => j) (fun _ _ => ell)) any_state) :
  dimensions C = 1%nat -> normal_on_line law (means C) (spread C) ->
  (forall x i j, (i < people C)%nat -> (j < people C)%nat -> share_of C x i j = / INR (people C)) ->
  (j < components C)%nat -> (forall l, (l < components C)%nat -> l <> j -> means C j 0%nat <> means C l 0%nat) -> 0 < theta < 1 ->
  (forall i, (i < people C)%nat -> length (snd (x i)) = 1%nat) -> silos_kept (people C) (components C) (fun _ => j) (fun _ _ => ell) x = true ->
  1 - sumn (people C) (fun i => over_others (components C) j (fun l =>
        line_constant (means C) (spread C) theta ell j l * exp (- theta * (fst (x i) j - fst (x i) l)))) <= P T x.
Proof. apply LineMoments.general_permanence_line. Qed.
