#include "index/erasure_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/byte_search.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

using Receipt = v1::ErasureReceipt;

constexpr size_t kDeletesPerBatch = 1000;
// An id shorter than this may stand in a file by accident.
constexpr size_t kTellingId = 16;
// No erasure's id begins with what ErasedKey begins with.
constexpr char kMarkPrefix[] = "h-";

constexpr char kLimits[] =
    "本凭证只及于本数据目录内的文件；清除之前所做的数据快照仍可能含有本人，件数"
    "与"
    "最迟删除时间见 data_snapshots 与 "
    "snapshots_expire_time；不含其他备份与副本、已"
    "交付给推送通道的内容、操作系统与固态硬盘可能保留的旧数据块；审计记录按法定"
    "期限保留，其中只有不能"
    "直接识别个人的假名";

std::string NameOf(const PendingErasure& erasure) {
  return absl::StrCat("graduates/", erasure.graduate_id);
}

// The bytes by which a graduate would be known in a file: the name as a field
// of a message (its length goes before it), as the beginning of a longer name
// and in JSON; the id itself, when it is long enough to tell; the pseudonym,
// also as it is printed.
void AddNeedles(const PendingErasure& erasure, size_t owner,
                ByteSearch& search) {
  const std::string name = NameOf(erasure);
  search.Add(std::string(1, static_cast<char>(name.size())) + name, owner);
  search.Add(name + "/", owner);
  search.Add(name + "\"", owner);
  if (erasure.graduate_id.size() >= kTellingId) {
    search.Add(erasure.graduate_id, owner);
  }
  const std::string hex(absl::BytesToHexString(erasure.graduate_key));
  search.Add(erasure.graduate_key, owner);
  search.Add(hex, owner);
  search.Add(absl::AsciiStrToUpper(hex), owner);
}

std::string EmbeddingPrefix(std::string_view graduate_key) {
  return EmbeddingKey(RecordKind::kGraduate, graduate_key, "");
}

}  // namespace

PendingErasure ErasureStore::Make(std::string_view erasure_id,
                                  std::string_view graduate_id,
                                  std::string_view purpose, bool purge_now,
                                  absl::Time now) const {
  PendingErasure erasure;
  erasure.id = erasure_id;
  erasure.graduate_id = graduate_id;
  erasure.graduate_key = GraduateKey(pseudonyms_.Of(graduate_id));
  Receipt& receipt = *erasure.stored.mutable_receipt();
  receipt.set_name(absl::StrCat("erasures/", A(erasure_id)));
  receipt.set_purpose(std::string(purpose));
  const int64_t micros = absl::ToUnixMicros(now);
  receipt.mutable_request_time()->set_seconds(micros / 1'000'000);
  receipt.mutable_request_time()->set_nanos(
      static_cast<int32_t>(micros % 1'000'000 * 1000));
  (*receipt.mutable_deleted())["graduate"] = 1;
  receipt.set_limits_zh(kLimits);
  erasure.stored.set_purge_now(purge_now);
  erasure.stored.set_masked_graduate(pseudonyms_.Mask(erasure_id, graduate_id));
  return erasure;
}

void ErasureStore::AddTo(WriteBatch& batch, const PendingErasure& erasure) {
  batch.Put(Family::kErasure, ErasureKey(erasure.id),
            erasure.stored.SerializeAsString());
}

absl::StatusOr<std::optional<v1::StoredErasure>> ErasureStore::Get(
    std::string_view erasure_id) const {
  if (erasure_id.starts_with(kMarkPrefix)) return std::nullopt;
  const auto bytes = store_.Get(Family::kErasure, ErasureKey(erasure_id));
  if (absl::IsNotFound(bytes.status())) return std::nullopt;
  if (!bytes.ok()) return bytes.status();
  v1::StoredErasure stored;
  if (!stored.ParseFromString(*bytes)) {
    return absl::DataLossError("a stored erasure does not parse");
  }
  return stored;
}

