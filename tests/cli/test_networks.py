"""Settings of the network that cannot be used are told as such, and never as a bug."""

from __future__ import annotations

import pytest

from .conftest import Run

FILE = "NousResearch/Hermes-Test-GGUF/Hermes-Test.Q4_K_M.gguf"


@pytest.mark.parametrize(
    ("env", "said", "hint"),
    [
        (
            {"ALL_PROXY": "nonsense://somewhere"},
            "The settings of the network cannot be used: Unknown scheme",
            "check HTTPS_PROXY",
        ),
        (
            {"SSL_CERT_FILE": "/nowhere/certificates.pem"},
            "The settings of the network cannot be used",
            "SSL_CERT_FILE",
        ),
        ({"HF_TOKEN": "hf_tökén"}, "token of the Hub holds a character", "HF_TOKEN"),
        ({"HF_ENDPOINT": "hub.example"}, "'hub.example'", "unset HF_ENDPOINT"),
        # No proxy is there: nothing of the Hub is asked without it.
        (
            {"HF_ENDPOINT": "http://a.invalid", "ALL_PROXY": "http://127.0.0.1:9"},
            "cannot be reached",
            "check the network",
        ),
    ],
    ids=["proxy", "certificates", "token", "endpoint", "closed proxy"],
)
def test_what_the_environment_says_wrongly_is_named(
    hermes: Run, env: dict[str, str], said: str, hint: str
) -> None:
    done = hermes("pull", FILE, env=env)
    assert done.returncode == 1
    assert done.stdout == ""
    error, following = done.stderr.splitlines()
    assert error.startswith("Error: ")
    assert said in error
    assert following.startswith("Next:  ")
    assert hint in following


def test_a_proxy_that_cannot_be_used_stops_nothing_that_needs_none(
    hermes: Run,
) -> None:
    env = {"ALL_PROXY": "nonsense://somewhere", "HF_ENDPOINT": "hub.example"}
    done = hermes("path", "tiny", env=env)
    assert (done.returncode, done.stderr) == (0, "")
