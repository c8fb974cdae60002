"""
The paper's figures
===================

Ours, in few replicates; the same call with the paper's own numbers is ``mcpolar experiment fig3``. What differs from
the published figures, and why, is in the guide.
"""

# %%
# Figure 1: the posterior of component +1 against the point.

import mcpolar as mp
from mcpolar.report.plots.experiments import draw_experiment

figure_1 = draw_experiment(mp.run_experiment("fig1"))

# %%
# Figure 2: the silo of each agent, and the sizes of silos, against time.

figure_2 = draw_experiment(mp.run_experiment("fig2", seed=1))

# %%
# Figure 3: the number of silos against the neighbourhood.

figure_3 = draw_experiment(mp.run_experiment("fig3", seed=1, replicas=10))

# %%
# Figure 4: silos in time, by the chance p to ask oneself and the neighbourhood size k.

figure_4 = draw_experiment(mp.run_experiment("fig4", seed=1, steps=100))

# %%
# Figure 6: replicates with one silo.

figure_6 = draw_experiment(mp.run_experiment("fig6", seed=1, replicas=20))

# %%
# Figure 7, on the line: the last step with more than one silo, with what was censored.

figure_7 = draw_experiment(
    mp.run_experiment("fig7-line", seed=1, replicas=10, distance=[0.5, 1.0, 2.0, 3.0, 4.0])
)

# %%
# The same on a circle.

figure_7_circle = draw_experiment(
    mp.run_experiment("fig7-circle", seed=1, replicas=5, distance=[0.5, 1.0, 1.5, 2.0, 3.0])
)

# %%
# And on a simplex, where every component is as far from all others.

figure_7_simplex = draw_experiment(
    mp.run_experiment("fig7-simplex", seed=1, replicas=5, distance=[3.0, 4.0, 5.0, 6.0, 8.0])
)

# %%
# Figure 10: covariances that are updated too.

figure_10 = draw_experiment(mp.run_experiment("fig10", seed=1))
