#ifndef GRADMATCH_SERVER_POSTING_KIND_H_
#define GRADMATCH_SERVER_POSTING_KIND_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "matcher/ingest/posting_ingester.h"
#include "server/record_writer.h"
#include "server/runtime.h"

namespace gradmatch {

// What a posting is to RecordWriter: one source's, for one call.
class PostingKind {
 public:
  using Message = v1::Posting;
  using Op = PostingOp;
  using Row = PostingRow;
  using Edit = RecordEdit<Message>;
  static constexpr CollectionId kCollection = CollectionId::kPostings;

  // `engine` is borrowed.
  PostingKind(const Engine& engine, PostingSource source)
      : engine_(engine), source_(std::move(source)) {}

  absl::StatusOr<Message> FromRecord(std::string_view key,
                                     const Record& record) const {
    return PostingFromRecord(key, record);
  }
  absl::Status Check(const Edit& edit, const Message& merged) const;
  Op Upsert(const Edit& edit, Message merged, Precondition precondition) const;
  absl::Status NotFound(std::string_view name) const;
  absl::StatusOr<std::vector<Row>> Ingest(
      std::span<const Op> ops, const PostingIngestOptions& options) const;

 private:
  const Engine& engine_;
  const PostingSource source_;
};

absl::Status PostingNotFound(std::string_view name);

// The stored posting. NOT_FOUND also for a deleted one.
absl::StatusOr<v1::Posting> ReadPosting(const Engine& engine,
                                        std::string_view field,
                                        std::string_view name);

// Leaves out what is not the caller's: of which other source's posting this is
// a duplicate. Told to one source, it would be a way to ask what another has.
void HideOthers(const Caller& caller, v1::Posting& posting);

// Leaves out what `view` does not show.
void ApplyView(v1::PostingView view, v1::Posting& posting);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_POSTING_KIND_H_
