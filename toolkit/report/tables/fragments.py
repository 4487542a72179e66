"""How pieces of information fall apart, as a table."""

import pandas as pd

from toolkit.report.fragments import FragmentTree, Stage
from toolkit.report.records import Findings

COLUMNS = (
    "curve", "parameter", "value", "kind", "piece", "bits_per_run", "groups", "channels_per_member",
    "members", "runs", "unassigned_bits_per_run", "groups_at_value",
)  # fmt: skip


def fragments_table(findings: Findings) -> pd.DataFrame:
    """One row per value and piece, and per value and known factor.

    A piece begins at the value with fewest bits at which it is found; `groups` is in how many
    groups of channels it is found at a value, `channels_per_member` the mean over runs that have
    it.
    """
    rows = [
        row
        for tree in findings.fragments
        for stage in tree.stages
        for row in (*_pieces(tree, stage), *_factors(tree, stage))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _head(tree: FragmentTree, stage: Stage) -> dict[str, object]:
    return {
        "curve": tree.title,
        "parameter": tree.parameter,
        "value": stage.value,
        "runs": len(stage.runs),
        "unassigned_bits_per_run": stage.unassigned_bits,
        "groups_at_value": len(stage.branches),
    }


def _pieces(tree: FragmentTree, stage: Stage) -> list[dict[str, object]]:
    rows = []
    for piece in range(tree.pieces):
        branches = [branch for branch in stage.branches if branch.piece == piece]
        members = {run for branch in branches for run in branch.members}
        channels = sum(len(branch.channels) for branch in branches)
        rows.append(
            {
                **_head(tree, stage),
                "kind": "piece",
                "piece": str(piece + 1),
                "bits_per_run": sum((branch.bits for branch in branches), start=0.0),
                "groups": len(branches),
                "channels_per_member": channels / len(members) if members else 0.0,
                "members": len(members),
            }
        )
    return rows


def _factors(tree: FragmentTree, stage: Stage) -> list[dict[str, object]]:
    return [
        {
            **_head(tree, stage),
            "kind": "factor",
            "piece": share.factor,
            "bits_per_run": share.bits,
            "groups": "",
            "channels_per_member": share.channels,
            "members": share.members,
        }
        for share in stage.factors
    ]
