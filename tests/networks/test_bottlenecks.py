import math

import pytest
import torch
from torch import Tensor, nn

from toolkit.errors import UnknownNameError
from toolkit.information import channel_information
from toolkit.networks import Autoencoder, Bottleneck, bottleneck
from toolkit.networks.bottlenecks import Points, Quantised, Vectors


def built_bottleneck(kind: str, latents: int = 3, **numbers: object) -> Bottleneck:
    wanted = {"noise": 0.1, "values": 5, "width": 4, "shared": False, "learnt": True, **numbers}
    generator = torch.Generator().manual_seed(0)
    return bottleneck(latents, kind=kind, generator=generator, **wanted)


def test_codes_are_samples_of_their_posteriors_and_pass_gradients_on() -> None:
    mean = torch.tensor([1.0, -2.0]).expand(100_000, 2).clone().requires_grad_()
    log_variance = torch.tensor([0.0, -4.0]).expand(100_000, 2).clone().requires_grad_()
    between = Bottleneck(2)
    posterior = between.posterior(torch.cat([mean, log_variance], dim=1))
    noise = torch.randn(100_000, 2, generator=torch.Generator().manual_seed(0))
    codes = between.sample(torch.zeros(100_000, 4), posterior, noise)
    assert torch.allclose(codes.mean(dim=0), torch.tensor([1.0, -2.0]), atol=0.015)
    assert torch.allclose(codes.std(dim=0), torch.tensor([1.0, 0.1353353]), rtol=0.01)
    codes.sum().backward()
    assert torch.equal(mean.grad, torch.ones_like(mean))
    assert torch.allclose(log_variance.grad, (codes - mean).detach() / 2, atol=1e-6)


def test_points_have_the_declared_noise_and_are_decoded_without_it() -> None:
    between = built_bottleneck("deterministic", noise=0.1)
    assert isinstance(between, Points)
    encoder_output = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    posterior = between.posterior(encoder_output)
    assert torch.equal(posterior.mean, encoder_output)
    assert torch.allclose(
        posterior.log_variance, torch.full_like(encoder_output, 2 * math.log(0.1))
    )
    assert torch.equal(between.sample(encoder_output, posterior, torch.ones(7, 3)), encoder_output)


@pytest.mark.parametrize("shared", [False, True])
def test_numbers_go_to_the_nearest_entry_and_ties_to_the_lower_one(shared: bool) -> None:
    between = built_bottleneck("quantised", shared=shared)
    assert isinstance(between, Quantised)
    assert between.book.shape == ((1 if shared else 3), 5)
    encoder_output = torch.tensor([[-9.0, 0.1, 0.375], [0.13, 0.24, 0.49]])
    assert between.indices(encoder_output).tolist() == [[0, 2, 3], [3, 3, 4]]
    assert between.posterior(encoder_output).mean.tolist() == [[-0.5, 0.0, 0.25], [0.25, 0.25, 0.5]]


def test_p10_equal_entries_are_equal_to_the_last_bit_in_what_is_decoded() -> None:
    """Published code decodes x + (q - x), which splits one entry into several numbers."""
    between = built_bottleneck("quantised", values=10)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():  # entries that have been trained
        between.book.add_(torch.randn(3, 10, generator=generator) / 30)
    encoder_output = torch.randn(4000, 3, generator=generator)
    decoded = between.sample(
        encoder_output, between.posterior(encoder_output), torch.zeros(4000, 3)
    )
    assert len(decoded[:, 0].unique()) == 10
    naive = encoder_output + (between.posterior(encoder_output).mean - encoder_output)
    assert len(naive[:, 0].unique()) > 10


def test_the_encoder_learns_through_the_entries_and_the_code_book_only_where_it_is_named() -> None:
    between = built_bottleneck("quantised")
    encoder_output = torch.tensor([[0.1, 0.2, 0.3]], requires_grad=True)
    posterior = between.posterior(encoder_output)
    between.sample(encoder_output, posterior, torch.zeros(1, 3)).sum().backward()
    assert encoder_output.grad is not None
    assert encoder_output.grad.tolist() == [[1.0, 1.0, 1.0]]
    assert between.book.grad is None
    assert posterior.quantised is not None
    posterior.quantised.sum().backward()
    assert between.book.grad is not None
    assert between.book.grad.sum() == 3


