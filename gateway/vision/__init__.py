"""Pixels to codes and pictures. Only children import it: the daemon and `read` never load OpenCV themselves."""
