"""What lists would do under a scheme, and what would come of it: simulated, pure functions.

How many extra patients: `budget`. Where they are served: `behaviour` (with `knapsack`). What it pays: `bonus`. All of
it over many replications: `run`. Who gains and who loses: `gains`.

Weights and prior of the scoring run are held fixed unless asked for otherwise, and lists know them.
"""
