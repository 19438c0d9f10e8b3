#include "index/vault/sealed_store.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/big_endian.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

// Records a write while sealing anew; each is whole by itself.
constexpr size_t kResealBatch = 512;

absl::StatusOr<v1::StoredSealed> Parse(std::string_view bytes) {
  v1::StoredSealed sealed;
  if (sealed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return sealed;
  }
  return absl::DataLossError("a sealed record does not parse");
}

bool IsUnder(const v1::StoredSealed& sealed, std::string_view key_id) {
  for (const v1::StoredSealed::Value& value : sealed.values()) {
    if (value.key_id() != key_id) return false;
  }
  return sealed.values_size() > 0;
}

bool HasKeysOf(const v1::StoredSealed& sealed, const SealKeys& keys) {
  for (const v1::StoredSealed::Value& value : sealed.values()) {
    if (keys.Find(value.key_id()) == nullptr) return false;
  }
  return true;
}

void PutSealed(std::string_view pseudonym, const v1::StoredSealed& sealed,
               WriteBatch& batch) {
  batch.Put(Family::kSealed, GraduateKey(pseudonym),
            sealed.SerializeAsString());
}

}  // namespace

absl::Status SealedStore::CheckKeys() const {
  if (keys_.has_value()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, kSealKeyMissing,
      "服务未配置封存密钥，不能读写困难与残疾标记；请用 `gradmatch seal-key "
      "new` 生成密钥文件，并以 privacy.seal_key_file 指明后重启服务");
}

absl::StatusOr<SealedFlags> SealedStore::Merge(std::string_view pseudonym,
                                               const SealedFlags& flags) const {
  if (flags.hardship.has_value() && flags.disability.has_value()) return flags;
  const auto bytes = Read(GraduateKey(pseudonym));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return flags;
  const auto sealed = Parse(**bytes);
  if (!sealed.ok()) return sealed.status();
  auto merged = UnsealFlags(*sealed, pseudonym, *keys_);
  if (!merged.ok()) return merged.status();
  if (flags.hardship.has_value()) merged->hardship = flags.hardship;
  if (flags.disability.has_value()) merged->disability = flags.disability;
  return merged;
}

absl::StatusOr<std::optional<std::string>> SealedStore::Read(
    std::string_view key) const {
  auto bytes = store_.Get(Family::kSealed, key);
  if (absl::IsNotFound(bytes.status())) return std::nullopt;
  if (!bytes.ok()) return bytes.status();
  return *std::move(bytes);
}

absl::Status SealedStore::Put(std::string_view key,
                              const v1::StoredSealed* sealed) {
  MutexLock lock(mu_);
  WriteBatch batch;
  if (sealed == nullptr) {
    batch.Delete(Family::kSealed, std::string(key));
  } else {
    batch.Put(Family::kSealed, std::string(key), sealed->SerializeAsString());
  }
  return store_.Write(batch, Durability::kSynced);
}

absl::Status SealedStore::Update(std::string_view pseudonym,
                                 const SealedFlags& flags,
                                 const std::function<absl::Status()>& check,
                                 const WriteBatch& also) {
  absl::Status ready = CheckKeys();
  if (!ready.ok()) return ready;
  MutexLock lock(mu_);
  absl::Status allowed = check();
  if (!allowed.ok()) return allowed;
  const auto merged = Merge(pseudonym, flags);
  if (!merged.ok()) return merged.status();
  const v1::StoredSealed sealed = SealFlags(*merged, pseudonym, *keys_);
  WriteBatch batch;
  PutSealed(pseudonym, sealed, batch);
  batch.Append(also);
  const std::string key = GraduateKey(pseudonym);
  const absl::Status stored = WriteAndKeep(key, sealed, batch);
  // Whoever deletes the graduate deletes this too, in the same batch: if that
  // came before our write it is seen here, and if after, nothing is left.
  absl::Status still = check();
  if (!absl::IsNotFound(still)) return stored;
  absl::Status undone = Undo(batch, std::nullopt);
  if (undone.ok() && keep_) undone = keep_(key, nullptr);
  return undone.ok() ? still : undone;
}

absl::Status SealedStore::WriteAndKeep(std::string_view key,
                                       const v1::StoredSealed& sealed,
                                       const WriteBatch& batch) {
  const auto before = Read(key);
  if (!before.ok()) return before.status();
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok() || !keep_) return written;
  const absl::Status kept = keep_(key, &sealed);
  if (kept.ok()) return kept;
  written = Undo(batch, *before);
  return written.ok() ? kept : written;
}

absl::Status SealedStore::Undo(const WriteBatch& batch,
                               const std::optional<std::string>& before) {
  WriteBatch undo;
  for (const WriteBatch::Op& op : batch.ops()) {
    if (op.family == Family::kSealed && before.has_value()) {
      undo.Put(op.family, op.key, *before);
    } else {
      undo.Delete(op.family, op.key);
    }
  }
  return store_.Write(undo, Durability::kSynced);
}

