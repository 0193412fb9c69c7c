"""The key of an installation that was given none: made once, kept, private."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.embedded_home import EmbeddedError
from gateway.secret_file import secret_keys
from gateway.settings import Settings


def test_the_settings_win(tmp_path):
    settings = Settings(secret_key="k" * 32, data_dir=tmp_path)
    assert secret_keys(settings) == ("k" * 32,)
    assert list(tmp_path.iterdir()) == []


def test_it_is_made_once_long_and_private(tmp_path):
    settings = Settings(data_dir=tmp_path / "new")
    (key,) = secret_keys(settings)
    assert secret_keys(settings) == (key,)
    assert len(key) >= 43
    assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_starters_at_once_agree_on_one(tmp_path):
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: secret_keys(settings), range(64)))
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_folder_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match="--data-dir"):
        secret_keys(Settings(data_dir=tmp_path / "file"))
