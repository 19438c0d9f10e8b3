// MatchContents without gRPC: the sample's content is ingested into a fresh
// folder, then graduates are matched on one thread. Times are of the processor.
//
//   content_benchmark FOLDER [CONTENTS] [GRADUATES]
#include <time.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "benchmarks/bench_world.h"
#include "benchmarks/latency.h"
#include "matcher/content_matcher.h"
#include "matcher/ingest/content_ingester.h"
#include "matcher/profile_in_use.h"
#include "matcher/screening/screener.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

absl::Duration ThreadTime() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return absl::DurationFromTimespec(t);
}

absl::Status Fill(const SampleGenerator& sample, BenchWorld& world) {
  const std::unique_ptr<Screener> screener = MakeDefaultScreener();
  ContentIngester ingester(
      *world.catalog, *world.encoder, *screener,
      [](std::string_view) -> std::optional<bool> { return false; },
      world.clock);
  std::vector<ContentOp> ops;
  const int64_t wanted = sample.options().contents;
  for (int64_t i = 0; i < wanted; ++i) {
    ops.emplace_back().content = sample.Content(i);
    if (ops.size() < 1024 && i + 1 < wanted) continue;
    const auto done = ingester.Ingest(ops);
    if (!done.ok()) return done.status();
    ops.clear();
  }
  return absl::OkStatus();
}

void Measure(const SampleGenerator& sample, const BenchWorld& world) {
  const ContentMatcher matcher(*world.catalog, *world.encoder);
  const absl::Time now = absl::Now();
  Latencies latencies;
  double found = 0;
  for (int round : {0, 1}) {  // the first one warms
    for (int64_t i = 0; i < sample.options().graduates; ++i) {
      const v1::Graduate graduate = sample.Graduate(i);
      if (!CheckServed(graduate).ok() || !IsPersonalised(graduate)) continue;
      const absl::Duration begin = ThreadTime();
      const auto answer = matcher.Match(graduate, {}, now);
      if (round == 0) continue;
      latencies.Add(ThreadTime() - begin);
      found += static_cast<double>(answer->matches.size());
    }
  }
  const auto snapshot = world.catalog->CurrentSnapshot(CollectionId::kContents);
  std::cout << absl::StrFormat(
      "contents %d (%.1f MB), match page 10: %s; %.1f found\n",
      snapshot->live_rows(), snapshot->MemoryBytes() / 1e6, latencies.Summary(),
      found / static_cast<double>(latencies.count()));
}

int Main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "content_benchmark FOLDER [CONTENTS] [GRADUATES]\n";
    return 2;
  }
  BenchWorld world;
  absl::Status status = OpenBenchWorld(argv[1], world);
  const auto sample = SampleGenerator::Create(
      {.postings = 1,
       .graduates = argc > 3 ? std::strtol(argv[3], nullptr, 10) : 500,
       .contents = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 100'000,
       .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
  if (status.ok()) status = sample.status();
  if (status.ok()) status = Fill(**sample, world);
  if (!status.ok()) {
    std::cerr << status << "\n";
    return 1;
  }
  Measure(**sample, world);
  return 0;
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) { return gradmatch::Main(argc, argv); }
