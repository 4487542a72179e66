"""Members of ensembles and studies: made, answered, drawn, written down, and followed."""
