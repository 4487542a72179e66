"""A member while it is being trained: its networks, its optimisers, and one update of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from toolkit.networks import Autoencoder, discriminator
from toolkit.objectives import (
    Decay,
    Outputs,
    Terms,
    discriminator_loss,
    permute_latents,
)
from toolkit.training.adam import Adam, ParameterGroup
from toolkit.training.batches import Batch
from toolkit.training.settings import MemberSettings
from toolkit.training.streams import stream

ADVERSARY_BETAS = (0.5, 0.9)  # Kim & Mnih (2018)


class TrainingState:
    """Networks and optimisers of one member, at their first numbers.

    Arguments:
        settings: everything that decides the member.
        dataset_size: number of training images.
    """

    def __init__(self, settings: MemberSettings, *, dataset_size: int) -> None:
        self.settings = settings
        self.dataset_size = dataset_size
        self.model = settings.build()
        self.optimiser = adam(
            self.model, learning_rate=settings.learning_rate, decay=settings.objective.decay()
        )
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
                [ParameterGroup(parameters=list(self.adversary.parameters()))],
                learning_rate=wanted.learning_rate,
                betas=ADVERSARY_BETAS,
            )

    def update(self, batch: Batch, second: Batch | None, *, step: int) -> Terms:
        """One step of every optimiser; the parts of the loss before it, one value per image.

        Arguments:
            batch: what the member learns from.
            second: another batch, for the discriminator; only objectives that have one need it.
            step: updates done so far.
        """
        objective = self.settings.objective
        outputs = forward_pass(
            self.model,
            batch,
            self.settings,
            random_inputs=random_inputs_for(self.settings, len(batch.images), position=step),
            dataset_size=self.dataset_size,
        )
        if self.adversary is not None:
            self.adversary.requires_grad_(False)  # the member's loss must not move it
        weights = objective.weights(step)
        terms = objective.terms(outputs, weights=weights, adversary=self.adversary)
        self.optimiser.zero_grad()
        terms["loss"].mean().backward()
        if self.adversary is not None and second is not None:
            terms["discriminator_loss"] = self._discriminator_step(
                outputs.z.detach(), second, step=step
            )
        self.optimiser.step()
        return {name: value.detach() for name, value in terms.items()}

    def _discriminator_step(
        self, latents: Float[Tensor, "b d"], second: Batch, *, step: int
    ) -> Float[Tensor, " b"]:
        """One step of the discriminator on latents through which no gradient flows."""
        if self.adversary is None or self.adversary_optimiser is None:
            raise RuntimeError("this member has no discriminator to update")
        seed = self.settings.seed
        with torch.no_grad():
            mean, log_variance = self.model.encode(second.images)
            noise = torch.randn(
                mean.shape,
                dtype=mean.dtype,
                generator=stream(seed, "second noise", position=step),
            )
            others = mean + (log_variance / 2).exp() * noise
            permuted = permute_latents(others, generator=stream(seed, "permutation", position=step))
        self.adversary.requires_grad_(True)
        loss = discriminator_loss(self.adversary, latents, permuted)
        self.adversary_optimiser.zero_grad()
        loss.backward()
        self.adversary_optimiser.step()
        return loss.detach().expand(len(latents))


def adam(model: Autoencoder, *, learning_rate: float, decay: Decay | None) -> Adam:
    """Adam (0.9, 0.999), with decoupled weight decay where the objective asks for it."""
    names = decayed_parameters(model)
    undecayed, decayed = [
        [
            parameter
            for name, parameter in model.named_parameters()
            if parameter.requires_grad and (name in names) == wanted
        ]
        for wanted in (False, True)
    ]
    weight, clip = (decay.weight, decay.clip) if decay else (0.0, None)
    groups = [
        ParameterGroup(parameters=decayed, weight_decay=weight, clip=clip),
        ParameterGroup(parameters=undecayed),
    ]
    return Adam(groups, learning_rate=learning_rate)


def decayed_parameters(model: Autoencoder) -> frozenset[str]:
    """Names of the parameters that may decay: all but biases and what lies between encoder and
    decoder, as in https://github.com/kylehkhsu/disentangle.
    """
    return frozenset(
        name
        for name, _ in model.named_parameters()
        if not name.endswith("bias") and not name.startswith("bottleneck.")
    )


@dataclass(frozen=True, kw_only=True)
class RandomInputs:
    """The random numbers of one batch.

    Arguments:
        noise: (n, d) standard normal, a row per image.
        draws: what else the objective asks for, by name.
    """

    noise: Float[Tensor, "n d"]
    draws: Mapping[str, Tensor]


def random_inputs_for(
    settings: MemberSettings,
    images: int,
    *,
    position: int,
    purposes: tuple[str, str] = ("noise", "draws"),
) -> RandomInputs:
    """The random numbers of a member for the batch at a position: a step, or a part of a split."""
    latents, dtype = settings.network.latents, settings.dtype
    noise, draws = (stream(settings.seed, name, position=position) for name in purposes)
    return RandomInputs(
        noise=torch.randn(images, latents, dtype=dtype, generator=noise),
        draws=settings.objective.random_inputs(images, latents, generator=draws, dtype=dtype),
    )


def forward_pass(
    model: Autoencoder,
    batch: Batch,
    settings: MemberSettings,
    *,
    random_inputs: RandomInputs,
    dataset_size: int,
) -> Outputs:
    """Posteriors, one sample z of each, and the distortion of the images given the samples.

    Arguments:
        random_inputs: the random numbers of this batch.
        dataset_size: number of training images.
    """
    objective, images = settings.objective, batch.images
    encoder_output = model.encoder(images)
    posterior = model.bottleneck.posterior(encoder_output)
    mean, log_variance = objective.share_posteriors(
        posterior.mean, posterior.log_variance, changed=batch.changed
    )
    shared = replace(posterior, mean=mean, log_variance=log_variance)
    z = model.bottleneck.sample(encoder_output, shared, random_inputs.noise)
    distortion = settings.likelihood.distortion(model.decoder(z), images)
    return Outputs(
        distortion=distortion,
        mean=mean,
        log_variance=log_variance,
        z=z,
        encoder_output=None if posterior.quantised is None else encoder_output,
        quantised=posterior.quantised,
        images=images if objective.sees_images else None,
        changed=batch.changed,
        random_inputs=random_inputs.draws,
        dataset_size=dataset_size,
    )
