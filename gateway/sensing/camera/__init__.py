"""Cameras: codes and pictures held up to them."""
