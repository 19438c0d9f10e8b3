#ifndef GRADMATCH_SERVER_RECORD_WRITER_H_
#define GRADMATCH_SERVER_RECORD_WRITER_H_

#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/field_mask.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "matcher/ingest/ingest.h"
#include "server/field_mask.h"
#include "server/idempotency.h"
#include "server/rpc.h"

namespace gradmatch {

// The writes of PostingService and GraduateService, which differ in the type
// only. `Kind` tells what a record is:
//
//   using Message, Op, Row;
//   static constexpr CollectionId kCollection;
//   StatusOr<Message> FromRecord(key, record) const;
//   Status Check(edit, merged) const;        // what may not change
//   Op Upsert(edit, merged, precondition) const;
//   Status NotFound(name) const;
//   StatusOr<vector<Row>> Ingest(span<const Op>, IngestOptions<Row>) const;

// At most so many changes in one batch.
inline constexpr int kMaxBatchRows = 500;
// The answer holds the records as they are then, so a batch of short changes to
// long records must be refused before it is written: an answer above the
// message limit would be lost after the write. Leaves room for what normalising
// adds.
inline constexpr size_t kMaxBatchAnswerBytes = 3 << 20;

// One record's change by mask, as a request asks for it; all borrowed.
template <typename Message>
struct RecordEdit {
  std::string name;
  std::string id;     // last part of the name
  std::string key;    // in the store
  std::string field;  // path of the record in the request: "posting"
  std::string mask_field;
  const Message* patch = nullptr;
  const google::protobuf::FieldMask* mask = nullptr;
  bool allow_missing = false;
};

absl::Status BatchTooLarge(std::string_view field, int rows);
absl::Status BatchAnswerTooLarge(size_t bytes);
absl::Status DuplicateInBatch(std::string_view field, std::string_view name);
absl::Status RequestIdInBatch(std::string_view field, std::string_view value);
absl::Status EtagMismatch(std::string_view name, std::string_view seen,
                          std::string_view current);

// One request of a batch has no request_id of its own.
template <typename UpdateRequest>
absl::Status CheckNoRequestId(const std::string& path,
                              const UpdateRequest& request) {
  if (request.request_id().empty()) return absl::OkStatus();
  return RequestIdInBatch(path + "request_id", request.request_id());
}

// Two edits of one record in one batch would hide each other.
template <typename Message>
absl::Status CheckDistinct(std::span<const RecordEdit<Message>> edits) {
  std::set<std::string> names;
  for (const RecordEdit<Message>& edit : edits) {
    if (!names.insert(edit.name).second) {
      return DuplicateInBatch(absl::StrCat(edit.field, ".name"), edit.name);
    }
  }
  return absl::OkStatus();
}

template <typename Kind>
class RecordWriter {
 public:
  using Message = typename Kind::Message;
  using Op = typename Kind::Op;
  using Row = typename Kind::Row;
  using Edit = RecordEdit<Message>;

  RecordWriter(const Catalog& catalog, const Kind& kind)
      : catalog_(catalog), kind_(kind) {}

  // Runs operations, all or none, and keeps the answer that `respond` makes of
  // the rows in the same write. Returns the rows, all of them taken.
  template <typename Respond>
  absl::StatusOr<std::vector<Row>> Run(std::span<const Op> ops,
                                       const AnswerLog& answers,
                                       Respond respond) const {
    IngestOptions<Row> options;
    options.atomic = true;
    options.return_records = true;
    if (answers.enabled()) {
      options.also = [&](std::span<const Row> rows) {
        WriteBatch batch;
        if (FirstError(rows, {}).ok()) answers.AddTo(batch, respond(rows));
        return batch;
      };
    }
    return kind_.Ingest(ops, options);
  }

