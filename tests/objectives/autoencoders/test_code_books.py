import math
from dataclasses import replace

import pytest
import torch
from sklearn.metrics import mutual_info_score
from torch import Tensor
from torch.func import grad, vmap
from torch.nn.functional import binary_cross_entropy_with_logits

from tests.objectives import golden
from toolkit.errors import ToolkitError
from toolkit.information import channel_information
from toolkit.networks.bottlenecks import Bottleneck, Quantised, Vectors
from toolkit.objectives import QLAE, VQVAE, Outputs, bernoulli, from_means

CASES = ("default", "trained", "mixed")
LOOSE = {"atol": 2e-6, "rtol": 2e-5}


def answer(name: str) -> Tensor:
    return golden.arrays("losses_qlae")[name].clone()


def between(case: str) -> tuple[Quantised, Tensor]:
    """The published code book, and the numbers to quantise; books of other sizes end in copies."""
    book, encoder_output = answer(f"{case}_values"), answer(f"{case}_x")
    ends = torch.stack([row[~row.isnan()][-1] for row in book])
    whole = torch.where(book.isnan(), ends[:, None], book)
    codebook = Quantised(len(book), values=book.shape[1], shared=False, learnt=True)
    with torch.no_grad():
        codebook.book.copy_(whole)
    return codebook, encoder_output


def answered(
    codebook: Bottleneck, encoder_output: Tensor, distortion: Tensor | None = None
) -> Outputs:
    posterior = codebook.posterior(encoder_output)
    return Outputs(
        distortion=encoder_output.new_zeros(len(encoder_output))
        if distortion is None
        else distortion,
        mean=posterior.mean,
        log_variance=posterior.log_variance,
        z=codebook.sample(encoder_output, posterior, torch.zeros_like(posterior.mean)),
        encoder_output=encoder_output,
        quantised=posterior.quantised,
        dataset_size=100,
    )


@pytest.mark.parametrize("case", CASES)
def test_entries_and_distances_are_those_of_a_published_system(case: str) -> None:
    codebook, encoder_output = between(case)
    outputs = answered(codebook, encoder_output)
    assert torch.equal(codebook.indices(encoder_output), answer(f"{case}_z_indices").long())
    torch.testing.assert_close(encoder_output, answer(f"{case}_z_continuous"), **LOOSE)
    for name in ("z_quantized", "z_hat"):
        torch.testing.assert_close(outputs.z, answer(f"{case}_{name}"), **LOOSE)
    terms = golden.terms(QLAE(), outputs, step=0)
    for ours, theirs in (("quantisation", "quantization"), ("commitment", "commitment")):
        mean = terms[ours] / encoder_output.shape[1]
        torch.testing.assert_close(mean, answer(f"{case}_{theirs}_loss"), **LOOSE)
        found = golden.values("losses_qlae")[case][f"{theirs}_mean"]
        assert mean.mean().item() == pytest.approx(found, abs=2e-6, rel=2e-5)


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_a_published_system(case: str) -> None:
    codebook, encoder_output = between(case)
    encoder_output.requires_grad_()
    found = golden.values("losses_qlae")[case]
    latents = encoder_output.shape[1]
    objective = QLAE(
        quantisation=from_means(found["lambda_quantization"], pixels=1, numbers=latents),
        commitment=from_means(found["lambda_commitment"], pixels=1, numbers=latents),
    )
    outputs = answered(codebook, encoder_output)
    weighted = (answer(f"{case}_w") * outputs.z.square()).sum(dim=1)
    terms = golden.terms(objective, replace(outputs, distortion=weighted), step=0)
    total = terms["loss"].mean()
    total.backward()
    assert total.item() == pytest.approx(found["total"], abs=2e-6, rel=2e-5)
    assert encoder_output.grad is not None
    assert codebook.book.grad is not None
    torch.testing.assert_close(encoder_output.grad, answer(f"{case}_grad_x"), **LOOSE)
    theirs = answer(f"{case}_grad_values")
    real = ~answer(f"{case}_values").isnan()
    torch.testing.assert_close(codebook.book.grad[real], theirs[real], **LOOSE)


