"""What a member to be made is, where it goes, and where its data lie."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.config import Ensemble, Member, Study
from toolkit.data import PreparedData
from toolkit.files import digest_of_arrays, digest_of_json
from toolkit.pipeline.scores import ScoringTask
from toolkit.training import Checkpoint
from toolkit.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Job:
    """A member to be made.

    Arguments:
        member: what it is.
        owner: `ensemble`, or `study` and `trial`: whose member it is.
        data_name: of its data set.
        data: folder of that data set.
        folder: where the member goes.
        checkpoint: where its training stands in the meantime, and how often that is written.
        scoring: which scores it gets; None where it gets none.
        posteriors_at: steps after which its posteriors are kept, rising.
        probe: digest of the images that it answers.
    """

    member: Member
    owner: dict[str, Any] = field(hash=False)
    data_name: str
    data: Path
    folder: Path
    checkpoint: Checkpoint
    scoring: ScoringTask | None
    posteriors_at: tuple[int, ...]
    probe: str


def jobs_for(
    workspace: Workspace,
    section: Ensemble | Study,
    members: Iterable[Member],
    *,
    data: PreparedData,
    folder: Path,
    owner: dict[str, Any],
    scoring: ScoringTask | None,
) -> list[Job]:
    """The jobs of making members that a section of params.yaml declares.

    Arguments:
        data: what they are trained on and asked about.
        folder: of the ensemble or study that keeps the members.
        owner: whose members they are, as their records will say.
        scoring: which scores they get.
    """
    return [
        Job(
            member=member,
            owner=owner,
            data_name=section.data,
            data=workspace.data(section.data),
            folder=member_folder(folder, member.settings.key),
            checkpoint=Checkpoint(
                path=workspace.checkpoint(member.settings.key),
                every=section.training.checkpoint_every,
            ),
            scoring=scoring,
            posteriors_at=tuple(section.training.posteriors_at),
            probe=data.probe.digest,
        )
        for member in members
    ]


def training_digest(data: PreparedData) -> str:
    """Digest of the images a member is trained on, in their order."""
    return digest_of_json([data.images.digest, digest_of_arrays(data.train)])


def member_folder(owner: Path, key: str) -> Path:
    """Where an ensemble or study keeps a member."""
    return owner / "members" / key[:16]
