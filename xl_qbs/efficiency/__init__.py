"""Quality and cost into efficiency: each model of seed 003 in a file of its own, pure functions.

Models of provider scores: `unconditional`, `conditional`, `hurdles`, `side_by_side`, `frontier`, `envelopment`,
`stars`; of patient rows: `regression`, `cost_effectiveness`. What goes in: `standardize`, `standardization`,
`composites`, `vbp`. What programs and magazines do: `programs`, `designations`, `consumer`. What comes of it:
`correlations`, `agreement`, `harmonisation`, `frames`.

Cost never has a direction by default: ``cost_is`` says whether it is spending or cost performance.
"""
