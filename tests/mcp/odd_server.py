"""A server that breaks the protocol: `odd_server.py METHOD ANSWER`.

It gives ANSWER, the rest of a JSON object, to each request of METHOD.
"""

from __future__ import annotations

import json
import sys

METHOD, ANSWER = sys.argv[1], json.loads(sys.argv[2])
LOOK = {"name": "look", "inputSchema": {"type": "object"}}

for line in sys.stdin:
    request = json.loads(line)
    if request["method"] == METHOD:
        answer = ANSWER
    elif request["method"] == "initialize":
        version = request["params"]["protocolVersion"]
        about = {"serverInfo": {"name": "odd", "version": "1"}}
        offers = {"capabilities": {"tools": {}}}
        answer = {"result": {"protocolVersion": version, **about, **offers}}
    elif request["method"] == "tools/list":
        answer = {"result": {"tools": [LOOK]}}
    else:
        answer = {"result": {}}
    if "id" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer}), flush=True)
