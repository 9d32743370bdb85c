"""A stand-in for the One API's send side: pure, for any door that carries HTTP."""

from mockatell.clickatell.standin.handled import BusinessRead, Handled
from mockatell.clickatell.standin.magic import MAGIC, Magic
from mockatell.clickatell.standin.messages import SentMessage
from mockatell.clickatell.standin.settings import StandinSettings
from mockatell.clickatell.standin.standin import Standin
from mockatell.clickatell.standin.uploads import Upload
from mockatell.clickatell.standin.wire import ApiRequest, ApiResponse

__all__ = [
    "MAGIC",
    "ApiRequest",
    "ApiResponse",
    "BusinessRead",
    "Handled",
    "Magic",
    "SentMessage",
    "Standin",
    "StandinSettings",
    "Upload",
]
