// How fast postings are prepared, by step, on one core: real ones where a feed
// and its mapping are given.
//   ingest_benchmark FEED MAPPING
// Prints a line a step: rows, microseconds a row, rows a second. "catalog" is
// the whole of PostingIngester::Ingest into a store in memory, in batches of
// 256.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "index/base/clock.h"
#include "index/catalog.h"
#include "matcher/encoder_input.h"
#include "matcher/hash_encoder.h"
#include "matcher/ingest/catalog_loader.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/ingest/posting_content.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/ingest/validate_posting.h"
#include "matcher/posting_schema.h"
#include "server/feed/feed_reader.h"
#include "server/feed/posting_mapping.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

// In time of the processor, so that neighbours do not count.
void Time(const char* step, size_t rows, const std::function<void()>& body) {
  const std::clock_t begin = std::clock();
  body();
  const double seconds =
      static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("%-12s %8zu rows %8.2f us/row %10.0f rows/s\n", step, rows,
              1e6 * seconds / rows, rows / seconds);
}

int Run(const char* feed, const char* mapping_path) {
  const auto mapping = PostingMapping::Load(mapping_path);
  if (!mapping.ok()) {
    std::fprintf(stderr, "%s\n", mapping.status().ToString().c_str());
    return 1;
  }
  std::vector<FeedRow> rows;
  Time("read", 1, [&] {
    auto reader = OpenFeed(feed);
    FeedRow row;
    while (reader.ok() && *(*reader)->Next(row)) rows.push_back(row);
  });
  if (rows.empty()) {
    std::fprintf(stderr, "no rows in %s\n", feed);
    return 1;
  }
  const size_t n = rows.size();
  std::vector<v1::Posting> postings(n);
  Time("map", n, [&] {
    for (size_t i = 0; i < n; ++i) {
      postings[i] = mapping->Map(rows[i]).posting;
      postings[i].clear_expire_time();
    }
  });
  std::vector<PostingOp> ops(n);
  for (size_t i = 0; i < n; ++i) ops[i].posting = postings[i];

  uint64_t sum = 0;
  const SystemClock clock;
  const absl::Time now = clock.Now();
  const auto screener = MakeDefaultScreener();
  const auto encoder = *NewHashEncoder();
  Time("hash", n, [&] {
    for (v1::Posting& p : postings) {
      ClearOutputOnly(p);
      sum += HashContent(p, "");
    }
  });
  Time("validate", n, [&] {
    for (const v1::Posting& p : postings) sum += ValidatePosting(p).size();
  });
  Time("normalise", n, [&] {
    for (v1::Posting& p : postings) {
      NormalizePosting(now, absl::Hours(90 * 24), p);
    }
  });
  Time("screen", n, [&] {
    for (const v1::Posting& p : postings) sum += screener->Screen(p).size();
  });
  Time("fingerprint", n, [&] {
    for (const v1::Posting& p : postings) sum += DuplicateFingerprint(p);
  });
  Time("encode", n, [&] {
    std::vector<float> out(encoder->info().dimension);
    for (const v1::Posting& p : postings) {
      const EncoderText text(p);
      const EncoderInput input = text.input();
      sum += encoder->Encode({&input, 1}, Side::kPosting, out).ok();
    }
  });
  Time("attributes", n, [&] {
    for (const v1::Posting& p : postings) {
      sum += PostingAttributes(p, false).sets.size();
    }
  });
  InMemoryStore store;
  auto catalog = Catalog::Open(store, clock, MakeCatalogOptions(*encoder),
                               MakeCatalogLoader(*encoder));
  PostingIngester ingester(**catalog, store, *encoder, *screener, clock);
  const auto ingest = [&] {
    for (size_t begin = 0; begin < n; begin += 256) {
      const size_t size = std::min<size_t>(256, n - begin);
      const auto done =
          ingester.Ingest({"boards"}, std::span(ops).subspan(begin, size));
      sum += done.ok() ? done->size() : 0;
    }
  };
  Time("catalog", n, ingest);
  Time("unchanged", n, ingest);
  std::printf("(%lu)\n", static_cast<unsigned long>(sum));
  return 0;
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: ingest_benchmark FEED MAPPING\n");
    return 2;
  }
  return gradmatch::Run(argv[1], argv[2]);
}
