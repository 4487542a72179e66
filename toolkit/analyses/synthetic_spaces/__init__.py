"""Nine synthetic latent spaces under every measure of whole spaces."""
