from pathlib import Path

import pytest

import ceremonies


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--demo", required=True, type=Path, help="what `latchkey-sim demo --out` wrote")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each test once for every registration or sign-in of the demo that it asks for."""
    demo = metafunc.config.getoption("demo")
    for name, file in (("registration", "registration.json"), ("sign_in", "authentication.json")):
        if name in metafunc.fixturenames:
            found = ceremonies.load(demo / file)
            metafunc.parametrize(name, found, ids=[f"{name}{n}" for n in range(1, len(found) + 1)])


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest) -> Path:
    return request.config.getoption("demo")


@pytest.fixture(scope="session")
def registrations(demo: Path) -> dict[str, ceremonies.Ceremony]:
    """The demo's registrations by credential id."""
    return {r.credential_id: r for r in ceremonies.load(demo / "registration.json")}
