"""Several members as one: every parameter has a row per member."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from toolkit.files import digest_of_json
from toolkit.networks import Autoencoder
from toolkit.objectives import OBJECTIVES, Terms, discriminator_loss, permute_latents
from toolkit.tables import to_json
from toolkit.training.batches import Batch
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked.adam import StackedAdam
from toolkit.training.stacked.batches import StackedBatch
from toolkit.training.streams import stream
from toolkit.training.training_state import (
    ADVERSARY_BETAS,
    RandomInputs,
    TrainingState,
    decayed_parameters,
    forward_pass,
    random_inputs_for,
)

Rows = dict[str, Tensor]
Inputs = dict[str, Tensor | Rows]


def groups(settings: Sequence[MemberSettings]) -> list[list[int]]:
    """Positions of members that can be stacked, in the order in which they come first.

    In a stack the seed, the learning rate and every weight of the loss are vectors; data, network,
    kind of objective, number of steps, batch size and precision are common.
    """
    positions: dict[str, list[int]] = {}
    for position, member in enumerate(settings):
        objective = to_json(OBJECTIVES, member.objective)
        for weight in member.objective.weights(None):
            objective.pop(weight, None)
        common = {**member.as_json(), "seed": None, "objective": objective, "optimiser": None}
        positions.setdefault(digest_of_json(common), []).append(position)
    return list(positions.values())


class LossParts(nn.Module):
    """A member with its discriminator, from a batch to the parts of the loss."""

    def __init__(self, state: TrainingState) -> None:
        super().__init__()
        self.settings = state.settings
        self.dataset_size = state.dataset_size
        self.model = state.model
        self.adversary = state.adversary

    def forward(
        self,
        images: Tensor,
        noise: Tensor,
        draws: Rows,
        weights: Rows,
        changed: Tensor | None = None,
    ) -> tuple[Terms, Tensor]:
        """The parts of the loss, and the latents."""
        outputs = forward_pass(
            self.model,
            Batch(images=images, changed=changed),
            self.settings,
            random_inputs=RandomInputs(noise=noise, draws=draws),
            dataset_size=self.dataset_size,
        )
        objective = self.settings.objective
        terms = objective.terms(outputs, weights=weights, adversary=self.adversary)
        return terms, outputs.z


class Encoding(nn.Module):
    """A member, from images to posteriors."""

    def __init__(self, model: Autoencoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Means and log-variances."""
        return self.model.encode(images)


