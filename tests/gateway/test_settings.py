"""A wrong setting is refused in one line: which value, what is allowed, an example."""

import pytest
from pydantic import ValidationError

from gateway.commands import common
from gateway.commands.common import BadSettings, load_settings
from gateway.settings import Settings

BAD = [
    ("DATABASE_URL", "mysql://x/y", "postgresql://user:password@host:5432/name"),
    ("DATABASE_URL", "host=x dbname=y", "postgresql://"),
    ("BASE_URL", "complaints.example.org", "https://complaints.example.org"),
    ("BASE_URL", "ftp://example.org", "https://"),
    ("BASE_URL", "https://example.org/?a=1", "https://"),
    ("SECRET_KEY", "short", "32 characters"),
    ("SECRET_KEY", "x" * 40 + ",short", "32 characters"),
    ("SMTP_URL", "http://mail.example.org", "smtp://user:pass@host:587?starttls=1"),
    ("SMTP_URL", "smtp://", "smtp://user:pass@host:587?starttls=1"),
    ("SMTP_URL", "smtp://mail.example.org:mail", "smtp://user:pass@host:587?starttls=1"),
    ("SMTP_URL", "smtp://mail.example.org:70000", "smtp://user:pass@host:587?starttls=1"),
    ("MAIL_FROM", "complaints@例子.example.org", "one plain address"),
    ("MAIL_FROM", "nobody", "complaints@county.example.org"),
    ("MAIL_FROM", "a@example.org, b@example.org", "one plain address"),
    ("MAIL_FROM", "a@example.org\r\nBcc: b@example.org", "one plain address"),
    ("LOG_FORMAT", "xml", "'text' or 'json'"),
    ("DATABASE_URL", "postgresql://u:p@db.example.org:abc/x", "@host:5432/"),
    ("DATABASE_URL", "postgresql://u:p@db.example.org:70000/x", "@host:5432/"),
    ("DATABASE_URL", "postgresql://u:p@one:5432,two:0/x", "@host:5432/"),
    ("KEEP_MAIL_DAYS", "0", "1 or more, e.g. 90"),
    ("KEEP_MAIL_DAYS", "three months", "1 or more, e.g. 90"),
    ("TRUSTED_PROXIES", "proxy.example.org", "127.0.0.1,10.0.0.0/8"),
    ("TRUSTED_PROXIES", "10.0.0.0/8,10.0.0.0/99", "127.0.0.1,10.0.0.0/8"),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD)
def test_a_bad_value_names_itself_and_an_example(monkeypatch, name, value, words):
    monkeypatch.setenv(f"GATEWAY_{name}", value)
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert caught.value.exit_code == 2
    assert f"GATEWAY_{name}" in caught.value.message
    assert words in caught.value.message


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "SMTP_URL"])
def test_a_secret_value_is_not_repeated(monkeypatch, name):
    monkeypatch.setenv(f"GATEWAY_{name}", "hush://me:hidden@x")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert "hidden" not in caught.value.message


def test_every_bad_value_is_told_at_once(monkeypatch):
    monkeypatch.setenv("GATEWAY_LOG_FORMAT", "xml")
    monkeypatch.setenv("GATEWAY_BASE_URL", "x")
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert len(caught.value.faults) == 2


def test_the_defaults_serve_the_demo():
    settings = load_settings()
    assert settings.database_url == ""
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.secret_key == ()
    assert settings.data_dir.is_absolute()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40ss@db.example.org:5432/x",
        "postgresql://u:p@one:5432,two/x?target_session_attrs=read-write",
        "postgres://u@[::1]:5432/x",
        "postgresql:///x?host=/run/postgresql",
    ],
)
def test_a_url_of_postgresql_may_name_several_hosts_or_none(url):
    assert load_settings(database_url=url).database_url == url


def test_lists_are_comma_separated_and_a_trailing_slash_goes(monkeypatch):
    monkeypatch.setenv("GATEWAY_SECRET_KEY", f"{'n' * 32}, {'o' * 32},")
    monkeypatch.setenv("GATEWAY_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    monkeypatch.setenv("GATEWAY_BASE_URL", "https://complaints.example.org/")
    settings = load_settings()
    assert settings.secret_key == ("n" * 32, "o" * 32)
    assert settings.trusted_proxies == ("127.0.0.1", "10.0.0.0/8")
    assert settings.base_url == "https://complaints.example.org"


def test_an_option_of_the_command_wins(monkeypatch, tmp_path):
    monkeypatch.setenv("GATEWAY_DATA_DIR", "/elsewhere")
    assert load_settings(data_dir=tmp_path).data_dir == tmp_path
    assert str(load_settings(data_dir=None).data_dir) == "/elsewhere"


def test_faults_are_lines_even_for_values_over_several_lines():
    with pytest.raises(ValidationError) as caught:
        Settings(log_format="a\nb")
    assert all("\n" not in line for line in common.setting_faults(caught.value))
