"""What the journal says of how to do it again."""

SECRETS = {
    "endpoints.headers.X-Sig": "s1gned",
    "encryption.master_key": "0123456789abcdef0123456789abcdef",
    "expect[0].probe.get": "http://pr0be:userinf0@127.0.0.1:9/?token=t0ken",
    "expect[0].probe.headers.X-Key": "k3yk3y",
}


def test_the_replay_holds_no_secret(cli, endpoint, scenario):
    path = scenario(
        "messages: [{steps: [{status: READ}], channel: whatsapp}]\n"
        "expect: [{probe: {get: http://127.0.0.1:9/, within: 1ms}}]"
    )
    options = [word for key, value in SECRETS.items() for word in ("--set", f"{key}={value}")]
    ran = cli("run", path, "--target", endpoint.url, *options, "--seed", 7, "--journal", "-")
    replay = ran.lines[0]["replay"].replace("'", "")
    assert [key for key in SECRETS if f"--set {key}=***" not in replay] == []
    assert replay.endswith("--seed 7")
    held = ["s1gned", "0123456789abcdef", "pr0be", "userinf0", "t0ken", "k3yk3y"]
    assert [secret for secret in held if secret in ran.out + ran.err] == []
