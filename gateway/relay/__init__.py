"""What a satellite tells the gateway of its shop: radio at once and once, readings until they are taken."""
