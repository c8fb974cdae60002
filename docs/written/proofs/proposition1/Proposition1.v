(* P1: one update moves the log-odds by at most 3/sigma^2. *)
From Coq Require Import Reals Lra Lia List.
From Mcpolar Require Import Proposition3 Odds.
Import ListNotations.
Local Open Scope R_scope.

(* One update with y: the memory moves first, then the log-odds (steps 3 and 4). *)
Inductive moved (s y : R) : agent -> agent -> Prop :=
| moved_intro l mem mem' : repl y mem mem' -> moved s y (l, mem) (weigh s l mem', mem').

Inductive moves (s : R) : list R -> agent -> agent -> Prop :=
| moves_nil a : moves s [] a a
| moves_cons y ys a b c : moved s y a b -> moves s ys b c -> moves s (y :: ys) a c.

Lemma repl_nonempty y l l' : repl y l l' -> l <> [] /\ l' <> [].
Proof. intros (l1 & x & l2 & -> & -> & _). split; now destruct l1. Qed.

Theorem proposition1 s y l mem l' mem' :
  0 < s -> Forall Ipm mem -> Ipm y -> moved s y (l, mem) (l', mem') ->
  l - 3 / s ^ 2 <= l' <= l + 3 / s ^ 2 /\ Forall Ipm mem'.
Proof.
  intros Hs Hm Hy H. inversion H as [? ? ? H1]; subst.
  assert (Hm' : Forall Ipm mem') by now apply (repl_Forall Ipm y mem).
  split; [|easy]. rewrite Forall_forall in Hm'.
  pose proof (one_update s l mem' (-3/2) (3/2) Hs (proj2 (repl_nonempty _ _ _ H1))) as U.
  replace (2 * (-3/2) / s ^ 2) with (- (3 / s ^ 2)) in U by (field; lra).
  replace (2 * (3/2) / s ^ 2) with (3 / s ^ 2) in U by (field; lra).
  enough (l + - (3 / s ^ 2) <= weigh s l mem' <= l + 3 / s ^ 2) by lra.
  apply U. intros x Hx. apply Hm' in Hx. unfold Ipm, Iplus, Iminus in Hx. lra.
Qed.

Theorem proposition1_gain s y l mem l' mem' :
  0 < s -> Forall Iplus mem -> Iplus y -> moved s y (l, mem) (l', mem') ->
  l + 1 / s ^ 2 <= l' /\ Forall Iplus mem'.
Proof.
  intros Hs Hm Hy H. inversion H as [? ? ? H1]; subst.
  assert (Hm' : Forall Iplus mem') by now apply (repl_Forall Iplus y mem).
  split; [|easy]. rewrite Forall_forall in Hm'.
  pose proof (one_update s l mem' (1/2) (3/2) Hs (proj2 (repl_nonempty _ _ _ H1)) Hm') as U.
  replace (2 * (1/2) / s ^ 2) with (1 / s ^ 2) in U by (field; lra). lra.
Qed.

(* an update that leaves everything on the own half-line never lowers the log-odds *)
Theorem half_line_gain s y l mem l' mem' :
  0 < s -> Forall (Rle 0) mem -> 0 <= y -> moved s y (l, mem) (l', mem') ->
  l <= l' /\ Forall (Rle 0) mem'.
Proof.
  intros Hs Hm Hy H. inversion H as [? ? ? H1]; subst.
  assert (Hm' : Forall (Rle 0) mem') by now apply (repl_Forall (Rle 0) y mem).
  split; [|easy]. rewrite Forall_forall in Hm'. destruct (list_bounds mem') as (a & b & B).
  pose proof (one_update s l mem' 0 b Hs (proj2 (repl_nonempty _ _ _ H1))) as U.
  replace (2 * 0 / s ^ 2) with 0 in U by (field; lra). rewrite Rplus_0_r in U.
  apply U. intros x Hx. split; [now apply Hm'|now apply B].
Qed.

(* ---- the other side: all signs changed ---- *)
Definition own (plus : bool) (a : agent) : agent :=
  if plus then a else (- fst a, map Ropp (snd a)).
Definition own_draw (plus : bool) (y : R) : R := if plus then y else - y.

Lemma own_memory_length p a : length (snd (own p a)) = length (snd a).
Proof. destruct p; [easy|]. apply map_length. Qed.

Lemma repl_mirror y l l' : repl y l l' -> repl (- y) (map Ropp l) (map Ropp l').
Proof.
  intros (l1 & x & l2 & -> & -> & H). exists (map Ropp l1), (- x), (map Ropp l2).
  rewrite !map_app. repeat split; try easy. intros z Hz.
  change (- x :: map Ropp l2) with (map Ropp (x :: l2)) in Hz. rewrite <- map_app in Hz.
  apply in_map_iff in Hz. destruct Hz as (u & <- & Hu). specialize (H u Hu).
  replace (- u - - y) with (- (u - y)) by ring. replace (- x - - y) with (- (x - y)) by ring.
  now rewrite !Rabs_Ropp.
Qed.

Theorem moved_own s y p a a' : 0 < s -> moved s y a a' -> moved s (own_draw p y) (own p a) (own p a').
Proof.
  intros Hs H. destruct p; [easy|]. destruct H as [l mem mem' H]. unfold own; simpl.
  rewrite <- update_mirror; [|easy|now apply (repl_nonempty y mem)].
  constructor. now apply repl_mirror.
Qed.
