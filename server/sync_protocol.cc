#include "server/sync_protocol.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/ingest/field_checks.h"

namespace gradmatch {
namespace {

absl::Status BadOrder(std::string_view seen, std::string_view wanted) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, kSyncOrder,
      absl::StrCat("同步流的消息顺序不对：收到 ", A(seen), "，应为 ", A(wanted),
                   "；顺序为 begin、若干 row、commit"),
      {{"value", std::string(seen)}, {"allowed", std::string(wanted)}});
}

std::string_view NameOf(SyncMessage message) {
  switch (message) {
    case SyncMessage::kBegin:
      return "begin";
    case SyncMessage::kRow:
      return "row";
    case SyncMessage::kCommit:
      return "commit";
    case SyncMessage::kNone:
      break;
  }
  return "空消息";
}

v1::Issue Warning(std::string_view code, std::string_view field,
                  const std::string& value, std::string_view message) {
  return MakeIssue(code, field, value, message);
}

}  // namespace

absl::Status SyncOrder::Accept(SyncMessage message) {
  const bool begins = message == SyncMessage::kBegin;
  if (message == SyncMessage::kNone || committed_ || begins == begun_) {
    return BadOrder(NameOf(message), committed_ ? "流的结束"
                                     : begun_   ? "row 或 commit"
                                                : "begin");
  }
  begun_ = true;
  committed_ = message == SyncMessage::kCommit;
  return absl::OkStatus();
}

absl::Status SyncOrder::Close() const {
  if (committed_) return absl::OkStatus();
  return BadOrder("流的结束（或无法解析的消息：须为 protobuf，文字须为 UTF-8）",
                  begun_ ? "row 或 commit" : "begin");
}

absl::Status CheckSyncBegin(const v1::SyncBegin& begin) {
  if (begin.expected_count() < 0) {
    return InvalidField(kFieldOutOfRange, {"begin.expected_count",
                                           absl::StrCat(begin.expected_count()),
                                           "不小于 0 的整数；0 表示未知", "0"});
  }
  switch (begin.mode()) {
    case v1::SYNC_MODE_INCREMENTAL:
      return absl::OkStatus();
    case v1::SYNC_MODE_FULL:
      return MakeError(
          absl::StatusCode::kFailedPrecondition, kSyncModeUnsupported,
          "暂不支持全量同步 SYNC_MODE_FULL；请使用 "
          "SYNC_MODE_INCREMENTAL，并用 close 关闭已下线的职位",
          {{"value", "SYNC_MODE_FULL"}, {"allowed", "SYNC_MODE_INCREMENTAL"}});
    default:
      break;
  }
  FieldError error;
  error.field = "begin.mode";
  error.value = absl::StrCat(begin.mode());
  error.allowed = "SYNC_MODE_INCREMENTAL (1)";
  error.nearest = "SYNC_MODE_INCREMENTAL";
  return InvalidField(
      begin.mode() == v1::SYNC_MODE_UNSPECIFIED ? kFieldMissing : kFieldInvalid,
      error);
}

std::optional<v1::RowError> CheckRowSize(size_t bytes,
                                         const SyncLimits& limits) {
  if (bytes <= limits.max_row_bytes) return std::nullopt;
  return MakeRowError(kFieldTooLong, "row", absl::StrCat(bytes, " 字节"),
                      absl::StrCat("每行至多 ", limits.max_row_bytes, " 字节"));
}

v1::RowError MissingOperation(std::string_view allowed) {
  return MakeRowError(kFieldMissing, "operation", "", allowed);
}

void CountResults(std::span<const v1::SyncRowResult> results,
                  v1::SyncCommitted& counts) {
  counts.set_received(counts.received() + static_cast<int64_t>(results.size()));
  for (const v1::SyncRowResult& result : results) {
    switch (result.status()) {
      case v1::SyncRowResult::STATUS_CREATED:
        counts.set_created(counts.created() + 1);
        break;
      case v1::SyncRowResult::STATUS_UPDATED:
        counts.set_updated(counts.updated() + 1);
        break;
      case v1::SyncRowResult::STATUS_UNCHANGED:
        counts.set_unchanged(counts.unchanged() + 1);
        break;
      case v1::SyncRowResult::STATUS_STALE:
        counts.set_stale(counts.stale() + 1);
        break;
      case v1::SyncRowResult::STATUS_CLOSED:
        counts.set_closed(counts.closed() + 1);
        break;
      case v1::SyncRowResult::STATUS_QUARANTINED:
        counts.set_quarantined(counts.quarantined() + 1);
        break;
      default:
        counts.set_rejected(counts.rejected() + 1);
        break;
    }
  }
}

void AddSyncWarnings(const v1::SyncBegin& begin, bool repeated,
                     v1::SyncCommitted& counts) {
  if (begin.expected_count() > 0 &&
      begin.expected_count() != counts.received()) {
    *counts.add_warnings() =
        Warning("COUNT_MISMATCH", "begin.expected_count",
                absl::StrCat(begin.expected_count()),
                absl::StrCat("预告 ", begin.expected_count(), " 行，实收 ",
                             counts.received(), " 行；请核对是否漏发"));
  }
  if (repeated) {
    *counts.add_warnings() = Warning(
        "SYNC_REPEATED", "begin.request_id", begin.request_id(),
        "同一 request_id 的同步在 7 天内已提交过；重发的行按版本号和内容"
        "判断，未重复写入");
  }
}

absl::Status SyncIdle() {
  return MakeError(absl::StatusCode::kDeadlineExceeded, kDeadlinePassed,
                   "同步流长时间没有消息，已结束；已确认的行有效，请重新发起并"
                   "补发未确认的行");
}

}  // namespace gradmatch
