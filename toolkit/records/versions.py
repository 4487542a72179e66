"""What records are versions of. DVC reads these constants: stages run again when one is raised.

TRAINING: raise it when the same settings come to mean another member; it is part of every key, so
all members are trained again.
ANSWERS: raise it when the information of a channel, agreement, or the evaluation of a member comes
to mean another number; members that were answered by an earlier version are answered again from
their weights, and nothing is trained again.
SCORES: raise it when a score comes to mean another number; all scores are then computed again.
MEMBER, ENSEMBLE, STUDY: raise it when the form of the record changes, and give its class an upgrade
from the form before.
"""

from typing import Final

TRAINING: Final = "training/2"
ANSWERS: Final = "answers/2"
SCORES: Final = "scores/2"
MEMBER: Final = "member/2"
ENSEMBLE: Final = "ensemble/3"
STUDY: Final = "study/2"

EARLIER: Final = "answers/0"  # of records that were written before they named a version
