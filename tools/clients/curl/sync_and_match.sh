#!/usr/bin/env bash
# Makes a sandbox source, syncs ten postings, reads one graduate's recommendation.
# usage: sync_and_match.sh http://127.0.0.1:8080 GRADUATE
set -euo pipefail
server=${1:?usage: sync_and_match.sh http://127.0.0.1:8080 GRADUATE}
graduate=${2:?usage: sync_and_match.sh http://127.0.0.1:8080 GRADUATE}
source=try-curl
# The answer of an error is shown: google.rpc.Status. Who must not fail tries
# again after 503, and after nothing else.
call() {
  curl --silent --show-error --fail-with-body --noproxy '*' --max-time 30 \
    -H @<(token_header) "$@"
}
# The server's token, if it asks for one; not as a word of the command line,
# which everybody on the machine can read.
token_header() {
  if [[ -n ${GRADMATCH_TOKEN_FILE:-} ]]; then
    echo "Authorization: Bearer $(< "$GRADMATCH_TOKEN_FILE")"
  fi
}
call_json() {
  call -H 'Content-Type: application/json' "$@"
}

# 409: it is there already, from the last time.
call_json -X POST "$server/v1/sources?sourceId=$source" \
  -d '{"displayName": "curl 试验", "kind": "KIND_SCHOOL", "sandbox": true}' ||
  call "$server/v1/sources/$source"

# A posting a line; the answer has a line for each, then the counts. A list from
# a file: --data-binary @postings.jsonl
rows() {
  for i in 1 2 3 4 5 6 7 8 9 10; do
    echo "{\"sourcePostingId\": \"$i\", \"title\": \"软件工程师\", \
\"employer\": {\"name\": \"武汉示例科技有限公司\"}, \
\"locations\": [{\"region\": {\"system\": \"region\", \"code\": \"420100\"}}], \
\"education\": {\"minLevel\": \"EDUCATION_LEVEL_BACHELOR\"}, \"openings\": 2, \
\"description\": \"负责后端服务的开发与维护。\"}"
  done
}
echo "同步："
rows | call -X POST -H 'Content-Type: application/x-ndjson' \
  "$server/v1/sources/$source/postings:sync?expectedCount=10" \
  --data-binary @-

echo "推荐："
call_json -X POST "$server/v1/graduates/$graduate:matchPostings" \
  -H 'X-Request-Timeout: 5s' -d '{"pageSize": 3}'
