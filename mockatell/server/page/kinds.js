// The ten kinds of event, the fields that each can be given, and the statuses that there are.

const from = {
  name: "from",
  label: "From",
  hint: "the user's number",
  placeholder: "made up",
  pattern: "[0-9]{3,15}",
  inputMode: "numeric",
};
const to = {
  name: "to",
  label: "To",
  hint: "the business's number",
  placeholder: "27999900001",
  pattern: "[0-9]{3,15}",
  inputMode: "numeric",
};
const profile = {
  name: "profile_name",
  label: "Profile name",
  placeholder: "made up",
  only: "whatsapp",
};
const charset = { name: "charset", label: "Charset", placeholder: "UTF-8" };
const caption = { name: "caption", label: "Caption", placeholder: "made up", wide: true };
const postback = { name: "postback_data", label: "Postback data", placeholder: "made up" };
const title = {
  name: "item_content",
  label: "Title",
  hint: "what the user tapped",
  placeholder: "made up",
};
const encrypted = { name: "encrypted", label: "Encrypted content", type: "checkbox" };
const content = {
  name: "content",
  label: "Content",
  type: "textarea",
  placeholder: "made up",
  wide: true,
};
const about = {
  name: "message_id",
  label: "Of message",
  hint: "the id of a message that was sent",
  placeholder: "made up",
  list: "message-ids",
  wide: true,
};
const answers = {
  ...about,
  label: "In answer to",
  hint: "the id of a message, or nothing: the user writes first",
  placeholder: "no message",
};
const clientId = { name: "client_message_id", label: "Client message id", placeholder: "none" };

export const CONTENT_TYPES = [
  "image/jpeg",
  "image/png",
  "application/pdf",
  "audio/ogg",
  "video/mp4",
];

/** By kind: what it is in a few words, the channels it can be sent on (the usual one first), its fields. */
export const KINDS = {
  messageStatusUpdate: {
    means: "a message's status",
    channels: ["sms", "whatsapp"],
    fields: [
      { name: "status", label: "Status", type: "status", wide: true },
      about,
      clientId,
      {
        name: "status_code",
        label: "Status code",
        hint: "only to send another than the table's",
        placeholder: "the table's",
        type: "number",
        min: 0,
      },
    ],
  },
  messageFallback: {
    means: "sent by another channel",
    channels: ["sms", "whatsapp"],
    fields: [about, clientId],
  },
  statusIsTyping: {
    means: "the user is typing",
    channels: ["whatsapp"],
    fields: [{ ...from, hint: "who is typing" }],
  },
  moText: {
    means: "a text",
    channels: ["sms", "whatsapp"],
    fields: [
      content,
      answers,
      from,
      to,
      profile,
      {
        name: "network",
        label: "Network",
        hint: "country and network code",
        placeholder: "made up",
        type: "number",
        min: 0,
        only: "sms",
      },
      {
        name: "udh",
        label: "UDH",
        hint: "hexadecimal, of a long SMS's part",
        placeholder: "none",
        pattern: "([0-9a-fA-F]{2})+",
        only: "sms",
      },
      charset,
      encrypted,
    ],
  },
  moMedia: {
    means: "a picture, sound, film or document",
    channels: ["whatsapp", "sms"],
    fields: [
      {
        name: "content_type",
        label: "Type",
        type: "select",
        options: [["", "any"], ...CONTENT_TYPES],
      },
      {
        name: "by",
        label: "Sent",
        type: "select",
        options: [
          ["", "either way"],
          ["inline", "inline, as base64"],
          ["reference", "by reference, as a URL"],
        ],
      },
      {
        name: "size",
        label: "Bytes",
        type: "number",
        min: 1000,
        max: 16777216,
        placeholder: "a few thousand",
      },
      { name: "file_name", label: "File name", placeholder: "made up" },
      caption,
      answers,
      from,
      to,
      profile,
      { ...encrypted, label: "Encrypted (inline only)" },
    ],
  },
  moLocation: {
    means: "a place",
    channels: ["whatsapp", "sms"],
    fields: [
      {
        name: "latitude",
        label: "Latitude",
        placeholder: "made up",
        pattern: "-?[0-9]{1,3}([.][0-9]{1,15})?",
      },
      {
        name: "longitude",
        label: "Longitude",
        placeholder: "made up",
        pattern: "-?[0-9]{1,3}([.][0-9]{1,15})?",
      },
      { name: "location_name", label: "Name", placeholder: "made up" },
      { name: "location_address", label: "Address", placeholder: "made up" },
      answers,
      from,
      to,
      profile,
      charset,
    ],
  },
  moContacts: {
    means: "contact cards",
    channels: ["whatsapp", "sms"],
    fields: [
      {
        name: "contacts",
        label: "Contacts",
        hint: "a JSON list in the vendor's shape",
        type: "json",
        placeholder: "made up",
        wide: true,
      },
      answers,
      from,
      to,
      profile,
      charset,
    ],
  },
  moSuggestedResponse: {
    means: "a suggested reply",
    channels: ["whatsapp", "sms"],
    fields: [content, postback, answers, from, to, profile, charset, encrypted],
  },
  moListPickerResponse: {
    means: "a choice from a list",
    channels: ["whatsapp", "sms"],
    fields: [postback, title, answers, from, to, profile],
  },
  moButtonResponse: {
    means: "a tapped button",
    channels: ["whatsapp", "sms"],
    fields: [postback, title, answers, from, to, profile],
  },
};

