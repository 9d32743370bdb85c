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
        ("most_parts=0", "--standin most_parts: Expected `int` >= 1"),
        ("most_parts=many", "--standin most_parts: Expected `int`"),
        ("balance=nan", "--standin balance: nan is not a number"),
        ("pace=inf", "--standin pace: inf is not a number"),
        ("pace=-1", "--standin pace: Expected `float` >= 0"),
        ("channels=rcs", "--standin: there is no channel 'rcs'"),
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
