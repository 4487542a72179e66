"""Several members as one: every parameter has a row a member."""

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from toolkit.networks import Autoencoder
from toolkit.objectives import Terms, discriminator_loss, permute_latents
from toolkit.training.batches import Batch
from toolkit.training.settings import MemberSettings
from toolkit.training.stacked.adam import StackedAdam
from toolkit.training.stacked.batches import StackedBatch
from toolkit.training.streams import stream
from toolkit.training.training_state import (
    ADVERSARY_MOMENTS,
    RandomInputs,
    TrainingState,
    forward_pass,
    noise_for,
    regularised,
)

Rows = dict[str, Tensor]
Inputs = dict[str, Tensor | Rows]


class Whole(nn.Module):
    """A member and what its loss consults, from a batch to the parts of the loss."""

    def __init__(self, trainee: TrainingState) -> None:
        super().__init__()
        self.settings = trainee.settings
        self.dataset_size = trainee.dataset_size
        self.model = trainee.model
        self.adversary = trainee.adversary

    def forward(
        self,
        images: Tensor,
        noise: Tensor,
        draws: Rows,
        weights: Rows,
        changed: Tensor | None = None,
    ) -> tuple[Terms, Tensor]:
        """The parts of the loss, and the codes."""
        answer = forward_pass(
            self.model,
            Batch(images=images, changed=changed),
            self.settings,
            chance=RandomInputs(noise=noise, draws=draws),
            dataset_size=self.dataset_size,
        )
        objective = self.settings.objective
        terms = objective.terms(answer, weights=weights, adversary=self.adversary)
        return terms, answer.z


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
        trainees: the members at their first numbers; they get their last ones by `unstack`.
        device: where the stack lies.
    """

    def __init__(self, trainees: Sequence[TrainingState], *, device: torch.device) -> None:
        self.trainees = list(trainees)
        self.device = device
        wholes = [Whole(trainee) for trainee in self.trainees]
        self._base = copy.deepcopy(wholes[0]).to("meta")
        self._encoding = Encoding(self._base.model)
        self.parameters = self._stacked(wholes)
        self._own = {name for name in self.parameters if name.startswith("model.")}
        self.optimiser = self._adam()
        self.adversary_optimiser = self._adversarys_adam()

    def update(self, batch: StackedBatch, second: StackedBatch | None, *, step: int) -> Terms:
        """One step of every optimiser; each part of the loss before it, a mean a member (m,).

        Arguments:
            batch: what the members learn from.
            second: for the discriminators, where the loss has one.
            step: updates done so far.
        """
        fixed = {
            name: value if name in self._own else value.detach()
            for name, value in self.parameters.items()
        }
        terms, codes = self._call(fixed, self._inputs(batch, step))
        terms["loss"].mean(dim=1).sum().backward()
        if second is not None:
            terms["discriminator_loss"] = self._teach(codes.detach(), second, step=step)
        self.optimiser.step()
        precise = torch.float32 if self.device.type == "mps" else torch.float64
        return {name: value.detach().mean(dim=1, dtype=precise) for name, value in terms.items()}

    def unstack(self) -> None:
        """Give every trainee its row."""
        for row, trainee in enumerate(self.trainees):
            own = {name: value[row].detach().cpu() for name, value in self.parameters.items()}
            trainee.model.load_state_dict(_under("model.", own))
            if trainee.adversary is not None:
                trainee.adversary.load_state_dict(_under("adversary.", own))

    def model(self, row: int) -> Autoencoder:
        """One member as it is now."""
        made = copy.deepcopy(self.trainees[row].model)
        own = {name: value[row].detach().cpu() for name, value in self.parameters.items()}
        made.load_state_dict(_under("model.", own))
        return made

    def _stacked(self, wholes: Sequence[Whole]) -> Rows:
        rows = [dict(whole.named_parameters()) for whole in wholes]
        return {
            name: torch.stack([row[name].detach() for row in rows])
            .to(self.device)
            .requires_grad_(first.requires_grad)
            for name, first in rows[0].items()
        }

    def _adam(self) -> StackedAdam:
        own = {name: value for name, value in self.parameters.items() if name in self._own}
        rates = [trainee.settings.learning_rate for trainee in self.trainees]
        decay = self.trainees[0].settings.objective.decay()
        names = [f"model.{name}" for name in regularised(self.trainees[0].model)]
        clip = None if decay is None else decay.clip
        return StackedAdam(
            own,
            torch.tensor(rates, dtype=self._dtype, device=self.device),
            decay=dict.fromkeys(names, decay.weight if decay else 0.0),
            clip={} if clip is None else dict.fromkeys(names, clip),
        )

    def _adversarys_adam(self) -> StackedAdam | None:
        wanted = self.trainees[0].settings.objective.adversary()
        if wanted is None:
            return None
        others = {name: one for name, one in self.parameters.items() if name not in self._own}
        rates = torch.full(
            (len(self.trainees),), wanted.learning_rate, dtype=self._dtype, device=self.device
        )
        return StackedAdam(others, rates, moments=ADVERSARY_MOMENTS)

    @property
    def _dtype(self) -> torch.dtype:
        return self.trainees[0].settings.dtype

    def _inputs(self, batch: StackedBatch, step: int) -> Inputs:
        settings = [trainee.settings for trainee in self.trainees]
        images = batch.images.shape[1]
        chances = [noise_for(one, images, position=step) for one in settings]
        inputs: Inputs = {
            "images": batch.images,
            "noise": self._rows([chance.noise for chance in chances]),
            "draws": self._columns([chance.draws for chance in chances]),
            "weights": self._weights(settings, step),
        }
        return inputs if batch.changed is None else {**inputs, "changed": batch.changed}

    def _weights(self, settings: Sequence[MemberSettings], step: int) -> Rows:
        rows = [one.objective.weights(step) for one in settings]
        return {
            name: torch.tensor([row[name] for row in rows], dtype=self._dtype, device=self.device)
            for name in rows[0]
        }

    def _columns(self, rows: Sequence[Mapping[str, Tensor]]) -> Rows:
        return {name: self._rows([row[name] for row in rows]) for name in rows[0]}

    def _rows(self, tensors: Sequence[Tensor]) -> Tensor:
        return torch.stack(list(tensors)).to(self.device)

    def _call(self, parameters: Rows, inputs: Inputs) -> tuple[Rows, Tensor]:
        """Each part of the loss (m, n), and the codes (m, n, d)."""

        def one(own: Rows, given: Inputs) -> tuple[Rows, Tensor]:
            answer: tuple[Rows, Tensor] = functional_call(self._base, own, (), given)
            return answer

        told: tuple[Rows, Tensor] = vmap(one)(parameters, inputs)
        return told

    def _teach(self, codes: Tensor, second: StackedBatch, *, step: int) -> Tensor:
        """One step of all discriminators on codes that no gradient leaves; a loss a member."""
        if self.adversary_optimiser is None or self._base.adversary is None:
            raise RuntimeError("a stack without discriminators has nothing to teach")
        permuted = self._permuted(second, step)
        network = self._base.adversary

        def one(own: Rows, given: Tensor, shuffled: Tensor) -> Tensor:
            return discriminator_loss(
                lambda asked: functional_call(network, own, (asked,)), given, shuffled
            )

        others = _under("adversary.", self.parameters)
        losses: Tensor = vmap(one)(others, codes, permuted)
        losses.sum().backward()
        self.adversary_optimiser.step()
        return losses.detach()[:, None]

    @torch.no_grad()
    def _permuted(self, second: StackedBatch, step: int) -> Tensor:
        """Samples of the product of marginals (m, n, d), from images of their own."""

        def encode(own: Rows, given: Tensor) -> tuple[Tensor, Tensor]:
            posteriors: tuple[Tensor, Tensor] = functional_call(self._encoding, own, (given,))
            return posteriors

        mean, log_variance = vmap(encode)(_only("model.", self.parameters), second.images)
        shuffled = []
        for row, trainee in enumerate(self.trainees):
            noise, order = (
                stream(trainee.settings.seed, purpose, position=step)
                for purpose in ("second noise", "permutation")
            )
            drawn = torch.randn(mean[row].shape, dtype=mean.dtype, generator=noise)
            codes = mean[row] + (log_variance[row] / 2).exp() * drawn.to(self.device)
            shuffled.append(permute_latents(codes, generator=order))
        return torch.stack(shuffled)


def _only(prefix: str, rows: Mapping[str, Tensor]) -> Rows:
    return {name: value for name, value in rows.items() if name.startswith(prefix)}


def _under(prefix: str, rows: Mapping[str, Tensor]) -> Rows:
    return {name.removeprefix(prefix): value for name, value in _only(prefix, rows).items()}
