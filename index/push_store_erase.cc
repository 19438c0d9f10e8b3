// PushStore: how a graduate is taken out of it.
#include <optional>
#include <utility>

#include "index/keys.h"
#include "index/push_store.h"

namespace gradmatch {
namespace {

constexpr size_t kRunsPerRead = 100;

bool IsAtEnd(v1::PushRun::State state) {
  return state == v1::PushRun::STATE_READY ||
         state == v1::PushRun::STATE_CANCELLED ||
         state == v1::PushRun::STATE_FAILED;
}

// What may stay of an item whose graduate was erased.
v1::PushItem Anonymous(const v1::PushItem& item) {
  v1::PushItem left;
  left.set_name(item.name());
  left.set_posting(item.posting());
  left.set_rank(item.rank());
  left.set_state(item.state());
  *left.mutable_create_time() = item.create_time();
  if (item.state() == v1::PushItem::STATE_INTENT) {
    left.set_state(v1::PushItem::STATE_SUPPRESSED);
  }
  left.set_state_reason("ERASED 信息已删除");
  return left;
}

std::string IdOf(const v1::StoredPushRun& run) {
  const std::string& name = run.run().name();
  return name.substr(name.rfind('/') + 1);
}

}  // namespace

absl::StatusOr<PushStore::Erased> PushStore::EraseGraduate(
    std::string_view graduate_key) {
  MutexLock lock(mu_);
  erased_.emplace(graduate_key);
  absl::StatusOr<std::vector<LedgerLine>> ledger = Ledger(graduate_key);
  if (!ledger.ok()) return ledger.status();
  Erased erased;
  WriteBatch batch;
  for (const LedgerLine& line : *ledger) {
    ++erased.ledger;
    batch.Delete(Family::kLedger, LedgerKey(graduate_key, line.canonical_key));
    std::string item_key =
        PushItemKey(line.entry.push_run(), line.entry.item());
    absl::StatusOr<std::string> bytes = store_.Get(Family::kPushItem, item_key);
    if (absl::IsNotFound(bytes.status())) continue;
    if (!bytes.ok()) return bytes.status();
    v1::PushItem item;
    if (!item.ParseFromString(*bytes)) {
      return absl::DataLossError("a stored push item does not parse");
    }
    ++erased.items;
    batch.Put(Family::kPushItem, std::move(item_key),
              Anonymous(item).SerializeAsString());
  }
  if (batch.empty()) return erased;
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return erased;
}

absl::Status PushStore::EraseFromCheckpoints(
    std::span<const std::string> graduate_keys) {
  const std::set<std::string, std::less<>> keys(graduate_keys.begin(),
                                                graduate_keys.end());
  std::string after;
  while (true) {
    auto runs = ListRuns(after, kRunsPerRead);
    if (!runs.ok()) return runs.status();
    for (const v1::StoredPushRun& seen : *runs) {
      after = IdOf(seen);
      if (!keys.contains(seen.checkpoint().last_graduate())) continue;
      auto changed = ChangeRun(after, [&](v1::StoredPushRun& run) {
        v1::PushRunCheckpoint& checkpoint = *run.mutable_checkpoint();
        // Looked at again under the lock: it may have gone on.
        if (!keys.contains(checkpoint.last_graduate())) return;
        if (IsAtEnd(run.run().state())) return checkpoint.clear_last_graduate();
        checkpoint.mutable_last_graduate()->resize(kPseudonymBytes / 2);
      });
      if (!changed.ok()) return changed.status();
    }
    if (runs->size() < kRunsPerRead) return absl::OkStatus();
  }
}

absl::Status PushStore::Remove(const WriteBatch& batch) {
  MutexLock lock(mu_);
  return store_.Write(batch, Durability::kBuffered);
}

}  // namespace gradmatch