def test_a_quantised_channel_is_a_hard_clustering_of_the_images() -> None:
    between = built_bottleneck("quantised", latents=1, values=4)
    encoder_output = torch.tensor([-0.5, -0.17, 0.17, 0.5]).repeat(8)[:, None]
    posterior = between.posterior(encoder_output)
    bits = channel_information(posterior.mean.detach(), posterior.log_variance)
    assert bits.item() == pytest.approx(2.0, abs=1e-9)


def test_vectors_are_the_nearest_of_one_book_and_their_index_is_the_code() -> None:
    between = built_bottleneck("vectors", latents=2, values=6, width=4)
    assert isinstance(between, Vectors)
    assert (between.outputs, between.inputs) == (8, 8)
    assert between.book.abs().max() <= math.sqrt(3 / 4)
    encoder_output = between.book.detach()[[4, 1]].reshape(1, 8) + 0.01
    posterior = between.posterior(encoder_output)
    assert posterior.mean.tolist() == [[4.0, 1.0]]
    assert posterior.quantised is not None
    assert torch.equal(posterior.quantised, between.book[[4, 1]].reshape(1, 8))
    assert torch.equal(between.dequantise(posterior.mean), posterior.quantised)
    leaf = encoder_output.clone().requires_grad_()
    between.sample(leaf, between.posterior(leaf), torch.zeros(1, 2)).sum().backward()
    assert leaf.grad is not None
    assert torch.equal(leaf.grad, torch.ones(1, 8))


def test_a_channel_is_moved_through_values_or_through_entries() -> None:
    values = (-1.0, 0.0, 1.0)
    for kind in ("gaussian", "deterministic"):
        walk = built_bottleneck(kind).walk(values)
        assert walk.names == values
        assert walk.codes.tolist() == [list(values)] * 3
    quantised = built_bottleneck("quantised", values=5)
    with torch.no_grad():
        quantised.book[1] = torch.tensor([3.0, 1.0, 2.0, 9.0, 4.0])
    walk = quantised.walk(values)
    assert walk.names == (0.0, 2.0, 4.0)
    assert walk.codes.tolist() == [[-0.5, 0.0, 0.5], [1.0, 3.0, 9.0], [-0.5, 0.0, 0.5]]
    assert built_bottleneck("quantised", shared=True).walk(values).codes.shape == (3, 3)
    walk = built_bottleneck("vectors", values=6).walk((1.0,) * 6)
    assert walk.names == (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    assert walk.codes.tolist() == [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]] * 3


def test_a_typical_code_is_a_mean_and_of_indices_the_most_frequent_one() -> None:
    means = torch.tensor([[0.0, 5.0], [0.0, 5.0], [3.0, 2.0]])
    assert built_bottleneck("gaussian", latents=2).reference_code(means).tolist() == [1.0, 4.0]
    assert built_bottleneck("vectors", latents=2).reference_code(means).tolist() == [0.0, 5.0]


def test_an_unknown_kind_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError) as caught:
        built_bottleneck("quantized")
    assert "quantised" in str(caught.value)


class Rows(nn.Module):
    """An encoder that takes its numbers from the images' own pixels."""

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gaussian", None),
        ("deterministic", None),
        ("quantised", [[0, 2, 4], [4, 3, 0]]),
        ("vectors", [[1, 2, 3], [0, 0, 4]]),
    ],
)
def test_a_member_tells_the_entry_of_each_channel_as_a_whole_number(
    kind: str, expected: list[list[int]] | None
) -> None:
    between = built_bottleneck(kind)
    model = Autoencoder(Rows(), between, nn.Identity())
    if isinstance(between, Vectors):
        numbers = between.book.detach()[torch.tensor(expected)].flatten(1)
    else:
        numbers = torch.tensor([[-9.0, 0.1, 0.6], [0.4, 0.3, -0.5]])
        numbers = numbers.repeat(1, between.outputs // 3)
    codes = model.integer_codes(numbers[:, None, None, :])
    assert (None if codes is None else codes.tolist()) == expected
    if codes is not None:
        means, _ = model.encode(numbers[:, None, None, :])
        for channel in range(3):
            clusters = [means[codes[:, channel] == entry, channel] for entry in range(5)]
            assert all(len(cluster.unique()) <= 1 for cluster in clusters)
