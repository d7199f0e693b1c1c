"""Puts a player into a queue, waits until Muster says that it is in a match, and ends that: Python without any package.

    python3 duel.py ann 1200
"""
import json
import os
import sys
import urllib.error
import urllib.request
import uuid

MUSTER = os.environ.get("MUSTER_URL", "http://127.0.0.1:8080")
KEY = os.environ.get("MUSTER_API_KEY")
LIMIT_S = 130  # a ticket of duel expires sooner


def call(method, path, body=None, **headers):
    """Raises RuntimeError with Muster's own words, and the code to decide by."""
    if KEY:
        headers["authorization"] = f"Bearer {KEY}"
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers["content-type"] = "application/json"
    request = urllib.request.Request(MUSTER + path, data, headers, method=method)
    try:
        return urllib.request.urlopen(request, timeout=LIMIT_S)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        raise RuntimeError(f"{problem['code']}: {problem['detail']}") from None


def states(player):
    """Every state of the player from now on, as server-sent events bring them; the first is where it is now."""
    for line in call("GET", f"/v1/players/{player}/events"):
        if line.startswith(b"data:"):
            yield json.loads(line[len("data:"):])


def main(player, elo):
    # The same key makes it safe to send this again when no answer came.
    call(
        "POST",
        "/v1/queues/duel/tickets",
        {"players": [{"id": player, "elo": elo}]},
        **{"idempotency-key": str(uuid.uuid4())},
    )
    for state in states(player):
        print(player, "is", state["state"], flush=True)
        if state["state"] == "inmatch":
            match = json.load(call("GET", f"/v1/matches/{state['match']}"))
            print("teams:", [[each["id"] for each in team["players"]] for team in match["teams"]], flush=True)
            call("POST", f"/v1/matches/{match['id']}/end", {})
            return


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
