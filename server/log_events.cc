#include "server/log_events.h"

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {

const std::vector<LogEvent>& LogEvents() {
  using enum LogLevel;
  static const auto& events = *new std::vector<LogEvent>{
      {"erasure", "erasure_failed", kError,
       "An erasure's files did not come clean, or the store failed; it is "
       "tried "
       "again",
       "look at the disk; if it stays, who holds a long read"},
      {"erasure", "erasures_purged", kInfo,
       "Erasures whose files were proved clean", ""},
      {"grpc", "message", kWarning,
       "What gRPC has to say; strangers cause some",
       "look at it when calls fail"},
      {"identity", "operator_token_written", kWarning,
       "There was no operator's token that works, so one was written to a file",
       "take it from `path`, then remove the file"},
      {"log", "lines_left_out", kWarning,
       "Lines of the event in `stage` that were left out in a minute, since "
       "they "
       "came too often",
       "look at that event; log.repeats_per_minute"},
      {"protobuf", "message", kWarning,
       "What protobuf has to say, such as text that is not UTF-8", ""},
      {"push", "push_run_ended", kInfo,
       "A run is READY, CANCELLED, or STOPPED with the server", ""},
      {"push", "push_run_failed", kError, "A run ended FAILED",
       "gradmatch push show RUN"},
      {"push", "push_run_not_marked", kError,
       "A run failed and not even that could be written; the next start takes "
       "it "
       "up",
       "look at the disk, then restart"},
      {"push", "push_run_started", kInfo, "A run begins or goes on", ""},
      {"push", "scheduled_run_not_started", kError,
       "A run that is due cannot be made; it is tried again until its time is "
       "over. Told once a reason",
       "gradmatch push plan show PLAN"},
      {"push", "scheduled_run_skipped", kError,
       "A run was not started in time and is not made any more",
       "gradmatch push run PLAN, if it is still of use"},
      {"push", "scheduled_run_started", kInfo,
       "A plan's schedule made a run, so many seconds after its time", ""},
      {"recall", "end_not_kept", kError,
       "The end of a measurement could not be written", "look at the disk"},
      {"recall", "failed", kError, "A measurement of recall failed",
       "gradmatch index recall, again"},
      {"retention", "job_counted", kInfo,
       "Entries whose time is over, of those looked at; retention.mode is "
       "count",
       ""},
      {"retention", "job_failed", kError,
       "A walk through what is kept for a time ended early; it is tried again",
       "look at the disk and whether the audit can be written"},
      {"retention", "job_removed", kInfo,
       "Entries that were removed, of those looked at", ""},
      {"restore", "missing_erasures_accepted", kWarning,
       "The folder was restored and is served without the journal of rights, "
       "as "
       "the operator decided: who was erased since the snapshot is back",
       "have those people erased again"},
      {"restore", "rights_applied", kInfo,
       "The folder was restored; so many erasures, of so many decisions made "
       "after the snapshot, were applied before anything was served",
       ""},
      {"rpc", "call_ended", kInfo, "A call, by log.calls", ""},
      {"rpc", "call_failed", kError, "A call failed by the server's own fault",
       "look at the error; report it if it is not the disk's"},
      {"rpc", "call_slow", kWarning, "A call that took log.slow_call or longer",
       "look at gradmatch_rpc_queued and the processor"},
      {"server", "cannot_forbid_core_dumps", kError,
       "The process could not close itself to debuggers; it ends",
       "server.core_dumps, or the kernel's limits"},
      {"server", "cannot_listen", kError,
       "The address is taken or not this machine's; the process ends",
       "ss -ltnp, or another server.grpc_listen"},
      {"server", "cannot_open_data_folder", kError,
       "The data folder cannot be used; the process ends",
       "the error says why; gradmatch check"},
      {"server", "drained", kInfo, "The server has ended in good order", ""},
      {"server", "draining", kInfo, "The server ends; calls under way", ""},
      {"server", "ended_at_once", kWarning,
       "A second signal, or one during the start, ended the process; nothing "
       "acknowledged is lost",
       ""},
      {"server", "ended_to_be_started_again", kError,
       "The process ends, with `code`, since a listener is dead; all that was "
       "acknowledged is on disk",
       "see that something starts it again (systemd); look for listener_dead"},
      {"server", "few_descriptors", kWarning,
       "Fewer descriptors than the options want: files and connections were "
       "cut "
       "to what `reason` says",
       "raise LimitNOFILE to `count`; gradmatch check"},
      {"server", "listening", kInfo, "The gRPC listener is open", ""},
      {"server", "listening_http", kInfo, "The HTTP listener is open", ""},
      {"server", "no_reflection", kWarning,
       "server.reflection is on, and its library cannot be loaded",
       "install libgrpc++1.51 whole, or set server.reflection to false"},
      {"server", "serving", kInfo,
       "Data are loaded; `mode` RECOVERED: the log's end was torn, as a kill "
       "does",
       ""},
      {"server", "signal", kInfo, "A signal ends the server", ""},
      {"snapshot", "done", kInfo,
       "A snapshot was made or verified; bytes that are new, and all", ""},
      {"snapshot", "end_not_kept", kError,
       "A snapshot ended, and not even that could be written",
       "look at the disk of the data folder"},
      {"snapshot", "failed", kError,
       "A snapshot could not be made, or verified",
       "the error says why; look at the disk of snapshot.folder"},
      {"snapshot", "old_deleted", kInfo,
       "Snapshots that were too many or too old are deleted", ""},
      {"snapshot", "old_not_deleted", kError,
       "Snapshots that are too old could not be deleted: they may hold people "
       "who were erased since",
       "look at the disk of snapshot.folder"},
      {"storage", "tables_damaged", kError,
       "A table of the store is damaged on disk; what reads it fails",
       "look at the disk (smartctl), and restore a snapshot"},
      {"storage", "tables_verified", kInfo,
       "Every table of the store was read to its end, and is whole", ""},
      {"storage", "writes_allowed", kInfo, "There is room again; data may grow",
       ""},
      {"storage", "writes_blocked", kError,
       "The disk is nearly full: writes that make the data grow are refused, "
       "all else goes on",
       "make room; gradmatch_storage_bytes tells what grows"},
      {"sync", "contents_committed", kInfo, "A sync of content, with its rows",
       ""},
      {"sync", "figures_not_kept", kWarning,
       "What became of a sync is not in its source's figures", ""},
      {"sync", "graduates_committed", kInfo,
       "A sync of graduates, with its rows", ""},
      {"sync", "postings_committed", kInfo, "A sync of postings, with its rows",
       ""},
      {"tls", "certificate_expired", kError,
       "The certificate in force has expired", "put a new one in its place"},
      {"tls", "certificate_expires_soon", kError,
       "The certificate in force expires soon", "put a new one in its place"},
      {"tls", "certificates_kept", kError,
       "Changed certificate files did not come into force; the old ones are "
       "still used",
       "the error says why: certificate and key that do not fit, half a file"},
      {"tls", "certificates_reloaded", kInfo,
       "Changed certificate files are in force, for so many seconds", ""},
      {"vault", "seal_key_not_in_file", kError,
       "Values are sealed with a key that is not in the file",
       "put the old key back into privacy.seal_key_file"},
      {"vault", "sealed_values_damaged", kError,
       "Sealed values cannot be opened", "compare with a snapshot"},
      {"vault", "values_sealed_anew", kInfo,
       "Values were sealed with the current key", ""},
      {"watchdog", "listener_answers_again", kInfo,
       "A listener that did not answer answers", ""},
      {"watchdog", "listener_dead", kError,
       "A listener did not answer several times running; the process ends",
       "look at process_open_fds and the processor"},
      {"watchdog", "listener_does_not_answer", kWarning,
       "A listener did not answer the process's own probe",
       "look at the processor; if it stays, the process ends"},
      {"watchdog", "watchdog_sec_too_short", kWarning,
       "systemd would end the process before the watchdog could tell why",
       "raise WatchdogSec= above `total` seconds, or lower the option"},
  };
  return events;
}

const std::vector<LogFieldEntry>& LogFieldEntries() {
  using enum LogField;
  static const auto& fields = *new std::vector<LogFieldEntry>{
      {kAddress, false, "of a listener"},
      {kPort, true, "of a listener"},
      {kVersion, false, "of the program"},
      {kMethod, false, "PostingService.GetPosting"},
      {kCode, false, "status code by name"},
      {kReason, false, "of an error: server/errors.zh.md"},
      {kSource, false, "id of a source"},
      {kRun, false, "id of a push run"},
      {kPlan, false, "id of a push plan"},
      {kStage, false, "of a run or a start; an event"},
      {kCount, true, "rows, items, graduates, lines"},
      {kTotal, true, "of what count is a part"},
      {kSeconds, true, "a duration"},
      {kBytes, true, "a size"},
      {kGeneration, true, "of the catalog"},
      {kEncoder, false, "id of an encoder"},
      {kMode, false, "how something was done"},
      {kPath, false, "in the data folder"},
      {kOption, false, "name of an option"},
      {kSignal, true, "number of a signal"},
      {kCall, false,
       "number of a call, 32 hex digits: its caller has it from the trailer "
       "gradmatch-call, or sent it as the trace id of a traceparent"},
      {kOperation, false, "id of an operation"},
      {kJob, false, "of retention"},
      {kError, false, "of the system, in words; never of a request"},
  };
  return fields;
}

std::string LogEventsPage() {
  std::string page =
      "# Log\n\n"
      "A line an event, on standard error. With `log.format: json` one object: "
      "`ts` (ISO 8601, with milliseconds), `level`, `component`, `event`, then "
      "the fields below, each at most once. Nothing in it is about a person. "
      "Made from server/log_events.cc by tools/renew_api_pages: do not "
      "edit.\n\n"
      "| component | event | level | meaning | to do |\n"
      "|---|---|---|---|---|\n";
  for (const LogEvent& event : LogEvents()) {
    absl::StrAppend(&page, "| ", A(event.component), " | `", A(event.event),
                    "` | ", A(LogLevelName(event.level)), " | ",
                    A(event.meaning), " | ", A(event.advice), " |\n");
  }
  absl::StrAppend(&page, "\n| field | type | meaning |\n|---|---|---|\n");
  for (const LogFieldEntry& entry : LogFieldEntries()) {
    absl::StrAppend(&page, "| `", A(LogFieldName(entry.field)), "` | ",
                    entry.number ? "number" : "string", " | ", A(entry.meaning),
                    " |\n");
  }
  return page;
}

}  // namespace gradmatch