class Stack:
    """Members that differ in seed, learning rate and weights of their loss.

    Arguments:
        states: the members before their first update; `unstack` gives them their last parameters.
        device: where the stack lies.
    """

    def __init__(self, states: Sequence[TrainingState], *, device: torch.device) -> None:
        self.states = list(states)
        self.device = device
        modules = [LossParts(state) for state in self.states]
        self._base = copy.deepcopy(modules[0]).to("meta")
        self._encoding = Encoding(self._base.model)
        rows = [dict(module.named_parameters()) for module in modules]
        self.parameters = {
            name: torch.stack([row[name].detach() for row in rows])
            .to(device)
            .requires_grad_(first.requires_grad)
            for name, first in rows[0].items()
        }
        # Optimisers, the learning rates as vectors
        objective = self.states[0].settings.objective
        rates = [state.settings.learning_rate for state in self.states]
        names = [f"model.{name}" for name in decayed_parameters(self.states[0].model)]
        decay, discriminators = objective.decay(), objective.adversary()
        clip = None if decay is None else decay.clip
        self.optimiser = StackedAdam(
            self._part("model."),
            self._vector(rates),
            weight_decay=dict.fromkeys(names, decay.weight if decay else 0.0),
            clip={} if clip is None else dict.fromkeys(names, clip),
        )
        self.adversary_optimiser: StackedAdam | None = None
        if discriminators is not None:
            self.adversary_optimiser = StackedAdam(
                self._part("adversary."),
                self._vector([discriminators.learning_rate] * len(self.states)),
                betas=ADVERSARY_BETAS,
            )

    def update(self, batch: StackedBatch, second: StackedBatch | None, *, step: int) -> Terms:
        """One step of every optimiser; each part of the loss before it, a mean per member (m,).

        Arguments:
            batch: what the members learn from.
            second: for the discriminators, where the loss has one.
            step: updates done so far.
        """
        fixed = {  # the members' losses must not move the discriminators
            name: value if name.startswith("model.") else value.detach()
            for name, value in self.parameters.items()
        }

        def loss_parts(parameters: Rows, inputs: Inputs) -> tuple[Rows, Tensor]:
            parts: tuple[Rows, Tensor] = functional_call(self._base, parameters, (), inputs)
            return parts

        settings = [state.settings for state in self.states]
        images = batch.images.shape[1]
        rows = [random_inputs_for(member, images, position=step) for member in settings]
        weights = [member.objective.weights(step) for member in settings]
        inputs: Inputs = {
            "images": batch.images,
            "noise": self._stacked([row.noise for row in rows]),
            "draws": {
                name: self._stacked([row.draws[name] for row in rows]) for name in rows[0].draws
            },
            "weights": {name: self._vector([row[name] for row in weights]) for name in weights[0]},
        }
        if batch.changed is not None:
            inputs["changed"] = batch.changed
        terms, latents = vmap(loss_parts)(fixed, inputs)
        terms["loss"].mean(dim=1).sum().backward()
        if second is not None:
            terms["discriminator_loss"] = self._discriminator_step(
                latents.detach(), second, step=step
            )
        self.optimiser.step()
        precise = torch.float32 if self.device.type == "mps" else torch.float64
        return {name: value.detach().mean(dim=1, dtype=precise) for name, value in terms.items()}

    def unstack(self) -> None:
        """Give every member its row."""
        for row, state in enumerate(self.states):
            state.model.load_state_dict(self._row("model.", row))
            if state.adversary is not None:
                state.adversary.load_state_dict(self._row("adversary.", row))

    def model(self, row: int) -> Autoencoder:
        """A copy of one member as it is now."""
        model = copy.deepcopy(self.states[row].model)
        model.load_state_dict(self._row("model.", row))
        return model

    def _row(self, prefix: str, row: int) -> Rows:
        return {
            name.removeprefix(prefix): value[row].detach().cpu()
            for name, value in self._part(prefix).items()
        }

    def _part(self, prefix: str) -> Rows:
        return {name: value for name, value in self.parameters.items() if name.startswith(prefix)}

    def _vector(self, values: Sequence[float]) -> Tensor:
        """One number per member (m,), in the precision and on the device of the stack."""
        return torch.tensor(values, dtype=self.states[0].settings.dtype, device=self.device)

    def _stacked(self, tensors: Sequence[Tensor]) -> Tensor:
        return torch.stack(list(tensors)).to(self.device)

    def _discriminator_step(self, latents: Tensor, second: StackedBatch, *, step: int) -> Tensor:
        """One step of all discriminators on latents through which no gradient flows.

        Returns the loss of each (m, 1).
        """
        if self.adversary_optimiser is None or self._base.adversary is None:
            raise RuntimeError("these members have no discriminators to update")
        network = self._base.adversary

        def encode(parameters: Rows, images: Tensor) -> tuple[Tensor, Tensor]:
            posteriors: tuple[Tensor, Tensor] = functional_call(
                self._encoding, parameters, (images,)
            )
            return posteriors

        def loss(parameters: Rows, joint: Tensor, permuted: Tensor) -> Tensor:
            return discriminator_loss(
                lambda inputs: functional_call(network, parameters, (inputs,)), joint, permuted
            )

        discriminators = {
            name.removeprefix("adversary."): value
            for name, value in self._part("adversary.").items()
        }
        # Samples of the product of marginals (m, n, d), from images of their own
        permuted_latents = []
        with torch.no_grad():
            mean, log_variance = vmap(encode)(self._part("model."), second.images)
            for row, state in enumerate(self.states):
                noise, order = (
                    stream(state.settings.seed, purpose, position=step)
                    for purpose in ("second noise", "permutation")
                )
                drawn = torch.randn(mean[row].shape, dtype=mean.dtype, generator=noise)
                sampled = mean[row] + (log_variance[row] / 2).exp() * drawn.to(self.device)
                permuted_latents.append(permute_latents(sampled, generator=order))
        losses: Tensor = vmap(loss)(discriminators, latents, torch.stack(permuted_latents))
        losses.sum().backward()
        self.adversary_optimiser.step()
        return losses.detach()[:, None]
