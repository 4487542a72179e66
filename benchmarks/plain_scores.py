"""A plain scikit-learn rendering of the published protocol, score by score, with nothing shared.

It draws and encodes for each score anew, learns with the trees, machines and regressions of
scikit-learn, and loops; Locatello et al. (2019), https://arxiv.org/abs/1811.12359.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import sqrtm
from scipy.stats import entropy
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score, roc_auc_score
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

SIZES = (3, 6, 40, 32, 32)
TRAIN, TEST, BATCH = 10_000, 5_000, 64


@dataclass
class Plain:
    """The published protocol, score by score, with nothing shared."""

    table: np.ndarray
    seed: int

    def encode(self, factors: np.ndarray) -> np.ndarray:
        codes: np.ndarray = self.table[np.ravel_multi_index(tuple(factors.T), SIZES)]
        return codes

    def sample(self, count: int, random: np.random.RandomState) -> np.ndarray:
        return np.stack([random.randint(size, size=count) for size in SIZES], axis=1)

    def draw(self, batch: int = 16) -> tuple[np.ndarray, np.ndarray]:
        """Codes and factors, encoded in the batches of the published code."""
        factors = self.sample(TRAIN + TEST, np.random.RandomState(self.seed))
        parts = [self.encode(factors[i : i + batch]) for i in range(0, len(factors), batch)]
        return np.concatenate(parts), factors

    def bins(self, codes: np.ndarray) -> np.ndarray:
        return np.stack([np.digitize(c, np.histogram(c, 20)[1][:-1]) for c in codes.T], axis=1)

    def mutual(self) -> tuple[np.ndarray, np.ndarray]:
        codes, factors = (part[:TRAIN] for part in self.draw())
        cut = self.bins(codes)
        table = np.array([[mutual_info_score(f, c) for f in factors.T] for c in cut.T])
        return table, np.array([mutual_info_score(f, f) for f in factors.T])

    def mig(self) -> dict[str, float]:
        table, whole = self.mutual()
        ordered = np.sort(table, axis=0)[::-1]
        return {"mig": float(np.mean((ordered[0] - ordered[1]) / whole))}

    def modularity(self) -> dict[str, float]:
        squared = np.square(self.mutual()[0])
        largest = squared.max(axis=1)
        others = (squared.sum(axis=1) - largest) / (largest * (len(SIZES) - 1))
        return {"modularity": float(np.mean(1 - others))}

    def explicitness(self) -> dict[str, float]:
        codes, factors = self.draw()
        mean, spread = codes[:TRAIN].mean(axis=0), codes[:TRAIN].std(axis=0)
        scaled = (codes - mean) / spread
        areas = []
        for factor in factors.T:
            model = LogisticRegression().fit(scaled[:TRAIN], factor[:TRAIN])
            one_hot = MultiLabelBinarizer().fit_transform(factor[:, None])
            chance = model.predict_proba(scaled)
            areas.append(
                [roc_auc_score(one_hot[p], chance[p]) for p in (slice(TRAIN), slice(TRAIN, None))]
            )
        train, test = np.mean(areas, axis=0)
        return {"explicitness_train": float(train), "explicitness": float(test)}

    def dci(self) -> dict[str, float]:
        codes, factors = self.draw()
        importance, train, test = np.zeros((codes.shape[1], len(SIZES))), [], []
        for k, factor in enumerate(factors.T):
            model = GradientBoostingClassifier(random_state=self.seed)
            model.fit(codes[:TRAIN], factor[:TRAIN])
            importance[:, k] = np.abs(model.feature_importances_)
            train.append(np.mean(model.predict(codes[:TRAIN]) == factor[:TRAIN]))
            test.append(np.mean(model.predict(codes[TRAIN:]) == factor[TRAIN:]))
        share = importance / importance.sum()
        by_code = 1 - entropy(importance.T + 1e-11, base=importance.shape[1])
        by_factor = 1 - entropy(importance + 1e-11, base=importance.shape[0])
        return {
            "disentanglement": float(by_code @ share.sum(axis=1)),
            "completeness": float(by_factor @ share.sum(axis=0)),
            "informativeness_train": float(np.mean(train)),
            "informativeness_test": float(np.mean(test)),
        }

    def sap(self) -> dict[str, float]:
        codes, factors = self.draw()
        accuracy = np.zeros((codes.shape[1], len(SIZES)))
        for i in range(codes.shape[1]):
            for k in range(len(SIZES)):
                model = LinearSVC(C=0.01, class_weight="balanced", random_state=self.seed)
                model.fit(codes[:TRAIN, i : i + 1], factors[:TRAIN, k])
                named = model.predict(codes[TRAIN:, i : i + 1])
                accuracy[i, k] = np.mean(named == factors[TRAIN:, k])
        ordered = np.sort(accuracy, axis=0)
        return {"sap": float(np.mean(ordered[-1] - ordered[-2]))}

    def irs(self) -> dict[str, float]:
        codes, factors = (part[:TRAIN] for part in self.draw())
        cut = self.bins(factors.astype(float))
        largest = np.abs(codes - codes.mean(axis=0)).max(axis=0)
        within = np.zeros((codes.shape[1], len(SIZES)))
        for k, factor in enumerate(cut.T):
            values = np.unique(factor)
            for value in values:
                group = codes[factor == value]
                apart = np.abs(group - group.mean(axis=0))
                within[:, k] += np.percentile(apart, 99, axis=0) / len(values)
        each = (1 - within / largest[:, None]).max(axis=1)
        return {"irs": float(np.average(each, weights=largest))}

    def gaussian_total_correlation(self) -> dict[str, float]:
        matrix = np.cov(self.draw()[0][:TRAIN].T)
        value = (np.log(np.diag(matrix)).sum() - np.linalg.slogdet(matrix)[1]) / 2
        return {"gaussian_total_correlation_nats": float(value)}

    def wasserstein_correlation(self) -> dict[str, float]:
        matrix = np.cov(self.draw()[0][:TRAIN].T)
        root = sqrtm(matrix * np.diag(matrix)[:, None])
        return {"wasserstein_correlation": float(2 * np.trace(matrix) - 2 * np.trace(root).real)}

    def pairwise_information(self) -> dict[str, float]:
        cut = self.bins(self.draw()[0][:TRAIN])
        table = np.array([[mutual_info_score(a, b) for a in cut.T] for b in cut.T])
        count = len(table)
        return {
            "pairwise_information_nats": float((table.sum() - table.trace()) / (count**2 - count))
        }

    def beta_vae_score(self) -> dict[str, float]:
        random = np.random.RandomState(self.seed)

        def points(count: int) -> tuple[np.ndarray, np.ndarray]:
            features, labels = [], []
            for _ in range(count):
                labels.append(random.randint(len(SIZES)))
                one, other = self.sample(BATCH, random), self.sample(BATCH, random)
                other[:, labels[-1]] = one[:, labels[-1]]
                features.append(np.mean(np.abs(self.encode(one) - self.encode(other)), axis=0))
            return np.array(features), np.array(labels)

        learnt, asked = points(TRAIN), points(TEST)
        model = LogisticRegression().fit(*learnt)
        return {"beta_vae": float(model.score(*asked))}

    def factor_vae_score(self) -> dict[str, float]:
        random = np.random.RandomState(self.seed)
        variance = self.encode(self.sample(TRAIN, random)).var(axis=0, ddof=1)
        active = np.sqrt(variance) >= 0.05

        def votes(count: int) -> np.ndarray:
            table = np.zeros((len(SIZES), len(variance)))
            for _ in range(count):
                factor = random.randint(len(SIZES))
                batch = self.sample(BATCH, random)
                batch[:, factor] = batch[0, factor]
                share = self.encode(batch).var(axis=0, ddof=1)[active] / variance[active]
                table[factor, np.flatnonzero(active)[share.argmin()]] += 1
            return table

        learnt, asked = votes(TRAIN), votes(TEST)
        right = asked[learnt.argmax(axis=0), np.arange(len(variance))].sum()
        return {"factor_vae": float(right / asked.sum())}
