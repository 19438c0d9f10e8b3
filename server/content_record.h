#ifndef GRADMATCH_SERVER_CONTENT_RECORD_H_
#define GRADMATCH_SERVER_CONTENT_RECORD_H_

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/content.pb.h"
#include "matcher/ingest/content_ingester.h"
#include "server/record_writer.h"
#include "server/runtime.h"

namespace gradmatch {

absl::Status ContentNotFound(std::string_view name);

// What a piece of content is to RecordWriter.
class ContentRecordKind {
 public:
  using Message = v1::Content;
  using Op = ContentOp;
  using Row = ContentRow;
  using Edit = RecordEdit<Message>;
  static constexpr CollectionId kCollection = CollectionId::kContents;

  // `engine` is borrowed.
  explicit ContentRecordKind(const Engine& engine) : engine_(engine) {}

  absl::StatusOr<Message> FromRecord(std::string_view key,
                                     const Record& record) const {
    return ContentFromRecord(key, record);
  }
  absl::Status Check(const Edit&, const Message&) const {
    return absl::OkStatus();
  }
  Op Upsert(const Edit& edit, Message merged, Precondition precondition) const;
  absl::Status NotFound(std::string_view name) const {
    return ContentNotFound(name);
  }
  absl::StatusOr<std::vector<Row>> Ingest(
      std::span<const Op> ops, const ContentIngestOptions& options) const {
    return engine_.contents.Ingest(ops, options);
  }

 private:
  const Engine& engine_;
};

// The stored content. NOT_FOUND also for a deleted one.
absl::StatusOr<v1::Content> ReadContent(const Engine& engine,
                                        std::string_view field,
                                        std::string_view name);

// Whether any content names this source. Walks all content.
absl::StatusOr<bool> HasContentOf(const Engine& engine,
                                  const std::string& source_name);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CONTENT_RECORD_H_
