"""How far members agree on their channels, and how far they would by chance."""

from toolkit.information.agreement.by_chance import (
    AXES_SEED,
    agreement_beside_chance,
    corrected,
    has_room,
    random_axes_agreement,
)
from toolkit.information.agreement.chance_table import LEAST_AXES, drawn_groups, random_axes_table
from toolkit.information.agreement.cross_run import agreement_interval, cross_run_agreement
from toolkit.information.agreement.matched import matched_agreement, reappearance
from toolkit.information.agreement.random_axes import random_rotation, turn_axes
from toolkit.information.agreement.subspace import SubspaceAgreement, subspace_agreement
from toolkit.information.agreement.table import AgreementTable, agreement_table
from toolkit.records import Agreement

__all__ = [
    "AXES_SEED",
    "LEAST_AXES",
    "Agreement",
    "AgreementTable",
    "SubspaceAgreement",
    "agreement_beside_chance",
    "agreement_interval",
    "agreement_table",
    "corrected",
    "cross_run_agreement",
    "drawn_groups",
    "has_room",
    "matched_agreement",
    "random_axes_agreement",
    "random_axes_table",
    "random_rotation",
    "reappearance",
    "subspace_agreement",
    "turn_axes",
]
