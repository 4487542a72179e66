"""The main numbers against the number of probe images, a row each."""

import pandas as pd

from toolkit.report.records import Findings


def sizes_table(findings: Findings) -> pd.DataFrame:
    """Bits a run, agreement, and of every hot spot bits and NMI."""
    rows = [
        {
            "images": point.images,
            "bits_per_run": point.bits,
            "agreement": point.agreement,
            **{f"hot_spot_{rank}_bits": bits for rank, bits in enumerate(point.spot_bits, start=1)},
            **{f"hot_spot_{rank}_nmi": nmi for rank, nmi in enumerate(point.spot_nmi, start=1)},
        }
        for point in findings.sizes
    ]
    return pd.DataFrame(rows, columns=None if rows else ["images", "bits_per_run", "agreement"])
