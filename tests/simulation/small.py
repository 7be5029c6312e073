"""Small scoring runs that Hypothesis draws, for the tests of diagnosis and simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.scheme import Band, Clause, Condition, Indicator, Scheme
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.score import Result, score
from xl_qbs.scoring.table import Table

CONDITION = Condition("first", (Clause("domain", ("I",), 0.5), Clause("indicator", ("i1",), 0.6)))


@st.composite
def results(draw: st.DrawFn, *, most_lists: int = 5, most_indicators: int = 5, most_patients: int = 40) -> Result:
    """Draw a scoring run with a given prior and weights: lists may have nobody to serve, or more done."""
    size = draw(st.integers(1, most_indicators))
    lists = draw(st.integers(2, most_lists))
    target = draw(arrays.arrays(float, (lists, size), elements=st.integers(0, most_patients)))
    target[0] = np.maximum(target[0], 1)
    done = draw(arrays.arrays(float, (lists, size), elements=st.integers(0, most_patients + 1)))
    points = draw(st.lists(st.sampled_from([0, 5, 10, 12.5, 20, 65, 0.1, 1 / 3]), min_size=size, max_size=size))
    points[0] = points[0] or 5
    required = st.one_of(st.floats(0, 1), st.integers(0, 20).map(lambda one: one / 20))
    units = st.sampled_from(["patients", "patients", "prescriptions"])
    indicators = tuple(
        Indicator(
            f"i{one}",
            "I" if one % 2 else "II",
            f"Indicator {one}",
            points[one - 1],
            draw(required),
            weight=draw(st.floats(0, 100)) + 0.5,
            unit="patients" if one == 1 else draw(units),
        )
        for one in range(1, size + 1)
    )
    strength = st.one_of(st.floats(1e-6, 500), st.just(0.0), st.just(np.inf))
    method = Method(
        prior="fixed",
        prior_values={one.code: (draw(st.floats(0, 1)), draw(strength)) for one in indicators},
        weights="own",
        **draw(st.sampled_from([{}, {}, {"lower_limit": 0.4, "upper_limit": 0.9}])),
    )
    coefficient = draw(
        st.one_of(st.none(), arrays.arrays(float, lists, elements=st.sampled_from([0.0, 0.9, 1.0, 1.25])))
    )
    table = Table(
        tuple(f"N{one}" for one in range(lists)),
        tuple(one.code for one in indicators),
        target,
        done,
        coefficient=coefficient,
    )
    bands = (Band(0, "low"), Band(0.5, "good"), Band(0.9, "best"))
    return score(table, Scheme("small", indicators, bands, (CONDITION,)), method)


def scored(target: Any, done: Any, points: Any, required: Any, **options: Any) -> Result:
    """Return a scoring run of these counts with the scheme's points as weights."""
    size = len(points)
    scheme = Scheme(
        "given",
        tuple(
            Indicator(f"i{one + 1}", "II", f"Indicator {one + 1}", points[one], required[one]) for one in range(size)
        ),
        (Band(0, "low"), Band(0.8, "good"), Band(0.9, "best")),
    )
    target, done = np.array(target, dtype=float), np.array(done, dtype=float)
    table = Table(tuple(f"N{one}" for one in range(len(target))), scheme.codes, target, done)
    return score(table, scheme, weights="current", **options)
