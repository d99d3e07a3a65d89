"""What people hold to the shop's cameras and readers, each to the kind of thing that stands there."""

from dataclasses import dataclass

from gateway.model.sighting import NfcTag
from simulators.box.happenings import Presented
from simulators.box.held_camera import HeldCamera
from simulators.box.reader_socket import ReaderSocket
from simulators.box.tag_reader import TagReader


@dataclass(frozen=True, slots=True)
class Hands:
    """A camera for codes; for tags a reader, or, where this machine can have none, lines at the gateway's socket."""

    camera: HeldCamera
    reader: TagReader
    lines: ReaderSocket

    @property
    def held(self) -> int:
        """How much was held to any of them."""
        return self.camera.held + self.reader.held + self.lines.sent

    def hold(self, presented: Presented) -> None:
        """Hold a code or tag to where it is to be read."""
        if not isinstance(presented.token, NfcTag):
            self.camera.hold(presented)
        elif self.reader.works:
            self.reader.hold(presented)
        else:
            self.lines.hold(presented)
