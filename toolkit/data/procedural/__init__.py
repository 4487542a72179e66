"""Data sets that are computed: nothing to download, every factor known."""
