#include "index/vault/audit_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "index/vault/audit_store.h"
#include "index/vault/sodium.h"

namespace gradmatch {
namespace {

absl::Status Unavailable(const absl::Status& why) {
  return MakeError(
      absl::StatusCode::kUnavailable, kAuditUnavailable,
      absl::StrCat(
          "审计记录无法写入，操作未执行；请稍后重试，并请管理员检查磁盘"
          "与存储状态（",
          absl::StatusCodeToString(why.code()), "）"));
}

v1::AuditEntry EntryOf(const AuditEvent& event, const v1::AuditEntry& previous,
                       int64_t now_micros) {
  v1::AuditEntry entry;
  entry.set_sequence(previous.sequence() + 1);
  // Keys begin with the time: a clock that was set back must not put an entry
  // before one that is older.
  const int64_t micros = std::max(now_micros, MicrosOf(previous));
  entry.mutable_time()->set_seconds(micros / 1'000'000);
  entry.mutable_time()->set_nanos(static_cast<int32_t>(micros % 1'000'000) *
                                  1'000);
  entry.set_principal(event.principal);
  entry.set_role(event.role);
  entry.set_method(event.method);
  entry.set_resource(event.resource);
  entry.set_purpose(event.purpose);
  entry.set_result(event.result);
  entry.set_chain_hash(ChainHash(
      previous.sequence() == 0 ? FirstChainHash() : previous.chain_hash(),
      entry));
  return entry;
}

}  // namespace

std::string PersonInAudit(std::string_view pseudonym) {
  constexpr size_t kBytes = 16;
  const std::string hash =
      Sha256(absl::StrCat("gradmatch-audit-person/", A(pseudonym)));
  return absl::StrCat("pseudonyms/",
                      absl::BytesToHexString(hash.substr(0, kBytes)));
}

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(Store& store,
                                                         const Clock& clock) {
  std::unique_ptr<AuditLog> log(new AuditLog(store, clock));
  auto head = ReadAuditHead(store);
  if (!head.ok()) return head.status();
  MutexLock lock(log->mu_);
  log->head_ = *std::move(head);
  log->head_known_ = true;
  return log;
}

absl::Status AuditLog::Append(const AuditEvent& event) {
  return Append(std::span<const AuditEvent>(&event, 1));
}

absl::Status AuditLog::Append(std::span<const AuditEvent> events) {
  if (events.empty()) return absl::OkStatus();
  const absl::Status written =
      writes_.Commit(events, [this](std::span<const Events* const> group) {
        return WriteGroup(group);
      });
  if (written.ok()) return written;
  failures_ += static_cast<int64_t>(events.size());
  return absl::IsUnavailable(written) ? written : Unavailable(written);
}

absl::Status AuditLog::WriteGroup(std::span<const Events* const> group) {
  v1::AuditEntry last;
  bool known = false;
  {
    MutexLock lock(mu_);
    last = head_;
    // Until the write is through, whatever ends it.
    known = std::exchange(head_known_, false);
  }
  if (!known) {
    auto head = ReadAuditHead(store_);
    if (!head.ok()) return Unavailable(head.status());
    last = *std::move(head);
  }
  const int64_t now = absl::ToUnixMicros(clock_.Now());
  WriteBatch batch;
  for (const Events* events : group) {
    for (const AuditEvent& event : *events) {
      last = EntryOf(event, last, now);
      batch.Put(Family::kAudit, AuditKeyOf(last), last.SerializeAsString());
    }
  }
  batch.Put(Family::kMeta, AuditHeadKey(), last.SerializeAsString());
  const absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return Unavailable(written);
  MutexLock lock(mu_);
  head_known_ = true;
  head_ = std::move(last);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AuditLog::Cut(absl::Time before, size_t most,
                                      std::string_view principal,
                                      std::string_view role,
                                      std::string_view purpose) {
  const int64_t newest = head().sequence;
  const int64_t before_micros = absl::ToUnixMicros(before);
  WriteBatch batch;
  v1::AuditEntry last;
  const std::unique_ptr<Cursor> cursor = store_.Scan(Family::kAudit, {});
  for (; cursor->Valid() && batch.ops().size() < most; cursor->Next()) {
    v1::AuditEntry entry;
    if (!entry.ParseFromArray(cursor->value().data(),
                              static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError(
          "an audit entry is damaged, nothing was cut off; `gradmatch audit "
          "verify` tells which");
    }
    if (MicrosOf(entry) >= before_micros || entry.sequence() >= newest) break;
    batch.Delete(Family::kAudit, std::string(cursor->key()));
    last = std::move(entry);
  }
  if (!cursor->status().ok()) return cursor->status();
  if (batch.empty()) return 0;
  AuditEvent event;
  event.principal = principal;
  event.role = role;
  event.method = kAuditCutMethod;
  event.resource = FormatAnchor({last.sequence(), last.chain_hash()});
  event.purpose = purpose;
  event.result = absl::StrCat("REMOVED ", batch.ops().size());
  absl::Status told = Append(event);
  if (!told.ok()) return told;
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return static_cast<int64_t>(batch.ops().size());
}

AuditAnchor AuditLog::head() const {
  MutexLock lock(mu_);
  return {head_.sequence(), head_.chain_hash()};
}

}  // namespace gradmatch
