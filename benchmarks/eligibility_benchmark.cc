// Eligibility alone, without store, encoder or gRPC: postings of a feed of
// boards and of one of official positions are repeated under other ids and
// closing days to ROWS rows of one snapshot.
//
//   eligibility_benchmark BOARDS BOARDS_MAPPING POSITIONS POSITIONS_MAPPING
//   [ROWS]
//
// Times are of the thread's processor.
#include <time.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "benchmarks/latency.h"
#include "index/base/clock.h"
#include "index/segment.h"
#include "matcher/eligibility.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/profile_in_use.h"
#include "server/feed/feed_reader.h"
#include "server/feed/posting_mapping.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

constexpr size_t kDimension = 32;  // eligibility reads no embedding

absl::Duration ThreadTime() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return absl::DurationFromTimespec(t);
}

absl::Status ReadFeed(const std::string& file, const std::string& mapping_file,
                      absl::Time now, std::vector<v1::Posting>& postings) {
  const auto mapping = PostingMapping::Load(mapping_file);
  if (!mapping.ok()) return mapping.status();
  const auto reader = OpenFeed(file);
  if (!reader.ok()) return reader.status();
  FeedRow row;
  for (;;) {
    const auto more = (*reader)->Next(row);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    v1::Posting posting = mapping->Map(row).posting;
    posting.clear_expire_time();
    NormalizePosting(now, absl::Hours(24 * 90), posting);
    posting.set_name(
        absl::StrCat("sources/s/postings/", posting.source_posting_id()));
    postings.push_back(std::move(posting));
  }
}

std::shared_ptr<const Snapshot> MakeSnapshot(
    const std::vector<v1::Posting>& postings, size_t wanted, absl::Time now) {
  const IndexShape shape = {PostingSchema(), "none", kDimension};
  std::vector<AttributeRow> attributes;
  for (const v1::Posting& posting : postings) {
    attributes.push_back(PostingAttributes(posting, false));
  }
  std::mt19937 rng(1);
  Embedding one(kDimension);
  one[0] = 1;
  std::vector<SegmentRow> rows;
  for (size_t i = 0; i < wanted; ++i) {
    const size_t of = rng() % postings.size();
    AttributeRow row = attributes[of];
    row.sets[kCanonicalColumn] = {rng() | uint64_t{1} << 63};
    // Closing over the next 90 days, some past.
    row.scalars[kExpireColumn] = SchemaSecond(now) +
                                 static_cast<int32_t>(rng() % (95 * 86'400)) -
                                 5 * 86'400;
    rows.push_back(
        {absl::StrCat(postings[of].name(), "-", i), one, std::move(row)});
  }
  auto segment = Segment::Build(shape, std::move(rows));
  std::vector<SegmentView> views;
  views.push_back({segment.value(),
                   std::make_shared<const RowSet>(RowSet::All(wanted)), 0});
  return std::make_shared<const Snapshot>(1, shape, std::move(views));
}

// Synthetic graduates, half of them with statements for official posts.
std::vector<v1::Profile> Profiles(int64_t count) {
  const auto generator = SampleGenerator::Create(
      {.postings = 1,
       .graduates = count,
       .seed = 1,
       .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
  std::vector<v1::Profile> profiles;
  std::mt19937 rng(2);
  for (int64_t i = 0; i < count; ++i) {
    v1::Profile profile = ProfileInUse(generator.value()->Graduate(i));
    if (i % 2 == 0) {
      for (const char* code :
           {"cpc-member", "male", "legal-qualification", "full-time-graduate",
            "agrees-service-years", "accepts-tests", "grassroots-project"}) {
        auto& statement = *profile.mutable_declarations()->add_statements();
        statement.set_code(code);
        statement.set_holds(rng() % 2 == 0);
      }
    }
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

void MeasureBitmaps(const Snapshot& snapshot,
                    const std::vector<v1::Profile>& profiles, absl::Time now) {
  Latencies latencies;
  size_t found = 0;
  for (int round = 0; round < 2; ++round) {
    latencies = {};
    found = 0;
    for (const v1::Profile& profile : profiles) {
      const EligibilityQuery query = CompileEligibility(profile, now);
      const absl::Duration begin = ThreadTime();
      const EligibleRows rows = SelectEligible(snapshot, query);
      latencies.Add(ThreadTime() - begin);
      found += rows.eligible.Count() + rows.conditional.Count();
    }
  }
  std::cout << "bitmaps of a profile, " << snapshot.live_rows()
            << " rows: " << latencies.Summary() << "; "
            << found / profiles.size() << " rows pass\n";
}

void MeasurePairs(const std::vector<v1::Posting>& postings,
                  const std::vector<v1::Profile>& profiles, absl::Time now) {
  constexpr size_t kPairs = 400'000;
  std::mt19937 rng(3);
  std::vector<EligibilityQuery> queries;
  for (const v1::Profile& profile : profiles) {
    queries.push_back(CompileEligibility(profile, now));
  }
  size_t eligible = 0;
  const absl::Duration begin = ThreadTime();
  for (size_t i = 0; i < kPairs; ++i) {
    eligible += CheckEligibility(queries[i % queries.size()],
                                 postings[rng() % postings.size()])
                    .outcome() == v1::Eligibility::OUTCOME_ELIGIBLE;
  }
  const double seconds = absl::ToDoubleSeconds(ThreadTime() - begin);
  std::cout << absl::StrFormat(
      "CheckEligibility: %.0f pairs/s; %.1f %% eligible\n", kPairs / seconds,
      100.0 * static_cast<double>(eligible) / kPairs);
}

int Main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "eligibility_benchmark BOARDS BOARDS_MAPPING POSITIONS "
                 "POSITIONS_MAPPING [ROWS]\n";
    return 2;
  }
  const absl::Time now = absl::Now();
  std::vector<v1::Posting> boards;
  std::vector<v1::Posting> positions;
  for (const absl::Status& status :
       {ReadFeed(argv[1], argv[2], now, boards),
        ReadFeed(argv[3], argv[4], now, positions)}) {
    if (!status.ok()) {
      std::cerr << status << "\n";
      return 1;
    }
  }
  const std::vector<v1::Profile> profiles = Profiles(500);
  std::cout << "official positions: ";
  MeasurePairs(positions, profiles, now);
  std::cout << "postings of boards: ";
  MeasurePairs(boards, profiles, now);
  boards.insert(boards.end(), positions.begin(), positions.end());
  const size_t rows = argc > 5 ? std::strtoul(argv[5], nullptr, 10) : 1'000'000;
  MeasureBitmaps(*MakeSnapshot(boards, rows, now), profiles, now);
  return 0;
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) { return gradmatch::Main(argc, argv); }