  // Reads, merges by mask, writes; all or none. Somebody else's write between
  // the reading and the writing is noticed by etag and the edit made again,
  // unless the caller named the etag. `rpc` ends the repeats.
  template <typename Respond>
  absl::StatusOr<std::vector<Row>> Update(const RpcContext& rpc,
                                          std::span<const Edit> edits,
                                          const AnswerLog& answers,
                                          Respond respond) const {
    while (true) {
      absl::StatusOr<std::vector<Op>> ops = Merge(edits);
      if (!ops.ok()) return ops.status();
      absl::StatusOr<std::vector<Row>> rows = Run(*ops, answers, respond);
      if (!rows.ok()) return rows.status();
      const absl::Status error = FirstError(*rows, edits);
      if (error.ok()) return rows;
      if (!Overtaken(*rows, edits)) return error;
      absl::Status go_on = rpc.Check();
      if (!go_on.ok()) return go_on;
    }
  }

  // The first row that was not taken, as an error whose fields are those of the
  // request.
  static absl::Status FirstError(std::span<const Row> rows,
                                 std::span<const Edit> edits) {
    // In a batch that was refused, rows without a fault say so too: the one to
    // report is the one with errors.
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string prefix =
          i < edits.size() ? absl::StrCat(edits[i].field, ".") : "";
      absl::Status status = ToStatus(rows[i], prefix);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::vector<Op>> Merge(std::span<const Edit> edits) const {
    std::vector<std::string> keys;
    for (const Edit& edit : edits) keys.push_back(edit.key);
    absl::StatusOr<std::vector<std::optional<Record>>> records =
        catalog_.MultiGet(Kind::kCollection, keys);
    if (!records.ok()) return records.status();
    std::vector<Op> ops;
    size_t bytes = 0;
    for (size_t i = 0; i < edits.size(); ++i) {
      absl::StatusOr<Op> op = MergeOne(edits[i], (*records)[i], bytes);
      if (!op.ok()) return op.status();
      ops.push_back(*std::move(op));
    }
    if (bytes > kMaxBatchAnswerBytes) return BatchAnswerTooLarge(bytes);
    return ops;
  }

  // Adds the merged record's size to `bytes`.
  absl::StatusOr<Op> MergeOne(const Edit& edit,
                              const std::optional<Record>& record,
                              size_t& bytes) const {
    const bool exists = record.has_value() && record->head.exists;
    const std::string& etag = edit.patch->etag();
    if (!exists && (!edit.allow_missing || !etag.empty())) {
      return kind_.NotFound(edit.name);
    }
    Message merged;
    Precondition precondition;
    if (exists) {
      if (!etag.empty() && etag != record->head.etag) {
        return EtagMismatch(edit.name, etag, record->head.etag);
      }
      absl::StatusOr<Message> stored = kind_.FromRecord(edit.key, *record);
      if (!stored.ok()) return stored.status();
      merged = *std::move(stored);
      precondition.must_exist = true;
      precondition.etag = record->head.etag;
    } else {
      precondition.must_not_exist = true;
    }
    absl::Status masked =
        ApplyFieldMask(edit.mask_field, *edit.mask, *edit.patch, merged);
    if (!masked.ok()) return masked;
    merged.set_name(edit.name);
    merged.set_revision(edit.patch->revision());
    absl::Status checked = kind_.Check(edit, merged);
    if (!checked.ok()) return checked;
    bytes += merged.ByteSizeLong();
    return kind_.Upsert(edit, std::move(merged), std::move(precondition));
  }

  // Whether what stopped the batch is somebody else's write, and not an etag
  // that the caller named.
  static bool Overtaken(std::span<const Row> rows,
                        std::span<const Edit> edits) {
    bool overtaken = false;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].status != v1::SyncRowResult::STATUS_REJECTED) continue;
      const bool race = rows[i].code == absl::StatusCode::kAborted ||
                        rows[i].code == absl::StatusCode::kAlreadyExists ||
                        rows[i].code == absl::StatusCode::kNotFound;
      if (!race || !edits[i].patch->etag().empty()) return false;
      overtaken = true;
    }
    return overtaken;
  }

  const Catalog& catalog_;
  const Kind& kind_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RECORD_WRITER_H_
