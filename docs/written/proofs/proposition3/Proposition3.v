(* P3 (refuted) and P3': own-side updates clear the memory.

   An arriving value takes the place of a farthest element. [repl] leaves the choice
   among ties open, so what is proved of it holds for every tie rule; [replace_far] is
   the chain's rule (the farthest element of smallest index). *)
From Coq Require Import Reals Lra Lia List Bool.
Import ListNotations.
Local Open Scope R_scope.

Definition Iplus (x : R) : Prop := 1/2 <= x <= 3/2.
Definition Iminus (x : R) : Prop := -3/2 <= x <= -1/2.
Definition Ipm (x : R) : Prop := Iminus x \/ Iplus x.
Definition J (x : R) : Prop := 5/6 <= x <= 7/6.

Definition repl (y : R) (l l' : list R) : Prop :=
  exists l1 x l2,
    l = l1 ++ x :: l2 /\ l' = l1 ++ y :: l2 /\
    (forall z, In z l -> Rabs (z - y) <= Rabs (x - y)).

Inductive run : list R -> list R -> list R -> Prop :=
| run_nil l : run [] l l
| run_cons y ys l l' l'' : repl y l l' -> run ys l' l'' -> run (y :: ys) l l''.

(* ---- the explicit function ---- *)
Fixpoint maxdist (y : R) (l : list R) : R :=
  match l with [] => 0 | x :: t => Rmax (Rabs (x - y)) (maxdist y t) end.

Fixpoint replace_at (y d : R) (l : list R) : list R :=
  match l with
  | [] => []
  | x :: t => if Req_EM_T (Rabs (x - y)) d then y :: t else x :: replace_at y d t
  end.

Definition replace_far (y : R) (l : list R) : list R := replace_at y (maxdist y l) l.

Lemma maxdist_ge y l z : In z l -> Rabs (z - y) <= maxdist y l.
Proof.
  induction l as [|x t IH]; simpl; [easy|]; intros [->|H].
  - apply Rmax_l.
  - eapply Rle_trans; [now apply IH | apply Rmax_r].
Qed.

Lemma maxdist_in y l : l <> [] -> exists z, In z l /\ Rabs (z - y) = maxdist y l.
Proof.
  induction l as [|x t IH]; [easy|]; intros _; simpl.
  destruct t as [|x' t'].
  - exists x; split; [now left|]; simpl. rewrite Rmax_left; [easy | apply Rabs_pos].
  - destruct (IH ltac:(easy)) as (z & Hz & E).
    destruct (Rle_lt_dec (maxdist y (x' :: t')) (Rabs (x - y))).
    + exists x; split; [now left|]. now rewrite Rmax_left.
    + exists z; split; [now right|]. rewrite E, Rmax_right; [easy | lra].
Qed.

Lemma replace_at_spec y d l :
  (exists z, In z l /\ Rabs (z - y) = d) ->
  exists l1 x l2, l = l1 ++ x :: l2 /\ replace_at y d l = l1 ++ y :: l2 /\ Rabs (x - y) = d.
Proof.
  induction l as [|x t IH]; simpl; intros (z & Hz & E); [easy|].
  destruct (Req_EM_T (Rabs (x - y)) d) as [e|n].
  - now exists [], x, t.
  - destruct IH as (l1 & x' & l2 & -> & -> & E').
    + exists z; split; [|easy]. destruct Hz as [->|]; [easy|easy].
    + now exists (x :: l1), x', l2.
Qed.

Theorem replace_far_repl y l : l <> [] -> repl y l (replace_far y l).
Proof.
  intros Hl. destruct (replace_at_spec y (maxdist y l) l (maxdist_in y l Hl))
    as (l1 & x & l2 & E1 & E2 & E3).
  exists l1, x, l2; repeat split; [easy|easy|].
  intros z Hz; rewrite E3; now apply maxdist_ge.
Qed.

(* ---- facts about one replacement ---- *)
Lemma repl_length y l l' : repl y l l' -> length l' = length l.
Proof. intros (l1 & x & l2 & -> & -> & _). now rewrite !app_length. Qed.

Lemma repl_Forall (P : R -> Prop) y l l' : repl y l l' -> P y -> Forall P l -> Forall P l'.
Proof.
  intros (l1 & x & l2 & -> & -> & _) Py. rewrite !Forall_app.
  intros [H1 H2]; inversion H2; subst; auto.
Qed.

Lemma run_length ys l l' : run ys l l' -> length l' = length l.
Proof. induction 1; [easy|]. rewrite IHrun. now apply repl_length with y. Qed.

(* ---- counting ---- *)
Definition cnt (P : R -> bool) (l : list R) : nat := length (filter P l).

Lemma cnt_split P l1 x l2 :
  cnt P (l1 ++ x :: l2) = ((if P x then 1 else 0) + cnt P (l1 ++ l2))%nat.
Proof. unfold cnt. rewrite !filter_app, !app_length; simpl. destruct (P x); simpl; lia. Qed.

Lemma cnt_le P l : (cnt P l <= length l)%nat.
Proof. unfold cnt; induction l as [|x t IH]; simpl; [lia|]. destruct (P x); simpl; lia. Qed.

Lemma cnt_full P l : (length l <= cnt P l)%nat -> forall z, In z l -> P z = true.
Proof.
  intros H z Hz. apply in_split in Hz. destruct Hz as (l1 & l2 & ->).
  rewrite cnt_split, app_length in H; simpl in H.
  pose proof (cnt_le P (l1 ++ l2)) as H'. rewrite app_length in H'.
  destruct (P z); [easy|lia].
Qed.

Lemma cnt_zero P l : cnt P l = 0%nat -> forall z, In z l -> P z = false.
Proof.
  intros H z Hz. apply in_split in Hz. destruct Hz as (l1 & l2 & ->).
  rewrite cnt_split in H. destruct (P z); [lia|easy].
Qed.

Definition inJ (x : R) : bool := if Rle_dec (5/6) x then if Rle_dec x (7/6) then true else false else false.
Lemma inJ_spec x : inJ x = true <-> J x.
Proof. unfold inJ, J. destruct (Rle_dec (5/6) x), (Rle_dec x (7/6)); split; easy || lra. Qed.

Definition neg (x : R) : bool := if Rlt_dec x 0 then true else false.
Lemma neg_minus x : Iminus x -> neg x = true.
Proof. unfold neg, Iminus. destruct (Rlt_dec x 0); lra. Qed.
Lemma neg_plus x : Iplus x -> neg x = false.
Proof. unfold neg, Iplus. destruct (Rlt_dec x 0); lra. Qed.

(* |a| <= b and the like, as linear facts *)
Ltac abs_cases := unfold Rabs in *; repeat destruct Rcase_abs.

(* ---- one update in J ---- *)
Lemma reset_step y l l' :
  J y -> repl y l l' ->
  Forall Iplus l' \/ (S (cnt inJ l) <= cnt inJ l')%nat.
Proof.
  intros Jy (l1 & x & l2 & -> & -> & Hfar).
  assert (Ey : inJ y = true) by now apply inJ_spec.
  rewrite !cnt_split, Ey.
  destruct (inJ x) eqn:Ex; [left|right; lia].
  apply inJ_spec in Ex.
  assert (Hall : forall z, In z (l1 ++ x :: l2) -> Iplus z).
  { intros z Hz. specialize (Hfar z Hz). unfold J, Iplus in *. abs_cases; lra. }
  apply Forall_forall. intros z Hz.
  apply in_app_or in Hz. destruct Hz as [Hz|[<-|Hz]].
  - apply Hall, in_or_app; now left.
  - unfold J, Iplus in *; lra.
  - apply Hall, in_or_app; right; now right.
Qed.

(* ---- P3': any memory, updates in J ---- *)
Definition inIplus (x : R) : bool :=
  if Rle_dec (1/2) x then if Rle_dec x (3/2) then true else false else false.
Lemma inIplus_spec x : inIplus x = true <-> Iplus x.
Proof. unfold inIplus, Iplus. destruct (Rle_dec (1/2) x), (Rle_dec x (3/2)); split; easy || lra. Qed.

Lemma cnt_all P l : Forall (fun z => P z = true) l -> cnt P l = length l.
Proof. unfold cnt. induction 1 as [|z t Hz _ IH]; [easy|]. simpl. rewrite Hz; simpl; now rewrite IH. Qed.

Lemma cnt_mono P Q l : (forall z, P z = true -> Q z = true) -> (cnt P l <= cnt Q l)%nat.
Proof.
  intros H. unfold cnt. induction l as [|z t IH]; simpl; [lia|].
  specialize (H z). destruct (P z); [rewrite H by easy; simpl; lia|destruct (Q z); simpl; lia].
Qed.

Lemma J_Iplus z : J z -> Iplus z.
Proof. unfold J, Iplus; lra. Qed.

(* what is left unsaid in "u updates have arrived": all in I+, or u of them still in J *)
Definition cleared (u : nat) (l : list R) : Prop := Forall Iplus l \/ (u <= cnt inJ l)%nat.

Lemma cleared_0 l : cleared 0 l.
Proof. right; lia. Qed.

Lemma cleared_step u y l l' : J y -> repl y l l' -> cleared u l -> cleared (S u) l'.
Proof.
  intros Jy H [C|C].
  - left. apply (repl_Forall _ _ _ _ H); [now apply J_Iplus|easy].
  - destruct (reset_step y l l' Jy H) as [A|A]; [now left|right; lia].
Qed.

Lemma cleared_count u l : cleared u l -> (min u (length l) <= cnt inIplus l)%nat.
Proof.
  intros [C|C].
  - rewrite cnt_all; [lia|]. apply Forall_impl with (2 := C). intros z; apply inIplus_spec.
  - pose proof (cnt_mono inJ inIplus l) as H.
    assert (forall z, inJ z = true -> inIplus z = true).
    { intros z Hz. apply inIplus_spec, J_Iplus, inJ_spec, Hz. }
    specialize (H ltac:(easy)). lia.
Qed.

Lemma count_full l : (length l <= cnt inIplus l)%nat -> Forall Iplus l.
Proof.
  intros H. apply Forall_forall. intros z Hz. apply inIplus_spec. now apply cnt_full with l.
Qed.

Lemma cleared_full u l : cleared u l -> (length l <= u)%nat -> Forall Iplus l.
Proof. intros C H. apply count_full. pose proof (cleared_count u l C). lia. Qed.

Lemma cleared_run u ys l l' :
  run ys l l' -> Forall J ys -> cleared u l -> cleared (length ys + u) l'.
Proof.
  intros H. revert u. induction H as [l|y ys l l' l'' H Hr IH]; intros u HJ C; [easy|].
  inversion_clear HJ as [|? ? Jy HJ']. simpl.
  replace (S (length ys + u)) with (length ys + S u)%nat by lia.
  apply IH; [easy|]. now apply cleared_step with y l.
Qed.

Theorem proposition3_repaired ys l l' :
  run ys l l' -> Forall J ys ->
  (min (length ys) (length l) <= cnt inIplus l')%nat /\ ((length l <= length ys)%nat -> Forall Iplus l').
Proof.
  intros H HJ. pose proof (cleared_run 0 ys l l' H HJ (cleared_0 l)) as C.
  rewrite Nat.add_0_r in C. rewrite <- (run_length _ _ _ H). split.
  - now apply cleared_count.
  - now apply cleared_full.
Qed.

(* ---- the paper's form fails ---- *)
Theorem proposition3_refuted :
  exists l ys l', length ys = length l /\ Forall Iplus ys /\ run ys l l' /\ ~ Forall Iplus l'.
Proof.
  exists [45/100; 5], [3/2; 6/10], [45/100; 6/10]. repeat split.
  - repeat constructor; lra.
  - econstructor; [|econstructor; [|constructor]].
    + exists [45/100], 5, []. repeat split. simpl; intros z [<-|[<-|[]]]; abs_cases; lra.
    + exists [45/100], (3/2), []. repeat split. simpl; intros z [<-|[<-|[]]]; abs_cases; lra.
  - rewrite Forall_forall. intros H. specialize (H (45/100) ltac:(simpl; tauto)). unfold Iplus in H; lra.
Qed.

(* ---- memory lemma: r updates from (1/2, 3/2] clear I_- ---- *)
Definition Iplus_open (y : R) : Prop := 1/2 < y <= 3/2.

Lemma clear_step y l l' :
  Iplus_open y -> Forall Ipm l -> repl y l l' ->
  cnt neg l' = pred (cnt neg l) /\ Forall Ipm l'.
Proof.
  intros Hy Hl H. split.
  2:{ apply (repl_Forall _ _ _ _ H); [|easy]. right. unfold Iplus_open, Iplus in *; lra. }
  destruct H as (l1 & x & l2 & -> & -> & Hfar).
  rewrite Forall_forall in Hl.
  assert (Ey : neg y = false) by (apply neg_plus; unfold Iplus_open, Iplus in *; lra).
  assert (Hx : Ipm x) by (apply Hl, in_or_app; right; now left).
  rewrite !cnt_split, Ey. simpl.
  destruct Hx as [Hx|Hx]; [now rewrite (neg_minus _ Hx)|].
  rewrite (neg_plus _ Hx). simpl.
  (* x in I_+ is farthest, so nothing is in I_- *)
  enough (E : cnt neg (l1 ++ l2) = 0%nat) by now rewrite E.
  enough (Hn : forall z, In z (l1 ++ l2) -> neg z = false).
  { unfold cnt. revert Hn. induction (l1 ++ l2) as [|z t IH]; simpl; [easy|].
    intros Hn. rewrite (Hn z) by now left. apply IH; intros; apply Hn; now right. }
  intros z Hz.
  assert (Hz' : In z (l1 ++ x :: l2)).
  { apply in_or_app; simpl; apply in_app_or in Hz; tauto. }
  specialize (Hfar z Hz').
  destruct (Hl z Hz') as [Hm|Hp]; [exfalso|now apply neg_plus].
  unfold Iminus, Iplus, Iplus_open in *. abs_cases; lra.
Qed.

Lemma clear_run ys l l' :
  run ys l l' -> Forall Iplus_open ys -> Forall Ipm l ->
  cnt neg l' = (cnt neg l - length ys)%nat /\ Forall Ipm l'.
Proof.
  induction 1 as [l|y ys l l' l'' H Hr IH]; intros Hys Hl; [split; [simpl; lia|easy]|].
  inversion_clear Hys as [|? ? Hy Hys'].
  destruct (clear_step _ _ _ Hy Hl H) as [E Hl'].
  destruct (IH Hys' Hl') as [E' Hl'']. split; [simpl; lia|easy].
Qed.

Theorem clear_half_open ys l l' :
  run ys l l' -> Forall Iplus_open ys -> Forall Ipm l ->
  (length l <= length ys)%nat -> Forall Iplus l'.
Proof.
  intros H Hys Hl E. destruct (clear_run _ _ _ H Hys Hl) as [E' Hl'].
  pose proof (cnt_le neg l) as Hc. assert (Z : cnt neg l' = 0%nat) by lia.
  rewrite Forall_forall in *. intros z Hz.
  destruct (Hl' z Hz) as [Hm|Hp]; [exfalso|easy].
  apply neg_minus in Hm. now rewrite (cnt_zero _ _ Z z Hz) in Hm.
Qed.

(* With y = 1/2 allowed a tie at distance 1 (3/2 against -1/2) breaks it. *)
Theorem clear_closed_needs_more :
  exists l ys l', length ys = length l /\ Forall Iplus ys /\ Forall Ipm l /\
                  run ys l l' /\ ~ Forall Iplus l'.
Proof.
  exists [-1/2; -1/2], [3/2; 1/2], [1/2; -1/2]. repeat split.
  - repeat constructor; lra.
  - repeat constructor; lra.
  - econstructor; [|econstructor; [|constructor]].
    + exists [], (-1/2), [-1/2]. repeat split. simpl; intros z [<-|[<-|[]]]; abs_cases; lra.
    + exists [], (3/2), [-1/2]. repeat split. simpl; intros z [<-|[<-|[]]]; abs_cases; lra.
  - rewrite Forall_forall. intros H. specialize (H (-1/2) ltac:(simpl; tauto)). unfold Iplus in H; lra.
Qed.

(* ---- closed intervals and any tie rule: 2r - 1 updates ---- *)
Definition top (x : R) : bool := if Req_EM_T x (3/2) then true else false.
Definition debt (l : list R) : nat := (2 * cnt neg l + cnt top l)%nat.

Lemma debt_le l : (debt l <= 2 * length l)%nat.
Proof.
  unfold debt, cnt. induction l as [|x t IH]; simpl; [lia|].
  destruct (neg x) eqn:En, (top x) eqn:Et; simpl; try lia.
  exfalso. unfold neg in En; unfold top in Et.
  destruct (Rlt_dec x 0), (Req_EM_T x (3/2)); try easy; lra.
Qed.

Lemma debt_step y l l' :
  Iplus y -> Forall Ipm l -> repl y l l' ->
  Forall Ipm l' /\ (cnt neg l' <= cnt neg l)%nat /\
  ((1 <= cnt neg l)%nat -> (S (debt l') <= debt l)%nat).
Proof.
  intros Hy Hl H. split; [apply (repl_Forall _ _ _ _ H); [now right|easy]|].
  destruct H as (l1 & x & l2 & -> & -> & Hfar).
  rewrite Forall_forall in Hl.
  assert (Hx : Ipm x) by (apply Hl, in_or_app; right; now left).
  unfold debt. rewrite !cnt_split, (neg_plus y Hy).
  destruct Hx as [Hx|Hx].
  - rewrite (neg_minus x Hx). destruct (top y), (top x); lia.
  - rewrite (neg_plus x Hx). split; [lia|]. simpl. intros Hn.
    assert (exists z, In z (l1 ++ x :: l2) /\ Iminus z) as (z & Hz & Hm).
    { destruct (filter neg (l1 ++ l2)) as [|z t] eqn:Ef; [unfold cnt in Hn; rewrite Ef in Hn; simpl in Hn; lia|].
      assert (Hf : In z (filter neg (l1 ++ l2))) by (rewrite Ef; now left).
      apply filter_In in Hf. destruct Hf as [Hz Hf].
      assert (Hz' : In z (l1 ++ x :: l2)) by (apply in_or_app; simpl; apply in_app_or in Hz; tauto).
      exists z; split; [easy|]. destruct (Hl z Hz') as [|Hp]; [easy|].
      rewrite (neg_plus z Hp) in Hf; easy. }
    specialize (Hfar z Hz).
    assert (x = 3/2 /\ y = 1/2) as [-> ->].
    { unfold Iminus, Iplus in *. abs_cases; split; lra. }
    unfold top at 1 3. destruct (Req_EM_T (1/2) (3/2)); [lra|].
    destruct (Req_EM_T (3/2) (3/2)); [lia|lra].
Qed.

Lemma debt_run ys l l' :
  run ys l l' -> Forall Iplus ys -> Forall Ipm l ->
  Forall Ipm l' /\ (cnt neg l' = 0%nat \/ (debt l' + length ys <= debt l)%nat).
Proof.
  induction 1 as [l|y ys l l' l'' H Hr IH]; intros Hys Hl; [split; [easy|right; simpl; lia]|].
  inversion_clear Hys as [|? ? Hy Hys'].
  destruct (debt_step _ _ _ Hy Hl H) as (Hl' & Hn & Hd).
  destruct (IH Hys' Hl') as [Hl'' IH']. split; [easy|].
  destruct IH' as [|IH']; [now left|].
  destruct (Nat.eq_dec (cnt neg l'') 0) as [|N]; [now left|right]. simpl.
  assert (M : (cnt neg l'' <= cnt neg l')%nat).
  { clear -Hr Hys' Hl'. induction Hr as [l|y ys l l' l'' H Hr IH]; [lia|].
    inversion_clear Hys' as [|? ? Hy Hys].
    destruct (debt_step _ _ _ Hy Hl' H) as (A & B & _). specialize (IH Hys A). lia. }
  lia.
Qed.

Theorem clear_closed ys l l' :
  run ys l l' -> Forall Iplus ys -> Forall Ipm l ->
  (2 * length l <= length ys + 1)%nat -> Forall Iplus l'.
Proof.
  intros H Hys Hl E. destruct (debt_run _ _ _ H Hys Hl) as [Hl' D].
  assert (Z : cnt neg l' = 0%nat).
  { destruct D as [|D]; [easy|]. pose proof (debt_le l). unfold debt at 1 in D. lia. }
  rewrite Forall_forall in *. intros z Hz.
  destruct (Hl' z Hz) as [Hm|Hp]; [exfalso|easy].
  apply neg_minus in Hm. now rewrite (cnt_zero _ _ Z z Hz) in Hm.
Qed.