absl::StatusOr<std::vector<PendingErasure>> ErasureStore::Unfinished() const {
  std::vector<PendingErasure> unfinished;
  const auto cursor = store_.Scan(Family::kErasure, KeyRange{});
  for (; cursor->Valid(); cursor->Next()) {
    if (cursor->key().starts_with(kMarkPrefix)) continue;
    PendingErasure erasure;
    erasure.id = cursor->key();
    if (!erasure.stored.ParseFromString(std::string(cursor->value()))) {
      return absl::DataLossError("a stored erasure does not parse");
    }
    const std::string& masked = erasure.stored.masked_graduate();
    if (masked.empty() && !erasure.stored.residue()) continue;
    if (!masked.empty()) {
      erasure.graduate_id = pseudonyms_.Mask(erasure.id, masked);
      erasure.graduate_key = GraduateKey(pseudonyms_.Of(erasure.graduate_id));
    }
    unfinished.push_back(std::move(erasure));
  }
  if (!cursor->status().ok()) return cursor->status();
  return unfinished;
}

absl::StatusOr<ErasuresLeft> CountErasuresLeft(const Store& store) {
  ErasuresLeft left;
  const auto cursor = store.Scan(Family::kErasure, KeyRange{});
  for (; cursor->Valid(); cursor->Next()) {
    if (cursor->key().starts_with(kMarkPrefix)) continue;
    v1::StoredErasure stored;
    if (!stored.ParseFromArray(cursor->value().data(),
                               static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("a stored erasure does not parse");
    }
    if (stored.masked_graduate().empty() && !stored.residue()) continue;
    ++left.count;
    const google::protobuf::Timestamp& begun = stored.receipt().request_time();
    left.oldest = std::min(left.oldest, absl::FromUnixSeconds(begun.seconds()));
  }
  if (!cursor->status().ok()) return cursor->status();
  return left;
}

absl::StatusOr<bool> ErasureStore::IsKnown(
    std::string_view graduate_key) const {
  const auto record = store_.Get(Family::kGraduate, graduate_key);
  if (record.ok()) return true;
  if (!absl::IsNotFound(record.status())) return record.status();
  const auto told =
      store_.Scan(Family::kLedger, PrefixRange(LedgerPrefix(graduate_key)));
  if (!told->status().ok()) return told->status();
  return told->Valid();
}

absl::StatusOr<int64_t> ErasureStore::DeletePrefix(Family family,
                                                   const std::string& prefix) {
  int64_t deleted = 0;
  WriteBatch batch;
  const auto flush = [&]() -> absl::Status {
    if (batch.empty()) return absl::OkStatus();
    deleted += static_cast<int64_t>(batch.ops().size());
    absl::Status written = store_.Write(batch, Durability::kSynced);
    batch = {};
    return written;
  };
  const auto cursor = store_.Scan(family, PrefixRange(prefix));
  for (; cursor->Valid(); cursor->Next()) {
    batch.Delete(family, std::string(cursor->key()));
    if (batch.ops().size() < kDeletesPerBatch) continue;
    if (absl::Status s = flush(); !s.ok()) return s;
  }
  if (!cursor->status().ok()) return cursor->status();
  if (absl::Status s = flush(); !s.ok()) return s;
  return deleted;
}

absl::Status ErasureStore::DeleteOne(PendingErasure& erasure) {
  auto& deleted = *erasure.stored.mutable_receipt()->mutable_deleted();
  auto pushed = push_store_.EraseGraduate(erasure.graduate_key);
  if (!pushed.ok()) return pushed.status();
  deleted["ledger"] += pushed->ledger;
  deleted["push_item"] += pushed->items;
  const std::string own = LedgerPrefix(erasure.graduate_key);
  const struct {
    const char* kind;
    Family family;
    std::string prefix;
  } families[] = {
      {"embedding", Family::kEmbedding, EmbeddingPrefix(erasure.graduate_key)},
      {"sealed", Family::kSealed, erasure.graduate_key},
      {"feedback", Family::kFeedback, own},
      {"recommendation", Family::kHandRecommendation, own},
      {"uncovered", Family::kMeta, UncoveredKey(erasure.graduate_key)}};
  for (const auto& [kind, family, prefix] : families) {
    const auto count = DeletePrefix(family, prefix);
    if (!count.ok()) return count.status();
    deleted[kind] += *count;
  }
  return absl::OkStatus();
}

// An answer that is kept may hold several graduates' records; it goes as a
// whole, since all it is good for is to be given again.
absl::Status ErasureStore::DeleteAnswers(std::span<PendingErasure> erasures) {
  ByteSearch search;
  for (size_t i = 0; i < erasures.size(); ++i) {
    AddNeedles(erasures[i], i, search);
  }
  WriteBatch batch;
  const auto cursor = store_.Scan(Family::kRequest, KeyRange{});
  for (; cursor->Valid(); cursor->Next()) {
    std::set<size_t> owners;
    for (const std::string_view bytes : {cursor->key(), cursor->value()}) {
      search.Find(bytes, [&](size_t owner) { owners.insert(owner); });
    }
    for (size_t owner : owners) {
      auto& receipt = *erasures[owner].stored.mutable_receipt();
      ++(*receipt.mutable_deleted())["request"];
    }
    if (owners.empty()) continue;
    batch.Delete(Family::kRequest, std::string(cursor->key()));
    if (batch.ops().size() < kDeletesPerBatch) continue;
    absl::Status s = store_.Write(batch, Durability::kSynced);
    if (!s.ok()) return s;
    batch = {};
  }
  if (!cursor->status().ok()) return cursor->status();
  return batch.empty() ? absl::OkStatus()
                       : store_.Write(batch, Durability::kSynced);
}

absl::Status ErasureStore::Put(std::span<const PendingErasure> erasures) {
  WriteBatch batch;
  for (const PendingErasure& erasure : erasures) AddTo(batch, erasure);
  return store_.Write(batch, Durability::kSynced);
}

absl::Status ErasureStore::DeleteRecords(std::span<PendingErasure> erasures) {
  std::vector<std::string> keys;
  for (PendingErasure& erasure : erasures) {
    keys.push_back(erasure.graduate_key);
    if (absl::Status s = DeleteOne(erasure); !s.ok()) return s;
    erasure.stored.mutable_receipt()->set_state(Receipt::STATE_DELETED);
  }
  if (absl::Status s = DeleteAnswers(erasures); !s.ok()) return s;
  if (absl::Status s = push_store_.EraseFromCheckpoints(keys); !s.ok()) {
    return s;
  }
  return Put(erasures);
}

absl::StatusOr<FileSearch> ErasureStore::PurgeFiles(
    std::span<const PendingErasure> erasures) {
  // Items, answers and runs are not found by graduate any more.
  std::vector<FamilyRange> ranges = {
      {Family::kPushItem, {}}, {Family::kPushRun, {}}, {Family::kRequest, {}}};
  ByteSearch search;
  for (size_t i = 0; i < erasures.size(); ++i) {
    const std::string& key = erasures[i].graduate_key;
    const KeyRange own = PrefixRange(LedgerPrefix(key));
    ranges.push_back({Family::kGraduate, SingleKey(key)});
    ranges.push_back({Family::kSealed, SingleKey(key)});
    ranges.push_back({Family::kEmbedding, PrefixRange(EmbeddingPrefix(key))});
    ranges.push_back({Family::kLedger, own});
    ranges.push_back({Family::kFeedback, own});
    ranges.push_back({Family::kHandRecommendation, own});
    ranges.push_back({Family::kMeta, SingleKey(UncoveredKey(key))});
    AddNeedles(erasures[i], i, search);
  }
  if (absl::Status s = store_.Purge(ranges); !s.ok()) return s;
  return store_.Search(search);
}

absl::Status ErasureStore::Conclude(std::span<PendingErasure> erasures,
                                    int64_t files, absl::Time now) {
  for (PendingErasure& erasure : erasures) {
    v1::StoredErasure& stored = erasure.stored;
    if (!stored.masked_graduate().empty()) {
      Receipt& receipt = *stored.mutable_receipt();
      receipt.set_state(Receipt::STATE_PURGED);
      receipt.set_files_searched(files);
      receipt.mutable_purge_time()->set_seconds(absl::ToUnixSeconds(now));
    }
    stored.clear_masked_graduate();
    stored.clear_error_message();
    stored.set_residue(true);
  }
  if (absl::Status s = Put(erasures); !s.ok()) return s;
  const FamilyRange all = {Family::kErasure, {}};
  if (absl::Status s = store_.Purge({&all, 1}); !s.ok()) return s;
  for (PendingErasure& erasure : erasures) erasure.stored.set_residue(false);
  return Put(erasures);
}

absl::Status ErasureStore::Fail(PendingErasure& erasure, std::string_view why) {
  erasure.stored.set_error_message(std::string(why));
  return Put({&erasure, 1});
}

}  // namespace gradmatch
