"""Folders as disentangling-vae leaves them: the same names, shapes and file formats."""

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

SPECS = {
    "batch_size": 64,
    "betaB_G": 1000,
    "betaB_finC": 25,
    "betaB_initC": 0,
    "betaH_B": 4,
    "btcvae_A": 1,
    "btcvae_B": 6,
    "btcvae_G": 1,
    "dataset": "dsprites",
    "epochs": 30,
    "experiment": "betaH_tiny",
    "factor_G": 6,
    "img_size": [1, 32, 32],
    "is_eval_only": False,
    "latent_dim": 3,
    "log_level": "info",
    "loss": "betaH",
    "lr": 0.0005,
    "lr_disc": 5e-05,
    "model_type": "Burgess",
    "name": "betaH_tiny",
    "rec_dist": "bernoulli",
    "reg_anneal": 10000,
    "seed": 1234,
}


def state(
    *, side: int = 32, latents: int = 3, colours: int = 1, seed: int = 0
) -> "OrderedDict[str, Tensor]":
    """Weights of a Burgess network as disentangling-vae names them, drawn at random."""
    shapes: dict[str, tuple[int, ...]] = {
        "encoder.conv1": (32, colours, 4, 4),
        "encoder.conv2": (32, 32, 4, 4),
        "encoder.conv3": (32, 32, 4, 4),
        "encoder.conv_64": (32, 32, 4, 4),
        "encoder.lin1": (256, 512),
        "encoder.lin2": (256, 256),
        "encoder.mu_logvar_gen": (2 * latents, 256),
        "decoder.lin1": (256, latents),
        "decoder.lin2": (256, 256),
        "decoder.lin3": (512, 256),
        "decoder.convT_64": (32, 32, 4, 4),
        "decoder.convT1": (32, 32, 4, 4),
        "decoder.convT2": (32, 32, 4, 4),
        "decoder.convT3": (32, colours, 4, 4),
    }
    generator = torch.Generator().manual_seed(seed)
    found: OrderedDict[str, Tensor] = OrderedDict()
    for name, shape in shapes.items():
        if side == 32 and name.endswith("_64"):
            continue
        biases = shape[1] if "convT" in name else shape[0]
        scale = 2 / torch.Size(shape[1:]).numel() ** 0.5
        found[f"{name}.weight"] = scale * torch.randn(shape, generator=generator)
        found[f"{name}.bias"] = 0.1 * torch.randn(biases, generator=generator)
    return found


def write(
    folder: Path,
    tensors: object = None,
    *,
    zipped: bool = False,
    drop: tuple[str, ...] = (),
    **specs: Any,  # noqa: ANN401 - whatever JSON can hold
) -> Path:
    """A model's folder; `zipped` is today's format of torch.save, otherwise that of 2019."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {name: value for name, value in {**SPECS, **specs}.items() if name not in drop}
    (folder / "specs.json").write_text(json.dumps(given, indent=4, sort_keys=True))
    torch.save(
        state() if tensors is None else tensors,
        folder / "model.pt",
        _use_new_zipfile_serialization=zipped,
    )
    return folder


def theirs(tensors: dict[str, Tensor], images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Means, log-variances and reconstructions, by the published forward pass written out."""
    maps = images
    down = ["conv1", "conv2", "conv3"] + ["conv_64"] * ("encoder.conv_64.weight" in tensors)
    for layer in down:
        maps = torch.conv2d(maps, *_both(tensors, f"encoder.{layer}"), stride=2, padding=1).relu()
    rows = maps.flatten(1)
    for layer in ("lin1", "lin2"):
        rows = torch.nn.functional.linear(rows, *_both(tensors, f"encoder.{layer}")).relu()
    pairs = torch.nn.functional.linear(rows, *_both(tensors, "encoder.mu_logvar_gen"))
    mean, log_variance = pairs.view(len(images), -1, 2).unbind(-1)
    rows = mean
    for layer in ("lin1", "lin2", "lin3"):
        rows = torch.nn.functional.linear(rows, *_both(tensors, f"decoder.{layer}")).relu()
    maps = rows.view(-1, 32, 4, 4)
    up = ["convT_64"] * ("decoder.convT_64.weight" in tensors) + ["convT1", "convT2"]
    for layer in up:
        weight, bias = _both(tensors, f"decoder.{layer}")
        maps = torch.conv_transpose2d(maps, weight, bias, stride=2, padding=1).relu()
    weight, bias = _both(tensors, "decoder.convT3")
    return mean, log_variance, torch.conv_transpose2d(maps, weight, bias, 2, 1).sigmoid()


def _both(tensors: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]
