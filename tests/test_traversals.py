import torch

from toolkit.networks import Autoencoder, Bottleneck, Burgess
from toolkit.objectives import Bernoulli, Gaussian
from toolkit.traversals import VALUES, reconstruct, to_pixels, traverse


def member() -> Autoencoder:
    generator = torch.Generator().manual_seed(0)
    between = Bottleneck(3)
    return Burgess(latents=3).build((1, 32, 32), bottleneck=between, generator=generator).eval()


def pixels_by_hand(model: Autoencoder, code: torch.Tensor) -> torch.Tensor:
    probability = 1 / (1 + (-model.decode(code[None])[0].double()).exp())
    return (255 * probability).round()


def test_each_row_moves_one_latent_and_keeps_the_others() -> None:
    model, base = member(), torch.tensor([0.3, -1.0, 2.0])
    images = traverse(model, base, [2, 0], likelihood=Bernoulli(), values=(-5.0, 0.0, 9.0))
    assert images.shape == (2, 3, 1, 32, 32)
    for row, latent in enumerate([2, 0]):
        for column, value in enumerate((-5.0, 0.0, 9.0)):
            code = base.clone()
            code[latent] = value
            apart = images[row, column].double() - pixels_by_hand(model, code)
            assert apart.abs().max() <= 1
            assert (apart != 0).float().mean() < 0.01
    assert base.tolist() == torch.tensor([0.3, -1.0, 2.0]).tolist()


def test_a_latent_set_to_what_it_is_changes_nothing() -> None:
    images = traverse(member(), torch.zeros(3), [0, 1, 2], likelihood=Bernoulli())
    middle = VALUES.index(0.0)
    assert torch.equal(images[0, middle], images[1, middle])
    assert torch.equal(images[0, middle], images[2, middle])
    assert not torch.equal(images[0, 0], images[0, -1])


def test_reconstructions_decode_the_means() -> None:
    model = member()
    images = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    mean, _ = model.encode(images)
    outputs = model.decode(mean)
    for likelihood, made in ((Bernoulli(), outputs.sigmoid()), (Gaussian(), outputs.clamp(0, 1))):
        told = reconstruct(model, images, likelihood=likelihood)
        assert torch.equal(told, to_pixels(made))
        assert told.shape == images.shape


def test_pixels_span_black_to_white() -> None:
    images = torch.tensor([0.0, 0.5, 1.0]).reshape(1, 1, 1, 3)
    assert to_pixels(images).flatten().tolist() == [0, 128, 255]
