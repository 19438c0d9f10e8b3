#ifndef GRADMATCH_SERVER_LOG_H_
#define GRADMATCH_SERVER_LOG_H_

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "index/base/strings.h"

namespace gradmatch {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
std::string_view LogLevelName(LogLevel level);

// Everything a log line may say. A name that is not here cannot be logged, so
// no id of a person, no text of a posting or profile and no request body gets
// into a log by an oversight. New names are reviewed for that.
enum class LogField {
  kAddress,     // listener
  kPort,        // listener
  kVersion,     // of the program
  kMethod,      // "PostingService.GetPosting"
  kCode,        // status code by name
  kReason,      // of error_reasons.h
  kSource,      // id of a source: an institution, never a person
  kRun,         // id of a push run
  kPlan,        // id of a push plan
  kStage,       // of a run or a start
  kCount,       // rows, items, graduates
  kTotal,       // of what kCount is a part
  kSeconds,     // durations
  kBytes,       // sizes
  kGeneration,  // of the catalog
  kEncoder,     // encoder id
  kMode,        // how something was done, such as STRICT or RECOVERED
  kPath,        // of a file: in the data folder, or that an option names
  kOption,      // name of an option
  kSignal,      // number of a signal
  kCall,        // number of a call: made here, or the trace id it came with
  kOperation,   // id of an operation
  kJob,         // of the housekeeping
  kError,       // text of an error of the system: storage, network, options;
                // never the text of an answer to a request
};
std::string_view LogFieldName(LogField field);

struct LogValue {
  LogValue(LogField f, std::string_view v) : field(f), text(v), quoted(true) {}
  LogValue(LogField f, const char* v) : field(f), text(v), quoted(true) {}
  LogValue(LogField f, const std::string& v)
      : field(f), text(v), quoted(true) {}
  LogValue(LogField f, int64_t v) : field(f), text(absl::StrCat(v)) {}
  LogValue(LogField f, int v) : field(f), text(absl::StrCat(v)) {}
  LogValue(LogField f, uint64_t v) : field(f), text(absl::StrCat(v)) {}
  LogValue(LogField f, double v) : field(f), text(absl::StrCat(v)) {}

  LogField field;
  std::string text;
  bool quoted = false;
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  // "json": one object a line; "text": for people; "auto": text when standard
  // error is a terminal.
  std::string format = "auto";
  // Lines of one component and event in a minute; what is more is left out, and
  // the first line after the minute is preceded by one that says how many:
  // component "log", event "lines_left_out". Errors count like the others.
  int repeats_per_minute = 60;
  // For tests; empty: the system's clock.
  std::function<absl::Time()> now;
};

// One line an event: time, level, component, event, fields. `event` is a fixed
// word in snake_case and not a sentence, so that lines can be counted. All
// methods may run concurrently; lines are never mixed.
class Logger {
 public:
  // Writes to standard error.
  explicit Logger(const LogOptions& options);
  // Writes to `sink`, one call a line, without the line's end; for tests.
  Logger(const LogOptions& options,
         std::function<void(std::string_view line)> sink);
  ~Logger();

  void Log(LogLevel level, std::string_view component, std::string_view event,
           std::initializer_list<LogValue> fields = {});

  // Lines written since the start, and those left out.
  int64_t lines(LogLevel level) const;
  int64_t left_out() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_LOG_H_
