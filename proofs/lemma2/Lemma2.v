(* L2': a well-behaved population polarizes. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1 Proposition2 Sums Lower Rounds Gauss Chain Orders Theorem2 Lemma1 Theorem1.
Import ListNotations.
Local Open Scope R_scope.

Lemma P_arrives s N : 0 < s -> gaussian N ->
  forall p : bool, P s <= N (if p then 1 else -1) s (ind (seen p (arrives from_well_behaved))).
Proof.
  intros Hs HN p. rewrite <- mass_own by easy.
  apply (interval_ge s Hs N HN p (1/2) (3/2) inIopen); [lra|]. intros y Hy. apply inIopen_spec. unfold Iplus_open; lra.
Qed.

Lemma well_behaved_own p (a : agent) : forallb inIpm (snd a) = true -> Forall Ipm (snd (own p a)).
Proof.
  intros H. rewrite forallb_forall in H. apply Forall_forall. intros z Hz.
  assert (E : exists y, In y (snd a) /\ (z = y \/ z = - y)).
  { destruct p; [now exists z; auto|]. simpl in Hz. apply in_map_iff in Hz. destruct Hz as (y & <- & Hy).
    exists y; auto. }
  destruct E as (y & Hy & Ez). apply H, orb_prop in Hy. rewrite !inIplus_spec in Hy.
  unfold Ipm, Iplus, Iminus in *. destruct Ez as [->| ->]; lra.
Qed.

Section L2.
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

Lemma well_behaved_start x :
  memory_of_size m r x -> well_behaved m x = true -> all_grown m s r from_well_behaved (sides x) 0 x.
Proof.
  intros Hx W. apply sides_start. intros i Hi. split; [now apply Hx|].
  unfold well_behaved in W. rewrite forallb_forall in W. specialize (W i ltac:(apply in_seq; lia)).
  split; [now apply well_behaved_own|]. rewrite Nat.sub_0_r. apply cnt_le.
Qed.

Theorem lemma2 (Q : senders m) x :
  uniform_senders Q -> memory_of_size m r x -> well_behaved m x = true ->
  rounds_bound m n a (P s) (worst_split m n)
    <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros HQ Hx W. apply (uniform_rounds m Hm s Hs N rule Hrule r Hr Q from_well_behaved); [easy| | | | | |].
  - eapply a_unit; eassumption.
  - eapply a_covers; eassumption.
  - now apply P_unit with N.
  - now apply P_arrives.
  - intros x' H. now apply (all_grown_polarized m s r from_well_behaved n (sides x)).
  - now apply well_behaved_start.
Qed.

Theorem lemma2_self (Q : senders m) c x :
  0 <= c <= 1 -> (forall x i, (i < m)%nat -> c <= share Q x i i) ->
  memory_of_size m r x -> well_behaved m x = true ->
  rounds_bound m n a (P s) (c ^ (n * m))
    <= P_at m Hm s N rule Q (n * m) (polarized m (h / s ^ 2)) x.
Proof.
  intros Hc Hq Hx W. apply (self_rounds m Hm s Hs N rule Hrule r Hr Q c from_well_behaved); try easy.
  - eapply a_unit; eassumption.
  - eapply a_covers; eassumption.
  - now apply P_unit with N.
  - now apply P_arrives.
  - intros x' H. now apply (all_grown_polarized m s r from_well_behaved n (sides x)).
  - now apply well_behaved_start.
Qed.
End L2.
