"""A member while it is being trained: its networks, its optimisers, and one update of them."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim import Adam

from toolkit.networks import Autoencoder, discriminator
from toolkit.objectives import (
    LIKELIHOODS,
    Answer,
    Terms,
    discriminator_loss,
    permute_codes,
)
from toolkit.training.settings import MemberSettings
from toolkit.training.streams import stream

ADVERSARY_MOMENTS = (0.5, 0.9)  # Kim & Mnih (2018)


class Trainee:
    """Networks and optimisers of one member, at their first numbers."""

    def __init__(self, settings: MemberSettings) -> None:
        self.settings = settings
        self.model = settings.network.build(
            settings.image_shape, generator=stream(settings.seed, "weights")
        ).laid_out(settings.dtype)
        self.optimiser = Adam(self.model.parameters(), settings.learning_rate, fused=True)
        self.adversary: nn.Module | None = None
        self.adversary_optimiser: Adam | None = None
        if (wanted := settings.objective.adversary()) is not None:
            self.adversary = discriminator(
                settings.network.latents,
                width=wanted.width,
                hidden=wanted.layers,
                generator=stream(settings.seed, "discriminator"),
            ).to(settings.dtype)
            self.adversary_optimiser = Adam(
                self.adversary.parameters(),
                wanted.learning_rate,
                betas=ADVERSARY_MOMENTS,
                fused=True,
            )

    def update(
        self,
        images: Float[Tensor, "b c h w"],
        second: Float[Tensor, "b c h w"] | None,
        *,
        step: int,
    ) -> Terms:
        """One step of every optimiser; the parts of the loss before it, one value an image.

        Arguments:
            images: the batch.
            second: another batch, for the discriminator; only objectives that have one need it.
            step: updates done so far.
        """
        noise = stream(self.settings.seed, "noise", position=step)
        answer = respond(self.model, images, self.settings, generator=noise)
        if self.adversary is not None:
            self.adversary.requires_grad_(False)  # the member's loss must not move it
        terms = self.settings.objective.terms(answer, step=step, adversary=self.adversary)
        self.optimiser.zero_grad(set_to_none=True)
        terms["loss"].mean().backward()
        if self.adversary is not None and second is not None:
            terms["discriminator_loss"] = self._teach(answer.codes.detach(), second, step=step)
        self.optimiser.step()
        return {name: value.detach() for name, value in terms.items()}

    def _teach(
        self, codes: Float[Tensor, "b d"], second: Float[Tensor, "b c h w"], *, step: int
    ) -> Float[Tensor, " b"]:
        """One step of the discriminator on codes that no gradient leaves."""
        if self.adversary is None or self.adversary_optimiser is None:
            raise RuntimeError("a member without discriminator has nothing to teach")
        seed = self.settings.seed
        with torch.no_grad():
            mean, log_variance = self.model.encode(second)
            other = sample(
                mean, log_variance, generator=stream(seed, "second noise", position=step)
            )
            permuted = permute_codes(other, generator=stream(seed, "permutation", position=step))
        self.adversary.requires_grad_(True)
        loss = discriminator_loss(self.adversary, codes, permuted)
        self.adversary_optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.adversary_optimiser.step()
        return loss.detach().expand(len(codes))


def respond(
    model: Autoencoder,
    images: Float[Tensor, "b c h w"],
    settings: MemberSettings,
    *,
    generator: torch.Generator,
) -> Answer:
    """Posteriors, one code each, and the distortion of the images given the codes."""
    mean, log_variance = model.encode(images)
    codes = sample(mean, log_variance, generator=generator)
    distortion = LIKELIHOODS[settings.likelihood](model.decode(codes), images)
    return Answer(distortion=distortion, mean=mean, log_variance=log_variance, codes=codes)


def sample(
    mean: Float[Tensor, "b d"], log_variance: Float[Tensor, "b d"], *, generator: torch.Generator
) -> Float[Tensor, "b d"]:
    """One code of each posterior; gradients reach both arguments."""
    noise = torch.randn(mean.shape, dtype=mean.dtype, generator=generator)
    return mean + (log_variance / 2).exp() * noise
