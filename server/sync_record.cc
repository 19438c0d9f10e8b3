#include "server/sync_record.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "server/message_hash.h"

namespace gradmatch {

absl::Status SyncRecord::Begin(RequestLog& log, std::string_view method,
                               const Caller& caller,
                               const v1::SyncBegin& begin) {
  if (begin.request_id().empty()) return absl::OkStatus();
  if (!IsValidId(begin.request_id())) {
    FieldError error;
    error.field = "begin.request_id";
    error.value = begin.request_id();
    error.allowed = "1 至 64 个字符，限 A-Z a-z 0-9 . _ ~ -，例如 UUID";
    return InvalidField(kFieldInvalid, error);
  }
  id_ = {RequestScope(caller), std::string(method), begin.request_id()};
  hash_ = MessageHash(begin, {"request_id"});
  claim_ = log.TryClaim(id_);
  if (claim_ == nullptr) {
    return MakeError(absl::StatusCode::kAborted, kRequestIdReused,
                     "同一 request_id 的同步正在进行，请等它结束后重试",
                     {{"state", "RUNNING"}});
  }
  const auto seen = log.Lookup(id_, hash_);
  if (!seen.ok()) return seen.status();
  repeated_ = seen->outcome == RequestOutcome::kSame;
  if (seen->outcome != RequestOutcome::kConflict) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAborted, kRequestIdReused,
                   "request_id 已用于另一次同步（来源、模式或预告行数不同，7 "
                   "天内有效）；请换一个新的 request_id",
                   {{"state", "DONE"}});
}

absl::Status SyncRecord::Commit(RequestLog& log, Store& store,
                                const v1::SyncBegin& begin,
                                v1::SyncCommitted& counts) {
  AddSyncWarnings(begin, repeated_, counts);
  if (claim_ == nullptr || begin.validate_only()) return absl::OkStatus();
  WriteBatch batch;
  log.AddTo(batch, id_, hash_, counts.SerializeAsString());
  return store.Write(batch, Durability::kSynced);
}

}  // namespace gradmatch
