#ifndef GRADMATCH_SERVER_GRADUATE_KIND_H_
#define GRADMATCH_SERVER_GRADUATE_KIND_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/graduate.pb.h"
#include "matcher/ingest/graduate_ingester.h"
#include "server/record_writer.h"
#include "server/runtime.h"

namespace gradmatch {

// What a graduate is to RecordWriter.
class GraduateKind {
 public:
  using Message = v1::Graduate;
  using Op = GraduateOp;
  using Row = GraduateRow;
  using Edit = RecordEdit<Message>;
  static constexpr CollectionId kCollection = CollectionId::kGraduates;

  // `engine` is borrowed.
  explicit GraduateKind(const Engine& engine) : engine_(engine) {}

  absl::StatusOr<Message> FromRecord(std::string_view,
                                     const Record& record) const {
    return GraduateFromRecord(record);
  }
  absl::Status Check(const Edit&, const Message&) const {
    return absl::OkStatus();
  }
  Op Upsert(const Edit&, Message merged, Precondition precondition) const {
    Op op;
    op.action = IngestAction::kUpsert;
    op.graduate = std::move(merged);
    op.precondition = std::move(precondition);
    op.keeps = Keeps::kDecided;
    return op;
  }
  absl::Status NotFound(std::string_view name) const;
  absl::StatusOr<std::vector<Row>> Ingest(
      std::span<const Op> ops, const GraduateIngestOptions& options) const {
    return engine_.graduates.Ingest(ops, options);
  }

 private:
  const Engine& engine_;
};

// The error names no graduate: the caller knows whom it asked for.
absl::Status GraduateNotFound();

// The stored graduate. NOT_FOUND also for a deleted one. `key`, if not null,
// gets the key in the store.
absl::StatusOr<v1::Graduate> ReadGraduate(const Engine& engine,
                                          std::string_view field,
                                          std::string_view name,
                                          std::string* key = nullptr);

// Answers from a stored graduate as it is when the answer is complete: `answer`
// is made again when the record changed meanwhile, so that nothing is sent that
// goes against what the graduate decided and was told is in force. `answer`
// fills its response from the start each time. `rpc` ends the repeats.
absl::Status AnswerFromCurrent(
    const Engine& engine, const RpcContext& rpc, std::string_view field,
    std::string_view name,
    const std::function<absl::Status(const v1::Graduate& graduate,
                                     const std::string& key)>& answer);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GRADUATE_KIND_H_
