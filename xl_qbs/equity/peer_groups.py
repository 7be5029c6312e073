"""Peer groups by share of patients at social risk: scores beside those of like providers, adjusted and as they are."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.inputs import Column, check_choice, read_columns
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.ranks import rank
from xl_qbs.scoring.table import Array

Centre = Literal["mean", "median"]
CENTRES: tuple[Centre, ...] = get_args(Centre)
# Fewer peers than these, and being compared with them says nothing.
FEWEST_PEERS = 3
QUINTILES = 5


class PeerScores(NamedTuple):
    """Scores as they are and relative to peers, side by side, each of shape (N,).

    Attributes:
        group: peer group, 1 (lowest share at risk) to k.
        peers: number of providers in it.
        score: as it is, not adjusted.
        rank: of it, 1 the highest; ties share the better rank.
        centre: mean or median score of the peer group.
        relative: score less the centre of the peers; NaN with fewer than 3 peers.
        adjusted: relative plus the centre of all, so that both scores are on one scale.
        adjusted_rank: of it; NaN where it is.
        shift: adjusted less score: what the peer group gives or takes, the same for all of it.
    """

    group: NDArray[np.intp]
    peers: NDArray[np.intp]
    score: Array
    rank: Array
    centre: Array
    relative: Array
    adjusted: Array
    adjusted_rank: Array
    shift: Array


class PeerGroups(NamedTuple):
    """The peer groups themselves, each of shape (k,): the disparity that adjusted scores do not show.

    Attributes:
        providers: number of providers.
        lowest_share: lowest share at risk in the group; NaN where it is empty.
        highest_share: highest share.
        mean: mean score.
        median: median score.
        spread: standard deviation of scores; NaN below two.
        behind: mean score less that of the first group, which has the lowest share at risk.
    """

    providers: NDArray[np.intp]
    lowest_share: Array
    highest_share: Array
    mean: Array
    median: Array
    spread: Array
    behind: Array


def peer_group(share: ArrayLike, *, groups: int = QUINTILES) -> NDArray[np.intp]:
    """Return the peer group of each provider: 1 + floor(k (r - 1) / N), r being the rank of its share from below.

    Args:
        share: share of patients at social risk, 0 to 1.
        groups: number of peer groups k.

    Returns:
        1 to k; providers with the same share are in the same group, the lower one, so groups can be unequal or empty.

    Raises:
        ArgumentError: fewer than 2 groups, or a share outside 0 to 1.
        DataError: missing shares or text, or fewer than 3 providers a group.

    Source: METHODS section 6; five peer groups by share of patients with Medicaid, as the US Hospital Readmissions
    Reduction Program has had since fiscal year 2019. Two providers at the border of groups are nearly alike and are
    compared with different peers.

    >>> peer_group([0.1, 0.2, 0.3, 0.4, 0.5, 0.5], groups=2).tolist()
    [1, 1, 1, 2, 2, 2]
    """
    if isinstance(groups, bool) or not isinstance(groups, int) or groups < 2:
        raise ArgumentError(f"groups == {groups!r}, must be a whole number from 2")
    (values,) = read_columns(Column("share", share, lowest=0.0), fewest=groups * FEWEST_PEERS)
    if (values > 1).any():
        raise ArgumentError("share: must be from 0 to 1")
    below = rank(-values) - 1
    return 1 + np.floor(groups * below / len(values)).astype(np.intp)


def peer_scores(
    score: ArrayLike, share: ArrayLike, *, groups: int = QUINTILES, centre: Centre = "mean"
) -> tuple[PeerScores, PeerGroups]:
    """Return scores as they are and relative to the peer group, and the peer groups.

    Adjusted = score - centre of the peers + centre of all.

    Args:
        score: higher is better, one for each provider.
        share: share of patients at social risk, 0 to 1.
        groups: number of peer groups.
        centre: ``mean`` or ``median`` (as the US program has).

    Raises:
        ArgumentError: as `peer_group`, or a centre that is none.
        DataError: missing values or text, or too few providers.

    Source: METHODS section 6. Never show the adjusted score alone: if those with most patients at risk give worse
    care, it takes that away from sight; `PeerGroups.behind` is how much. It adjusts for whatever else goes with the
    share at risk too, resources among it.
    """
    check_choice("centre", centre, CENTRES)
    values, at_risk = read_columns(Column("score", score), Column("share", share), fewest=groups * FEWEST_PEERS)
    group = peer_group(at_risk, groups=groups)
    middle = np.mean if centre == "mean" else np.median
    found = np.full((6, groups), np.nan)
    for number in range(groups):
        inside = group == number + 1
        if inside.any():
            own, risk = values[inside], at_risk[inside]
            spread = own.std(ddof=1) if len(own) > 1 else np.nan
            found[:, number] = risk.min(), risk.max(), own.mean(), np.median(own), spread, middle(own)
    sizes = np.bincount(group - 1, minlength=groups)
    peers = sizes[group - 1]
    lowest, highest, mean, median, spreads, centre_of = found
    centres = centre_of[group - 1]
    relative = np.where(peers >= FEWEST_PEERS, values - centres, np.nan)
    adjusted = relative + float(middle(values))
    known = ~np.isnan(adjusted)
    adjusted_rank = np.full(len(values), np.nan)
    adjusted_rank[known] = rank(adjusted[known])
    scores = PeerScores(
        group, peers, values, rank(values), centres, relative, adjusted, adjusted_rank, adjusted - values
    )
    return scores, PeerGroups(sizes, lowest, highest, mean, median, spreads, mean - mean[0])
