from pathlib import Path

import pytest
import torch
from torch import Tensor

from toolkit.errors import ToolkitError
from toolkit.files import save_tensors
from toolkit.posteriors import SCHEMA, Posteriors, encode, load_posteriors, save_posteriors


def random_posteriors(*, images: int = 7, channels: int = 3, seed: int = 0) -> Posteriors:
    generator = torch.Generator().manual_seed(seed)
    mean, log_variance = torch.randn(2, images, channels, generator=generator)
    return Posteriors(mean=mean, log_variance=log_variance, probe="p" * 64)


def halves(images: Tensor) -> tuple[Tensor, Tensor]:
    """An encoder whose answers can be read off the images; it keeps account of batches."""
    flat = images.flatten(1)
    batches.append(len(flat))
    mean, log_variance = flat.chunk(2, dim=1)
    return mean, log_variance


batches: list[int] = []


def test_posteriors_come_back_from_disk(tmp_path: Path) -> None:
    written = random_posteriors()
    save_posteriors(tmp_path / "answers", written)
    read = load_posteriors(tmp_path / "answers")
    assert torch.equal(read.mean, written.mean)
    assert torch.equal(read.log_variance, written.log_variance)
    assert (read.probe, read.digest) == (written.probe, written.digest)


def test_every_image_is_shown_once_in_batches_of_one_size() -> None:
    batches.clear()
    images = torch.rand(10, 1, 2, 4, generator=torch.Generator().manual_seed(0)).double()
    answers = encode(halves, images.requires_grad_(), probe="p", batch_size=4)
    assert batches == [4, 4, 2]
    assert torch.equal(answers.mean, images.flatten(1)[:, :4].float())
    assert torch.equal(answers.log_variance, images.flatten(1)[:, 4:].float())
    assert not answers.mean.requires_grad
    assert answers.probe == "p"


def test_the_digest_tells_means_variances_and_probe_sets_apart() -> None:
    one = random_posteriors()
    others = [
        Posteriors(mean=one.mean + 1, log_variance=one.log_variance, probe=one.probe),
        Posteriors(mean=one.mean, log_variance=one.log_variance + 1, probe=one.probe),
        Posteriors(mean=one.mean, log_variance=one.log_variance, probe="q"),
        Posteriors(mean=one.log_variance, log_variance=one.mean, probe=one.probe),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 5
    assert one.digest == random_posteriors().digest


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("shapes", [((4, 2), (4, 3)), ((4,), (4,))])
def test_means_and_variances_of_different_shapes_are_refused(
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    with pytest.raises(ToolkitError) as caught:
        Posteriors(mean=torch.zeros(shapes[0]), log_variance=torch.zeros(shapes[1]), probe="p")
    assert str(caught.value) == (
        f"means are {shapes[0]} but log-variances {shapes[1]}; "
        "both need a row per image, a column per channel."
    )


@pytest.mark.parametrize("number", [torch.nan, torch.inf])
@pytest.mark.parametrize("name", ["mean", "log_variance"])
def test_answers_of_a_diverged_member_are_refused(name: str, number: float) -> None:
    numbers = {"mean": torch.zeros(2, 2), "log_variance": torch.zeros(2, 2)}
    numbers[name][1, 0] = number
    with pytest.raises(ToolkitError) as caught:
        Posteriors(**numbers, probe="p")
    assert str(caught.value) == (
        "posteriors hold numbers that are not finite: the member diverged. "
        "Lower its learning rate, or leave it out of the comparison."
    )


@pytest.mark.parametrize("missing", ["mean", "log_variance", "probe"])
def test_a_file_that_lacks_a_part_is_refused(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "answers"
    tensors = {"mean": torch.zeros(2, 2), "log_variance": torch.zeros(2, 2)}
    metadata = {"probe": "p"}
    tensors.pop(missing, None)
    metadata.pop(missing, None)
    save_tensors(path, tensors, schema=SCHEMA, **metadata)
    with pytest.raises(ToolkitError) as caught:
        load_posteriors(path)
    assert str(caught.value) == (
        f"{path} is damaged: it lacks a mean, a log-variance, or the digest of its probe set. "
        "Delete it and run `dvc repro`."
    )


def test_weights_are_not_taken_for_posteriors(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    save_tensors(path, {"mean": torch.zeros(2, 2)}, schema="weights/1")
    with pytest.raises(ToolkitError) as caught:
        load_posteriors(path)
    assert str(caught.value) == (
        f"{path} holds 'weights/1', not 'posteriors/1'. Delete it and run `dvc repro`."
    )
