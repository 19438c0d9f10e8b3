#ifndef GRADMATCH_MATCHER_INGEST_CONTENT_INGESTER_H_
#define GRADMATCH_MATCHER_INGEST_CONTENT_INGESTER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gradmatch/v1/content.pb.h"
#include "index/base/clock.h"
#include "index/catalog.h"
#include "matcher/encoder.h"
#include "matcher/ingest/content_references.h"
#include "matcher/ingest/ingest.h"
#include "matcher/ingest/key_locks.h"
#include "matcher/screening/screener.h"

namespace gradmatch {

// One operation on one piece of content.
struct ContentOp {
  IngestAction action = IngestAction::kUpsert;  // or kDelete
  // kUpsert: with its name; an update mask is already merged. Output-only
  // fields are ignored.
  v1::Content content;
  std::string content_id;  // kDelete: the last part of the name
  int64_t revision = 0;    // of kDelete; 0: the next one
  Precondition precondition;
  // sources/{source} that writes; content of another source is not its to
  // change. Empty: the platform, which may change all.
  std::string writer;
};

using ContentRow = IngestRow<v1::Content>;
using ContentIngestOptions = IngestOptions<ContentRow>;

inline absl::Status ToStatus(const ContentRow& row,
                             std::string_view prefix = "content.") {
  return RowStatus(row.status, row.code, row.name, row.errors, prefix);
}

// Validates, normalises, screens, encodes and stores content. Open content is
// searchable. Postings of an event that are not there are an issue, not an
// error: they may come later. All methods may run concurrently.
class ContentIngester {
 public:
  // All are borrowed and outlive this.
  ContentIngester(Catalog& catalog, const Encoder& encoder,
                  const Screener& screener, SourceLookup sources,
                  const Clock& clock);

  // As PostingIngester::Ingest.
  absl::StatusOr<std::vector<ContentRow>> Ingest(
      std::span<const ContentOp> ops, const ContentIngestOptions& options = {},
      const ParallelFor& parallel = {});

 private:
  class Batch;

  Catalog& catalog_;
  const Encoder& encoder_;
  const Screener& screener_;
  const SourceLookup sources_;
  const Clock& clock_;
  KeyLocks record_locks_;
};

// The content as callers see it: name, etag, revision and times set from key
// and head. DataLoss if the payload does not parse.
absl::StatusOr<v1::Content> ContentFromRecord(std::string_view key,
                                              const Record& record);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_CONTENT_INGESTER_H_
