#!/usr/bin/env bash
# Runs a network of validators on this machine, each with its own new keys, database and ports. Each is a verifier, too.
#
# Usage: scripts/local-net.sh start [VALIDATORS]   make the network (of 3) if there is none, and start its nodes
#        scripts/local-net.sh stop                 end the nodes; a later start goes on where they ended
#        scripts/local-net.sh status               what runs, and how far each chain has got
#        scripts/local-net.sh logs [NUMBER]        follow the log of all nodes, or of one validator
#
# Everything is below ./local-net, which only its owner can read: it holds the validators' secret keys. Delete the
# folder, or run `make clean-data`, to begin again with a new network.
#
# Environment:
#   CARGO_TARGET_DIR   where the node was built; ./target when unset
#   LOCAL_NET          the folder, instead of ./local-net
#   PORT_OFFSET        added to every port: 30333, 9944 and 9615 for the first validator, one more for each next
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
loopin_node=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-$repository/target}/release/loopin-node")
network=$(realpath --canonicalize-missing "${LOCAL_NET:-$repository/local-net}")
readonly repository loopin_node network
readonly chain_spec=$network/chain-spec.json
readonly port_offset=${PORT_OFFSET:-0}
# How long the nodes get to finalise a block, and to end.
readonly start_seconds=180
readonly stop_seconds=60

umask 077

fail() {
	printf 'local-net: %s\n' "$*" >&2
	exit 1
}

usage() {
	sed --quiet '2,/^set -/ { /^#/ s/^# \{0,1\}//p }' "${BASH_SOURCE[0]}" >&2
	exit 2
}

p2p_port() { echo $((30332 + port_offset + $1)); }
rpc_port() { echo $((9943 + port_offset + $1)); }
metrics_port() { echo $((9614 + port_offset + $1)); }

validators() { # the numbers of the network's validators
	local count=0
	while [[ -d $network/validator-$((count + 1)) ]]; do ((count += 1)); done
	seq "$count"
}

# The process id of a validator that runs. A file may have outlived its process, whose number then may be anyone's.
process_id() {
	local file=$network/validator-$1/node.pid id
	[[ -f $file ]] && id=$(<"$file") && [[ $(ps -ww -o args= -p "$id") == *"$network/validator-$1/data"* ]] && echo "$id"
}

height() { # height NUMBER best|finalised
	node "$repository"/scripts/block-height.mjs "http://127.0.0.1:$(rpc_port "$1")" "$2"
}

new_key() { # new_key SCHEME FILE
	"$loopin_node" key generate --scheme "$1" --output-type json >"$2"
}

insert_key() { # insert_key CHAIN_SPEC VALIDATOR_FOLDER KEY_TYPE SCHEME NAME
	local secret=$2/secret
	# In a file, so that no list of processes shows it.
	node --print 'JSON.parse(require("fs").readFileSync(process.argv[1])).secretPhrase' "$2/keys/$5.json" >"$secret"
	"$loopin_node" key insert --base-path "$2/data" --chain "$1" --key-type "$3" --scheme "$4" --suri "$secret"
	rm "$secret"
}

# Makes keys and the chain spec in a folder of another name, so that an interrupted run leaves no half network.
create() { # create VALIDATORS
	local draft=$network.draft number folder
	echo "local-net: making a network of $1 validators in $network"
	rm -rf "$draft"
	for number in $(seq "$1"); do
		folder=$draft/validator-$number
		mkdir -p "$folder/keys"
		new_key sr25519 "$folder/keys/stash.json"
		new_key sr25519 "$folder/keys/babe.json"
		new_key ed25519 "$folder/keys/grandpa.json"
		new_key sr25519 "$folder/keys/verifier.json"
		# It writes the peer id where others write errors.
		"$loopin_node" key generate-node-key --chain local --file "$folder/keys/node-key" 2>"$folder/peer-id" ||
			fail "$(<"$folder/peer-id")"
	done
	"$loopin_node" export-chain-spec --chain local --output "$draft/preset.json" >/dev/null
	node "$repository"/scripts/local-net-spec.mjs "$draft" "$1" >"$draft/plain.json"
	"$loopin_node" export-chain-spec --chain "$draft/plain.json" --raw --output "$draft/chain-spec.json" >/dev/null
	for number in $(seq "$1"); do
		folder=$draft/validator-$number
		insert_key "$draft/chain-spec.json" "$folder" babe sr25519 babe
		insert_key "$draft/chain-spec.json" "$folder" gran ed25519 grandpa
		insert_key "$draft/chain-spec.json" "$folder" lpvf sr25519 verifier
	done
	rm "$draft/preset.json" "$draft/plain.json"
	mv "$draft" "$network"
}

