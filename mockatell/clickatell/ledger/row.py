"""What a row of the fidelity ledger is, and the pages that its sources are."""

from __future__ import annotations

from typing import Final, Literal

from mockatell.model import Frozen


class Row(Frozen, frozen=True):
    """One behaviour.

    Args:
        id: Its name, in kebab-case; journals and reports quote it.
        behaviour: What mockatell does, in a sentence.
        basis: `documented`: the vendor says so. `observed`: third parties' code or logs show it.
            `assumed`: neither does.
        source: A public URL; for an assumed row, the page that leaves the question open.
        default: What holds when nothing is set.
        setting: The scenario's key that changes it; "" when none does.
        about: The event kinds that it is about, or `encrypted`; none: it is about every run.
    """

    id: str
    behaviour: str
    basis: Literal["documented", "observed", "assumed"]
    source: str
    default: str
    setting: str = ""
    about: tuple[str, ...] = ()


_DOCS: Final = "https://docs.clickatell.com"
_GUIDES: Final = (
    "https://guides.clickatell.com/clickatell-chat-commerce-platform/developer/channels"
    "/whatsapp-and-sms-one-api/api-reference"
)
_OLD_SITE: Final = "https://www.clickatell.com/developers/api-documentation"

CALLBACKS: Final = (
    "https://help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks"
)
ENUM: Final = "https://help.clickatell.com/developers-api-reference/reference/one-api"
STATUS_TABLE: Final = f"{_DOCS}/channels/one-api/one-api-message-status-table/"
MIGRATION: Final = (
    f"{_DOCS}/technical-faq/whatsapp/migrating-a-whatsapp-api-integration-to-one-api-detailed/"
)
COMPARISON: Final = (
    f"{_DOCS}/technical-faq/whatsapp"
    "/comparison-clickatells-first-generation-whatsapp-api-vs-new-one-api"
)
EMULATED: Final = f"{_DOCS}/technical-faq/whatsapp/what-does-the-message-status-emulated-mean/"
FAQ: Final = f"{_DOCS}/technical-faq/whatsapp/"
GUIDE: Final = f"{_GUIDES}/customer-callbacks"
MEDIA: Final = f"{_GUIDES}/media"
MO_2019: Final = f"{_OLD_SITE}/one-api-received-message-callback/"
SEND: Final = f"{_OLD_SITE}/one-api-send-plain-text-message/"
SEND_GUIDE: Final = f"{_GUIDES}/messages/send-messages"
READ_GUIDE: Final = f"{_GUIDES}/messages/send-business-read-status-notification"
ERRORS: Final = f"{_DOCS}/channels/one-api/one-api-errors-table/"
CONTENT_TYPES: Final = f"{_DOCS}/channels/one-api/supported-content-types"
PHP_SDK: Final = "https://github.com/Mobi-Market/one-api-integration"
SMS_API: Final = "https://help.clickatell.com/developers-api-reference/sms-api"
CENTRAL: Final = "https://github.com/arnoesterhuizen/clickatell-overview-http"
CENTRAL_AUTH: Final = (
    "https://archive.clickatell.com/developers/api-docs"
    "/callback-(push-status-and-cost-notification)-advanced-message-send/"
)
RUST_ENUM: Final = (
    "https://docs.rs/crate/clickatell-api/0.3.0/source/src/one_api/message_status/status.rs"
)
COURIER: Final = "https://github.com/nyaruka/courier/tree/main/handlers/clickatell"
"""RapidPro's handler of the older Platform SMS callbacks."""
