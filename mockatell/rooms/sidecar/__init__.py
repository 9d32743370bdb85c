"""The sidecar: Clickatell next to an app, as one object that doors talk to."""

from mockatell.rooms.sidecar.settings import SidecarSettings
from mockatell.rooms.sidecar.sidecar import Sidecar

__all__ = ["Sidecar", "SidecarSettings"]
