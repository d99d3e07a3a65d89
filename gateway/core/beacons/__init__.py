"""The shop's own beacons watched: heard or silent, battery, moved, cloned. Pure."""
