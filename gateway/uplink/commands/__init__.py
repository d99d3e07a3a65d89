"""What head office may order of a gateway: verified, used once, told, carried out, answered."""
