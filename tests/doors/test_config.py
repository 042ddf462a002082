"""Settings: which one wins, where it came from, and what is said about a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensemake.config import Settings, load, origins
from sensemake.errors import UsageError


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and user folder, and none of our variables."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SENSEMAKE_{name.upper()}", raising=False)
    (tmp_path / "user" / "sensemake").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


def origin_of(name: str, flags: dict[str, object] | None = None) -> tuple[str, str]:
    return next((o.value, o.origin) for o in origins(flags) if o.name == name)


def test_without_anything_the_home_is_in_the_users_data_folder(clean_place: Path) -> None:
    assert load().home == clean_place / "data" / "sensemake"
    assert load().people_mode == "opt-out"
    assert origin_of("home") == (str(clean_place / "data" / "sensemake"), "default")


def test_a_flag_beats_the_environment_beats_the_project_beats_the_user(
    clean_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = clean_place / "user" / "sensemake" / "config.toml"
    user.write_text('model = "user"\n')
    assert origin_of("model") == ("user", str(user))
    Path("sensemake.toml").write_text('model = "project"\n')
    assert origin_of("model") == ("project", "sensemake.toml")
    monkeypatch.setenv("SENSEMAKE_MODEL", "environment")
    assert origin_of("model") == ("environment", "SENSEMAKE_MODEL")
    assert origin_of("model", {"model": "flag"}) == ("flag", "--model")
    assert load({"model": "flag"}).model == "flag"


def test_a_flag_that_was_not_given_and_an_empty_variable_set_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "")
    assert load({"model": None}).model == "bundled"


def test_a_folder_in_a_file_is_meant_from_that_file(clean_place: Path) -> None:
    (clean_place / "user" / "sensemake" / "config.toml").write_text('home = "memory"\n')
    assert load().home == clean_place / "user" / "sensemake" / "memory"


def test_a_chosen_value_is_told_from_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "people_mode" not in load().model_fields_set
    monkeypatch.setenv("SENSEMAKE_PEOPLE_MODE", "opt-out")
    assert "people_mode" in load().model_fields_set


def test_unknown_settings_are_errors_with_the_nearest(clean_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sensemake.toml").write_text('precison = "fp32"\n')
    with pytest.raises(UsageError, match=r"'precison' in sensemake\.toml; did you mean 'precision'"):
        load()
    Path("sensemake.toml").unlink()
    monkeypatch.setenv("SENSEMAKE_MODLE", "x")
    with pytest.raises(UsageError, match="did you mean SENSEMAKE_MODEL"):
        load()


def test_a_wrong_value_names_its_place_and_not_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSEMAKE_PORT", "hunter2")
    with pytest.raises(UsageError, match="'port' \\(from SENSEMAKE_PORT\\)") as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_toml_is_named() -> None:
    Path("sensemake.toml").write_text("model = \n")
    with pytest.raises(UsageError, match=r"sensemake\.toml is not valid TOML"):
        load()


def test_a_password_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSEMAKE_DATABASE_URL", "postgresql+psycopg://ada:hunter2@db:5432/sense")
    assert origin_of("database_url")[0] == "postgresql+psycopg://ada:***@db:5432/sense"
    assert "hunter2" not in repr(load())
