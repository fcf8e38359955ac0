#!/usr/bin/env bash
# Runs the validators of docker/compose.yaml as processes of this machine, since a container engine is not at hand
# everywhere: their command lines, default base path and health checks are those of the containers. Only the ports
# and the name `alice` are others.
#
# Usage: scripts/check-compose.sh
#
# Environment: CARGO_TARGET_DIR, where the node was built; ./target when unset
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly loopin_node=${CARGO_TARGET_DIR:-$PWD/target}/release/loopin-node
readonly services=(alice bob charlie)
readonly patience_seconds=300

scratch=$(mktemp -d)
readonly scratch
processes=()

finish() {
	local status=$?
	((${#processes[@]} == 0)) || kill -KILL "${processes[@]}" 2>/dev/null || true
	((status == 0)) || tail --lines=20 "$scratch"/*.log >&2
	rm -rf "$scratch"
}
trap finish EXIT

fail() {
	echo "check-compose: $*" >&2
	exit 1
}

p2p_port() { echo $((31433 + $1)); }
rpc_port() { echo $((11044 + $1)); }

healthy() { # healthy INDEX
	RPC_PORT=$(rpc_port "$1") docker/healthcheck.sh /health/readiness >/dev/null 2>&1
}

for index in "${!services[@]}"; do
	service=${services[index]}
	mapfile -t arguments < <(sed --quiet "/^  $service:/,/^    ports:/ s/^      - \(--.*\)/\1/p" docker/compose.yaml)
	((${#arguments[@]} > 0)) || fail "docker/compose.yaml has no command for $service."
	! healthy "$index" || fail "something already answers on port $(rpc_port "$index")."
	XDG_DATA_HOME=$scratch/$service "$loopin_node" \
		"${arguments[@]/\/dns\/alice\/tcp\/30333//ip4/127.0.0.1/tcp/$(p2p_port 0)}" \
		--port "$(p2p_port "$index")" --rpc-port "$(rpc_port "$index")" --prometheus-port $((10715 + index)) \
		</dev/null >"$scratch/$service.log" 2>&1 &
	processes+=($!)
done

for index in "${!services[@]}"; do
	until healthy "$index"; do
		kill -0 "${processes[index]}" 2>/dev/null || fail "${services[index]} has ended."
		((SECONDS < patience_seconds)) || fail "${services[index]} is not healthy after $patience_seconds seconds."
		sleep 1
	done
	[[ -d $scratch/${services[index]}/loopin-node/chains ]] || fail "${services[index]} keeps its data elsewhere."
	echo "check-compose: ${services[index]} is healthy"
done

until (($(node scripts/block-height.mjs "http://127.0.0.1:$(rpc_port 2)" finalised) > 0)); do
	((SECONDS < patience_seconds)) || fail "no block was finalised in $patience_seconds seconds."
	sleep 1
done
echo "check-compose: blocks are finalised"

kill -TERM "${processes[@]}"
for index in "${!services[@]}"; do
	wait "${processes[index]}" || fail "${services[index]} ended with status $?."
	! healthy "$index" || fail "the health check succeeds though ${services[index]} has ended."
done
processes=()
echo "check-compose: all ended in good order"
