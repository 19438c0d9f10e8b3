#include "server/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "index/base/mutex.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/base_sink.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxValueBytes = 500;

// Passes formatted lines to a function; spdlog's mutex keeps them apart.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> out)
      : out_(std::move(out)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t buffer;
    formatter_->format(message, buffer);
    std::string_view line(buffer.data(), buffer.size());
    if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    out_(line);
  }
  void flush_() override {}

  const std::function<void(std::string_view)> out_;
};

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Cut between characters: a line is UTF-8 or its reader refuses it.
std::string_view Cut(std::string_view text) {
  size_t end = std::min(text.size(), kMaxValueBytes);
  while (end > 0 && end < text.size() && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// A JSON string. Bytes that are not ASCII pass: our texts are UTF-8.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : Cut(text)) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7F) {
      constexpr char kHex[] = "0123456789abcdef";
      absl::StrAppend(&out, "\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  if (text.size() > kMaxValueBytes) absl::StrAppend(&out, "...");
  out.push_back('"');
  return out;
}

}  // namespace

std::string_view LogFieldName(LogField field) {
  switch (field) {
    case LogField::kAddress:
      return "address";
    case LogField::kPort:
      return "port";
    case LogField::kVersion:
      return "version";
    case LogField::kMethod:
      return "method";
    case LogField::kCode:
      return "code";
    case LogField::kReason:
      return "reason";
    case LogField::kSource:
      return "source";
    case LogField::kRun:
      return "run";
    case LogField::kPlan:
      return "plan";
    case LogField::kStage:
      return "stage";
    case LogField::kCount:
      return "count";
    case LogField::kTotal:
      return "total";
    case LogField::kSeconds:
      return "seconds";
    case LogField::kBytes:
      return "bytes";
    case LogField::kGeneration:
      return "generation";
    case LogField::kEncoder:
      return "encoder";
    case LogField::kMode:
      return "mode";
    case LogField::kPath:
      return "path";
    case LogField::kOption:
      return "option";
    case LogField::kSignal:
      return "signal";
    case LogField::kCall:
      return "call";
    case LogField::kOperation:
      return "operation";
    case LogField::kJob:
      return "job";
    case LogField::kError:
      return "error";
  }
  return "unknown";
}

std::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      break;
  }
  return "error";
}

class Logger::Impl {
 public:
  Impl(const LogOptions& options, spdlog::sink_ptr sink, bool terminal)
      : json_(options.format == "json" ||
              (options.format != "text" && !terminal)),
        repeats_(options.repeats_per_minute),
        now_(options.now),
        logger_("gradmatch", std::move(sink)) {
    logger_.set_level(LevelOf(options.level));
    logger_.flush_on(spdlog::level::debug);
    logger_.set_pattern(
        json_ ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v)"
              : "%Y-%m-%d %H:%M:%S.%e %l %v");
  }

  void Log(LogLevel level, std::string_view component, std::string_view event,
           std::initializer_list<LogValue> fields) {
    if (!logger_.should_log(LevelOf(level))) return;
    const int64_t left_out = LeftOutBefore(component, event);
    if (left_out < 0) return;
    if (left_out > 0) {
      Write(LogLevel::kWarning, "log", "lines_left_out",
            {{LogField::kStage, absl::StrCat(A(component), ".", A(event))},
             {LogField::kCount, left_out}});
    }
    Write(level, component, event, fields);
  }

  int64_t lines(LogLevel level) const {
    return lines_[static_cast<size_t>(level)];
  }
  int64_t left_out() const { return left_out_; }

 private:
  // The lines of one event in the minute that began then.
  struct Minute {
    absl::Time begin = absl::InfinitePast();
    int64_t lines = 0;
  };

  // -1: the line is left out. Else how many of its event were left out before
  // it, which is told once.
  int64_t LeftOutBefore(std::string_view component, std::string_view event) {
    const absl::Time now = now_ ? now_() : absl::Now();
    MutexLock lock(mu_);
    Minute& minute = minutes_[{std::string(component), std::string(event)}];
    int64_t before = 0;
    // Also when the clock was set back.
    if (now >= minute.begin + absl::Minutes(1) || now < minute.begin) {
      before = std::max<int64_t>(minute.lines - repeats_, 0);
      minute = {.begin = now, .lines = 0};
    }
    if (++minute.lines <= repeats_) return before;
    ++left_out_;
    return -1;
  }

  void Write(LogLevel level, std::string_view component, std::string_view event,
             std::initializer_list<LogValue> fields) {
    ++lines_[static_cast<size_t>(level)];
    const std::string line = json_ ? JsonLine(component, event, fields)
                                   : TextLine(component, event, fields);
    logger_.log(LevelOf(level),
                spdlog::string_view_t(line.data(), line.size()));
  }

  static std::string JsonLine(std::string_view component,
                              std::string_view event,
                              std::initializer_list<LogValue> fields) {
    std::string line = absl::StrCat("\"component\":", Quoted(component),
                                    ",\"event\":", Quoted(event));
    for (const LogValue& value : fields) {
      absl::StrAppend(&line, ",\"", A(LogFieldName(value.field)),
                      "\":", value.quoted ? Quoted(value.text) : value.text);
    }
    return line + "}";
  }

  static std::string TextLine(std::string_view component,
                              std::string_view event,
                              std::initializer_list<LogValue> fields) {
    std::string line = absl::StrCat(A(component), ": ", A(event));
    for (const LogValue& value : fields) {
      absl::StrAppend(&line, " ", A(LogFieldName(value.field)), "=",
                      value.quoted ? Quoted(value.text) : value.text);
    }
    return line;
  }

  const bool json_;
  const int64_t repeats_;
  const std::function<absl::Time()> now_;
  spdlog::logger logger_;
  std::array<std::atomic<int64_t>, 4> lines_{};
  std::atomic<int64_t> left_out_{0};

  // Events are fixed words, so there are as many entries as the code has.
  Mutex mu_;
  std::map<std::pair<std::string, std::string>, Minute> minutes_
      ABSL_GUARDED_BY(mu_);
};

Logger::Logger(const LogOptions& options)
    : impl_(std::make_unique<Impl>(
          options, std::make_shared<spdlog::sinks::stderr_sink_mt>(),
          isatty(STDERR_FILENO) == 1)) {}

Logger::Logger(const LogOptions& options,
               std::function<void(std::string_view line)> sink)
    : impl_(std::make_unique<Impl>(
          options, std::make_shared<FunctionSink>(std::move(sink)), false)) {}

Logger::~Logger() = default;

void Logger::Log(LogLevel level, std::string_view component,
                 std::string_view event,
                 std::initializer_list<LogValue> fields) {
  impl_->Log(level, component, event, fields);
}

int64_t Logger::lines(LogLevel level) const { return impl_->lines(level); }

int64_t Logger::left_out() const { return impl_->left_out(); }

}  // namespace gradmatch
