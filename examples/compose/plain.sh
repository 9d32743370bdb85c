#!/bin/sh
# What compose.yaml does, as plain processes: sh plain.sh [PORT-OF-CLICKATELL PORT-OF-APP]
set -eu
cd "$(dirname "$0")"
clickatell=http://127.0.0.1:${1:-8080}
app=http://127.0.0.1:${2:-8000}

export MOCKATELL_PORT="${1:-8080}"
export MOCKATELL_STATUS_URL="$app/clickatell/status"
export MOCKATELL_REPLY_URL="$app/clickatell/reply"
export MOCKATELL_API_KEY=not-a-real-key==
export MOCKATELL_PUBLIC_URL="$clickatell"
export MOCKATELL_RETRY=one-api
mockatell serve &
processes=$!
trap 'kill $processes 2>/dev/null; wait' EXIT
mockatell healthcheck --wait 30s

CLICKATELL_URL=$clickatell CLICKATELL_API_KEY=not-a-real-key== python app.py "${2:-8000}" &
processes="$processes $!"
mockatell healthcheck --url "$app" --wait 30s

CLICKATELL_URL=$clickatell SHOP_URL=$app python test.py
