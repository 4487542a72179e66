"""A trained member on disk: a record with its settings, and its weights."""

from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.files import load_tensors, save_tensors
from toolkit.networks import Autoencoder
from toolkit.records import MemberRecord
from toolkit.records.names import RECORD, WEIGHTS
from toolkit.training.imported import SCHEMA as IMPORTED_SCHEMA
from toolkit.training.imported import ImportedSettings
from toolkit.training.settings import MemberSettings

WEIGHTS_SCHEMA = "weights/1"


def save_weights(folder: Path, model: Autoencoder, *, key: str) -> None:
    """Write the parameters of a member; the file names the member it belongs to."""
    save_tensors(folder / WEIGHTS, model.state_dict(), schema=WEIGHTS_SCHEMA, key=key)


def load_settings(folder: Path) -> MemberSettings | ImportedSettings:
    """The settings of the member that lies in `folder`, trained here or imported.

    Raises:
        ToolkitError: its record is missing or damaged, or says that it has no weights.
    """
    record = MemberRecord.read(folder)
    if record.failure is not None:
        raise ToolkitError(
            f"the member in {folder} has no weights, because it failed: {record.failure.reason}"
        )
    if record.settings.get("schema") == IMPORTED_SCHEMA:
        return ImportedSettings.from_json(record.settings)
    return MemberSettings.from_json(record.settings)


def load_member(folder: Path | str) -> Autoencoder:
    """The member that lies in `folder`, as a module in evaluation mode on the CPU.

    `encode` gives means and log-variances of images in [0, 1], `decode` gives the outputs
    that the likelihood of `load_settings(folder)` makes images of: `likelihood.expected(...)`.

    Arguments:
        folder: with `record.json` and `weights.safetensors`, as an ensemble keeps its members
            and as `toolkit fetch RUN_ID` brings them.

    Raises:
        ToolkitError: a file is missing or damaged, or the weights belong to another member.
    """
    folder = Path(folder)
    settings = load_settings(folder)
    tensors, metadata = load_tensors(folder / WEIGHTS, schema=WEIGHTS_SCHEMA)
    if metadata.get("key") != settings.key:
        raise ToolkitError(
            f"{folder / WEIGHTS} holds the weights of another member than "
            f"{folder / RECORD} describes. Fetch the member again."
        )
    model = settings.build()
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise ToolkitError(
            f"{folder / WEIGHTS} is damaged: it does not hold the layers that "
            f"{folder / RECORD} describes. Fetch the member again."
        ) from error
    return model.eval()
