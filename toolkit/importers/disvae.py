"""Models of disentangling-vae, as its `results` folders keep them: specs.json and model.pt.

https://github.com/YannDubs/disentangling-vae. Its encoder ends with mean and log-variance of the
first channel, then of the second, and so on; ours has all means, then all log-variances.
"""

from pathlib import Path

import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import digest_of_file
from toolkit.importers.disvae_specs import read_specs
from toolkit.importers.foreign import ForeignMember
from toolkit.importers.pytorch import LONGEST, read_state
from toolkit.networks import Bottleneck, Burgess

SOURCE = "disentangling-vae"
SPECS, WEIGHTS = "specs.json", "model.pt"
HEAD = "encoder.mu_logvar_gen"
ENCODER = ("conv1", "conv2", "conv3", "lin1", "lin2", "mu_logvar_gen")
ENCODER_64 = ("conv1", "conv2", "conv3", "conv_64", "lin1", "lin2", "mu_logvar_gen")
DECODER = ("lin1", "lin2", "lin3", "convT1", "convT2", "convT3")
DECODER_64 = ("lin1", "lin2", "lin3", "convT_64", "convT1", "convT2", "convT3")


def load_disvae(folder: Path | str) -> ForeignMember:
    """A pretrained model of disentangling-vae as a member to encode with, compare and track.

    Arguments:
        folder: with `specs.json` and `model.pt`, of any format of `torch.save`.

    Raises:
        ToolkitError: a file is missing or damaged, or the model has another network.
    """
    folder = Path(folder)
    specs = read_specs(folder / SPECS)
    state = read_state(folder / WEIGHTS)
    network = Burgess(latents=specs.latents)
    model = network.build(
        specs.image_shape,
        bottleneck=Bottleneck(specs.latents),
        generator=torch.Generator().manual_seed(0),
    ).to_kernel_layout(torch.float32)
    # Their tensors under our names, in the order in which data pass the layers
    of_64 = specs.image_shape[1] == 64
    their_names = [
        f"{part}.{layer}.{kind}"
        for part, layers in (
            ("encoder", ENCODER_64 if of_64 else ENCODER),
            ("decoder", DECODER_64 if of_64 else DECODER),
        )
        for layer in layers
        for kind in ("weight", "bias")
    ]
    wanted = model.state_dict()
    names = dict(zip(their_names, wanted, strict=True))
    # Names and shapes
    shapes = {theirs: wanted[ours] for theirs, ours in names.items()}
    shape = " x ".join(map(str, specs.image_shape))
    for lacking in sorted(shapes.keys() - state.keys()):
        raise ToolkitError(
            f"{folder / WEIGHTS} holds no {lacking}, which the Burgess network for images of "
            f"{shape} has. Check that {SPECS} belongs to this model."
        )
    for extra in sorted(state.keys() - shapes.keys()):
        raise ToolkitError(
            f"{folder / WEIGHTS} holds {extra[:LONGEST]}, which the Burgess network for images of "
            f"{shape} does not have. Check that {SPECS} belongs to this model."
        )
    for name, tensor in shapes.items():
        if state[name].shape != tensor.shape:
            raise ToolkitError(
                f"{folder / WEIGHTS} holds {name} of {_size(state[name])}, but images of {shape} "
                f"and latent_dim {specs.latents} ask for {_size(tensor)}. "
                f"Check that {SPECS} belongs to this model."
            )
    tensors = {ours: state[theirs] for theirs, ours in names.items()}
    # Means and log-variances alternate there; here all means come first
    for theirs, ours in names.items():
        if theirs.startswith(HEAD):
            tensors[ours] = torch.cat([state[theirs][0::2], state[theirs][1::2]])
    model.load_state_dict(tensors)
    return ForeignMember(
        name=specs.name or folder.resolve().name,
        source=SOURCE,
        model=model.eval(),
        weights=digest_of_file(folder / WEIGHTS),
        image_shape=specs.image_shape,
        network=network,
        objective=specs.objective(),
        seed=specs.seed,
        published=specs.published,
    )


def _size(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "one number"
