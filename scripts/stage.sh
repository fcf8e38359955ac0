#!/usr/bin/env bash
# Runs one stage of a longer job and prints how long it took.
#
# Usage: scripts/stage.sh NAME COMMAND...
#
# Where STAGE_TIMES names a file, the stage's line is also added to it, for the summary at the job's end.
set -euo pipefail

if (($# < 2)); then
	echo "Usage: scripts/stage.sh NAME COMMAND..." >&2
	exit 2
fi
name=$1
shift

printf '\n==> %s\n' "$name"
status=0
SECONDS=0
"$@" || status=$?
((status == 0)) && result=ok || result="FAILED ($status)"
line=$(printf '%-28s %3d min %2d s  %s' "$name" $((SECONDS / 60)) $((SECONDS % 60)) "$result")
printf '<== %s\n' "$line"
[[ -z ${STAGE_TIMES:-} ]] || printf '%s\n' "$line" >>"$STAGE_TIMES"
exit "$status"
