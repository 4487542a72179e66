"""File formats that data sets come in; nothing here knows a data set."""
