"""Health as data, said once."""

from structlog.testing import capture_logs

from gateway.model.health import Condition
from gateway.runtime.health import Health

DOWN = Condition("mqtt", "unreachable", "error", "check the broker's address")


def test_first_trouble_warns_repeats_are_quiet_and_recovery_is_told() -> None:
    with capture_logs() as lines:
        health = Health()
        health.report(Condition("mqtt", "connecting", "ok"))
        health.report(DOWN)
        health.report(DOWN)
        health.report(Condition("mqtt", "connected", "ok"))
        health.clear("mqtt")
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("warning", "condition"),
        ("debug", "condition_again"),
        ("info", "condition_over"),
    ]


def test_the_status_is_the_worst_of_its_parts() -> None:
    health = Health()
    seen = [health.status]
    for condition in (Condition("storage", "writing", "ok"), Condition("receiver", "quiet", "warning"), DOWN):
        health.report(condition)
        seen.append(health.status)
    assert [condition.part for condition in health.conditions()] == ["mqtt", "receiver", "storage"]
    health.clear("mqtt")
    assert [*seen, health.status] == ["ok", "ok", "warning", "error", "warning"]
