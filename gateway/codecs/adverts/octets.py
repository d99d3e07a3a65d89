"""Fields of a frame on their way to the air: what does not fit is refused by name instead of being cut or padded."""


def exactly(name: str, value: bytes, size: int) -> bytes:
    """`value` if it has `size` bytes.

    Raises:
        ValueError: it has another length.
    """
    if len(value) != size:
        msg = f"{name} is {len(value)} bytes long: give exactly {size}"
        raise ValueError(msg)
    return value


def unsigned(name: str, value: int, size: int) -> bytes:
    """`value` as `size` bytes, big-endian.

    Raises:
        ValueError: it is negative or too large.
    """
    if not 0 <= value < 1 << 8 * size:
        msg = f"{name} is {value}: give 0 to {(1 << 8 * size) - 1}"
        raise ValueError(msg)
    return value.to_bytes(size, "big")


def signed_byte(name: str, value: int) -> bytes:
    """`value` as one byte in two's complement, as powers in dBm are sent.

    Raises:
        ValueError: it is not within -128 to 127.
    """
    if not -128 <= value <= 127:
        msg = f"{name} is {value}: give -128 to 127"
        raise ValueError(msg)
    return value.to_bytes(1, "big", signed=True)
