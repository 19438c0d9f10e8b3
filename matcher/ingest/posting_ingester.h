#ifndef GRADMATCH_MATCHER_INGEST_POSTING_INGESTER_H_
#define GRADMATCH_MATCHER_INGEST_POSTING_INGESTER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/catalog.h"
#include "index/store.h"
#include "matcher/encoder.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/ingest/ingest.h"
#include "matcher/ingest/key_locks.h"
#include "matcher/screening/screener.h"

namespace gradmatch {

// One operation on one posting of a source.
struct PostingOp {
  IngestAction action = IngestAction::kUpsert;
  // kUpsert: the posting as its source gave it, an update mask already merged.
  // Output-only fields are ignored; a state of DRAFT or CLOSED is kept, any
  // other is decided here.
  v1::Posting posting;
  // The last part of the name. Empty: made from source_posting_id.
  std::string posting_id;
  // kClose, kDelete without a posting_id: the id as the source writes it.
  std::string source_posting_id;
  // Of kClose and kDelete; kUpsert takes posting.revision. 0: the next one.
  int64_t revision = 0;
  // The row verbatim, kept 90 days; empty: nothing is kept.
  std::string raw;
  // must_exist (update without allow_missing), must_not_exist (create), etag.
  Precondition precondition;
};

// The source whose postings these are. The caller has checked that it exists.
struct PostingSource {
  std::string id;
  bool sandbox = false;  // its postings are stored and shown to no graduate
};

using PostingIngestOptions = IngestOptions<PostingRow>;

struct PostingIngesterOptions {
  // Life of a posting that names no expiry, from its receipt.
  absl::Duration default_life = absl::Hours(90 * 24);
};

// Turns what a source says into stored, searchable postings:
//
//   validate -> normalise -> screen -> encode -> duplicate group -> Apply
//
// A row whose revision and content are those stored costs a hash and a look at
// the store. A bad row never fails its batch, unless `atomic`. Rows of one call
// take effect in order. All methods may run concurrently: calls on the same
// posting or the same duplicate group wait for each other, all others share
// the catalog's group commit. All writes of postings go through one ingester.
class PostingIngester {
 public:
  // All are borrowed and outlive this. `store` is the catalog's.
  PostingIngester(Catalog& catalog, const Store& store, const Encoder& encoder,
                  const Screener& screener, const Clock& clock,
                  PostingIngesterOptions options = {});

  // One row an operation, in order. An error only if the store fails: then
  // nothing of the call is acknowledged, and it may be repeated as a whole.
  absl::StatusOr<std::vector<PostingRow>> Ingest(
      const PostingSource& source, std::span<const PostingOp> ops,
      const PostingIngestOptions& options = {},
      const ParallelFor& parallel = {});

 private:
  class Batch;  // one call on its way

  Catalog& catalog_;
  const Encoder& encoder_;
  const Screener& screener_;
  const Clock& clock_;
  const PostingIngesterOptions options_;
  const DuplicateGroups groups_;

  // Taken in this order, each all at once: no deadlock.
  KeyLocks record_locks_;
  KeyLocks group_locks_;
};

// A posting read from the catalog as callers see it: name, etag, revision and
// times set from the record's head. DataLoss if the payload does not parse;
// state DELETED for a tombstone.
absl::StatusOr<v1::Posting> PostingFromRecord(std::string_view key,
                                              const Record& record);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_POSTING_INGESTER_H_
