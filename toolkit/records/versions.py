"""The version of what is computed from weights and posteriors.

`ANSWERS` stands in every record that holds such numbers: the bits of channels, agreement, and the
evaluation over the held-out split. Raise it when the information of a channel, agreement or the
evaluation of a member comes to mean another number: records that hold an earlier one are then
computed again from the weights, and nothing is trained again.
"""

from typing import Final

ANSWERS: Final = "answers/1"
EARLIER: Final = "answers/0"  # of records that were written before they named a version
