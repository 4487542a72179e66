"""Readers of publishers' files: one file a format or a data set."""
