"""Diagnosis of a scheme: what its scores reward, whom they pass over, and where they break; pure functions.

How scores go with the number of patients: `association`, `fairness`. How they lie: `distribution`. Which
indicators no longer tell lists apart: `indicators`. By size and need: `groups`, `need`.
"""
