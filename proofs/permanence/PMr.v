(* PMr: memory of a given size r, a risk on a table of memories and log-odds.

   The risk of "any memory" is lowered to a table's entry where that entry satisfies the
   table's inequality. Memories are multisets of cells (lists up to order); the premises on
   the normal law are one inequality per draw: [cell_masses], and what makes the risk of
   "any memory" fall ([any_memory_falls], or [memory_one_falls] for r = 1). *)
From Coq Require Import Reals Lra Lia List Bool Permutation.
From Mcpolar Require Import Proposition3 Odds Proposition1 Sums Lower Rounds Gauss Chain Neighbours Theorem2 Permanence PM.
Import ListNotations.
Local Open Scope R_scope.

(* ---- the smaller of two risks ---- *)
Section Glued.
Variable s : R.
Variable N : R -> R -> lower R.
Variable r : nat.
Variables load ell : R.

(* own draws lower the mean of [after] from [before] by c times the other weight *)
Definition pays (before : R) (after : agent -> R) (a : agent) : Prop :=
  forall (p : bool) (h : R -> agent) c,
  length (snd a) = r -> ell < fst a -> (forall y, moved s (own_draw p y) a (h y)) -> 0 <= c -> c + before < 1 ->
  1 - (c + before - load * other a) <= N (if p then 1 else -1) s (fun y => 1 - Rmin 1 (c + after (h y))).

Variables W T : agent -> R.
Hypothesis W_pos : forall a, 0 <= W a.
Hypothesis T_pos : forall a, 0 <= T a.
Hypothesis W_dead : forall y a a', length (snd a) = r -> ell < fst a -> moved s y a a' -> fst a' <= ell -> 1 <= W a'.
Hypothesis W_pays : forall a, pays (W a) W a.

Definition glued (a : agent) : R := if leb (fst a) ell then 1 else Rmin 1 (Rmin (W a) (T a)).

(* where the table is the smaller, it pays towards the glued risk *)
Hypothesis T_pays : forall a, T a < Rmin 1 (W a) -> pays (T a) glued a.

Lemma glued_pos a : 0 <= glued a.
Proof.
  unfold glued. destruct (leb (fst a) ell); [lra|]. specialize (W_pos a). specialize (T_pos a).
  unfold Rmin; repeat destruct Rle_dec; lra.
Qed.

Lemma glued_le_1 a : glued a <= 1.
Proof. unfold glued. destruct (leb (fst a) ell); [lra|apply Rmin_l]. Qed.

Lemma glued_dead a : fst a <= ell -> glued a = 1.
Proof. intros H. apply leb_spec in H. unfold glued. now rewrite H. Qed.

Lemma glued_alive a : ell < fst a -> glued a = Rmin 1 (Rmin (W a) (T a)).
Proof.
  intros H. unfold glued. destruct (leb (fst a) ell) eqn:E; [|easy]. apply leb_spec in E. lra.
Qed.

