"""The scores of one member, from its weights: numbers in its record, the whole detail beside it.

`scores.json` holds every value with its parts by factor and channel; factors are told by their
place among `factors`, those of the data set that vary. It is written before the record that names
it, so a record never tells of scores that are not there.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from toolkit.data import PreparedData
from toolkit.disentanglement import MemberData, Protocol, evaluate
from toolkit.disentanglement.protocol import SCHEMA
from toolkit.files import digest_of_file, read_json, write_json
from toolkit.information import compare_channels
from toolkit.pipeline.scores.encoded import (
    EncodedImages,
    KnownFactors,
    known_factors,
    material_from,
)
from toolkit.pipeline.scores.task import ScoringTask
from toolkit.posteriors import NonFiniteError, load_posteriors
from toolkit.training import load_member
from toolkit.training.member import RECORD

Record = dict[str, Any]
SCORES_FILE = "scores.json"
NO_SCORES: Record = {
    "scores": {},
    "scores_undefined": {},
    "scoring": None,
    "scoring_together": None,
}


def is_scored(folder: Path, record: Record, task: ScoringTask | None) -> bool:
    """Whether a record holds the scores that are wanted now, and nothing else."""
    wanted = None if task is None or record["status"] == "failed" else task.digest
    if record.get("scoring", "") != wanted:
        return False
    path, told = folder / SCORES_FILE, record["files"].get(SCORES_FILE)
    return path.exists() == (told is not None) and (told is None or digest_of_file(path) == told)


def score_member(
    folder: Path, record: Record, data: PreparedData, task: ScoringTask | None
) -> Record:
    """Bring the scores of a trained member up to date; the new record, written.

    Scores that are there already by the same protocol are kept.

    Arguments:
        folder: of the member: record, weights and posteriors.
        record: as it stands.
        data: the images it was trained on.
        task: what is wanted; None takes scores away.

    Raises:
        ToolkitError: a file is missing or damaged.
    """
    files = {name: digest for name, digest in record["files"].items() if name != SCORES_FILE}
    if task is None or record["status"] == "failed":
        made = {**record, **NO_SCORES, "files": files}
        write_json(folder / RECORD, made)
        (folder / SCORES_FILE).unlink(missing_ok=True)
        return made
    detail = _detail(folder, record, data, task)
    write_json(folder / SCORES_FILE, detail)
    made = {
        **record,
        **NO_SCORES,  # those it has together with others follow when all are there
        "scoring": task.digest,
        "scores": {
            f"{name}/{value}": number
            for name, result in detail["results"].items()
            for value, number in result["values"].items()
        },
        "scores_undefined": detail["undefined"],
        "files": {**files, SCORES_FILE: digest_of_file(folder / SCORES_FILE)},
    }
    write_json(folder / RECORD, made)
    return made


def _detail(folder: Path, record: Record, data: PreparedData, task: ScoringTask) -> Record:
    factors = known_factors(data.images)
    common = {
        "schema": SCHEMA,
        "protocol": task.protocol.record(),
        "images": data.images.digest,
        "probe": data.probe.digest,
        "factors": [] if factors is None else list(factors.names),
    }
    results, undefined = _still_valid(folder, record, common)
    missing = task.protocol.scores.keys() - results.keys() - undefined.keys()
    if missing:
        found, refused = _computed(folder, data, factors, task.protocol.only(missing))
        results, undefined = results | found, undefined | refused
    return {**common, "results": results, "undefined": undefined}


def _still_valid(folder: Path, record: Record, common: Record) -> tuple[Record, dict[str, str]]:
    """What an earlier protocol found that the present one would find again."""
    path, told = folder / SCORES_FILE, record["files"].get(SCORES_FILE)
    if told is None or not path.exists() or digest_of_file(path) != told:
        return {}, {}
    before = read_json(path, schema=SCHEMA)
    old, new = before["protocol"]["scores"], common["protocol"]["scores"]
    same = [before[key] == common[key] for key in ("images", "probe", "factors")]
    same += [
        before["protocol"][key] == common["protocol"][key] for key in ("train", "test", "seed")
    ]
    kept = [name for name in new if name in old and new[name] == old[name] and all(same)]
    return (
        {name: before["results"][name] for name in kept if name in before["results"]},
        {name: before["undefined"][name] for name in kept if name in before["undefined"]},
    )


def _computed(
    folder: Path, data: PreparedData, factors: KnownFactors | None, protocol: Protocol
) -> tuple[Record, dict[str, str]]:
    """Results and refusals; with one thread, because sums depend on how they are shared out."""
    limited: Any = threadpool_limits  # untyped
    with limited(limits=1):
        try:
            material = _material(folder, data, factors, protocol)
        except NonFiniteError as error:
            return {}, dict.fromkeys(sorted(protocol.scores), str(error))
        found = evaluate(material, protocol.scores, seed=protocol.seed)
    results = {name: _rounded(result.record()) for name, result in found.results.items()}
    return results, dict(found.refused)


def _material(
    folder: Path, data: PreparedData, factors: KnownFactors | None, protocol: Protocol
) -> MemberData:
    model = load_member(folder)
    dtype = next(model.parameters()).dtype
    material = material_from(
        EncodedImages(model.encode, data.images, dtype=dtype),
        count=len(data.images),
        factors=factors,
        images=protocol.train + protocol.test,
        test=protocol.test,
        seed=protocol.seed,
    )
    nmi, information = _from_posteriors(folder, data, factors)
    return MemberData(**{**vars(material), "nmi": nmi, "information": information})


def _from_posteriors(
    folder: Path, data: PreparedData, factors: KnownFactors | None
) -> tuple[np.ndarray | None, np.ndarray]:
    """NMI of channels with factors (d, k), and bits of channels (d,), from the probe set."""
    answers = load_posteriors(folder / "posteriors.safetensors")
    labels = None if factors is None else torch.from_numpy(factors.values[data.probe.indices])
    found = compare_channels(answers.mean, answers.log_variance, labels=labels)
    return None if labels is None else found.label_nmi.numpy(), found.information.numpy()


def _rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with nine significant digits, as everywhere in records."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return value
