#ifndef GRADMATCH_MATCHER_INGEST_GRADUATE_INGESTER_H_
#define GRADMATCH_MATCHER_INGEST_GRADUATE_INGESTER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/catalog.h"
#include "index/pseudonym.h"
#include "matcher/encoder.h"
#include "matcher/ingest/decision_sink.h"
#include "matcher/ingest/ingest.h"
#include "matcher/ingest/keep_decisions.h"
#include "matcher/ingest/key_locks.h"

namespace gradmatch {

// One operation on one graduate.
struct GraduateOp {
  // kClose means lifecycle PLACED: a destination was registered.
  IngestAction action = IngestAction::kUpsert;
  // kUpsert: with its name; an update mask is already merged. Output-only
  // fields are ignored.
  v1::Graduate graduate;
  std::string graduate_id;  // kClose, kDelete: the last part of the name
  int64_t revision = 0;     // of kClose and kDelete; 0: the next one
  Precondition precondition;
  // kUpsert: with kNothing, placement and lifecycle_before_freeze are stored as
  // they are here.
  Keeps keeps = Keeps::kUnstated;
};

using GraduateIngestOptions = IngestOptions<GraduateRow>;

// Validates, normalises and stores graduates. They are keyed by pseudonym and
// not searchable; the embedding of the profile is kept beside the record
// (Family::kEmbedding, under the encoder's id), so that push need not encode
// again. Neither errors nor issues ever quote the text of a profile. Whatever
// the operation, an id that was erased is rejected with GRADUATE_ERASED. All
// methods may run concurrently.
class GraduateIngester {
 public:
  // All are borrowed and outlive this.
  GraduateIngester(Catalog& catalog, const Store& store, const Encoder& encoder,
                   const Pseudonymizer& pseudonymizer);

  // Hears of every change of what people decide. Set before the first write, if
  // at all; borrowed.
  void SetDecisionSink(DecisionSink& sink) { sink_ = &sink; }

  // As PostingIngester::Ingest. An error of the sink is returned after the rows
  // were stored; whoever repeats them is answered.
  absl::StatusOr<std::vector<GraduateRow>> Ingest(
      std::span<const GraduateOp> ops,
      const GraduateIngestOptions& options = {},
      const ParallelFor& parallel = {});

  // Takes a graduate's record away without a tombstone, together with `also` in
  // one batch; from then on the id is one that was erased. Operations on the
  // same graduate that are under way come before or after it as a whole.
  // FailedPrecondition, GRADUATE_ERASED, when it was erased before.
  absl::Status Erase(std::string_view graduate_id, WriteBatch also);
  absl::StatusOr<bool> WasErased(std::string_view graduate_id) const;

 private:
  class Batch;

  Catalog& catalog_;
  const Store& store_;
  const Encoder& encoder_;
  const Pseudonymizer& pseudonymizer_;
  DecisionSink* sink_ = nullptr;
  KeyLocks record_locks_;
};

// FailedPrecondition, GRADUATE_ERASED.
absl::Status GraduateWasErased();

// The graduate as callers see it: etag, revision and times set from the head.
// DataLoss if the payload does not parse; lifecycle ERASED for a tombstone.
absl::StatusOr<v1::Graduate> GraduateFromRecord(const Record& record);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_GRADUATE_INGESTER_H_
