#!/bin/bash
# Succeeds when the node, or the agent, in this container is healthy. Bash alone can ask it, so the image needs no HTTP client.
#
# Usage: healthcheck.sh [PATH]
#   /health            the node answers; the agent has a node, and its devices work (the default)
#   /health/readiness  the node also has peers, if its chain should have some, and is in sync
#
# Environment: RPC_PORT, the port of the node's RPC or of the agent; 9944 when unset
set -euo pipefail

readonly path=${1:-/health} port=${RPC_PORT:-9944}

exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$path" "$port" >&3
read -r -t 5 _ status _ <&3
echo "$path: $status"
[[ $status == 200 ]]
