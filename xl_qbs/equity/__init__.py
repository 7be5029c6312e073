"""Equity by group: gates first, then coverage within group, gaps, trends, an incentive, and peer groups.

What goes in: `group_table` (counts, or means of continuous values), `patients` (the same from patient rows). What
stands before every score: `gates`; before anything is shared: `suppression`. What is said of groups: `estimates`,
`adjusted`, `gaps`, `between_groups`, `trend`. What is paid: `incentive`. Social risk: `peer_groups`, `standardized`;
adjusted and unadjusted scores are always returned together.
"""
