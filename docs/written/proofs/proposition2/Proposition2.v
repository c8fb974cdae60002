(* P2 and P2': own-side updates polarize one agent. *)
From Coq Require Import Reals Lra Lia List Bool.
From Mcpolar Require Import Proposition3 Odds Proposition1.
Import ListNotations.
Local Open Scope R_scope.

(* ---- P2: the paper's count, on half-open and on closed intervals ---- *)
Lemma moves_run s ys a b : moves s ys a b -> run ys (snd a) (snd b).
Proof.
  induction 1 as [|y ys a b c H Hr IH]; [constructor|].
  destruct H as [l mem mem' H]. simpl in *. econstructor; eauto.
Qed.

Lemma moves_app s ys zs a c :
  moves s (ys ++ zs) a c -> exists b, moves s ys a b /\ moves s zs b c.
Proof.
  revert a; induction ys as [|y ys IH]; intros a; simpl.
  - intros H; exists a; split; [constructor|easy].
  - inversion 1 as [|? ? ? b' ? H1 H2]; subst. apply IH in H2. destruct H2 as (b & H2 & H3).
    exists b; split; [|easy]. econstructor; eauto.
Qed.

(* updates in P, from memory in P, each gaining c/s^2 at least *)
Lemma moves_gain (P : R -> Prop) (c s : R) ys a b :
  (forall y l mem l' mem', P y -> Forall P mem -> moved s y (l, mem) (l', mem') ->
     l + c / s ^ 2 <= l' /\ Forall P mem') ->
  moves s ys a b -> Forall P ys -> Forall P (snd a) ->
  fst a + INR (length ys) * (c / s ^ 2) <= fst b /\ Forall P (snd b).
Proof.
  intros Hc. induction 1 as [a|y ys [l mem] [l' mem'] c' H Hr IH]; intros Hys Ha.
  - split; [|easy]. cbn [length INR]. lra.
  - inversion_clear Hys as [|? ? Hy Hys'].
    destruct (Hc y l mem l' mem' Hy Ha H) as [G Hm]. destruct (IH Hys' Hm) as [G' Hb].
    split; [|easy]. cbn [length fst] in *. rewrite S_INR. lra.
Qed.

Lemma firstn_skipn_Forall {A} (P : A -> Prop) n l : Forall P l -> Forall P (firstn n l) /\ Forall P (skipn n l).
Proof. rewrite <- (firstn_skipn n l) at 1. now rewrite Forall_app. Qed.

Lemma proposition2_count s n ys l mem l' mem' :
  0 < s -> - (1 / s ^ 2) <= l -> Forall Ipm mem -> Forall Iplus ys ->
  (forall mem1, run (firstn n ys) mem mem1 -> Forall Iplus mem1) ->
  (length ys = 4 * n + 2)%nat -> moves s ys (l, mem) (l', mem') ->
  Forall Iplus mem' /\ 1 / s ^ 2 <= l'.
Proof.
  intros Hs Hl Hm Hys Hc Hlen H.
  rewrite <- (firstn_skipn n ys) in H. apply moves_app in H. destruct H as ([l1 mem1] & H1 & H2).
  destruct (firstn_skipn_Forall Iplus n ys Hys) as [Y1 Y2].
  pose proof (Hc mem1 (moves_run _ _ _ _ H1)) as C.
  assert (E1 : length (firstn n ys) = n) by (rewrite firstn_length; lia).
  assert (E2 : length (skipn n ys) = (3 * n + 2)%nat) by (rewrite skipn_length; lia).
  assert (P1 : Forall Ipm (firstn n ys)).
  { apply Forall_impl with (2 := Y1). intros z Hz; now right. }
  assert (K1 : forall y l mem l' mem', Ipm y -> Forall Ipm mem -> moved s y (l, mem) (l', mem') ->
                 l + -3 / s ^ 2 <= l' /\ Forall Ipm mem').
  { intros y l0 m0 l0' m0' Hy Hm0 Hmv. destruct (proposition1 s y l0 m0 l0' m0' Hs Hm0 Hy Hmv) as [B Hm0'].
    split; [|easy]. replace (-3 / s ^ 2) with (- (3 / s ^ 2)) by (field; lra). lra. }
  destruct (moves_gain Ipm (-3) s (firstn n ys) (l, mem) (l1, mem1) K1 H1 P1 Hm) as [G1 _].
  destruct (moves_gain Iplus 1 s (skipn n ys) (l1, mem1) (l', mem')
              (fun y l mem l' mem' Hy Hm => proposition1_gain s y l mem l' mem' Hs Hm Hy) H2 Y2 C) as [G2 Hm'].
  split; [easy|]. rewrite E1 in G1. rewrite E2 in G2. cbn [fst] in *.
  rewrite plus_INR, mult_INR in G2. change (INR 3) with (1 + 1 + 1) in G2. change (INR 2) with (1 + 1) in G2.
  replace (-3 / s ^ 2) with (-3 * (1 / s ^ 2)) in G1 by (field; lra).
  set (v := 1 / s ^ 2) in *. nra.
Qed.

Theorem proposition2 s ys l mem l' mem' :
  0 < s -> - (1 / s ^ 2) <= l -> Forall Ipm mem -> Forall Iplus_open ys ->
  (length ys = 4 * length mem + 2)%nat -> moves s ys (l, mem) (l', mem') ->
  Forall Iplus mem' /\ 1 / s ^ 2 <= l'.
Proof.
  intros Hs Hl Hm Hys Hlen H.
  apply (proposition2_count s (length mem) ys l mem); try easy.
  - apply Forall_impl with (2 := Hys). unfold Iplus_open, Iplus; intros; lra.
  - intros mem1 R. apply (clear_half_open _ _ _ R); [|easy|rewrite firstn_length; lia].
    now apply (firstn_skipn_Forall Iplus_open (length mem) ys).
Qed.

Theorem proposition2_closed s ys l mem l' mem' :
  0 < s -> - (1 / s ^ 2) <= l -> mem <> [] -> Forall Ipm mem -> Forall Iplus ys ->
  (length ys = 8 * length mem - 2)%nat -> moves s ys (l, mem) (l', mem') ->
  Forall Iplus mem' /\ 1 / s ^ 2 <= l'.
Proof.
  intros Hs Hl He Hm Hys Hlen H.
  assert (0 < length mem)%nat by (destruct mem; [easy|simpl; lia]).
  apply (proposition2_count s (2 * length mem - 1) ys l mem); try easy; [|lia].
  intros mem1 R. apply (clear_closed _ _ _ R); [|easy|rewrite firstn_length; lia].
  now apply (firstn_skipn_Forall Iplus (2 * length mem - 1) ys).
Qed.

(* ---- P2': the own-side weight after u own-side updates ---- *)
(* lambda_u; the weight a_u is [logistic (lambda r s u)] *)
Fixpoint lambda (r : nat) (s : R) (u : nat) : R :=
  match u with
  | O => 0
  | S v => logit (INR (min u r) / INR r * logistic (lambda r s v + 1 / s ^ 2))
  end.
Definition a_ (r : nat) (s : R) (u : nat) : R := logistic (lambda r s u).

Lemma a_0 r s : a_ r s 0 = 1/2.
Proof. unfold a_, logistic. simpl. rewrite Ropp_0, exp_0. lra. Qed.

Lemma share_01 u r : (0 < r)%nat -> 0 < INR (min (S u) r) / INR r <= 1.
Proof.
  intros Hr. assert (0 < INR r) by (apply lt_0_INR; lia). split.
  - apply Rdiv_lt_0_compat; [apply lt_0_INR; lia|easy].
  - apply Rmult_le_reg_r with (INR r); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    assert (INR (min (S u) r) <= INR r) by (apply le_INR; lia). lra.
Qed.

Lemma a_step r s u :
  (0 < r)%nat -> a_ r s (S u) = INR (min (S u) r) / INR r * logistic (lambda r s u + 1 / s ^ 2).
Proof.
  intros Hr. unfold a_. cbn [lambda]. apply logistic_logit.
  pose proof (share_01 u r Hr). pose proof (logistic_01 (lambda r s u + 1 / s ^ 2)). nra.
Qed.

Lemma lambda_after r s u : (0 < r)%nat -> (r <= S u)%nat -> lambda r s (S u) = lambda r s u + 1 / s ^ 2.
Proof.
  intros Hr Hu. cbn [lambda]. replace (min (S u) r) with r by lia.
  assert (0 < INR r) by (apply lt_0_INR; lia).
  replace (INR r / INR r) with 1 by (field; lra). now rewrite Rmult_1_l, logit_logistic.
Qed.

Lemma sum_of_own s l mem b :
  0 < s -> (forall x, Iplus x -> b <= g s (logistic l) x) -> 0 <= b ->
  INR (cnt inIplus mem) * b <= sumR (g s (logistic l)) mem.
Proof.
  intros Hs Hb B0. induction mem as [|x t IH]; [simpl; lra|].
  unfold cnt in *. cbn [filter sumR fold_right]. fold (sumR (g s (logistic l)) t).
  destruct (inIplus x) eqn:E.
  - cbn [length]. rewrite S_INR. apply inIplus_spec, Hb in E. lra.
  - rewrite posterior_log_odds by easy. pose proof (logistic_01 (l + 2 * x / s ^ 2)). lra.
Qed.

Theorem own_weight_step r s u l mem' :
  0 < s -> (0 < r)%nat -> length mem' = r -> (min (S u) r <= cnt inIplus mem')%nat ->
  lambda r s u <= l -> lambda r s (S u) <= weigh s l mem'.
Proof.
  intros Hs Hr Hlen Hc Hl. assert (R0 : 0 < INR r) by (apply lt_0_INR; lia).
  assert (Hne : mem' <> []) by (intros ->; simpl in Hlen; lia).
  set (b := logistic (lambda r s u + 1 / s ^ 2)). pose proof (logistic_01 (lambda r s u + 1 / s ^ 2)) as B.
  fold b in B. cbn [lambda]. fold b. unfold weigh.
  assert (S1 : INR (cnt inIplus mem') * b <= sumR (g s (logistic l)) mem').
  { apply sum_of_own; [easy| |lra]. intros x Hx. rewrite posterior_log_odds by easy. unfold b.
    apply logistic_le. unfold Iplus in Hx. apply Rplus_le_compat; [easy|].
    replace (1 / s ^ 2) with (2 * (1/2) / s ^ 2) by (field; lra). apply scaled_le; lra. }
  assert (C : INR (min (S u) r) <= INR (cnt inIplus mem')) by now apply le_INR.
  pose proof (share_01 u r Hr) as Sh.
  apply logit_le.
  - nra.
  - unfold mean. rewrite Hlen. apply Rmult_le_reg_r with (INR r); [easy|].
    replace (INR (min (S u) r) / INR r * b * INR r) with (INR (min (S u) r) * b) by (field; lra).
    replace (sumR (g s (logistic l)) mem' / INR r * INR r) with (sumR (g s (logistic l)) mem') by (field; lra).
    nra.
  - now apply mean_01.
Qed.

(* What is known of a memory after u updates, for either kind of arrival. *)
Record clearing := Clearing {
  arrives : R -> bool;
  after : nat -> list R -> Prop;
  after_step : forall u y l l', arrives y = true -> repl y l l' -> after u l -> after (S u) l';
  after_count : forall u l, after u l -> (min u (length l) <= cnt inIplus l)%nat
}.

(* any memory, arrivals in J *)
Definition from_any : clearing.
Proof.
  refine (Clearing inJ cleared _ cleared_count).
  intros u y l l' Hy H C. apply cleared_step with y l; [now apply inJ_spec|easy|easy].
Defined.

(* memory in I- u I+, arrivals in (1/2, 3/2] *)
Definition inIopen (y : R) : bool :=
  if Rlt_dec (1/2) y then if Rle_dec y (3/2) then true else false else false.
Lemma inIopen_spec y : inIopen y = true <-> Iplus_open y.
Proof. unfold inIopen, Iplus_open. destruct (Rlt_dec (1/2) y), (Rle_dec y (3/2)); split; easy || lra. Qed.

Lemma neg_or_plus l : Forall Ipm l -> (cnt neg l + cnt inIplus l = length l)%nat.
Proof.
  unfold cnt. induction 1 as [|x t [Hx|Hx] _ IH]; [easy| |]; cbn [filter length].
  - rewrite (neg_minus x Hx). replace (inIplus x) with false; [simpl; lia|].
    symmetry. apply not_true_is_false. rewrite inIplus_spec. unfold Iplus, Iminus in *. lra.
  - rewrite (neg_plus x Hx). apply inIplus_spec in Hx. rewrite Hx. simpl; lia.
Qed.

Definition from_well_behaved : clearing.
Proof.
  refine (Clearing inIopen (fun u l => Forall Ipm l /\ (cnt neg l <= length l - u)%nat) _ _).
  - intros u y l l' Hy H [C D]. apply inIopen_spec in Hy.
    destruct (clear_step y l l' Hy C H) as [E C']. split; [easy|].
    rewrite (repl_length _ _ _ H). lia.
  - intros u l [C D]. pose proof (neg_or_plus l C). lia.
Defined.

(* P2': along arrivals of the kind, after u of them *)
Definition grown (K : clearing) (r : nat) (s : R) (u : nat) (a : agent) : Prop :=
  length (snd a) = r /\ after K u (snd a) /\ lambda r s u <= fst a.

Theorem grown_step K r s u y a a' :
  0 < s -> (0 < r)%nat -> arrives K y = true -> moved s y a a' -> grown K r s u a -> grown K r s (S u) a'.
Proof.
  intros Hs Hr Hy H (L & A & G). destruct H as [l mem mem' H]. simpl in *.
  pose proof (repl_length _ _ _ H) as E. pose proof (after_step K u y mem mem' Hy H A) as A'.
  split; [simpl; lia|]. split; [easy|]. simpl. apply own_weight_step; try easy; [lia|].
  replace r with (length mem') by lia. now apply (after_count K).
Qed.

Theorem proposition2_repaired K r s ys a a' :
  0 < s -> (0 < r)%nat -> length (snd a) = r -> after K 0 (snd a) -> 0 <= fst a ->
  Forall (fun y => arrives K y = true) ys -> moves s ys a a' ->
  a_ r s (length ys) <= logistic (fst a') /\ ((r <= length ys)%nat -> Forall Iplus (snd a')).
Proof.
  intros Hs Hr Hlen H0 Ha Hys H.
  assert (G : forall u, grown K r s u a -> grown K r s (length ys + u) a').
  { revert Hys. clear H0 Ha Hlen. induction H as [a|y ys a b c H Hr' IH]; intros Hys u Gu; [easy|].
    inversion_clear Hys as [|? ? Hy Hys']. simpl.
    replace (S (length ys + u)) with (length ys + S u)%nat by lia.
    apply IH; [easy|]. now apply grown_step with y a. }
  specialize (G 0%nat). rewrite Nat.add_0_r in G. destruct G as (G1 & G2 & G3).
  { repeat split; easy. }
  split; [now apply logistic_le|].
  intros Hu. apply count_full. pose proof (after_count K _ _ G2). lia.
Qed.

(* the least of a_0 .. a_{n-1} covers a_n too *)
Theorem least_own_weight_at_level r s n a h :
  (0 < n)%nat -> 0 < h -> h / s ^ 2 <= lambda r s n -> 0 < s ->
  (forall u, (u < n)%nat -> a <= a_ r s u) -> forall u, (u <= n)%nat -> a <= a_ r s u.
Proof.
  intros Hn Hh Hl Hs H u Hu. destruct (Nat.eq_dec u n) as [->|]; [|apply H; lia].
  apply Rle_trans with (a_ r s 0); [apply H; lia|]. unfold a_. apply logistic_le. simpl.
  apply Rle_trans with (2 := Hl). apply Rlt_le, Rdiv_lt_0_compat; [easy|]. apply pow_lt, Hs.
Qed.

Theorem least_own_weight_at_r r s a :
  (0 < r)%nat -> 0 < s ->
  (forall u, (u < r)%nat -> a <= a_ r s u) -> forall u, (u <= r)%nat -> a <= a_ r s u.
Proof.
  intros Hr Hs H u Hu. destruct (Nat.eq_dec u r) as [->|]; [|apply H; lia].
  destruct r as [|v]; [lia|]. apply Rle_trans with (a_ (S v) s v); [apply H; lia|].
  unfold a_. apply logistic_le. rewrite lambda_after by lia.
  assert (0 < 1 / s ^ 2) by (apply Rdiv_lt_0_compat; [lra|apply pow_lt, Hs]). lra.
Qed.
