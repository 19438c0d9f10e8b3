#include "server/part_options.h"

#include "absl/strings/str_split.h"
#include "server/exposure.h"

namespace gradmatch {

SyncLimits SyncLimitsOf(const Options& options) {
  SyncLimits limits;
  limits.batch_rows = static_cast<size_t>(options.ingest.batch_rows);
  limits.batch_bytes = static_cast<size_t>(options.ingest.batch_kb) << 10;
  return limits;
}

PushRunOptions PushOptionsOf(const Options& options) {
  PushRunOptions push;
  if (options.push.threads > 0) push.threads = options.push.threads;
  return push;
}

MatchServiceOptions MatchOptionsOf(const Options& options) {
  MatchServiceOptions match;
  // The rest is for the errors of those that do not fit.
  match.max_response_bytes =
      (static_cast<size_t>(options.server.max_message_mb) << 20) / 8 * 7;
  match.graduates.min_group = options.match.min_group;
  match.graduates.daily_budget = options.match.graduates_daily_budget;
  match.graduates.max_ranked = static_cast<size_t>(options.match.max_ranked);
  return match;
}

CallObserverOptions CallObserverOptionsOf(const Options& options) {
  return {.lines = CallLinesOf(options.log.calls),
          .slow = options.log.slow_call};
}

RetentionDays RetentionDaysOf(const Options& options) {
  const Options::Retention& given = options.retention;
  return {.raw_rows = given.raw_row_days,
          .tombstones = given.tombstone_days,
          .audit = given.audit_days,
          .ledger = given.ledger_days,
          .push_items = given.push_item_days,
          .feedback = given.feedback_days,
          .quarantine = given.quarantine_days,
          .reports = given.report_days};
}

GatewayOptions GatewayOptionsOf(const Options& options, const TlsKeeper* tls,
                                const IdentitySetup& identity) {
  GatewayOptions gateway;
  gateway.limits.hop_secret = identity.hop_secret();
  gateway.guard_metrics = identity.asks();
  gateway.listener.address = options.server.http_listen;
  gateway.listener.threads = options.server.http_threads;
  gateway.listener.max_connections = options.server.http_connections;
  gateway.listener.idle = options.server.http_idle;
  gateway.listener.tls = tls;
  gateway.listener.handshake = options.tls.handshake_timeout;
  gateway.check_host =
      options.auth.mode == "none" && IsLoopback(options.server.http_listen);
  gateway.hosts =
      absl::StrSplit(options.server.http_hosts, ' ', absl::SkipEmpty());
  gateway.limits.max_body_bytes =
      static_cast<size_t>(options.server.max_message_mb) << 20;
  gateway.limits.max_streams = options.server.http_threads / 2;
  gateway.limits.stream_idle = options.server.stream_idle;
  return gateway;
}

}  // namespace gradmatch
