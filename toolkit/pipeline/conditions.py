"""What decides a member beside its objective and seed, in the words of a report."""

from collections.abc import Mapping

from toolkit.records import MemberRecord
from toolkit.tracking.records import flattened

_ELSEWHERE = ("objective", "published", "seed", "weights")  # told apart from the conditions
_NAMES = {
    "data": "training images",
    "image_shape": "image shape",
    "network.name": "network",
    "network.latents": "latents",
    "likelihood.name": "likelihood",
    "optimiser.name": "optimiser",
    "optimiser.learning_rate": "learning rate",
    "steps": "steps",
    "batch_size": "batch size",
    "precision": "precision",
    "source": "trained by",
    "schema": "version of training",
}
_DIGEST_LETTERS = 12  # of the digest of the training images


def conditions_of(record: MemberRecord) -> Mapping[str, str]:
    """All settings of a member but those of its objective and its seed, by names for readers.

    Arguments:
        record: of a member that was trained here or imported.

    Returns:
        Texts in reading order: network and likelihood before numbers of the training; settings that
        only some networks or likelihoods have come last, under their own names.
    """
    flat = flattened({name: v for name, v in record.settings.items() if name not in _ELSEWHERE})
    flat["data"] = str(flat.get("data", ""))[:_DIGEST_LETTERS]
    shape = flat.pop("image_shape", None)
    if isinstance(shape, list | tuple):
        flat["image_shape"] = " × ".join(map(str, shape))
    rest = [name for name in flat if name not in _NAMES]
    found = {_NAMES.get(name, name): _text(flat[name]) for name in [*_NAMES, *rest] if name in flat}
    return {**found, "version of answers": record.answers}


def _text(value: object) -> str:
    """A number without a needless end, anything else as it is.

    >>> _text(0.001), _text(1e-05), _text("adam"), _text(700)
    ('0.001', '1e-05', 'adam', '700')
    """
    return f"{value:g}" if isinstance(value, float) else str(value)
