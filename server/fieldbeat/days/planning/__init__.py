"""Visit plans: which customers on which day of a cycle, and in which order. Pure: a problem goes in, a plan comes out.

`plan.generate` is the door. The way of a plan: `instance` (the problem as arrays) → `draft` (days by a sweep of the
map, routes by the nearest neighbour) or `assign` (regret insertion and local search) → `routing` (each day's order,
exact or by a solver) → `report` (times, reasons, hash).
"""
