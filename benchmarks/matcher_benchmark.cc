// The matcher alone, without gRPC: a feed is ingested into a fresh folder, then
// the same graduates are matched again and again on one thread.
//
//   matcher_benchmark FEED MAPPING FOLDER [ROWS] [GRADUATES]
//
// ROWS: the feed is repeated under other ids until there are so many. Times are
// of the processor, reported beside what was found, since speed without an
// answer is worth nothing.
#include <time.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "benchmarks/bench_world.h"
#include "benchmarks/latency.h"
#include "benchmarks/real_postings.h"
#include "index/base/strings.h"
#include "matcher/encoder_input.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/matcher.h"
#include "matcher/screening/screener.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

absl::Status Fill(const std::string& feed, const std::string& mapping,
                  size_t wanted, BenchWorld& world) {
  const auto rows = ReadPostings(feed, mapping);
  if (!rows.ok()) return rows.status();
  const std::unique_ptr<Screener> screener = MakeDefaultScreener();
  PostingIngester ingester(*world.catalog, *world.store, *world.encoder,
                           *screener, world.clock);
  std::vector<PostingOp> ops;
  for (size_t i = 0; i < wanted; ++i) {
    PostingOp& op = ops.emplace_back();
    op.posting = (*rows)[i % rows->size()].upsert();
    if (i >= rows->size()) {
      absl::StrAppend(op.posting.mutable_source_posting_id(), "-",
                      i / rows->size());
      op.posting.mutable_employer()->mutable_name()->append("分公司");
    }
    if (ops.size() < 1024 && i + 1 < wanted) continue;
    const auto done = ingester.Ingest({"boards", false}, ops);
    if (!done.ok()) return done.status();
    ops.clear();
  }
  return absl::OkStatus();
}

std::vector<v1::Graduate> Graduates(int64_t count) {
  const auto generator = SampleGenerator::Create(
      {.postings = 1,
       .graduates = count,
       .seed = 1,
       .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
  std::vector<v1::Graduate> graduates;
  for (int64_t i = 0; i < count; ++i) {
    v1::Graduate graduate = generator.value()->Graduate(i);
    if (CheckServed(graduate).ok() && IsPersonalised(graduate)) {
      graduates.push_back(std::move(graduate));
    }
  }
  return graduates;
}

// Time on a processor: what a call costs, whoever else is at work.
absl::Duration ThreadTime() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return absl::DurationFromTimespec(t);
}

template <typename F>
void Measure(std::string_view what, const std::vector<v1::Graduate>& graduates,
             F run) {
  Latencies latencies;
  absl::Duration total;
  double found = 0;
  for (const v1::Graduate& graduate : graduates) run(graduate);  // warm
  for (const v1::Graduate& graduate : graduates) {
    const absl::Duration begin = ThreadTime();
    found += run(graduate);
    const absl::Duration took = ThreadTime() - begin;
    latencies.Add(took);
    total += took;
  }
  const double count = static_cast<double>(graduates.size());
  std::cout << absl::StrFormat(
      "%-15s %s; %.0f/s; %.1f found\n", A(what), latencies.Summary(),
      count / absl::ToDoubleSeconds(total), found / count);
}

void MeasureAll(const BenchWorld& world,
                const std::vector<v1::Graduate>& graduates) {
  const absl::Time now = absl::Now();
  const auto snapshot = world.catalog->CurrentSnapshot();
  const Matcher matcher(*world.catalog, *world.encoder);
  std::cout << "postings " << snapshot->live_rows() << ", segments "
            << snapshot->segments().size() << ", graduates " << graduates.size()
            << "\n";
  Measure("compile", graduates, [&](const v1::Graduate& g) {
    return static_cast<double>(
        CompileProfile(g.profile(), {}, now).features.majors.size());
  });
  Measure("eligibility", graduates, [&](const v1::Graduate& g) {
    const EligibleRows rows =
        SelectEligible(*snapshot, CompileEligibility(g.profile(), now));
    return static_cast<double>(rows.eligible.Count() +
                               rows.conditional.Count());
  });
  for (size_t max : {100u, 1000u}) {
    Measure(absl::StrCat("rank ", max), graduates, [&](const v1::Graduate& g) {
      const auto embedding = EncodeProfile(*world.encoder, g.profile());
      const auto list = RankCandidates(
          *snapshot, CompileProfile(g.profile(), *embedding, now),
          {.max_rows = max});
      return static_cast<double>(list->rows.size());
    });
  }
  Measure("match, page 10", graduates, [&](const v1::Graduate& g) {
    return static_cast<double>(matcher.Match(g, {}, now)->matches.size());
  });
}

int Main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "matcher_benchmark FEED MAPPING FOLDER [ROWS] [GRADUATES]\n";
    return 2;
  }
  BenchWorld world;
  absl::Status status = OpenBenchWorld(argv[3], world);
  const size_t rows = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 47'289;
  if (status.ok() && world.catalog->CurrentSnapshot()->live_rows() == 0) {
    status = Fill(argv[1], argv[2], rows, world);
  }
  if (!status.ok()) {
    std::cerr << status << "\n";
    return 1;
  }
  MeasureAll(world,
             Graduates(argc > 5 ? std::strtol(argv[5], nullptr, 10) : 500));
  return 0;
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) { return gradmatch::Main(argc, argv); }