Lemma glued_le_W y a a' : length (snd a) = r -> ell < fst a -> moved s y a a' -> glued a' <= W a'.
Proof.
  intros Len Al Mv. destruct (Rle_dec (fst a') ell) as [D|D].
  - rewrite glued_dead by easy. now apply W_dead with y a.
  - rewrite glued_alive by lra. apply Rle_trans with (1 := Rmin_r _ _). apply Rmin_l.
Qed.

Theorem glued_pays a : pays (glued a) glued a.
Proof.
  intros p h c Len Al Mv Hc Small. rewrite (glued_alive a Al) in *.
  destruct (Rlt_dec (T a) (Rmin 1 (W a))) as [L|L].
  - assert (E : Rmin 1 (Rmin (W a) (T a)) = T a) by (revert L; unfold Rmin; repeat destruct Rle_dec; lra).
    rewrite E in *. now apply T_pays.
  - assert (E : Rmin 1 (Rmin (W a) (T a)) = W a) by (revert L Small; unfold Rmin; repeat destruct Rle_dec; lra).
    rewrite E in *. eapply Rle_trans; [now apply (W_pays a p h c)|]. apply lo_mono.
    + intros y. apply cap_unit. apply Rplus_le_le_0_compat; [easy|apply W_pos].
    + intros y. apply cap_unit. apply Rplus_le_le_0_compat; [easy|apply glued_pos].
    + intros y. pose proof (glued_le_W _ a (h y) Len Al (Mv y)). unfold Rmin; repeat destruct Rle_dec; lra.
Qed.
End Glued.

(* ---- an update grows with the log-odds and with every element, and does not see the order ---- *)
Lemma sumR_mono f h l l' : Forall2 (fun x x' => f x <= h x') l l' -> sumR f l <= sumR h l'.
Proof. induction 1; simpl; [lra|]. unfold sumR in *. lra. Qed.

Lemma sumR_perm f l l' : Permutation l l' -> sumR f l = sumR f l'.
Proof. unfold sumR. induction 1; simpl; lra. Qed.

Lemma weigh_perm s l mem mem' : Permutation mem mem' -> weigh s l mem = weigh s l mem'.
Proof. intros P. unfold weigh, mean. now rewrite (sumR_perm _ _ _ P), (Permutation_length P). Qed.

Theorem weigh_mono s l l' mem mem' :
  0 < s -> mem <> [] -> l <= l' -> Forall2 Rle mem mem' -> weigh s l mem <= weigh s l' mem'.
Proof.
  intros Hs Ne Hl H. assert (Len : length mem = length mem') by (clear -H; induction H; simpl; lia).
  assert (Ne' : mem' <> []) by (intros E; subst; destruct mem; easy).
  pose proof (mean_01 s l mem Hs Ne). pose proof (mean_01 s l' mem' Hs Ne').
  unfold weigh. apply logit_le; [easy| |easy].
  unfold mean. rewrite <- Len. apply Rmult_le_compat_r.
  - left. apply Rinv_0_lt_compat. now apply length_pos.
  - apply sumR_mono. clear -H Hs Hl. induction H; constructor; [|easy].
    rewrite !posterior_log_odds by easy. apply logistic_le.
    assert (2 * x / s ^ 2 <= 2 * y / s ^ 2) by (apply scaled_le; lra). lra.
Qed.

(* ---- searching among finitely many ---- *)
Definition ltb (x y : R) : bool := if Rlt_dec x y then true else false.
Lemma ltb_spec x y : ltb x y = true <-> x < y.
Proof. unfold ltb. destruct (Rlt_dec x y); split; easy. Qed.

Fixpoint last_at (t : nat -> bool) (k : nat) : option nat :=
  match k with O => None | S k' => if t k' then Some k' else last_at t k' end.

Lemma last_at_some t k i : last_at t k = Some i -> (i < k)%nat /\ t i = true /\ forall j, (j < k)%nat -> t j = true -> (j <= i)%nat.
Proof.
  induction k as [|k IH]; [easy|]. simpl. destruct (t k) eqn:E.
  - intros [= <-]. repeat split; [lia|easy|]. intros; lia.
  - intros H. destruct (IH H) as (A & B & C). repeat split; [lia|easy|]. intros j Hj Tj.
    destruct (Nat.eq_dec j k) as [->|]; [congruence|]. apply C; [lia|easy].
Qed.

Lemma last_at_there t k i : (i < k)%nat -> t i = true -> exists j, last_at t k = Some j.
Proof.
  induction k as [|k IH]; [lia|]. intros Hi Ti. simpl. destruct (t k) eqn:E; [now exists k|].
  apply IH; [|easy]. destruct (Nat.eq_dec i k) as [->|]; [congruence|lia].
Qed.

Fixpoint maxn (n : nat) (h : nat -> R) : R := match n with O => 0 | S k => Rmax (maxn k h) (h k) end.
Lemma maxn_ge n h i : (i < n)%nat -> h i <= maxn n h.
Proof.
  induction n as [|n IH]; [lia|]. intros Hi. simpl. destruct (Nat.eq_dec i n) as [->|]; [apply Rmax_r|].
  apply Rle_trans with (2 := Rmax_l _ _). apply IH. lia.
Qed.
Lemma maxn_mono n h h' : (forall i, h i <= h' i) -> maxn n h <= maxn n h'.
Proof.
  intros H. induction n as [|n IH]; simpl; [lra|]. specialize (H n).
  pose proof (Rmax_l (maxn n h') (h' n)). pose proof (Rmax_r (maxn n h') (h' n)). apply Rmax_lub; lra.
Qed.

(* ---- multisets of cells: lists up to order ---- *)
Fixpoint without (k : nat) (Z : list nat) : list nat :=
  match Z with [] => [] | i :: t => if Nat.eqb i k then t else i :: without k t end.
(* the first cell, n if there is none; the last cell *)
Definition first_cell (n : nat) (Z : list nat) : nat := fold_right Nat.min n Z.
Definition last_cell (Z : list nat) : nat := fold_right Nat.max 0%nat Z.

Lemma without_perm k Z : In k Z -> Permutation Z (k :: without k Z).
Proof.
  induction Z as [|i t IH]; [easy|]. intros H. simpl. destruct (Nat.eqb_spec i k) as [->|Ne]; [easy|].
  destruct H as [->|H]; [easy|]. rewrite (IH H) at 1. apply perm_swap.
Qed.

Lemma first_cell_le n Z : (first_cell n Z <= n)%nat /\ forall k, In k Z -> (first_cell n Z <= k)%nat.
Proof. induction Z as [|i t [A B]]; simpl; split; [lia|easy|lia|]. intros k [<-|H]; [lia|specialize (B k H); lia]. Qed.

Lemma last_cell_ge Z k : In k Z -> (k <= last_cell Z)%nat.
Proof. induction Z as [|i t IH]; [easy|]. simpl. intros [<-|H]; [lia|specialize (IH H); lia]. Qed.

Lemma first_cell_is n Z i : In i Z -> (i <= n)%nat -> (forall k, In k Z -> (i <= k)%nat) -> first_cell n Z = i.
Proof.
  intros I L H. apply Nat.le_antisymm; [now apply first_cell_le|].
  clear I. induction Z as [|k t IH]; [easy|]. simpl. apply Nat.min_glb; [apply H; now left|].
  apply IH. intros; apply H; now right.
Qed.

Lemma last_cell_is Z j : In j Z -> (forall k, In k Z -> (k <= j)%nat) -> last_cell Z = j.
Proof.
  intros I H. apply Nat.le_antisymm; [|now apply last_cell_ge].
  clear I. induction Z as [|k t IH]; simpl; [lia|]. apply Nat.max_lub; [apply H; now left|].
  apply IH. intros; apply H; now right.
Qed.

Lemma first_cell_perm n Z Z' : Permutation Z Z' -> first_cell n Z = first_cell n Z'.
Proof. unfold first_cell. induction 1; simpl; lia. Qed.

Section Table.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Variable rule : R -> list R -> list R.
Hypothesis Hrule : forall y l, l <> [] -> repl y l (rule y l).
Variable Q : senders m.
Variable side : nat -> bool.
Variable r : nat.
Hypothesis Hr : (0 < r)%nat.

(* nodes of log-odds, the first one where an agent fails *)
Variable top : nat.
Variable node : nat -> R.
Local Notation ell := (node 0%nat).

(* the risk of any memory, A e^{-theta L} prod f: it falls, and shows an update that kills *)
Variables theta A load : R.
Hypothesis Htheta : 0 < theta < 1.
Hypothesis HA : 0 <= A.
Hypothesis Hload : 0 <= load.
Variable f : R -> R.
Variable f0 : R.
Hypothesis Hf : forall x, 1 <= f x.
Hypothesis Hf0 : forall x, x < 0 -> f0 <= f x.
Hypothesis HA1 : 1 <= A * exp (- theta * ell) * f0.

Local Notation W := (risk2 theta A f).
Definition falling_form : Prop := forall a, pays s N r load ell (W a) W a.
Hypothesis Hfalls : falling_form.

(* ends of cells *)
Variable n : nat.
Variable g : nat -> R.
Hypothesis Hn : (0 < n)%nat.
Hypothesis Hg : forall k, (k < n)%nat -> g k < g (S k).
(* the largest f on a cell *)
Variable F : nat -> R.
Hypothesis HF : forall k x, (k < n)%nat -> g k <= x <= g (S k) -> f x <= F k.

(* ---- the premise on own draws ---- *)
(* P k is the chance of the cell k at least; of y < g 0: its chance and E[e^{-2 theta s y} f(y); y < g 0];
   of y > g n: its chance and E[f(y); y > g n] *)
Variable P : nat -> R.
Variables P_below E_below P_above E_above : R.
(* h on the open cells, 1 at their ends, and the two tails *)
Definition on_cells (h : nat -> R) (c1 c2 y : R) : R :=
  if Rlt_dec y (g 0%nat) then Rmin 1 (c1 * (exp (-2 * theta * y / s ^ 2) * f y))
  else if Rlt_dec (g n) y then Rmin 1 (c2 * f y)
  else match last_at (fun k => ltb (g k) y && ltb y (g (S k))) n with Some k => h k | None => 1 end.
Definition cell_masses : Prop := forall c0 h c1 c2, 0 <= c0 -> (forall k, 0 <= h k) -> 0 <= c1 -> 0 <= c2 ->
  own_mean_le N s (fun y => c0 + on_cells h c1 c2 y)
    (c0 + sumn n (fun k => P k * h k) + Rmin P_below (c1 * E_below) + Rmin P_above (c2 * E_above)).
Hypothesis Hmasses : cell_masses.

(* ---- the table and its inequality ---- *)
Variable table : nat -> list nat -> R.

Definition memory (Z : list nat) : Prop := length Z = r /\ forall k, In k Z -> (k < n)%nat.
Definition growth (Z : list nat) : R := fold_right (fun k acc => F k * acc) 1 Z.
Definition B (q : nat) : R := A * exp (- theta * node q).
(* the log-odds after an update from a node, elements at the low ends of their cells *)
Definition reached (q : nat) (Z : list nat) : R := weigh s (node q) (map g Z).
(* the last node at or below; the table's entry there, 1 at failure *)
Definition node_of (l : R) : option nat := last_at (fun q => leb (node q) l) (S top).
Definition later (q : nat) (Z : list nat) : R :=
  if leb (reached q Z) ell then 1 else match node_of (reached q Z) with Some V => table V Z | None => 1 end.
Definition without_first (Z : list nat) : list nat := without (first_cell n Z) Z.
Definition without_last (Z : list nat) : list nat := without (last_cell Z) Z.
(* a draw in the cell k, if the midpoint of the extremes is in the cell v *)
Definition replaced (q : nat) (Z : list nat) (v k : nat) : R :=
  if Nat.ltb k v then later q (k :: without_last Z)
  else if Nat.ltb v k then later q (k :: without_first Z)
  else Rmax (later q (k :: without_last Z)) (later q (k :: without_first Z)).
(* the cell v meets the half-open interval in which the midpoint of the cells i and j lies *)
Definition meets (i j v : nat) : bool :=
  ltb ((g i + g j) / 2) (g (S v)) && ltb (g v) ((g (S i) + g (S j)) / 2).
Definition inside (q : nat) (Z : list nat) : R :=
  maxn n (fun v => if meets (first_cell n Z) (last_cell Z) v then sumn n (fun k => P k * replaced q Z v k) else 0).
Definition low_factor (q : nat) (Z : list nat) : R := B q * growth (without_last Z).
Definition high_factor (q : nat) (Z : list nat) : R :=
  B q * exp (-2 * theta * g (first_cell n (without_first Z)) / s ^ 2) * growth (without_first Z).
Definition outside (q : nat) (Z : list nat) : R :=
  Rmin P_below (low_factor q Z * E_below) + Rmin P_above (high_factor q Z * E_above).

Record certified_table : Prop := {
  table_pos : forall q Z, 0 <= table q Z;
  table_perm : forall q Z Z', Permutation Z Z' -> table q Z = table q Z';
  table_falls : forall q Z, (q < top)%nat -> memory Z -> table (S q) Z <= table q Z;
  table_top : forall Z, memory Z -> Rmin 1 (B top * growth Z) <= table top Z;
  table_pays : forall q Z, (q < top)%nat -> memory Z ->
    Rmin 1 (Rmin (B q * growth Z) (load / (1 + exp (node q)) + inside q Z + outside q Z)) <= table q Z
}.
Hypothesis Htable : certified_table.

(* ---- cells and nodes in order ---- *)
Lemma g_mono i j : (i <= j <= n)%nat -> g i <= g j.
Proof.
  intros [H1 H2]. revert H2. induction H1 as [|j H1 IH]; intros H2; [lra|].
  specialize (IH ltac:(lia)). specialize (Hg j ltac:(lia)). lra.
Qed.

Lemma g_less i j : (i <= n)%nat -> (j <= n)%nat -> g i < g j -> (i < j)%nat.
Proof. intros Hi Hj H. destruct (Nat.lt_ge_cases i j) as [|L]; [easy|]. pose proof (g_mono j i ltac:(lia)). lra. Qed.

Lemma growth_perm X X' : Permutation X X' -> growth X = growth X'.
Proof.
  unfold growth. induction 1; simpl; [easy|now rewrite IHPermutation|ring|congruence].
Qed.

Section Cell.
(* the cell of an element; one at a shared end may be counted in either cell *)
Variable cell : R -> nat.
Hypothesis Hcell : forall x, g 0 <= x <= g n -> (cell x < n)%nat /\ g (cell x) <= x <= g (S (cell x)).

Lemma cell_mono x x' : g 0 <= x <= g n -> g 0 <= x' <= g n -> x <= x' -> (cell x <= cell x')%nat.
Proof.
  intros Hx Hx' [H|<-]; [|lia]. destruct (Hcell x Hx) as [A1 A2]. destruct (Hcell x' Hx') as [B1 B2].
  enough (cell x < S (cell x'))%nat by lia. apply g_less; [lia|lia|lra].
Qed.

Lemma cell_open y k : (k < n)%nat -> g k < y < g (S k) -> g 0 <= y <= g n /\ cell y = k.
Proof.
  intros Hk Hy. assert (Hr0 : g 0 <= y <= g n).
  { pose proof (g_mono 0 k ltac:(lia)). pose proof (g_mono (S k) n ltac:(lia)). lra. }
  split; [easy|]. destruct (Hcell y Hr0) as [C1 C2].
  assert (cell y < S k)%nat by (apply g_less; [lia|lia|lra]).
  assert (k < S (cell y))%nat by (apply g_less; [lia|lia|lra]). lia.
Qed.

Lemma table_mono q q' Z : (q <= q' <= top)%nat -> memory Z -> table q' Z <= table q Z.
Proof.
  intros [H1 H2] M. revert H2. induction H1 as [|j H1 IH]; intros H2; [lra|].
  specialize (IH ltac:(lia)). pose proof (table_falls Htable j Z ltac:(lia) M). lra.
Qed.

Lemma node_of_spec l q : node_of l = Some q ->
  (q <= top)%nat /\ node q <= l /\ forall q', (q' <= top)%nat -> node q' <= l -> (q' <= q)%nat.
Proof.
  intros H. apply last_at_some in H. destruct H as (A1 & A2 & A3). repeat split; [lia|now apply leb_spec|].
  intros q' Hq' L. apply A3; [lia|now apply leb_spec].
Qed.

Lemma node_of_there l q : (q <= top)%nat -> node q <= l -> exists q', node_of l = Some q'.
Proof. intros Hq L. apply (last_at_there _ (S top) q); [lia|now apply leb_spec]. Qed.

(* ---- the glued risk ---- *)
Definition in_cells (mem : list R) : bool := forallb (fun x => leb (g 0%nat) x && leb x (g n)) mem.
Definition cells (mem : list R) : list nat := map cell mem.
Definition entry (a : agent) : R :=
  if in_cells (snd a) then
    match node_of (fst a) with Some q => if Nat.ltb q top then table q (cells (snd a)) else 1 | None => 1 end
  else 1.
Local Notation risk := (glued ell W entry).

Lemma in_cells_spec mem : in_cells mem = true <-> forall x, In x mem -> g 0 <= x <= g n.
Proof.
  unfold in_cells. rewrite forallb_forall. split; intros H x Hx; specialize (H x Hx).
  - apply andb_prop in H. destruct H as [A1 A2]. apply leb_spec in A1, A2. lra.
  - apply andb_true_intro. split; apply leb_spec; lra.
Qed.

Lemma cells_memory mem : length mem = r -> in_cells mem = true -> memory (cells mem).
Proof.
  intros L C. rewrite in_cells_spec in C. split; [unfold cells; now rewrite map_length|].
  intros k Hk. apply in_map_iff in Hk. destruct Hk as (x & <- & Hx). now apply Hcell, C.
Qed.

Lemma entry_pos a : 0 <= entry a.
Proof.
  unfold entry. destruct (in_cells (snd a)); [|lra]. destruct (node_of (fst a)) as [q|]; [|lra].
  destruct (Nat.ltb q top); [apply (table_pos Htable)|lra].
Qed.

Lemma W_pos a : 0 <= W a.
Proof. now apply risk2_pos. Qed.

Lemma W_dead y a a' : length (snd a) = r -> ell < fst a -> moved s y a a' -> fst a' <= ell -> 1 <= W a'.
Proof. intros _. exact (risk2_dead s Hs theta ell A Htheta HA f f0 Hf Hf0 HA1 y a a'). Qed.

Lemma Psi_le_growth mem : in_cells mem = true -> 1 <= Psi f mem <= growth (cells mem).
Proof.
  intros C. split; [now apply Psi_ge_1|]. rewrite in_cells_spec in C.
  induction mem as [|x t IH]; simpl; [lra|].
  specialize (IH (fun z Hz => C z (or_intror Hz))). destruct (Hcell x (C x (or_introl eq_refl))) as [C1 C2].
  pose proof (HF (cell x) x C1 C2). pose proof (Hf x). pose proof (Psi_ge_1 f t Hf).
  apply Rmult_le_compat; lra.
Qed.

Lemma W_le q l mem : node q <= l -> in_cells mem = true -> W (l, mem) <= B q * growth (cells mem).
Proof.
  intros Hl C. destruct (Psi_le_growth mem C) as [P1 P2]. unfold risk2, B; cbn [fst snd].
  rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. pose proof (exp_pos (- theta * l)).
  apply Rmult_le_compat; [lra|lra| |easy]. apply exp_le. nra.
Qed.

(* the table bounds the risk from its nodes on *)
Lemma risk_le_table a q : length (snd a) = r -> in_cells (snd a) = true -> ell < fst a ->
  (q <= top)%nat -> node q <= fst a -> risk a <= table q (cells (snd a)).
Proof.
  intros Len C Al Hq L. rewrite glued_alive by easy. pose proof (cells_memory _ Len C) as M.
  destruct (node_of_there (fst a) q Hq L) as (q' & E). destruct (node_of_spec _ _ E) as (Q1 & Q2 & Q3).
  pose proof (Q3 q Hq L) as Q4. unfold entry. rewrite C, E. destruct (Nat.ltb_spec q' top) as [Lt|Ge].
  - apply Rle_trans with (1 := Rmin_r _ _). apply Rle_trans with (1 := Rmin_r _ _). apply table_mono; [lia|easy].
  - assert (q' = top) by lia. subst q'. destruct a as [l mem]. cbn [fst snd] in *.
    apply Rle_trans with (table top (cells mem)); [|apply table_mono; [lia|easy]].
    apply Rle_trans with (2 := table_top Htable _ M). pose proof (W_le top l mem Q2 C).
    unfold Rmin; repeat destruct Rle_dec; lra.
Qed.

Lemma later_perm q Z Z' : Permutation Z Z' -> later q Z = later q Z'.
Proof.
  intros E. unfold later. assert (R : reached q Z = reached q Z') by now apply weigh_perm, Permutation_map.
  rewrite R. destruct (leb _ _); [easy|]. destruct (node_of _); [now apply (table_perm Htable)|easy].
Qed.

Lemma later_pos q Z : 0 <= later q Z.
Proof.
  unfold later. destruct (leb _ _); [lra|]. destruct (node_of _); [apply (table_pos Htable)|lra].
Qed.

Lemma lows_below mem : in_cells mem = true -> Forall2 Rle (map g (cells mem)) mem.
Proof.
  rewrite in_cells_spec. induction mem as [|x t IH]; intros C; simpl; constructor.
  - now apply Hcell, C; left.
  - apply IH. intros z Hz. apply C. now right.
Qed.

(* an update whose elements are all in cells *)
Lemma risk_le_later q l mem : (q <= top)%nat -> node q <= l -> length mem = r -> in_cells mem = true ->
  risk (weigh s l mem, mem) <= later q (cells mem).
Proof.
  intros Hq Hl Len C. unfold later. destruct (leb (reached q (cells mem)) ell) eqn:E; [apply glued_le_1|].
  assert (R : ell < reached q (cells mem)).
  { destruct (Rle_dec (reached q (cells mem)) ell) as [D|D]; [|lra]. apply leb_spec in D. congruence. }
  assert (Ne : cells mem <> []) by (intros En; apply (f_equal (@length nat)) in En; unfold cells in En; rewrite map_length in En; simpl in En; lia).
  assert (L : reached q (cells mem) <= weigh s l mem).
  { apply weigh_mono; [easy| |easy|now apply lows_below]. intros En. apply map_eq_nil in En. easy. }
  destruct (node_of (reached q (cells mem))) as [V|] eqn:EV; [|apply glued_le_1].
  destruct (node_of_spec _ _ EV) as (V1 & V2 & _).
  apply risk_le_table; cbn [fst snd]; [easy|easy|lra|easy|lra].
Qed.

(* ---- what a draw makes of a memory in cells ---- *)
Section Draw.
Variable q : nat.
Hypothesis Hq : (q < top)%nat.
Variables (l : R) (mem : list R).
Hypothesis Len : length mem = r.
Hypothesis C : in_cells mem = true.
Hypothesis Al : ell < l.
Hypothesis Hl : node q <= l.
Variables a b : R.
Hypothesis Ia : In a mem.
Hypothesis Ib : In b mem.
Hypothesis Iall : forall x, In x mem -> a <= x <= b.
Local Notation Z := (cells mem).

Lemma first_is : first_cell n Z = cell a.
Proof.
  pose proof (proj1 (in_cells_spec mem) C) as Rg. apply first_cell_is.
  - now apply in_map.
  - destruct (Hcell a (Rg a Ia)). lia.
  - intros k Hk. apply in_map_iff in Hk. destruct Hk as (x & <- & Hx). apply cell_mono; try now apply Rg. now apply Iall.
Qed.

Lemma last_is : last_cell Z = cell b.
Proof.
  pose proof (proj1 (in_cells_spec mem) C) as Rg. apply last_cell_is.
  - now apply in_map.
  - intros k Hk. apply in_map_iff in Hk. destruct Hk as (x & <- & Hx). apply cell_mono; try now apply Rg. now apply Iall.
Qed.

(* what is left when an extreme element goes *)
Lemma rest_perm x l1 l2 : mem = l1 ++ x :: l2 -> Permutation (without (cell x) Z) (cells (l1 ++ l2)).
Proof.
  intros E. apply Permutation_cons_inv with (cell x). rewrite <- without_perm.
  - unfold cells. rewrite E, !map_app. simpl. symmetry. apply Permutation_middle.
  - apply in_map. rewrite E. apply in_or_app. right. now left.
Qed.

Lemma in_cells_rest x l1 l2 : mem = l1 ++ x :: l2 -> in_cells (l1 ++ l2) = true.
Proof.
  intros E. pose proof (proj1 (in_cells_spec mem) C) as Rg. apply in_cells_spec. intros z Hz. apply Rg.
  rewrite E. apply in_app_or in Hz. apply in_or_app. destruct Hz; [now left|right; now right].
Qed.

(* the product form after a draw outside the cells, all elements at d or above *)
Lemma W_after y x l1 l2 d : mem = l1 ++ x :: l2 -> (forall z, In z (l1 ++ y :: l2) -> d <= z) ->
  W (weigh s l (l1 ++ y :: l2), l1 ++ y :: l2)
    <= B q * growth (without (cell x) Z) * (exp (-2 * theta * d / s ^ 2) * f y).
Proof.
  intros E Hd. unfold risk2, B; cbn [fst snd]. rewrite Psi_app.
  destruct (Psi_le_growth _ (in_cells_rest x l1 l2 E)) as [P1 P2]. rewrite <- (growth_perm _ _ (rest_perm x l1 l2 E)) in P2.
  destruct (list_bounds (l1 ++ y :: l2)) as (v' & b' & Bd).
  assert (U : l + 2 * d / s ^ 2 <= weigh s l (l1 ++ y :: l2)).
  { apply (one_update s l (l1 ++ y :: l2) d b' Hs ltac:(now destruct l1)). intros z Hz. split; [now apply Hd|now apply Bd]. }
  pose proof (exp_theta theta s d l _ ltac:(lra) Hs U) as X. pose proof (exp_pos (-2 * theta * d / s ^ 2)) as E2.
  pose proof (exp_pos (- theta * weigh s l (l1 ++ y :: l2))) as E3. pose proof (Hf y) as Fy.
  assert (X' : exp (- theta * l) <= exp (- theta * node q)) by (apply exp_le; nra). pose proof (exp_pos (- theta * l)) as E4.
  apply Rle_trans with (A * (exp (- theta * node q) * exp (-2 * theta * d / s ^ 2) * (f y * growth (without (cell x) Z)))).
  - apply Rmult_le_compat_l; [easy|]. apply Rmult_le_compat; [lra|nra| |apply Rmult_le_compat_l; lra].
    apply Rle_trans with (1 := X). apply Rmult_le_compat_r; lra.
  - right. ring.
Qed.

(* the cell in which the midpoint of the extremes lies *)
Lemma middle_cell : exists v, (v < n)%nat /\ meets (cell a) (cell b) v = true /\ g v <= (a + b) / 2 <= g (S v).
Proof.
  pose proof (proj1 (in_cells_spec mem) C) as Rg. pose proof (Rg a Ia) as Ra. pose proof (Rg b Ib) as Rb.
  destruct (Hcell a Ra) as [A1 A2]. destruct (Hcell b Rb) as [B1 B2].
  pose proof (Hg (cell a) A1) as Ga. pose proof (Hg (cell b) B1) as Gb.
  set (hi := (g (S (cell a)) + g (S (cell b))) / 2). set (mid := (a + b) / 2).
  assert (G0a : g 0 <= g (cell a)) by (apply g_mono; lia). assert (G0b : g 0 <= g (cell b)) by (apply g_mono; lia).
  destruct (last_at_there (fun v => ltb (g v) hi && leb (g v) mid) n 0 Hn) as (v & E).
  { apply andb_true_intro. split; [apply ltb_spec; unfold hi; lra|apply leb_spec; unfold mid; lra]. }
  destruct (last_at_some _ _ _ E) as (V1 & V2 & V3). apply andb_prop in V2. destruct V2 as [V2 V4].
  apply ltb_spec in V2. apply leb_spec in V4. exists v. split; [easy|].
  assert (Up : mid <= g (S v) /\ (g (cell a) + g (cell b)) / 2 < g (S v)).
  { destruct (Nat.eq_dec (S v) n) as [->|Ne].
    - pose proof (g_mono (S (cell a)) n ltac:(lia)). pose proof (g_mono (S (cell b)) n ltac:(lia)). unfold mid. lra.
    - destruct (Rlt_dec (g (S v)) hi) as [L1|L1]; [|unfold hi, mid in *; lra].
      destruct (Rle_dec (g (S v)) mid) as [L2|L2]; [|unfold mid in *; lra].
      exfalso. assert (S v <= v)%nat; [|lia]. apply V3; [lia|].
      apply andb_true_intro. split; [now apply ltb_spec|now apply leb_spec]. }
  destruct Up as [U1 U2]. repeat split; [|easy|easy]. apply andb_true_intro. split; now apply ltb_spec.
Qed.

Variable v : nat.
Hypothesis Hv : (v < n)%nat.
Hypothesis Hmid : g v <= (a + b) / 2 <= g (S v).

Section Update.
(* y replaces x, which is an extreme *)
Variables (y x : R) (l1 l2 : list R).
Hypothesis Emem : mem = l1 ++ x :: l2.
Local Notation mem' := (l1 ++ y :: l2).

Lemma rest_in z : In z (l1 ++ l2) -> In z mem.
Proof.
  intros Hz. rewrite Emem. apply in_app_or in Hz. apply in_or_app. destruct Hz; [now left|right; now right].
Qed.

Lemma updated_in z : In z mem' -> z = y \/ In z (l1 ++ l2).
Proof.
  intros Hz. apply in_app_or in Hz. destruct Hz as [Hz|[Hz|Hz]]; [right|now left|right]; apply in_or_app; [now left|now right].
Qed.

(* below all cells: the largest goes *)
Lemma W_after_below : y < g 0%nat -> x = b ->
  W (weigh s l mem', mem') <= low_factor q Z * (exp (-2 * theta * y / s ^ 2) * f y).
Proof.
  intros B0 Ex. unfold low_factor, without_last. rewrite last_is, <- Ex. apply (W_after y x l1 l2 y Emem).
  intros z Hz. destruct (updated_in z Hz) as [->|Iz]; [lra|].
  pose proof (proj1 (in_cells_spec mem) C z (rest_in z Iz)). lra.
Qed.

(* above all cells: the smallest goes *)
Lemma W_after_above : g n < y -> x = a -> W (weigh s l mem', mem') <= high_factor q Z * f y.
Proof.
  intros B1 Ex. unfold high_factor, without_first. rewrite first_is, <- Ex.
  set (d := g (first_cell n (without (cell x) Z))).
  apply Rle_trans with (B q * growth (without (cell x) Z) * (exp (-2 * theta * d / s ^ 2) * f y)); [|right; ring].
  apply (W_after y x l1 l2 d Emem). unfold d. rewrite (first_cell_perm n _ _ (rest_perm x l1 l2 Emem)).
  destruct (first_cell_le n (cells (l1 ++ l2))) as [F1 F2].
  intros z Hz. destruct (updated_in z Hz) as [->|Iz].
  - pose proof (g_mono (first_cell n (cells (l1 ++ l2))) n ltac:(lia)). lra.
  - destruct (Hcell z (proj1 (in_cells_spec mem) C z (rest_in z Iz))) as [C1 C2].
    pose proof (F2 (cell z) (in_map cell _ z Iz)).
    pose proof (g_mono (first_cell n (cells (l1 ++ l2))) (cell z) ltac:(lia)). lra.
Qed.

(* in the cell k *)
Lemma risk_after_inside k : (k < n)%nat -> g k < y < g (S k) ->
  risk (weigh s l mem', mem') <= later q (k :: without (cell x) Z).
Proof.
  intros Hk Hy. destruct (cell_open y k Hk Hy) as [Ry Ck].
  assert (Len' : length mem' = r) by (rewrite <- Len, Emem, !app_length; easy).
  assert (C' : in_cells mem' = true).
  { apply in_cells_spec. intros z Hz. destruct (updated_in z Hz) as [->|Iz]; [easy|].
    exact (proj1 (in_cells_spec mem) C z (rest_in z Iz)). }
  apply Rle_trans with (1 := risk_le_later q l mem' ltac:(lia) Hl Len' C'). right. apply later_perm.
  rewrite (rest_perm x l1 l2 Emem). unfold cells. rewrite !map_app. simpl. rewrite Ck. symmetry. apply Permutation_middle.
Qed.
End Update.

Theorem risk_after y a' : moved s y (l, mem) a' ->
  risk a' <= on_cells (replaced q Z v) (low_factor q Z) (high_factor q Z) y.
Proof.
  intros Mv. pose proof (glued_le_W s r ell W entry W_dead y (l, mem) a' Len Al Mv) as LW.
  pose proof (glued_le_1 ell W entry a') as L1.
  inversion Mv as [l0 m0 mem' Rp]; subst l0 m0 a'. destruct Rp as (l1 & x & l2 & E1 & -> & Far).
  pose proof Ia as Ia'. pose proof Ib as Ib'. pose proof Iall as Iall'. rewrite E1 in Far, Ia', Ib', Iall'.
  destruct (farthest_is_extreme y l1 x l2 a b Far Ia' Ib' Iall') as (Low & High & Tie).
  pose proof (proj1 (in_cells_spec mem) C) as Rg. pose proof (Rg a Ia) as Ra. pose proof (Rg b Ib) as Rb.
  unfold on_cells. destruct (Rlt_dec y (g 0%nat)) as [B0|B0]; [|destruct (Rlt_dec (g n) y) as [B1|B1]].
  - apply Rmin_glb; [easy|]. apply Rle_trans with (1 := LW). apply W_after_below with x; [easy|easy|]. apply Low. lra.
  - apply Rmin_glb; [easy|]. apply Rle_trans with (1 := LW). apply W_after_above with x; [easy|easy|]. apply High. lra.
  - destruct (last_at _ n) as [k|] eqn:E; [|easy].
    destruct (last_at_some _ _ _ E) as (K1 & K2 & _). apply andb_prop in K2. destruct K2 as [K2 K3].
    apply ltb_spec in K2, K3. apply Rle_trans with (1 := risk_after_inside y x l1 l2 E1 k K1 (conj K2 K3)).
    unfold replaced, without_last, without_first. rewrite last_is, first_is.
    destruct (Nat.ltb_spec k v) as [Kv|Kv]; [|destruct (Nat.ltb_spec v k) as [Vk|Vk]].
    + rewrite Low; [lra|]. pose proof (g_mono (S k) v ltac:(lia)). lra.
    + rewrite High; [lra|]. pose proof (g_mono (S v) k ltac:(lia)). lra.
    + assert (X : x = a \/ x = b).
      { destruct (Rtotal_order y ((a + b) / 2)) as [H|[H|H]]; [right; now apply Low|now apply Tie|left; now apply High]. }
      destruct X as [->| ->]; [apply Rmax_r|apply Rmax_l].
Qed.
End Draw.

Lemma growth_pos X : (forall k, In k X -> (k < n)%nat) -> 0 <= growth X.
Proof.
  induction X as [|k t IH]; intros H; simpl; [lra|]. apply Rmult_le_pos; [|apply IH; intros; apply H; now right].
  pose proof (H k (or_introl eq_refl)) as Hk. pose proof (Hg k Hk). pose proof (Hf (g k)).
  pose proof (HF k (g k) Hk ltac:(lra)). lra.
Qed.

Lemma without_incl k X z : In z (without k X) -> In z X.
Proof.
  induction X as [|i t IH]; simpl; [easy|]. destruct (Nat.eqb i k); [now right|]. intros [->|H]; [now left|right; auto].
Qed.

Lemma replaced_pos q Z v k : 0 <= replaced q Z v k.
Proof.
  unfold replaced. destruct (Nat.ltb k v); [apply later_pos|]. destruct (Nat.ltb v k); [apply later_pos|].
  apply Rle_trans with (2 := Rmax_l _ _). apply later_pos.
Qed.

Lemma growth_without_pos Z k : memory Z -> 0 <= growth (without k Z).
Proof. intros [_ M]. apply growth_pos. intros i Hi. apply M. now apply without_incl in Hi. Qed.

Lemma low_factor_pos q Z : memory Z -> 0 <= low_factor q Z.
Proof.
  intros M. apply Rmult_le_pos; [apply Rmult_le_pos; [easy|left; apply exp_pos]|now apply growth_without_pos].
Qed.

Lemma high_factor_pos q Z : memory Z -> 0 <= high_factor q Z.
Proof.
  intros M. apply Rmult_le_pos; [|now apply growth_without_pos].
  apply Rmult_le_pos; [apply Rmult_le_pos; [easy|left; apply exp_pos]|left; apply exp_pos].
Qed.

Lemma load_other_at_node q l mem : node q <= l -> load * other (l, mem) <= load / (1 + exp (node q)).
Proof.
  intros Hl. unfold other, Rdiv; cbn [fst]. apply Rmult_le_compat_l; [easy|].
  replace (1 - logistic l) with (/ (1 + exp l)).
  - apply Rinv_le_contravar; [pose proof (exp_pos (node q)); lra|]. pose proof (exp_le _ _ Hl). lra.
  - rewrite <- logistic_opp. unfold logistic. now rewrite Ropp_involutive.
Qed.

Lemma entry_pays a : entry a < Rmin 1 (W a) -> pays s N r load ell (entry a) risk a.
Proof.
  intros Small p h c Len Al Mv Hc _. destruct a as [l mem]. cbn [fst snd] in *.
  pose proof (Rmin_l 1 (W (l, mem))) as M1. pose proof (Rmin_r 1 (W (l, mem))) as M2.
  unfold entry in Small; unfold entry at 1; cbn [fst snd] in Small |- *.
  destruct (in_cells mem) eqn:C; [|lra]. destruct (node_of l) as [q|] eqn:E; [|lra].
  destruct (Nat.ltb_spec q top) as [Hq|]; [|lra]. destruct (node_of_spec _ _ E) as (_ & Hl & _).
  pose proof (cells_memory mem Len C) as Mem.
  assert (Ne : mem <> []) by (intros En; rewrite En in Len; simpl in Len; lia).
  destruct (extremes mem Ne) as (a & b & Ia & Ib & Iall).
  destruct (middle_cell q Hq mem Len C a b Ia Ib) as (v & Hv & Meets & Mid).
  set (Z := cells mem) in *.
  assert (In : sumn n (fun k => P k * replaced q Z v k) <= inside q Z).
  { unfold inside. eapply Rle_trans; [|apply (maxn_ge n _ v Hv)]. cbv beta.
    unfold Z at 2 3. rewrite (first_is q Hq mem Len C a b Ia Iall), (last_is mem C a b Ib Iall), Meets. lra. }
  pose proof (W_le q l mem Hl C) as WL. fold Z in WL. pose proof (load_other_at_node q l mem Hl) as Oth.
  pose proof (table_pays Htable q Z Hq Mem) as Pay.
  assert (Third : load / (1 + exp (node q)) + inside q Z + outside q Z <= table q Z).
  { revert Pay. unfold Rmin; repeat destruct Rle_dec; lra. }
  pose proof (Hmasses c (replaced q Z v) (low_factor q Z) (high_factor q Z) Hc (replaced_pos q Z v)
    (low_factor_pos q Z Mem) (high_factor_pos q Z Mem) p) as D.
  unfold outside in Third. eapply Rle_trans; [|eapply Rle_trans; [exact D|]]; [lra|].
  assert (RA : forall y, risk (h y) <= on_cells (replaced q Z v) (low_factor q Z) (high_factor q Z) (own_draw p y)).
  { intros y. now apply (risk_after q Hq l mem Len C Al Hl a b Ia Ib Iall v Hv Mid). }
  assert (RP : forall y, 0 <= risk (h y)) by (intros y; apply glued_pos; [apply W_pos|apply entry_pos]).
  apply lo_mono; intros y; specialize (RA y); specialize (RP y);
    [apply cap_unit; lra|apply cap_unit; lra|unfold Rmin; repeat destruct Rle_dec; lra].
Qed.

(* ---- PMr ---- *)
Theorem permanence_given_memory q T x :
  senders_condition m Q side ell load r -> memory_of_size m r x -> alive m side ell x = true -> (q <= top)%nat ->
  (forall i, (i < m)%nat -> node q <= fst (own (side i) (x i)) /\ in_cells (snd (own (side i) (x i))) = true) ->
  1 - sumn m (fun i => table q (cells (snd (own (side i) (x i)))))
    <= P_always m Hm s N rule Q T (alive m side ell) x.
Proof.
  intros HQ Sx Ax Hq Start. apply Rle_trans with (1 - sumn m (fun i => risk (own (side i) (x i)))).
  - apply Rplus_le_compat_l, Ropp_le_contravar, sumn_le. intros i Hi. destruct (Start i Hi) as [St1 St2].
    apply risk_le_table; [|easy| |easy|easy].
    + rewrite own_memory_length. now apply Sx.
    + now apply (proj1 (alive_spec m Hm r Hr side ell x) Ax).
  - apply (permanence_of_risk m Hm s Hs N rule Hrule Q r Hr side load ell risk); try easy.
    + intros a. apply glued_pos; [apply W_pos|apply entry_pos].
    + intros y a a' _ _ _ Hd. rewrite glued_dead by easy. lra.
    + intros p a h c Len Al Mv Hc Small.
      now apply (glued_pays s N r load ell W entry W_pos entry_pos W_dead Hfalls entry_pays).
Qed.
End Cell.

(* an element at the end e is counted in the cell below it, at other ends in the cell above *)
Definition cell_left (e x : R) : nat :=
  match last_at (fun k => if Req_EM_T x e then ltb (g k) x else leb (g k) x) n with Some k => k | None => 0%nat end.

Lemma cell_left_fits e x : g 0 < e -> g 0 <= x <= g n ->
  let k := cell_left e x in (k < n)%nat /\ g k <= x <= g (S k) /\ (x = e -> g k < x) /\
  forall j, (j < n)%nat -> g j < x \/ g j <= x /\ x <> e -> (j <= k)%nat.
Proof.
  intros He Hx. unfold cell_left. set (t := fun k => _).
  assert (T : forall k, t k = true <-> g k < x \/ g k <= x /\ x <> e).
  { intros k. unfold t. destruct (Req_EM_T x e); [rewrite ltb_spec|rewrite leb_spec]; lra. }
  assert (T0 : t 0%nat = true) by (apply T; destruct (Req_EM_T x e); lra).
  destruct (last_at_there t n 0 Hn T0) as (k & E). rewrite E.
  destruct (last_at_some _ _ _ E) as (K1 & K2 & K3). apply T in K2.
  repeat split; [easy|lra| |lra|].
  - destruct (Nat.eq_dec (S k) n) as [Ek|Ne]; [rewrite Ek; lra|].
    destruct (Rle_dec x (g (S k))) as [|L]; [easy|exfalso].
    assert (S k <= k)%nat; [|lia]. apply K3; [lia|]. apply T. lra.
  - intros j Hj L. apply K3; [easy|]. now apply T.
Qed.

(* from E_h, H = h/sigma^2: the largest entry of the memories in [1/2, 3/2] *)
Theorem permanence_given_memory_from_level q k1 k2 bound H T x :
  senders_condition m Q side ell load r -> at_level m side r H x -> ell < H -> (q <= top)%nat -> node q <= H ->
  (k1 <= n)%nat -> (k2 <= n)%nat -> g k1 = 1/2 -> g k2 = 3/2 ->
  (forall Z, memory Z -> (forall k, In k Z -> (k1 <= k < k2)%nat) -> table q Z <= bound) ->
  1 - INR m * bound <= P_always m Hm s N rule Q T (alive m side ell) x.
Proof.
  intros HQ Lev He Hq HqH K1 K2 G1 G2 Hb.
  assert (G0 : g 0 <= 1/2) by (rewrite <- G1; apply g_mono; lia).
  assert (Gn : 3/2 <= g n) by (rewrite <- G2; apply g_mono; lia).
  set (cell := cell_left (3/2)).
  assert (Hc : forall z, g 0 <= z <= g n -> (cell z < n)%nat /\ g (cell z) <= z <= g (S (cell z))).
  { intros z Hz. destruct (cell_left_fits (3/2) z ltac:(lra) Hz) as (A1 & A2 & _). easy. }
  assert (Own : forall i z, (i < m)%nat -> In z (snd (own (side i) (x i))) -> 1/2 <= z <= 3/2).
  { intros i z Hi Hz. destruct (Lev i Hi) as (_ & _ & C). rewrite Forall_forall in C. now apply C in Hz. }
  assert (InC : forall i, (i < m)%nat -> in_cells (snd (own (side i) (x i))) = true).
  { intros i Hi. apply in_cells_spec. intros z Hz. apply (Own i z Hi) in Hz. lra. }
  assert (Sx : memory_of_size m r x) by (intros i Hi; now destruct (Lev i Hi)).
  apply Rle_trans with (1 - sumn m (fun i => table q (cells cell (snd (own (side i) (x i)))))).
  - apply Rplus_le_compat_l, Ropp_le_contravar. rewrite <- sumn_const. apply sumn_le. intros i Hi. apply Hb.
    + apply cells_memory; [easy| |now apply InC]. rewrite own_memory_length. now apply Sx.
    + intros k Hk. unfold cells in Hk. apply in_map_iff in Hk. destruct Hk as (z & <- & Hz).
      apply (Own i z Hi) in Hz. destruct (cell_left_fits (3/2) z ltac:(lra) ltac:(lra)) as (A1 & A2 & A3 & A4).
      fold cell in A1, A2, A3, A4. split.
      * apply A4; [|rewrite G1; lra]. apply g_less; [lia|lia|]. lra.
      * apply g_less; [lia|lia|]. rewrite G2. destruct (Req_EM_T z (3/2)) as [Ez|]; [specialize (A3 Ez)|]; lra.
  - apply permanence_given_memory; try easy.
    + apply (proj2 (alive_spec m Hm r Hr side ell x)). intros i Hi. destruct (Lev i Hi) as (_ & L & _). lra.
    + intros i Hi. destruct (Lev i Hi) as (_ & L & _). split; [lra|now apply InC].
Qed.
End Table.

(* ---- the risks of PM for any memory and of PM1 fall ---- *)
Section Forms.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Variable s : R.
Hypothesis Hs : 0 < s.
Variable N : R -> R -> lower R.
Variable node : nat -> R.
Local Notation ell := (node 0%nat).
Variables theta A load rho : R.
Hypothesis Htheta : 0 < theta < 1.
Hypothesis Hell : exp (- ell) / (1 + exp (- ell)) <= 1 - theta.
Hypothesis HA : 0 <= A.
Hypothesis Hload : 0 <= load.
Hypothesis HA2 : load * (exp (- (1 - theta) * ell) / (1 + exp (- ell))) <= A * (1 - rho).

Theorem any_memory_falls r f : (0 < r)%nat -> (forall x, 1 <= f x) -> rho < 1 -> supremum s N theta f rho ->
  falling_form s N r node theta A load f.
Proof.
  intros Hr Hf Hrho Hsup a p h c Len Al Mv Hc _.
  now apply (risk2_falls m Hm s Hs N theta ell A Htheta Hell HA load Hload r Hr f Hf rho Hrho Hsup HA2).
Qed.

Theorem memory_one_falls : exponential_moment s N theta rho ->
  falling_form s N 1 node theta A load (fun _ => 1).
Proof.
  intros Hmom a p h c Len Al Mv Hc _.
  assert (E : forall a, risk2 theta A (fun _ => 1) a = A * exp (- theta * fst a)).
  { intros [l mem]. unfold risk2; cbn [fst snd]. replace (Psi (fun _ => 1) mem) with 1; [ring|].
    induction mem as [|x t IH]; [easy|]. simpl. rewrite <- IH. ring. }
  rewrite E. eapply Rle_trans.
  - now apply (exponential_risk_falls m Hm s Hs N theta ell A Htheta Hell HA load Hload rho p a h c Hmom HA2).
  - apply lo_mono.
    + intros y. apply cap_unit. apply Rplus_le_le_0_compat; [easy|]. apply Rmult_le_pos; [easy|left; apply exp_pos].
    + intros y. apply cap_unit. rewrite E. apply Rplus_le_le_0_compat; [easy|]. apply Rmult_le_pos; [easy|left; apply exp_pos].
    + intros y. rewrite E. lra.
Qed.
End Forms.

(* ---- sweeps: the product form is a first table, and lowering entries keeps it certified ---- *)
Section Sweeps.
Variables (s : R) (r top : nat) (node : nat -> R) (theta A load : R) (n : nat) (g F P : nat -> R).
Variables P_below E_below P_above E_above : R.
Hypothesis HP : forall k, 0 <= P k.
Local Notation certified := (certified_table s r top node theta A load n g F P P_below E_below P_above E_above).
Local Notation B := (B node theta A).
Local Notation requirement t q Z :=
  (load / (1 + exp (node q)) + inside s top node n g P t q Z
     + outside s node theta A n g F P_below E_below P_above E_above q Z).

Theorem first_table : 0 < theta -> 0 <= A -> (forall k, 0 <= F k) ->
  (forall q, (q < top)%nat -> node q <= node (S q)) ->
  certified (fun q Z => Rmin 1 (B q * growth F Z)).
Proof.
  intros Ht HA HF Hnode.
  assert (G0 : forall Z, 0 <= growth F Z).
  { induction Z as [|k t IH]; simpl; [lra|]. now apply Rmult_le_pos. }
  assert (B0 : forall q, 0 <= B q) by (intros q; apply Rmult_le_pos; [easy|left; apply exp_pos]).
  split.
  - intros q Z. pose proof (Rmult_le_pos _ _ (B0 q) (G0 Z)). unfold Rmin; destruct Rle_dec; lra.
  - intros q Z Z' H. now rewrite (growth_perm F Z Z' H).
  - intros q Z Hq _. assert (L : B (S q) * growth F Z <= B q * growth F Z).
    { apply Rmult_le_compat_r; [easy|]. apply Rmult_le_compat_l; [easy|]. apply exp_le. specialize (Hnode q Hq). nra. }
    unfold Rmin; repeat destruct Rle_dec; lra.
  - intros Z _. lra.
  - intros q Z _ _. set (third := requirement _ q Z). unfold Rmin; repeat destruct Rle_dec; lra.
Qed.

Theorem sweep t t' : certified t ->
  (forall q Z, 0 <= t' q Z <= t q Z) -> (forall q Z Z', Permutation Z Z' -> t' q Z = t' q Z') ->
  (forall q Z, (q < top)%nat -> memory r n Z -> t' (S q) Z <= t' q Z) ->
  (forall Z, memory r n Z -> Rmin 1 (B top * growth F Z) <= t' top Z) ->
  (forall q Z, (q < top)%nat -> memory r n Z ->
     t' q Z = t q Z \/ Rmin 1 (Rmin (B q * growth F Z) (requirement t q Z)) <= t' q Z) ->
  certified t'.
Proof.
  intros Ct Le Pm Fa To Pay. split; [apply Le|easy|easy|easy|]. intros q Z Hq M.
  assert (La : forall q Z, later s top node g t' q Z <= later s top node g t q Z).
  { intros q' Z'. unfold later. destruct (leb _ _); [lra|]. destruct (node_of _ _ _); [apply Le|lra]. }
  assert (Re : forall v k, replaced s top node n g t' q Z v k <= replaced s top node n g t q Z v k).
  { intros v k. unfold replaced. destruct (Nat.ltb k v); [apply La|]. destruct (Nat.ltb v k); [apply La|].
    apply Rmax_lub; (eapply Rle_trans; [apply La|]); [apply Rmax_l|apply Rmax_r]. }
  assert (In : inside s top node n g P t' q Z <= inside s top node n g P t q Z).
  { unfold inside. apply maxn_mono. intros v. destruct (meets _ _ _ _); [|lra].
    apply sumn_le. intros k _. now apply Rmult_le_compat_l. }
  apply Rle_trans with (Rmin 1 (Rmin (B q * growth F Z) (requirement t q Z))).
  - unfold Rmin; repeat destruct Rle_dec; lra.
  - destruct (Pay q Z Hq M) as [->|H]; [now apply (table_pays _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ Ct)|easy].
Qed.
End Sweeps.
