"""specs.json of disentangling-vae: the settings of a training."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TypeGuard

from toolkit.errors import ToolkitError
from toolkit.files import unreadable
from toolkit.networks.autoencoder import ImageShape
from toolkit.records import JsonObject

NETWORK = "Burgess"
LATENTS = 10_000  # at most; a larger number is a mistake
LARGEST = 1e300
LONGEST_TEXT = 250  # characters
# our word for each number of a loss: its name in specs.json
LOSSES = {
    "VAE": {"anneal_steps": "reg_anneal"},
    "betaH": {"beta": "betaH_B", "anneal_steps": "reg_anneal"},
    "betaB": {
        "gamma": "betaB_G",
        "capacity": "betaB_finC",
        "capacity_start": "betaB_initC",
        "capacity_steps": "reg_anneal",
    },
    "factor": {
        "gamma": "factor_G",
        "anneal_steps": "reg_anneal",
        "discriminator_learning_rate": "lr_disc",
    },
    "btcvae": {
        "alpha": "btcvae_A",
        "beta": "btcvae_B",
        "gamma": "btcvae_G",
        "anneal_steps": "reg_anneal",
    },
}
KEPT = (
    *("batch_size", "checkpoint_every", "dataset", "epochs", "experiment", "img_size"),
    *("latent_dim", "loss", "lr", "lr_disc", "model_type", "name", "rec_dist", "reg_anneal"),
    *("seed", "betaB_G", "betaB_finC", "betaB_initC", "betaH_B", "btcvae_A", "btcvae_B"),
    *("btcvae_G", "factor_G"),
)


@dataclass(frozen=True, kw_only=True)
class Specs:
    """The settings that are needed here.

    Arguments:
        image_shape: channels, height, width.
        latents: number of channels.
        name: of the model; empty where the file does not say.
        loss: a name in `LOSSES`; empty where the file does not say.
        seed: of its training; 0 where the file does not say.
        published: all settings that disentangling-vae is known to write, as they stand.
    """

    image_shape: ImageShape
    latents: int
    name: str = ""
    loss: str = ""
    seed: int = 0
    published: JsonObject = field(default_factory=dict)

    def objective(self) -> dict[str, str | float]:
        """Name and numbers of the loss; the name says disvae, because several of its losses differ.

        Its "VAE" weighs the rate by a ramp over the first steps, and its total correlation is
        estimated wrongly, so that no name of ours would be true.
        """
        numbers = {
            ours: float(number)
            for ours, theirs in LOSSES.get(self.loss, {}).items()
            if isinstance(number := self.published.get(theirs), int | float)
        }
        plain = {"beta": 1.0} if self.loss == "VAE" else {}
        return {"name": f"disvae_{self.loss}" if self.loss else "disvae", **plain, **numbers}


def read_specs(path: Path) -> Specs:
    """Read a specs.json; the short one of a checkpoint is enough.

    Raises:
        ToolkitError: the file is missing or damaged, lacks the size of images or the number of
            channels, or describes another network than Burgess'.
    """

    def refuse(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        specs = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    except FileNotFoundError as error:
        raise ToolkitError(f"{path} is missing. Copy the whole folder of the model.") from error
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise ToolkitError(
            f"{path} is damaged: it is not JSON with finite numbers. "
            "Copy it again from its publisher."
        ) from error
    if not isinstance(specs, dict):
        raise ToolkitError(
            f"{path} is not a JSON object of settings. Copy it again from its publisher."
        )
    network = specs.get("model_type", NETWORK)
    if network != NETWORK:
        raise ToolkitError(
            f"{path} describes a model of type {repr(network)[:60]}; "
            f"only {NETWORK!r} is known here."
        )
    for setting in KEPT:
        text = specs.get(setting)
        if isinstance(text, str) and not (text.isprintable() and len(text) <= LONGEST_TEXT):
            _wrong(path, setting, text, f"one line of at most {LONGEST_TEXT} characters")
    published = {name: specs[name] for name in KEPT if _is_plain(specs.get(name))}
    loss = specs.get("loss", "")
    if not isinstance(loss, str) or loss not in ("", *LOSSES):
        _wrong(path, "loss", loss, f"one of {', '.join(LOSSES)}")
    for number in LOSSES.get(loss, {}).values():
        value = specs.get(number, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
            _wrong(path, number, value, "a finite number")
    name = specs.get("name", "")
    if not isinstance(name, str):
        _wrong(path, "name", name, "a text")
    size = specs.get("img_size")
    shapes = [(colours, side, side) for colours in (1, 3) for side in (32, 64)]
    shape = next((shape for shape in shapes if size == list(shape)), None)
    if shape is None:
        _wrong(path, "img_size", size, "[1 or 3, 32, 32] or [1 or 3, 64, 64]")
    return Specs(
        image_shape=shape,
        latents=_count(path, specs, "latent_dim", least=1, most=LATENTS),
        name=name,
        loss=loss,
        seed=_count(path, specs, "seed", least=0, most=2**32 - 1, default=0),
        published=published,
    )


def _count(
    path: Path,
    specs: JsonObject,
    name: str,
    *,
    least: int,
    most: int,
    default: int | None = None,
) -> int:
    value = specs.get(name, default)
    if not _is_count(value) or not least <= value <= most:
        _wrong(path, name, value, f"a whole number from {least} to {most}")
    return value


def _is_plain(value: object) -> bool:
    """Texts, numbers and a size: what can be a setting of a run."""
    if isinstance(value, list):
        return all(_is_count(number) for number in value)
    return isinstance(value, str) or (isinstance(value, int | float) and abs(value) <= LARGEST)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(path: Path, name: str, value: object, wanted: str) -> NoReturn:
    raise ToolkitError(
        f"{path} says {name} = {json.dumps(value)[:60]}, which is not {wanted}. "
        "Copy it again from its publisher."
    )
