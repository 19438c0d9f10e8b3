// One push run over a synthetic sample, stage by stage, without gRPC.
//
//   push_benchmark FOLDER [POSTINGS] [GRADUATES] [THREADS]
//
// FOLDER is made anew. For each stage: graduates, wall time, time on the
// processors, graduates a second of both; then what the run came to, and a
// second run that resumes nothing and meets the ledger of the first.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "benchmarks/bench_world.h"
#include "index/pseudonym.h"
#include "index/push_store.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/push/posting_pool.h"
#include "matcher/push/push_run.h"
#include "matcher/screening/screener.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

constexpr int64_t kBatch = 1024;

absl::Status FillPostings(const SampleGenerator& sample, BenchWorld& world) {
  const std::unique_ptr<Screener> screener = MakeDefaultScreener();
  PostingIngester ingester(*world.catalog, *world.store, *world.encoder,
                           *screener, world.clock);
  std::vector<std::vector<PostingOp>> by_source;
  const auto flush = [&](size_t source) -> absl::Status {
    const auto done =
        ingester.Ingest({absl::StrCat("s", source), false}, by_source[source]);
    by_source[source].clear();
    return done.status();
  };
  for (int64_t i = 0; i < sample.options().postings; ++i) {
    SamplePosting posting = sample.Posting(i);
    by_source.resize(std::max(by_source.size(), posting.source + 1));
    std::vector<PostingOp>& ops = by_source[posting.source];
    ops.emplace_back().posting = std::move(posting.posting);
    if (ops.size() < kBatch) continue;
    if (absl::Status s = flush(posting.source); !s.ok()) return s;
  }
  for (size_t source = 0; source < by_source.size(); ++source) {
    if (absl::Status s = flush(source); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status FillGraduates(const SampleGenerator& sample, BenchWorld& world) {
  const Pseudonymizer pseudonyms =
      Pseudonymizer::FromSecret(std::string(kSecretBytes, 's'));
  GraduateIngester ingester(*world.catalog, *world.store, *world.encoder,
                            pseudonyms);
  for (int64_t begin = 0; begin < sample.options().graduates; begin += kBatch) {
    std::vector<GraduateOp> ops;
    for (int64_t i = begin;
         i < std::min(begin + kBatch, sample.options().graduates); ++i) {
      ops.emplace_back().graduate = sample.Graduate(i);
    }
    const auto done = ingester.Ingest(ops);
    if (!done.ok()) return done.status();
  }
  return absl::OkStatus();
}

double ProcessorSeconds();

// The part of the first stage that grows with postings, not graduates.
absl::Status MeasurePool(const BenchWorld& world) {
  const PushStore push_store(*world.store);
  const auto snapshot = world.catalog->CurrentSnapshot();
  const double begin = ProcessorSeconds();
  const auto pool =
      PostingPool::Build(*snapshot, *world.store, push_store, 30, absl::Now());
  if (!pool.ok()) return pool.status();
  std::cout << absl::StrFormat(
      "  posting pool: %d groups of %d postings, %.2f s processor\n",
      pool->caps().size(), snapshot->live_rows(), ProcessorSeconds() - begin);
  return absl::OkStatus();
}

double ProcessorSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Looks at the clocks whenever the stage changes, every millisecond.
class StageTimes {
 public:
  explicit StageTimes(const PushProgress& progress)
      : progress_(progress), thread_([this] { Watch(); }) {}
  ~StageTimes() {
    stop_ = true;
    thread_.join();
    Look();
  }

 private:
  void Watch() {
    while (!stop_) {
      Look();
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  void Look() {
    const v1::PushRun::State stage = progress_.stage;
    if (stage == stage_) {
      done_ = std::max<int64_t>(done_, progress_.done);
      return;
    }
    const absl::Time now = absl::Now();
    const double processor = ProcessorSeconds();
    if (done_ > 0) {
      const double wall = absl::ToDoubleSeconds(now - began_);
      std::cout << absl::StrFormat(
          "  %-17s %8d graduates %8.2f s wall %8.2f s processor "
          "%9.0f/s wall %9.0f/s/core\n",
          v1::PushRun::State_Name(stage_), done_, wall, processor - processor_,
          static_cast<double>(done_) / wall,
          static_cast<double>(done_) / (processor - processor_));
    }
    stage_ = stage;
    began_ = now;
    processor_ = processor;
    done_ = 0;
  }

  const PushProgress& progress_;
  v1::PushRun::State stage_ = v1::PushRun::STATE_UNSPECIFIED;
  absl::Time began_;
  double processor_ = 0;
  int64_t done_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;  // last: it uses the others
};

absl::Status RunOnce(BenchWorld& world, const std::string& run_id,
                     int threads) {
  PushStore push_store(*world.store);
  v1::StoredPushRun stored;
  stored.mutable_run()->set_name("pushRuns/" + run_id);
  stored.mutable_run()->set_state(v1::PushRun::STATE_PENDING);
  stored.mutable_run()->mutable_plan()->set_include_conditional(true);
  auto created = push_store.CreateRun(run_id, stored, "push-" + run_id,
                                      v1::StoredOperation());
  if (!created.ok()) return created.status();

  const auto ranker = NewPushRanker(*world.encoder);
  const auto allocator = NewGreedyAllocator();
  const PushRunParts parts = {.store = world.store.get(),
                              .push_store = &push_store,
                              .catalog = world.catalog.get(),
                              .ranker = ranker.get(),
                              .allocator = allocator.get(),
                              .clock = &world.clock};
  PushProgress progress;
  absl::StatusOr<PushEnd> end = PushEnd::kStopped;
  {
    const StageTimes times(progress);
    end = ExecutePushRun(
        parts, {.threads = threads}, run_id, [] { return PushWord::kGoOn; },
        progress);
  }
  if (!end.ok()) return end.status();
  const auto ended = push_store.GetRun(run_id);
  std::cout << (*ended)->run().counts().DebugString() << "\n";
  return absl::OkStatus();
}

absl::Status Main(int argc, char** argv) {
  if (argc < 2) return absl::InvalidArgumentError("FOLDER is missing");
  const auto number = [&](int i, int64_t otherwise) {
    return argc > i ? std::atoll(argv[i]) : otherwise;
  };
  BenchWorld world;
  if (absl::Status s = OpenBenchWorld(argv[1], world); !s.ok()) return s;
  const auto sample = SampleGenerator::Create(
      {.postings = number(2, 2'000),
       .graduates = number(3, 5'000),
       .seed = 1,
       .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
  if (!sample.ok()) return sample.status();
  const absl::Time begin = absl::Now();
  if (absl::Status s = FillPostings(**sample, world); !s.ok()) return s;
  if (absl::Status s = FillGraduates(**sample, world); !s.ok()) return s;
  std::cout << absl::StrFormat("synthetic sample stored in %.1f s\n",
                               absl::ToDoubleSeconds(absl::Now() - begin));
  for (const char* run : {"first", "second"}) {
    std::cout << run << " run\n";
    absl::Status s = MeasurePool(world);
    if (!s.ok()) return s;
    s = RunOnce(world, run, static_cast<int>(number(4, 2)));
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  const absl::Status status = gradmatch::Main(argc, argv);
  if (status.ok()) return 0;
  std::cerr << "push_benchmark: " << status << "\n";
  return 1;
}
