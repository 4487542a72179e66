"""A data set made ready: its sizes and its pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit.files import canonical_json, digest_of_file, digest_of_json
from toolkit.tracking.records import TrackedRun, as_params, identity_of

SHEETS = ("samples.png", "factors.png", "factors.gif")


def project_data(
    record: Mapping[str, Any],
    folder: Path,
    *,
    name: str,
    training: str,
    tags: Mapping[str, str] | None = None,
) -> TrackedRun:
    """A data set made ready as a run: its sizes and its pictures, of which those there are count.

    Arguments:
        record: what `data.json` holds, schema data/1.
        folder: where `samples.png`, `factors.png` and `factors.gif` lie.
        name: of the data set, as params.yaml calls it; the record knows only its source.
        training: digest of the images that members are trained on, as their runs give it.
        tags: more tags, such as DVC's md5 of the folder.
    """
    files = {place: folder / place for place in SHEETS if (folder / place).is_file()}
    sums = {place: digest_of_file(path) for place, path in files.items()}
    sizes = ("image_shape", "count", "train", "held_out")
    factors = ", ".join(f"{factor['name']} {factor['size']}" for factor in record["factors"])
    own = {
        "kind": "data",
        "record.schema": record["schema"],
        "dataset": name,
        "source": record["name"],
        "images.digest": record["digest"],
        "data.digest": training,
        "probe.digest": record["probe"]["digest"],
    }
    return TrackedRun(
        kind="data",
        name=name,
        experiment=name,
        digest=digest_of_json([name, record, training, sums]),
        identity=identity_of("data", name),
        params=as_params(
            {
                **{size: record[size] for size in sizes},
                "factors": factors or "not known",
                "probe.size": record["probe"]["size"],
                "source": record["name"],
            }
        ),
        tags=own | dict(tags or {}),
        files=files,
        checksums=sums,
        texts={"data/record.json": canonical_json(record)},
        dataset=(name, training),
    )
