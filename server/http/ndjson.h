#ifndef GRADMATCH_SERVER_HTTP_NDJSON_H_
#define GRADMATCH_SERVER_HTTP_NDJSON_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/http/http_exchange.h"
#include "server/http/routes.h"
#include "server/http/rpc_channel.h"
#include "server/http/translator.h"

namespace gradmatch {

// Streams as lines of JSON (application/x-ndjson).
//
// A server stream: each message is a line.
//
// A sync, a method whose messages are begin, row, commit and begun, results,
// committed (proto/gradmatch/v1/sync.proto): path and query make `begin`
// (mode=INCREMENTAL unless said otherwise, expectedCount, validateOnly,
// requestId), each line of the body is a row, its end is `commit`.
//   row     {"rowNumber":1,"upsert":{...}}, or the resource itself, {...}; the
//           number of a row that has none is that of its line
//   answer  a line {"rowNumber":"1","status":"STATUS_CREATED",...} for each row
//           when it is durable and visible, and {"committed":{...}} at the end
// A line that is no JSON, no row, or too long is answered REJECTED and changes
// nothing for the others. Blank lines are skipped.
//
// Rows are read as fast as they are taken, results are sent as they come. Who
// sends all before reading anything has limits.max_unread_bytes of results
// kept. A sender or reader who is silent for limits.stream_idle, or goes away,
// ends the call; what was answered stays.
//
// Either fails with an HTTP status before its first line, and with a last line
// {"error":{...}} after that.

// What they return is not answered yet; OK when it is.
absl::Status RunSync(HttpExchange& exchange, RpcChannel& channel,
                     const Route& route, const RouteTable::Found& found,
                     const RequestTarget& target, absl::Time deadline,
                     const TranslatorLimits& limits);
absl::Status RunServerLines(HttpExchange& exchange, RpcChannel& channel,
                            const Route& route, const RouteTable::Found& found,
                            const RequestTarget& target, absl::Time deadline,
                            const TranslatorLimits& limits);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_NDJSON_H_
