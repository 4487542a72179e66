"""The papers behind the numbers: for the page, and as BibTeX for the papers of others."""

from typing import NamedTuple


class Reference(NamedTuple):
    """One paper.

    Arguments:
        key: for citing it.
        authors: family name first, as BibTeX joins them.
        title: in sentence case.
        venue: journal or conference, with volume and pages.
        year: of publication.
        doi: its digital object identifier.
        used: for which number of a report.
    """

    key: str
    authors: str
    title: str
    venue: str
    year: int
    doi: str
    used: str


REFERENCES = (
    Reference(
        "murphy2025",
        "Murphy, Kieran A. and Dillavou, Sam and Bassett, Dani S.",
        "Comparing the information content of probabilistic representation spaces",
        "Transactions on Machine Learning Research",
        2025,
        "10.48550/arXiv.2405.21042",
        "NMI, VI, hot spots and the structure figure",
    ),
    Reference(
        "kolchinsky2017",
        "Kolchinsky, Artemy and Tracey, Brendan D.",
        "Estimating mixture entropy with pairwise distances",
        "Entropy 19(7), 361",
        2017,
        "10.3390/e19070361",
        "information of a channel and its upper bound",
    ),
    Reference(
        "busing1999",
        "Busing, Frank M. T. A. and Meijer, Erik and van der Leeden, Rien",
        "Delete-m jackknife for unequal m",
        "Statistics and Computing 9, 3-8",
        1999,
        "10.1023/A:1008800423698",
        "intervals over images",
    ),
    Reference(
        "bonett2000",
        "Bonett, Douglas G. and Wright, Thomas A.",
        "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
        "Psychometrika 65(1), 23-28",
        2000,
        "10.1007/BF02294183",
        "intervals of rank correlations",
    ),
    Reference(
        "ankerst1999",
        "Ankerst, Mihael and Breunig, Markus M. and Kriegel, Hans-Peter and Sander, Joerg",
        "OPTICS: ordering points to identify the clustering structure",
        "Proceedings of ACM SIGMOD 1999, 49-60",
        1999,
        "10.1145/304181.304187",
        "the order of channels by the method optics",
    ),
    Reference(
        "duan2020",
        "Duan, Sunny and Matthey, Loic and Saraiva, Andre and Watters, Nicholas and Burgess, "
        "Christopher P. and Lerchner, Alexander and Higgins, Irina",
        "Unsupervised model selection for variational disentangled representation learning",
        "International Conference on Learning Representations",
        2020,
        "10.48550/arXiv.1905.12614",
        "UDR",
    ),
)


def bibtex(references: tuple[Reference, ...] = REFERENCES) -> str:
    """The papers as a BibTeX file.

    >>> print(bibtex(REFERENCES[1:2]))
    @article{kolchinsky2017,
      author = {Kolchinsky, Artemy and Tracey, Brendan D.},
      title = {{Estimating mixture entropy with pairwise distances}},
      journal = {Entropy 19(7), 361},
      year = {2017},
      doi = {10.3390/e19070361},
    }
    <BLANKLINE>
    """
    entries = []
    for reference in references:
        fields = {
            "author": reference.authors,
            "title": f"{{{reference.title}}}",
            "journal": reference.venue,
            "year": str(reference.year),
            "doi": reference.doi,
        }
        lines = [f"  {name} = {{{text}}},\n" for name, text in fields.items()]
        entries.append(f"@article{{{reference.key},\n{''.join(lines)}}}\n")
    return "\n".join(entries)