def test_p07_weights_beside_means_become_weights_beside_sums() -> None:
    logits, images = (answer(f"bce_{name}").permute(0, 3, 1, 2) for name in ("logits", "x"))
    pixels = images[0].numel()
    codebook = Quantised(6, values=10, shared=False, learnt=True)
    weight = from_means(0.01, pixels=pixels, numbers=6)
    objective = QLAE(quantisation=weight, commitment=weight)
    distortion = bernoulli(logits, images)
    torch.testing.assert_close(distortion / pixels, answer("bce_mean_per_sample"), **LOOSE)
    terms = golden.terms(objective, answered(codebook, answer("total_z"), distortion), step=0)
    found = golden.values("losses_qlae")["total_loss_bce1_q0.01_c0.01"]
    assert terms["loss"].mean().item() / pixels == pytest.approx(found, abs=2e-6, rel=2e-5)


def test_p07_the_direction_of_every_gradient_is_that_of_the_loss_of_means() -> None:
    """All of the loss grows by the number of pixels, so that only the bound must grow too."""
    generator = torch.Generator().manual_seed(0)
    encoder_output = torch.randn(8, 4, generator=generator, dtype=torch.float64)
    images = torch.rand(8, 1, 1, 4, generator=generator, dtype=torch.float64)
    codebook = Quantised(4, values=5, shared=False, learnt=True).double()
    weight = from_means(0.01, pixels=4, numbers=4)

    def gradients(of_means: bool) -> list[Tensor]:
        leaf = encoder_output.clone().requires_grad_()
        codebook.book.grad = None
        posterior = codebook.posterior(leaf)
        codes = codebook.sample(leaf, posterior, torch.zeros_like(leaf))
        pixels = codes[:, None, None, :]
        if of_means:
            found = binary_cross_entropy_with_logits(pixels, images)
            apart = (leaf.detach() - posterior.quantised).square().mean()
            back = (leaf - posterior.quantised.detach()).square().mean()
            loss = found + 0.01 * apart + 0.01 * back
        else:
            outputs = answered(codebook, leaf, bernoulli(pixels, images))
            objective = QLAE(quantisation=weight, commitment=weight)
            loss = golden.terms(objective, outputs, step=0)["loss"].mean()
        loss.backward()
        return [leaf.grad, codebook.book.grad]

    for ours, theirs in zip(gradients(False), gradients(True), strict=True):
        assert torch.allclose(ours, 4 * theirs, rtol=1e-10, atol=1e-14)


def test_defaults_are_the_papers_weights_for_its_images_and_channels() -> None:
    pixels = 3 * 64 * 64
    qlae, vector = QLAE(), VQVAE()
    assert qlae.quantisation == qlae.commitment == from_means(0.01, pixels=pixels, numbers=12)
    assert vector.quantisation == from_means(1.0, pixels=pixels, numbers=12 * 64)
    assert vector.commitment == from_means(0.25, pixels=pixels, numbers=12 * 64)
    assert qlae.clip == vector.clip == from_means(1.0, pixels=pixels, numbers=1)


@pytest.mark.parametrize(("pixels", "numbers"), [(0, 1), (1, 0)])
def test_means_over_nothing_are_refused(pixels: int, numbers: int) -> None:
    with pytest.raises(ToolkitError) as caught:
        from_means(1.0, pixels=pixels, numbers=numbers)
    assert str(caught.value) == (
        f"a mean over {pixels} pixels and {numbers} numbers of a code is not defined. "
        "Give at least 1 of each."
    )


def entropy_bits(labels: list[int]) -> float:
    """Of a clustering, by scikit-learn."""
    return float(mutual_info_score(labels, labels)) / math.log(2)


@pytest.mark.parametrize("shared", [False, True])
def test_p10_a_channel_tells_the_entropy_of_its_clustering(shared: bool) -> None:
    """Indices, not the floats x + (q - x), decide which images are alike."""
    codebook = Quantised(3, values=6, shared=shared, learnt=True)
    encoder_output = torch.randn(500, 3, generator=torch.Generator().manual_seed(1)) / 3
    outputs = answered(codebook, encoder_output)
    bits = channel_information(outputs.mean.detach(), outputs.log_variance)
    for channel in range(3):
        labels = codebook.indices(encoder_output)[:, channel].tolist()
        assert bits[channel].item() == pytest.approx(entropy_bits(labels), abs=1e-9)
        assert bits[channel].item() < math.log2(6)
        assert len(outputs.z[:, channel].unique()) == len(set(labels))


