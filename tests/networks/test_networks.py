"""What holds for every row of the table."""

import copy

import pytest
import torch
from torch import Tensor
from torch.func import functional_call, grad, stack_module_state, vmap

from tests.networks.builds import FORMS, a_shape, built
from toolkit.networks import NETWORKS, Network, bottleneck

REMEDY = "Set `image_size` of the data set to such a number"
REFUSED = {
    "conv64": ("64 x 64", "Set `image_size` of the data set to 64.", (1, 32, 32)),
    "conv64_k4": ("64 x 64", "Set `image_size` of the data set to 64.", (3, 64, 32)),
    "conv": (
        "height x width, both multiples of 16 (2 to the power of `depth`)",
        f"{REMEDY}, or a smaller `depth`.",
        (3, 64, 40),
    ),
    "mlp": ("any size", "Give images that have pixels.", (0, 8, 8)),
    "tanh_mlp": ("any size", "Give images that have pixels.", (1, 0, 8)),
    "murphy": ("height x width, both multiples of 4", f"{REMEDY}.", (1, 28, 30)),
    "qlae_large": (
        "height x width, both multiples of 16 from 32",
        f"{REMEDY}; 64 is the published one.",
        (1, 32, 24),
    ),
    "qlae_small": (
        "height x width, both multiples of 16 from 32",
        f"{REMEDY}; 64 is the published one.",
        (3, 16, 16),
    ),
}


@pytest.mark.parametrize("colours", [1, 2, 3, 5])
@pytest.mark.parametrize("form", FORMS)
def test_images_become_posteriors_and_codes_become_logits(form: str, colours: int) -> None:
    shape = a_shape(form, colours)
    network = built(FORMS[form], shape)
    images = torch.rand(4, *shape, generator=torch.Generator().manual_seed(1))
    mean, log_variance = network.encode(images)
    assert mean.shape == log_variance.shape == (4, FORMS[form].latents)
    logits = network.decode(3 * torch.randn(mean.shape, generator=torch.Generator().manual_seed(2)))
    assert logits.shape == images.shape
    assert logits.min() < 0 < logits.max()  # neither probabilities nor rectified
    assert log_variance.min() < 0 < log_variance.max()
    assert not torch.equal(logits[0], logits[1])


@pytest.mark.parametrize("form", FORMS)
def test_latents_are_as_many_as_asked_for(form: str) -> None:
    network = type(FORMS[form])(latents=3)
    member = built(network, a_shape(form))
    mean, log_variance = member.encode(torch.zeros(2, *a_shape(form)))
    assert mean.shape == log_variance.shape == (2, 3)
    assert member.decode(mean).shape == (2, *a_shape(form))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("kind", "outputs", "inputs"), [("quantised", 3, 3), ("vectors", 6, 6)])
def test_encoder_and_decoder_fit_the_bottleneck_between_them(
    kind: str, outputs: int, inputs: int, form: str
) -> None:
    generator = torch.Generator().manual_seed(0)
    between = bottleneck(
        3, kind=kind, noise=0.0, values=4, width=2, shared=False, learnt=True, generator=generator
    )
    network = type(FORMS[form])(latents=3)
    member = network.build(a_shape(form), bottleneck=between, generator=generator)
    images = torch.rand(2, *a_shape(form), generator=generator)
    assert member.encoder(images).shape == (2, outputs)
    assert member.decoder(torch.zeros(2, inputs)).shape == images.shape
    mean, _ = member.encode(images)
    assert mean.shape == (2, 3)
    assert member.decode(mean).shape == images.shape


@pytest.mark.parametrize("form", FORMS)
def test_every_number_has_a_gradient(form: str) -> None:
    network = built(FORMS[form], a_shape(form))
    images = torch.rand(4, *a_shape(form), generator=torch.Generator().manual_seed(1))
    mean, log_variance = network.encode(images)
    (network.decode(mean).square().sum() + log_variance.square().sum()).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_does_not_depend_on_company(form: str) -> None:
    network = built(FORMS[form], a_shape(form)).to_kernel_layout(torch.float64)
    images = torch.rand(
        5, *a_shape(form), dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )
    together, _ = network.encode(images)
    alone, _ = network.encode(images[2:3])
    torch.testing.assert_close(alone, together[2:3], rtol=1e-11, atol=1e-12)
    decoded = network.decode(together)[2:3]
    torch.testing.assert_close(network.decode(alone), decoded, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_first_numbers_come_from_the_generator_alone(form: str) -> None:
    before = torch.get_rng_state()
    first, same, other = (built(FORMS[form], a_shape(form), seed=s).state_dict() for s in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], same[name]) for name in first)
    drawn = [name for name in first if first[name].unique().numel() > 1]
    assert len(drawn) >= len(first) // 3
    assert not any(torch.equal(first[name], other[name]) for name in drawn)


@pytest.mark.parametrize("form", FORMS)
def test_members_can_be_stacked_and_differentiated_together(form: str) -> None:
    members = [
        built(FORMS[form], a_shape(form), seed=s).to_kernel_layout(torch.float64) for s in (0, 1)
    ]
    images = torch.rand(
        2, *a_shape(form), dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )
    for part, inputs in (("encoder", images), ("decoder", members[0].encode(images)[0].detach())):
        networks = [getattr(member, part) for member in members]
        stacked, buffers = stack_module_state(networks)
        assert not buffers
        skeleton = copy.deepcopy(networks[0]).to("meta")

        def loss(parameters: dict[str, Tensor], skeleton=skeleton, inputs=inputs) -> Tensor:  # noqa: ANN001
            return functional_call(skeleton, parameters, (inputs,)).square().mean()

        fused = vmap(grad(loss))(stacked)
        networks[1](inputs).square().mean().backward()
        for name, parameter in networks[1].named_parameters():
            torch.testing.assert_close(fused[name][1], parameter.grad, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_laying_out_changes_no_number(form: str) -> None:
    before = {n: v.clone() for n, v in built(FORMS[form], a_shape(form)).state_dict().items()}
    network = built(FORMS[form], a_shape(form)).to_kernel_layout(torch.float64)
    for name, value in network.state_dict().items():
        assert value.dtype == torch.float64
        assert torch.equal(value, before[name].double())
        if value.ndim == 4:
            assert value.permute(2, 3, 1, 0).is_contiguous()


@pytest.mark.parametrize("name", REFUSED)
def test_images_that_do_not_fit_are_refused(name: str) -> None:
    takes, remedy, shape = REFUSED[name]
    network: Network = NETWORKS[name]()
    for refused in (shape, (0, *a_shape(name)[1:])):
        with pytest.raises(ValueError, match="network takes") as caught:
            built(network, refused)
        assert str(caught.value) == (
            f"the {name} network takes images of {takes}, not "
            f"{refused[0]} x {refused[1]} x {refused[2]}. {remedy}"
        )
