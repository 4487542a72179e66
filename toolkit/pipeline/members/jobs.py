"""What a member to be made is, where it goes, and where its data lie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.config import Ensemble, Member, Study
from toolkit.data import PreparedData
from toolkit.files import digest_of_arrays, digest_of_json
from toolkit.pipeline.scores import ScoringTask
from toolkit.records import Owner, ProbeReference
from toolkit.training import Checkpoint
from toolkit.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Job:
    """A member to be made.

    Arguments:
        member: what it is.
        owner: whose member it is.
        data_name: of its data set.
        data: folder of that data set.
        folder: where the member goes.
        checkpoint: where its training stands in the meantime, and how often that is written.
        scoring: which scores it gets; None where it gets none.
        posteriors_at: steps after which its posteriors are kept, rising.
        probe: the images that it answers.
        digest: of its record, as its owner's record states it; None where the owner has none.
    """

    member: Member
    owner: Owner
    data_name: str
    data: Path
    folder: Path
    checkpoint: Checkpoint
    scoring: ScoringTask | None
    posteriors_at: tuple[int, ...]
    probe: ProbeReference
    digest: str | None


def jobs_for(
    workspace: Workspace,
    section: Ensemble | Study,
    members: Iterable[Member],
    *,
    data: PreparedData,
    folder: Path,
    owner: Owner,
    scoring: ScoringTask | None,
    digests: Mapping[str, str],
) -> list[Job]:
    """The jobs of making members that a section of params.yaml declares.

    Arguments:
        data: what they are trained on and asked about.
        folder: of the ensemble or study that keeps the members.
        owner: whose members they are, as their records will say.
        scoring: which scores they get.
        digests: of the records that the owner's record states, by key.
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
            probe=ProbeReference(digest=data.probe.digest, size=len(data.probe)),
            digest=digests.get(member.settings.key),
        )
        for member in members
    ]


def training_digest(data: PreparedData) -> str:
    """Digest of the images a member is trained on, in their order."""
    return digest_of_json([data.images.digest, digest_of_arrays(data.train)])


def member_folder(owner: Path, key: str) -> Path:
    """Where an ensemble or study keeps a member."""
    return owner / "members" / key[:16]