start_validator() {
	local number=$1 folder=$network/validator-$1 other bootnodes=()
	for other in $(validators); do
		((other == number)) ||
			bootnodes+=("/ip4/127.0.0.1/tcp/$(p2p_port "$other")/p2p/$(<"$network/validator-$other/peer-id")")
	done
	nohup "$loopin_node" \
		--validator --name "validator-$number" \
		--chain "$chain_spec" --base-path "$folder/data" --node-key-file "$folder/keys/node-key" \
		--listen-addr "/ip4/127.0.0.1/tcp/$(p2p_port "$number")" --bootnodes "${bootnodes[@]}" \
		--rpc-port "$(rpc_port "$number")" --prometheus-port "$(metrics_port "$number")" --no-telemetry \
		</dev/null >>"$folder/node.log" 2>&1 &
	echo $! >"$folder/node.pid"
}

# Whether all nodes run; says of the first that does not what its last words were.
all_alive() {
	local number
	for number in $(validators); do
		process_id "$number" >/dev/null && continue
		echo "local-net: validator-$number has ended. The end of its log:" >&2
		tail --lines=5 "$network/validator-$number/node.log" >&2
		return 1
	done
}

start() {
	local wanted=${1:-} count number finalised target=''
	[[ -x $loopin_node ]] || fail "there is no $loopin_node: run 'make build' first."
	[[ $wanted =~ ^([2-9])?$ ]] || fail "'$wanted' is no number of validators: 2 to 9 can run here."
	[[ -d $network ]] || create "${wanted:-3}"
	count=$(validators | wc --lines)
	[[ -z $wanted || $wanted == "$count" ]] ||
		fail "the network in $network has $count validators, not $wanted. Delete that folder to begin again."

	for number in $(validators); do
		process_id "$number" >/dev/null || start_validator "$number"
	done
	echo "local-net: $count validators started; waiting for a new block to be finalised"
	SECONDS=0
	until finalised=$(height 1 finalised 2>/dev/null) && ((finalised >= ${target:=$((finalised + 1))})); do
		if ! all_alive; then
			stop
			exit 1
		fi
		((SECONDS < start_seconds)) ||
			fail "no block was finalised in $start_seconds seconds. See 'scripts/local-net.sh logs'; the nodes run on."
		sleep 1
	done

	echo "local-net: block $finalised is final"
	for number in $(validators); do
		printf '  validator-%s  RPC ws://127.0.0.1:%s  metrics http://127.0.0.1:%s/metrics\n' \
			"$number" "$(rpc_port "$number")" "$(metrics_port "$number")"
	done
	cat <<-TEXT
		  explorer     https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:$(rpc_port 1)#/explorer
		  Alice (//Alice) owns tokens and is sudo; the validators' own accounts are in $network/validator-*/keys.
		  Stop it with: make local-net-stop
	TEXT
}

stop() {
	local number id
	for number in $(validators); do
		# One that ends by itself in this moment is no failure: whether all have ended is seen below.
		! id=$(process_id "$number") || kill -TERM "$id" || true
	done
	SECONDS=0
	for number in $(validators); do
		while id=$(process_id "$number"); do
			((SECONDS < stop_seconds)) || fail "validator-$number has not ended in $stop_seconds seconds; it is process $id."
			sleep 0.2
		done
		rm -f "$network/validator-$number/node.pid"
	done
	echo "local-net: stopped"
}

status() {
	local number id all=0
	[[ -d $network ]] || fail "there is no network in $network: run 'make local-net'."
	for number in $(validators); do
		if id=$(process_id "$number"); then
			printf 'validator-%s  runs (process %s)  best %s  finalised %s\n' \
				"$number" "$id" "$(height "$number" best)" "$(height "$number" finalised)"
		else
			printf 'validator-%s  does not run\n' "$number"
			all=1
		fi
	done
	return "$all"
}

logs() {
	local number files=()
	for number in ${1:-$(validators)}; do
		files+=("$network/validator-$number/node.log")
		[[ -f ${files[-1]} ]] || fail "there is no ${files[-1]}."
	done
	((${#files[@]} > 0)) || fail "there is no network in $network: run 'make local-net'."
	exec tail --lines=20 --follow=name "${files[@]}"
}

case "${1:-} $#" in
start\ [12]) start "${2:-}" ;;
stop\ 1) stop ;;
status\ 1) status ;;
logs\ [12]) logs "${2:-}" ;;
*) usage ;;
esac