absl::Status SealedStore::Delete(std::string_view pseudonym,
                                 const WriteBatch& also) {
  MutexLock lock(mu_);
  const std::string key = GraduateKey(pseudonym);
  WriteBatch batch;
  batch.Delete(Family::kSealed, key);
  batch.Append(also);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok() || !keep_) return written;
  const absl::Status kept = keep_(key, nullptr);
  if (kept.ok()) return kept;
  // They stay away; the request is as if it had not come, to come again.
  written = Undo(also, std::nullopt);
  if (!written.ok()) return written;
  return MakeError(
      absl::StatusCode::kUnavailable, kRightsJournal,
      absl::StrCat("标记已删除，但没有记入权利日志（", kept.message(),
                   "）：若以较早的快照恢复，它会再次出现；请稍后再删除一次"));
}

absl::StatusOr<std::vector<SealedStore::Priority>> SealedStore::ReadPriorities(
    std::span<const std::string> pseudonyms, const AuditEvent& reading,
    AuditLog& audit) const {
  absl::Status ready = CheckKeys();
  if (!ready.ok()) return ready;
  const auto stored = store_.MultiGet(Family::kSealed, pseudonyms);
  if (!stored.ok()) return stored.status();
  std::vector<AuditEvent> events;
  for (size_t i = 0; i < pseudonyms.size(); ++i) {
    if (!(*stored)[i].has_value()) continue;
    events.push_back(reading);
    events.back().resource = PersonInAudit(pseudonyms[i]);
  }
  absl::Status kept = audit.Append(events);
  if (!kept.ok()) return kept;

  std::vector<Priority> priorities(pseudonyms.size(), Priority::kNo);
  for (size_t i = 0; i < pseudonyms.size(); ++i) {
    if (!(*stored)[i].has_value()) continue;
    const auto sealed = Parse(*(*stored)[i]);
    const auto flags = sealed.ok()
                           ? UnsealFlags(*sealed, pseudonyms[i], *keys_)
                           : absl::StatusOr<SealedFlags>(sealed.status());
    if (absl::IsFailedPrecondition(flags.status())) return flags.status();
    priorities[i] = !flags.ok()         ? Priority::kUnreadable
                    : flags->priority() ? Priority::kYes
                                        : Priority::kNo;
  }
  return priorities;
}

absl::StatusOr<std::vector<std::string>> SealedStore::KeyIds() const {
  std::set<std::string> ids;
  const auto cursor = store_.Scan(Family::kSealed, KeyRange{});
  for (; cursor->Valid(); cursor->Next()) {
    const auto sealed = Parse(cursor->value());
    if (!sealed.ok()) continue;  // told of by Reseal
    for (const auto& value : sealed->values()) ids.insert(value.key_id());
  }
  if (!cursor->status().ok()) return cursor->status();
  return std::vector<std::string>(ids.begin(), ids.end());
}

absl::StatusOr<SealedStore::ResealReport> SealedStore::Reseal(AuditLog& audit) {
  absl::Status ready = CheckKeys();
  if (!ready.ok()) return ready;
  MutexLock lock(mu_);
  ResealReport report;
  WriteBatch batch;
  bool told = false;
  const auto write = [&]() -> absl::Status {
    if (batch.empty()) return absl::OkStatus();
    report.resealed += static_cast<int64_t>(batch.ops().size());
    absl::Status written = store_.Write(batch, Durability::kSynced);
    batch = WriteBatch();
    return written;
  };
  const std::unique_ptr<Cursor> cursor = store_.Scan(Family::kSealed, {});
  for (; cursor->Valid(); cursor->Next()) {
    ++report.records;
    const auto sealed = Parse(cursor->value());
    if (sealed.ok() && IsUnder(*sealed, keys_->current_id())) continue;
    // Nothing will be done to it, so nothing is told of it, at every start.
    if (sealed.ok() && !HasKeysOf(*sealed, *keys_)) {
      ++report.unknown_key;
      continue;
    }
    if (!told) {
      told = true;
      absl::Status kept = audit.Append(
          {.principal = "server",
           .role = "key-rotation",
           .method = "SealedStore.Reseal",
           .resource = "sealed/-",
           .purpose = absl::StrCat("全部改用密钥 ", keys_->current_id()),
           .result = "ALLOWED"});
      if (!kept.ok()) return kept;
    }
    const auto flags = sealed.ok()
                           ? UnsealFlags(*sealed, cursor->key(), *keys_)
                           : absl::StatusOr<SealedFlags>(sealed.status());
    if (!flags.ok()) {
      ++report.unreadable;
      continue;
    }
    PutSealed(cursor->key(), SealFlags(*flags, cursor->key(), *keys_), batch);
    if (batch.ops().size() < kResealBatch) continue;
    if (absl::Status s = write(); !s.ok()) return s;
  }
  if (!cursor->status().ok()) return cursor->status();
  if (absl::Status s = write(); !s.ok()) return s;
  return report;
}

absl::StatusOr<uint64_t> SealedStore::RequestHash(
    std::string_view request_id, std::string_view bytes) const {
  absl::Status ready = CheckKeys();
  if (!ready.ok()) return ready;
  std::string text = "gradmatch-request-1";
  text.reserve(text.size() + 16 + request_id.size() + bytes.size());
  AppendBigEndian64(request_id.size(), text);
  text.append(request_id);
  AppendBigEndian64(bytes.size(), text);
  text.append(bytes);
  const std::string hash = KeyedHash(text, keys_->current());
  Wipe(text);
  return ReadBigEndian64(hash);
}

}  // namespace gradmatch
