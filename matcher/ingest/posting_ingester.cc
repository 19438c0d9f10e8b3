#include "matcher/ingest/posting_ingester.h"

#include <utility>

#include "index/base/error_reasons.h"
#include "matcher/ingest/batch_steps.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/posting_batch.h"

namespace gradmatch {

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
  const Batch::Call call{source, options, parallel, clock_.Now()};
  return IngestInWaves(
      ops, options, &Batch::IdOf,
      [](const PostingOp& op) {
        return MakeRowError(kDuplicateId, "source_posting_id", Batch::IdOf(op),
                            "一批中每个岗位只出现一次");
      },
      [&](std::span<const size_t> wave, bool last,
          std::vector<PostingRow>& rows) {
        return Batch(*this, call).Run(ops, wave, last, rows);
      });
}

}  // namespace gradmatch