def test_p10_vectors_tell_the_entropy_of_their_indices() -> None:
    generator = torch.Generator().manual_seed(2)
    codebook = Vectors(2, values=7, width=4, learnt=True, generator=generator)
    encoder_output = torch.randn(300, 8, generator=generator)
    outputs = answered(codebook, encoder_output)
    bits = channel_information(outputs.mean.detach(), outputs.log_variance)
    for channel in range(2):
        labels = codebook.indices(encoder_output)[:, channel].tolist()
        assert bits[channel].item() == pytest.approx(entropy_bits(labels), abs=1e-9)


@pytest.mark.parametrize("objective", [QLAE(values=9), VQVAE(values=9)], ids=str)
def test_the_rate_is_what_it_takes_to_name_an_entry(objective: QLAE | VQVAE) -> None:
    rates = objective.rates(torch.zeros(5, 3), torch.full((5, 3), -60.0))
    assert torch.allclose(rates, torch.full((5, 3), math.log(9)))


def test_vectors_are_drawn_to_the_encoder_and_the_encoder_to_them() -> None:
    generator = torch.Generator().manual_seed(3)
    codebook = Vectors(2, values=5, width=3, learnt=True, generator=generator).double()
    encoder_output = torch.randn(6, 6, generator=generator, dtype=torch.float64).requires_grad_()
    objective = VQVAE(quantisation=2.0, commitment=0.5, values=5, width=3)
    golden.terms(objective, answered(codebook, encoder_output), step=0)["loss"].sum().backward()
    apart = encoder_output.detach() - codebook.posterior(encoder_output.detach()).quantised.detach()
    assert encoder_output.grad is not None
    assert codebook.book.grad is not None
    assert torch.allclose(encoder_output.grad, apart)  # 2 * 0.5 * apart
    by_hand = torch.zeros(5, 3, dtype=torch.float64)
    rows = codebook.indices(encoder_output.detach()).flatten()
    by_hand.index_add_(0, rows, -4 * apart.reshape(-1, 3))
    assert torch.allclose(codebook.book.grad, by_hand)


@pytest.mark.parametrize("kind", [QLAE, VQVAE])
def test_the_loss_and_its_gradient_are_vectorised_over_members(
    kind: type[QLAE] | type[VQVAE],
) -> None:
    objective = kind(values=5) if kind is QLAE else kind(values=5, width=2)
    generator = torch.Generator().manual_seed(4)
    width = objective.bottleneck().width
    if kind is QLAE:
        codebook: Bottleneck = Quantised(3, values=5, shared=False, learnt=True)
    else:
        codebook = Vectors(3, values=5, width=width, learnt=True, generator=generator)
    encoder_output = torch.randn(2, 7, 3 * width, generator=generator)
    weights = {name: torch.tensor([1.0, 2.0]) for name in objective.weights(0)}

    def loss(encoder_output: Tensor, member_weights: dict[str, Tensor]) -> Tensor:
        answer = answered(codebook, encoder_output)
        distortion = answer.z.square().sum(dim=1)
        answer = replace(answer, distortion=distortion)
        return objective.terms(answer, weights=member_weights, adversary=None)["loss"].mean()

    gradients = vmap(grad(loss))(encoder_output, weights)
    for row in range(2):
        leaf = encoder_output[row].clone().requires_grad_()
        loss(leaf, {name: value[row] for name, value in weights.items()}).backward()
        assert torch.allclose(gradients[row], leaf.grad, atol=1e-6)


@pytest.mark.parametrize("objective", [QLAE(), VQVAE()], ids=["qlae", "vq_vae"])
def test_a_member_without_code_book_is_refused(objective: QLAE | VQVAE) -> None:
    with pytest.raises(ToolkitError) as caught:
        golden.terms(objective, golden.outputs(), step=0)
    assert str(caught.value) == (
        "this objective needs a code book. Build the member with its `bottleneck`."
    )


def test_settings_reach_bottleneck_and_optimiser() -> None:
    codes = QLAE(values=7, shared=True, learnt=False).bottleneck()
    found = (codes.kind, codes.values, codes.shared, codes.learnt)
    assert found == ("quantised", 7, True, False)
    codes = VQVAE(values=7, width=5).bottleneck()
    assert (codes.kind, codes.values, codes.width) == ("vectors", 7, 5)
    decay = QLAE(weight_decay=0.3, clip=2.0).decay()
    assert (decay.weight, decay.clip) == (0.3, 2.0)
    decay = VQVAE().decay()
    assert (decay.weight, decay.clip) == (0.0, 12288.0)
