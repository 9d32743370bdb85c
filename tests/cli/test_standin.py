"""`--standin KEY=VALUE` reaches every setting of the stand-in, and says what is wrong with one."""

import msgspec
import pytest

from mockatell.cli.standin import standin_settings
from mockatell.clickatell.standin import StandinSettings
from mockatell.errors import ConfigurationError

SAID = {
    "api_keys": ("a==, b==", ("a==", "b==")),
    "business": ("27820000000", "27820000000"),
    "numbers": ("27820000000,Shop", ("27820000000", "Shop")),
    "suspended": ("Shop", ("Shop",)),
    "channels": ("sms", ("sms",)),
    "inactive": ("whatsapp,media", ("whatsapp", "media")),
    "refuse_with": ("43", 43),
    "balance": ("0.5", 0.5),
    "currency": ("ZAR", "ZAR"),
    "sandbox": ("true", True),
    "registered": ("27999000001", ("27999000001",)),
    "life_sms": ("failed", "failed"),
    "life_whatsapp": ("replied", "replied"),
    "pace": ("1", 1.0),
    "expires": ("validity", "validity"),
    "window": ("strict", "strict"),
    "magic_prefix": ("", ""),
    "stop_words": ("STOP,ENDE", ("STOP", "ENDE")),
    "start_words": ("", ()),
    "most_parts": ("2", 2),
    "keep_messages": ("5", 5),
    "keep_media": ("1000", 1000),
}


@pytest.mark.parametrize("key", StandinSettings.__struct_fields__)
def test_every_setting_can_be_said(key):
    text, value = SAID[key]
    settings = standin_settings([f"{key}={text}"])
    assert settings == msgspec.structs.replace(StandinSettings(), **{key: value})


def test_the_last_of_one_key_holds_and_it_goes_before_its_flag():
    settings = standin_settings(["pace=2", "pace=3", "refuse_with=null"], pace=0.1, sandbox=True)
    assert (settings.pace, settings.sandbox, settings.refuse_with) == (3.0, True, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "--standin: '' is not key=value"),
        ("=1", "there is no setting ''"),
        ("Window=off", "did you mean 'window'?"),
        ("most_parts=0", "--standin most_parts: '0' is not a whole number of at least 1"),
        ("most_parts=many", "--standin most_parts: 'many' is not a whole number of at least 1"),
        ("refuse_with=all", "--standin refuse_with: 'all' is not a whole number"),
        ("refuse_with=5", "the vendor has no error 5 (valid: 1, 2, 3, 7, 18"),
        ("sandbox=maybe", "--standin sandbox: 'maybe' is not true or false"),
        ("window=maybe", "--standin window: 'maybe' is not one of known, strict, off"),
        ("expires=later", "--standin expires: 'later' is not one of soon, validity"),
        ("balance=lots", "--standin balance: 'lots' is not a number"),
        ("balance=nan", "--standin: balance: nan is not a number of at least 0"),
        ("balance=-5", "--standin: balance: -5.0 is not a number of at least 0"),
        ("pace=inf", "--standin: pace: inf is not a number"),
        ("pace=-1", "--standin pace: '-1' is not a number of at least 0"),
        ("channels=rcs", "--standin: there is no channel 'rcs' (valid: sms, whatsapp)"),
        ("business=abc", "business: 'abc' is not a number: digits only"),
        ("business=", "business: '' is not a number"),
        ("registered=x", "registered: 'x' is not a number: 7 to 15 digits"),
        ("magic_prefix=abc", "magic_prefix: 'abc' is not how a number begins"),
        ("numbers=abc!,+27", "numbers: 'abc!' is not a number, digits only, or a name"),
        ("suspended=+27", "suspended: '+27' is not a number"),
        ("currency=", "currency: '' is not a currency: three capitals (USD)"),
        ("currency=usd", "currency: 'usd' is not a currency"),
        ("window=strict,numbers=1", "numbers= comes after a comma, which separates the items of a"),
        ("numbers=1, window=strict", "--standin numbers: window= comes after a comma"),
        ("inactive=medai", "--standin: there is no 'medai' to be off (valid: sms, whatsapp, text"),
        ("life_sms=delivred", "did you mean 'delivered'?"),
    ],
)
def test_what_is_wrong_is_said(text, said):
    with pytest.raises(ConfigurationError) as caught:
        standin_settings([text])
    assert said in str(caught.value)


def test_keys_are_not_shown_when_something_is_wrong():
    with pytest.raises(ConfigurationError) as caught:
        standin_settings(["api_keys=s3cret", "channels=rcs"])
    assert "s3cret" not in str(caught.value)