const SMS = ["sms"];
const WA = ["whatsapp"];
const BOTH = ["sms", "whatsapp"];

/** Every status whose number is known or guessed: `[name, code, channels]`, by number. */
export const STATUSES = [
  ["UNKNOWN", 1, BOTH],
  ["QUEUED", 2, BOTH],
  ["SCHEDULED", 3, BOTH],
  ["SENT_TO_SUPPLIER", 4, BOTH],
  ["DEVICE_ACK", 5, BOTH],
  ["READ", 6, WA],
  ["EXPIRED", 20, BOTH],
  ["STOPPED_BY_USER", 21, BOTH],
  ["STOPPED_BY_ADMIN", 22, BOTH],
  ["DELIVERY_FAILURE", 23, BOTH],
  ["EMULATED", 24, BOTH],
  ["INSUFFICIENT_ACCOUNT_BALANCE", 25, BOTH],
  ["VOLUME_LIMIT", 26, BOTH],
  ["VOLUME_LIMIT_DAILY", 27, BOTH],
  ["VOLUME_LIMIT_MONTHLY", 28, BOTH],
  ["RECIPIENT_DOES_NOT_EXIST", 29, BOTH],
  ["STOP_MARKETING_MESSAGES", 30, WA],
  ["EXCESSIVE_MESSAGES_TO_RECIPIENT", 31, WA],
  ["ENCRYPTION_ACCESS_DENIED", 60, BOTH],
  ["ENCRYPTION_CONTENT_ERROR", 61, BOTH],
  ["ENCRYPTION_VALIDATION_ERROR", 62, BOTH],
  ["MEDIA_NOT_FOUND", 80, WA],
  ["MEDIA_SIZE_ERROR", 81, WA],
  ["MEDIA_CHECKSUM_FAILURE", 82, WA],
  ["MEDIA_REJECTED_BY_SUPPLIER", 83, WA],
  ["MEDIA_METADATA_ERROR", 84, WA],
  ["MEDIA_ACCESS_ERROR", 85, WA],
  ["MEDIA_TYPE_NOT_SUPPORTED", 86, WA],
  ["ROUTING_ERROR", 100, SMS],
  ["WHATSAPP_ACCOUNT_PAYMENT_ISSUE", 130, WA],
  ["WHATSAPP_RE_ENGAGEMENT_REQUIRED", 131, WA],
  ["WHATSAPP_SPAM_RATE_LIMIT_REACHED", 132, WA],
  ["WHATSAPP_SERVER_RATE_LIMIT", 133, WA],
  ["WHATSAPP_HSM_NOT_AVAILABLE", 134, WA],
  ["WHATSAPP_HSM_PARAM_COUNT_MISMATCH", 135, WA],
  ["WHATSAPP_HSM_IS_MISSING", 136, WA],
  ["WHATSAPP_HSM_DOWNLOAD_FAILED", 137, WA],
  ["WHATSAPP_HSM_PACK_IS_MISSING", 138, WA],
  ["WHATSAPP_EXPERIMENTAL_NUMBER", 139, WA],
  ["WHATSAPP_TEMPLATE_TEXT_TOO_LONG", 140, WA],
  ["WHATSAPP_TEMPLATE_FORMAT_MISMATCH", 141, WA],
  ["WHATSAPP_TEMPLATE_FORMATTING_POLICY_VIOLATED", 142, WA],
  ["WHATSAPP_TEMPLATE_MEDIA_FORMAT_UNSUPPORTED", 143, WA],
  ["WHATSAPP_PARAMETER_MISSING", 144, WA],
  ["WHATSAPP_PARAMETER_INVALID", 145, WA],
  ["WHATSAPP_PARAMETER_NOT_REQUIRED", 146, WA],
  ["WHATSAPP_TEMPLATE_INVALID_URL", 147, WA],
  ["WHATSAPP_TEMPLATE_INVALID_PHONE_NUMBER", 148, WA],
  ["WHATSAPP_TEMPLATE_RECEIVER_NO_BUTTON_SUPPORT", 149, WA],
];
