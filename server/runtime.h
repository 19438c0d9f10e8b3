#ifndef GRADMATCH_SERVER_RUNTIME_H_
#define GRADMATCH_SERVER_RUNTIME_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "server/admission.h"
#include "server/log.h"
#include "server/page_token.h"
#include "server/peer_watch.h"
#include "server/quota.h"
#include "server/stream_registry.h"
#include "server/worker_pool.h"

namespace gradmatch {

class AuditLog;
class Catalog;
class CodeTableStore;
class ContentIngester;
class ContentMatcher;
class DailyBudget;
class Encoder;
class FeedbackStore;
class Gate;
class GraduateIngester;
class Matcher;
class Metrics;
class PostingIngester;
class Pseudonymizer;
class RequestLog;
class SealedStore;
class SourceRegistry;
class StaffRegistry;
class Store;
class TokenStore;

enum class ServerState { kLoading, kServing, kDraining };

// What handlers work with once the data is loaded. Borrowed; outlives every
// call. All of it may be used from several threads.
struct Engine {
  Store& store;
  Catalog& catalog;
  const Encoder& encoder;
  const Matcher& matcher;
  const Pseudonymizer& pseudonyms;
  PostingIngester& postings;
  GraduateIngester& graduates;
  SourceRegistry& sources;
  RequestLog& requests;
  const PageTokens& tokens;
  CodeTableStore& code_tables;
  ContentIngester& contents;
  const ContentMatcher& content_matcher;
  AuditLog& audit;
  FeedbackStore& feedback;
  DailyBudget& graduates_shown;
  SealedStore& sealed;
  StaffRegistry& staff;
  TokenStore& bearers;
};

// Counters of calls, kept simple: enough for status and tests.
struct RpcCounters {
  std::atomic<int64_t> started{0};
  std::atomic<int64_t> failed{0};
  std::atomic<int64_t> refused{0};          // RESOURCE_EXHAUSTED
  RefusalCounters refused_by;               // of those, by a limit of quota.h
  std::atomic<int64_t> unauthenticated{0};  // nobody knows who called
  std::atomic<int64_t> denied{0};           // known, and not allowed
};

// What every service needs, from the moment the listener starts. Services are
// registered before the data is loaded; the wrappers of rpc.h refuse calls with
// UNAVAILABLE, INDEX_LOADING or DRAINING, unless the state is kServing, so that
// handlers may use engine() without asking.
struct Runtime {
  Runtime(const Clock& clock_in, Logger& log_in, WorkerPool& workers_in,
          WorkerPool& ingest_workers_in, Admission& admission_in,
          StreamRegistry& streams_in);

  const Clock& clock;  // for "now" in what is decided and stored
  Logger& log;
  WorkerPool& workers;         // reads and small writes
  WorkerPool& ingest_workers;  // batches of syncs
  Admission& admission;
  StreamRegistry& streams;
  RpcCounters counters;
  PeerWatch peers;
  // What is counted; see server/metrics/metrics.h.
  Metrics& metrics() const { return *metrics_; }

  // OpenGate() unless another was set, which happens before the listener opens.
  // Borrowed.
  const Gate& gate() const { return *gate_; }
  void SetGate(const Gate& gate) { gate_ = &gate; }

  ServerState state() const { return state_.load(std::memory_order_acquire); }
  // Whether there is an engine; stays so while draining.
  bool loaded() const {
    return engine_.load(std::memory_order_acquire) != nullptr;
  }
  const Engine& engine() const {
    return *engine_.load(std::memory_order_acquire);
  }

  // Called by server.cc only, each once, in this order. What runs beside the
  // calls is started between the first two, so that whoever hears SERVING is
  // answered by all of it.
  void SetEngine(const Engine& engine) {
    engine_.store(&engine, std::memory_order_release);
  }
  void Serve() {
    state_.store(ServerState::kServing, std::memory_order_release);
  }
  void Drain() {
    state_.store(ServerState::kDraining, std::memory_order_release);
  }

 private:
  const Gate* gate_;
  const std::shared_ptr<Metrics> metrics_;
  std::atomic<ServerState> state_{ServerState::kLoading};
  std::atomic<const Engine*> engine_{nullptr};
};

// OK while serving; else UNAVAILABLE with INDEX_LOADING or DRAINING.
absl::Status CheckServing(ServerState state);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RUNTIME_H_
