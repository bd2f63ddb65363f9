"""The service's metrics, read by Prometheus' own parser."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from conftest import PROGRAM, Emulator


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.headers, answer.read().decode()


def test_prometheus_reads_the_metrics(tmp_path):
    config, port = tmp_path / "topicvault.toml", free_port()
    emulator = Emulator("--config-out", str(config), "--messages", "200")
    config.write_text(config.read_text() + f'\n[http]\nlisten = "127.0.0.1:{port}"\n')
    variables = {k: v for k, v in os.environ.items() if not k.startswith("TOPICVAULT")}
    service = subprocess.Popen(
        [PROGRAM, "--config", str(config), "run"], env=variables, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                get(f"http://127.0.0.1:{port}/readyz")
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, "it never became ready"
                time.sleep(0.2)
        emulator.act(do="customer", text="counted")
        time.sleep(6)
        headers, text = get(f"http://127.0.0.1:{port}/metrics")
        assert headers["content-type"].startswith("application/openmetrics-text")
        families = {family.name: family for family in text_string_to_metric_families(text)}
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=60) == 0
        emulator.stop()

    def value(family, sample, **labels):
        found = [s.value for s in families[family].samples if s.name == sample and s.labels == labels]
        assert len(found) == 1, (family, sample, labels, families[family].samples)
        return found[0]

    group = str(emulator.desk["id"]).removeprefix("-100")
    assert families["topicvault_events"].type == "counter"
    assert families["topicvault_commit_lag_seconds"].type == "histogram"
    assert value("topicvault_messages", "topicvault_messages_total", group=group, source="live") >= 1
    assert value("topicvault_unknown_ids", "topicvault_unknown_ids", group=group) == 0
    assert value("topicvault_capture_state", "topicvault_capture_state", group=group, state="live") == 1
    assert value("topicvault_archived_messages", "topicvault_archived_messages", group=group) > 150
    lag = families["topicvault_commit_lag_seconds"].samples
    assert any(s.name.endswith("_count") and s.value >= 1 for s in lag)
