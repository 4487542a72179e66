"""The scores of one member, from its weights: numbers in its record, the whole detail beside it.

`scores.json` is written before the record that names it, so a record never tells of scores that
are not there.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from toolkit.data import PreparedData
from toolkit.disentanglement import MemberData, Protocol, evaluate
from toolkit.disentanglement.evaluate import Evaluation
from toolkit.files import digest_of_file
from toolkit.information import compare_channels
from toolkit.pipeline.scores.encoded import (
    EncodedImages,
    KnownFactors,
    known_factors,
    member_data_from,
)
from toolkit.pipeline.scores.scores_file import MemberScores, read_scores
from toolkit.pipeline.scores.task import ScoringTask
from toolkit.posteriors import NonFiniteError, load_posteriors
from toolkit.records import MemberRecord
from toolkit.records.names import POSTERIORS, SCORES
from toolkit.training import load_member


def is_scored(folder: Path, record: MemberRecord, task: ScoringTask | None) -> bool:
    """Whether a record holds the scores that are wanted now, and nothing else."""
    wanted = None if task is None or not record.finished else task.digest
    if record.scoring != wanted:
        return False
    path, digest = folder / SCORES, record.files.get(SCORES)
    return path.exists() == (digest is not None) and (
        digest is None or digest_of_file(path) == digest
    )


def without_scores(record: MemberRecord) -> MemberRecord:
    """The record of the same member before it was scored."""
    files = {name: digest for name, digest in record.files.items() if name != SCORES}
    return replace(
        record, scores={}, scores_undefined={}, scoring=None, scoring_together=None, files=files
    )


def score_member(
    folder: Path, record: MemberRecord, data: PreparedData, task: ScoringTask | None
) -> MemberRecord:
    """Bring the scores of a trained member up to date; the new record, written.

    Scores that are there already by the same protocol are kept. Those that it has together with
    other members follow when all are there.

    Arguments:
        folder: of the member: record, weights and posteriors.
        record: as it stands.
        data: the images it was trained on.
        task: what is wanted; None takes scores away.

    Raises:
        ToolkitError: a file is missing or damaged.
    """
    unscored = without_scores(record)
    if task is None or not record.finished:
        unscored.write(folder)
        (folder / SCORES).unlink(missing_ok=True)
        return unscored
    scores = _scores(folder, record.files.get(SCORES), data, task.protocol)
    scored = replace(
        unscored,
        scoring=task.digest,
        scores=scores.values(),
        scores_undefined=dict(scores.undefined),
        files={**unscored.files, SCORES: scores.write(folder)},
    )
    scored.write(folder)
    return scored


def _scores(
    folder: Path, digest: str | None, data: PreparedData, protocol: Protocol
) -> MemberScores:
    """What is still valid of the present scores, and the missing ones."""
    factors = known_factors(data.images)
    wanted = MemberScores(
        protocol=protocol,
        images=data.images.digest,
        probe=data.probe.digest,
        factors=() if factors is None else factors.names,
    )
    scores = wanted.still_valid(read_scores(folder, digest))
    missing = protocol.scores.keys() - scores.results.keys() - scores.undefined.keys()
    if not missing:
        return scores
    computed = protocol.only(missing)
    limited: Any = threadpool_limits  # untyped
    with limited(limits=1):  # sums depend on how they are shared out to threads
        try:
            member = member_data(folder, data, factors, computed)
        except NonFiniteError as error:
            refused = dict.fromkeys(sorted(computed.scores), str(error))
            found = Evaluation(results={}, refused=refused)
        else:
            found = evaluate(member, computed.scores, seed=computed.seed)
    return replace(
        scores,
        results={**scores.results, **found.results},
        undefined={**scores.undefined, **found.refused},
    )


def member_data(
    folder: Path, data: PreparedData, factors: KnownFactors | None, protocol: Protocol
) -> MemberData:
    """All that the scores of a member may take: its codes, and what its posteriors tell.

    Arguments:
        folder: of the member: weights and posteriors.
        data: the images it was trained on.
        factors: those of the images that vary.
        protocol: how many images are drawn, and by which seed.

    Raises:
        NonFiniteError: the member answers with numbers that are not finite.
    """
    model = load_member(folder)
    encoded = EncodedImages(
        model.encode,
        data.images,
        dtype=next(model.parameters()).dtype,
        integer_codes=model.integer_codes,
    )
    member = member_data_from(
        encoded,
        count=len(data.images),
        factors=factors,
        images=protocol.train + protocol.test,
        test=protocol.test,
        seed=protocol.seed,
    )
    # NMI of channels with factors (d, k), and bits of channels (d,), from the probe set
    posteriors = load_posteriors(folder / POSTERIORS)
    labels = None if factors is None else torch.from_numpy(factors.values[data.probe.indices])
    found = compare_channels(posteriors.mean, posteriors.log_variance, labels=labels)
    return replace(
        member,
        nmi=None if labels is None else found.label_nmi.numpy(),
        information=found.information.numpy(),
    )
