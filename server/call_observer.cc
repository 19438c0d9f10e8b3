#include "server/call_observer.h"

#include <atomic>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "index/base/error.h"
#include "index/base/strings.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;
using Lines = CallObserverOptions::Lines;

constexpr char kCallHeader[] = "gradmatch-call";

// "/gradmatch.v1.PostingService/GetPosting" as PostingService.GetPosting.
std::string MethodName(absl::string_view path) {
  std::string name = absl::StrReplaceAll(path.substr(1), {{"/", "."}});
  constexpr absl::string_view kOurs = "gradmatch.v1.";
  if (absl::StartsWith(name, kOurs)) name.erase(0, kOurs.size());
  return name;
}

// Waiting is what it is asked to do.
bool MayBeSlow(const ServerRpcInfo& info, absl::string_view method) {
  return info.type() != ServerRpcInfo::Type::UNARY ||
         absl::EndsWith(method, ".WaitOperation");
}

class Observer final : public grpc::experimental::Interceptor {
 public:
  Observer(const CallObserverOptions& options, Metrics& metrics, Logger& log,
           ServerRpcInfo& info, std::string number)
      : options_(options),
        metrics_(metrics),
        log_(log),
        method_(MethodName(info.method())),
        may_be_slow_(MayBeSlow(info, method_)),
        number_(std::move(number)),
        begin_(absl::Now()) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    const auto at = [methods](InterceptionHookPoints point) {
      return methods->QueryInterceptionHookPoint(point);
    };
    if (at(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      const auto* metadata = methods->GetRecvInitialMetadata();
      const auto found = metadata->find("traceparent");
      if (found != metadata->end()) {
        std::string trace = TraceIdOf(
            std::string_view(found->second.data(), found->second.size()));
        if (!trace.empty()) number_ = std::move(trace);
      }
    }
    if (at(InterceptionHookPoints::PRE_SEND_STATUS)) {
      // Not ahead of the status: an answer that begins with a header is one
      // that clients do not try again, whatever comes after it.
      methods->GetSendTrailingMetadata()->insert({kCallHeader, number_});
      End(methods->GetSendStatus());
    }
    methods->Proceed();
  }

 private:
  void End(const grpc::Status& status) {
    const absl::Duration took = absl::Now() - begin_;
    const absl::Status ours = FromGrpcStatus(status);
    const std::string code = absl::StatusCodeToString(ours.code());
    metrics_.Observe(Metric::kCallDuration, {method_, code}, took);
    std::string reason;
    if (!ours.ok()) {
      reason = ReasonOf(ours);
      metrics_.Count(Metric::kCallErrors,
                     {reason.empty() ? "(none)" : std::string_view(reason)});
    }
    const bool slow = took >= options_.slow && !may_be_slow_;
    const bool wanted = options_.lines == Lines::kAll ||
                        (options_.lines != Lines::kNone && slow) ||
                        (options_.lines == Lines::kFailed && !ours.ok());
    if (!wanted) return;
    log_.Log(slow ? LogLevel::kWarning : LogLevel::kInfo, "rpc",
             slow ? "call_slow" : "call_ended",
             {{LogField::kCall, number_},
              {LogField::kMethod, method_},
              {LogField::kCode, code},
              {LogField::kReason, reason},
              {LogField::kSeconds, absl::ToDoubleSeconds(took)}});
  }

  const CallObserverOptions& options_;
  Metrics& metrics_;
  Logger& log_;
  const std::string method_;
  const bool may_be_slow_;
  std::string number_;
  const absl::Time begin_;
};

class Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Factory(const CallObserverOptions& options, Metrics& metrics, Logger& log)
      : options_(options),
        metrics_(metrics),
        log_(log),
        start_(absl::Uniform<uint64_t>(absl::BitGen())) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      ServerRpcInfo* info) override {
    // Numbers of two runs of the server do not meet.
    const std::string number = absl::StrFormat(
        "%016x%016x", start_, next_.fetch_add(1, std::memory_order_relaxed));
    return new Observer(options_, metrics_, log_, *info, number);
  }

 private:
  const CallObserverOptions options_;
  Metrics& metrics_;
  Logger& log_;
  const uint64_t start_;
  std::atomic<uint64_t> next_{1};
};

}  // namespace

Lines CallLinesOf(std::string_view word) {
  if (word == "none") return Lines::kNone;
  if (word == "failed") return Lines::kFailed;
  return word == "all" ? Lines::kAll : Lines::kSlow;
}

std::string TraceIdOf(std::string_view traceparent) {
  constexpr size_t kLength = 55, kTrace = 3, kDigits = 32;
  if (traceparent.size() != kLength) return "";
  for (size_t i = 0; i < kLength; ++i) {
    const bool dash = i == 2 || i == kTrace + kDigits || i == 52;
    const unsigned char c = static_cast<unsigned char>(traceparent[i]);
    const bool hex = absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return "";
  }
  return std::string(traceparent.substr(kTrace, kDigits));
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallObserver(const CallObserverOptions& options, Metrics& metrics,
                Logger& log) {
  return std::make_unique<Factory>(options, metrics, log);
}

}  // namespace gradmatch
