"""A data set made ready: its sizes and its pictures."""

from collections.abc import Mapping
from pathlib import Path

from toolkit.files import canonical_json, digest_of_file, digest_of_json
from toolkit.records import DataRecord
from toolkit.tracking.records import TrackedRun, as_params, identity_of

SHEETS = ("samples.png", "factors.png", "factors.gif")


def project_data(
    record: DataRecord,
    folder: Path,
    *,
    name: str,
    training: str,
    tags: Mapping[str, str] | None = None,
) -> TrackedRun:
    """A data set made ready as a run: its sizes and its pictures, of which those there are count.

    Arguments:
        record: of the data set.
        folder: where `samples.png`, `factors.png` and `factors.gif` lie.
        name: of the data set, as params.yaml calls it; the record knows only its source.
        training: digest of the images that members are trained on, as their runs give it.
        tags: more tags, such as DVC's md5 of the folder.
    """
    files = {sheet: folder / sheet for sheet in SHEETS if (folder / sheet).is_file()}
    checksums = {sheet: digest_of_file(path) for sheet, path in files.items()}
    factors = ", ".join(f"{factor.name} {factor.size}" for factor in record.factors)
    return TrackedRun(
        kind="data",
        name=name,
        experiment=name,
        digest=digest_of_json([name, record.to_json(), training, checksums]),
        identity=identity_of("data", name),
        params=as_params(
            {
                "image_shape": record.image_shape,
                "count": record.count,
                "train": record.train,
                "held_out": record.held_out,
                "factors": factors or "not known",
                "probe.size": record.probe.size,
                "source": record.name,
            }
        ),
        tags={
            "kind": "data",
            "record.schema": record.SCHEMA,
            "dataset": name,
            "source": record.name,
            "images.digest": record.digest,
            "data.digest": training,
            "probe.digest": record.probe.digest,
            **(tags or {}),
        },
        files=files,
        checksums=checksums,
        texts={"data/record.json": canonical_json(record.to_json())},
        dataset=(name, training),
    )
