#include "matcher/ingest/posting_ingester.h"

#include <unordered_set>
#include <utility>

#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/posting_batch.h"

namespace gradmatch {
namespace {

// Rejects the later ones of operations on one posting: an atomic call makes
// each change once.
bool RejectRepeats(std::span<const PostingOp> ops,
                   const std::function<std::string(const PostingOp&)>& id_of,
                   std::vector<PostingRow>& rows) {
  std::unordered_set<std::string> seen;
  bool repeats = false;
  for (size_t i = 0; i < ops.size(); ++i) {
    const std::string id = id_of(ops[i]);
    if (id.empty() || seen.insert(id).second) continue;
    repeats = true;
    rows[i].status = v1::SyncRowResult::STATUS_REJECTED;
    rows[i].code = absl::StatusCode::kInvalidArgument;
    rows[i].error = MakeRowError(kDuplicateId, "source_posting_id", id,
                                 "一批中每个岗位只出现一次");
    rows[i].errors = {rows[i].error};
  }
  return repeats;
}

}  // namespace

PostingIngester::PostingIngester(Catalog& catalog, const Store& store,
                                 const Encoder& encoder,
                                 const Screener& screener, const Clock& clock,
                                 PostingIngesterOptions options)
    : catalog_(catalog),
      encoder_(encoder),
      screener_(screener),
      clock_(clock),
      options_(options),
      groups_(store) {}

absl::StatusOr<std::vector<PostingRow>> PostingIngester::Ingest(
    const PostingSource& source, std::span<const PostingOp> ops,
    const PostingIngestOptions& options, const ParallelFor& parallel) {
  std::vector<PostingRow> rows(ops.size());
  if (options.atomic && RejectRepeats(ops, &Batch::IdOf, rows)) return rows;

  const Batch::Call call{source, options, parallel, clock_.Now()};
  size_t next = 0;
  do {
    // A wave ends before a posting comes a second time, so that the later
    // operation sees what the earlier one left.
    std::unordered_set<std::string> ids;
    std::vector<size_t> wave;
    for (; next < ops.size(); ++next) {
      const std::string id = Batch::IdOf(ops[next]);
      if (!id.empty() && !ids.insert(id).second) break;
      wave.push_back(next);
    }
    Batch batch(*this, call);
    const absl::Status status =
        batch.Run(ops, wave, /*last=*/next == ops.size(), rows);
    if (!status.ok()) return status;
  } while (next < ops.size());
  return rows;
}

}  // namespace gradmatch
