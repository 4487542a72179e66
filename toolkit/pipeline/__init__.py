"""The work that the stages and the command line ask for."""
