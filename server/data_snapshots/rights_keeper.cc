#include "server/data_snapshots/rights_keeper.h"

#include <algorithm>
#include <utility>

#include "index/base/strings.h"
#include "index/catalog.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/keep_decisions.h"
#include "server/identity/token_store.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr size_t kEntriesPerSync = 1'000;

v1::StoredRightsEntry EntryOf(KeptDecision decision) {
  v1::StoredRightsEntry entry;
  if (decision.deleted) {
    entry.set_deleted(std::move(decision.key));
  } else {
    *entry.mutable_decided() = std::move(decision.decisions);
  }
  return entry;
}

}  // namespace

uint64_t CurrentGeneration(const Catalog& catalog) {
  uint64_t newest = 0;
  for (const CollectionId id : kCollections) {
    newest =
        std::max<uint64_t>(newest, catalog.CurrentSnapshot(id)->generation());
  }
  return newest;
}

class RightsKeeper::PendingDecisions final : public DecisionSink::Pending {
 public:
  PendingDecisions(RightsKeeper& keeper, uint64_t since)
      : keeper_(keeper), since_(since) {}
  ~PendingDecisions() override {
    MutexLock lock(keeper_.mu_);
    keeper_.under_way_.erase(keeper_.under_way_.find(since_));
  }
  absl::Status Keep(std::vector<KeptDecision> decisions) override {
    return keeper_.Keep(std::move(decisions));
  }

 private:
  RightsKeeper& keeper_;
  const uint64_t since_;
};

absl::StatusOr<std::unique_ptr<RightsKeeper>> RightsKeeper::Open(
    const std::string& folder, const Clock& clock) {
  auto journal = RightsJournal::Open(folder, clock);
  if (!journal.ok()) return journal.status();
  return std::unique_ptr<RightsKeeper>(new RightsKeeper(*std::move(journal)));
}

uint64_t RightsKeeper::SettledGeneration() {
  const uint64_t now = CurrentGeneration(engine_->catalog);
  return under_way_.empty() ? now : std::min(now, *under_way_.begin());
}

absl::StatusOr<std::unique_ptr<DecisionSink::Pending>> RightsKeeper::Begin() {
  if (behind_) {
    if (absl::Status s = CatchUp(); !s.ok()) return s;
  }
  MutexLock lock(mu_);
  const uint64_t since = CurrentGeneration(engine_->catalog);
  under_way_.insert(since);
  return std::make_unique<PendingDecisions>(*this, since);
}

absl::Status RightsKeeper::Keep(std::vector<KeptDecision> decisions) {
  std::vector<v1::StoredRightsEntry> entries;
  {
    MutexLock lock(mu_);
    const uint64_t settled = SettledGeneration();
    for (KeptDecision& decision : decisions) {
      entries.push_back(EntryOf(std::move(decision)));
      entries.back().set_generation(settled);
    }
  }
  absl::Status kept = journal_->Append(std::move(entries));
  if (!kept.ok()) behind_ = true;
  return kept;
}

absl::Status RightsKeeper::KeepErasure(const PendingErasure& erasure) {
  v1::StoredRightsEntry entry;
  entry.mutable_erased()->set_id(erasure.id);
  *entry.mutable_erased()->mutable_erasure() = erasure.stored;
  return journal_->Append({std::move(entry)});
}

absl::Status RightsKeeper::KeepToken(const v1::StoredToken& token) {
  v1::StoredRightsEntry entry;
  *entry.mutable_token() = token;
  return journal_->Append({std::move(entry)});
}

absl::Status RightsKeeper::KeepSealed(std::string_view key,
                                      const v1::StoredSealed* sealed) {
  v1::StoredRightsEntry entry;
  entry.mutable_sealed()->set_key(std::string(key));
  if (sealed != nullptr) *entry.mutable_sealed()->mutable_values() = *sealed;
  return journal_->Append({std::move(entry)});
}

// They are few, so that each is looked at.
absl::Status RightsKeeper::CatchUpWithTokens() {
  std::vector<v1::StoredRightsEntry> entries;
  for (const v1::StoredToken& token : engine_->bearers.All()) {
    if (journal_->HasToken(token)) continue;
    entries.emplace_back();
    *entries.back().mutable_token() = token;
  }
  return journal_->Append(std::move(entries));
}

absl::Status RightsKeeper::CatchUp() {
  MutexLock one_at_a_time(catch_up_mu_);
  const uint64_t known = journal_->generation();
  uint64_t settled = 0;
  {
    MutexLock lock(mu_);
    settled = SettledGeneration();
  }
  std::vector<v1::StoredRightsEntry> entries;
  const auto cursor = engine_->store.Scan(Family::kGraduate, KeyRange{});
  for (; cursor->Valid(); cursor->Next()) {
    const auto record = ParseRecord(cursor->value());
    if (!record.ok()) return record.status();
    if (record->head.generation <= known) continue;
    KeptDecision decision{.key = std::string(cursor->key()),
                          .deleted = record->head.tombstone};
    if (!decision.deleted) {
      const auto graduate = GraduateFromRecord(*record);
      if (!graduate.ok()) return graduate.status();
      // In a new journal only what was decided; else also what was taken back.
      if (known == 0 && HasNoDecisions(*graduate)) continue;
      decision.decisions = DecisionsOf(*graduate);
    }
    entries.push_back(EntryOf(std::move(decision)));
    if (entries.size() < kEntriesPerSync) continue;
    absl::Status kept = journal_->Append(std::exchange(entries, {}));
    if (!kept.ok()) return kept;
  }
  if (!cursor->status().ok()) return cursor->status();
  v1::StoredRightsEntry end;
  end.set_caught_up(true);
  end.set_generation(settled);
  if (!entries.empty() || settled > known) entries.push_back(std::move(end));
  absl::Status kept = journal_->Append(std::move(entries));
  if (kept.ok()) behind_ = false;
  return kept;
}

absl::Status RightsKeeper::Restored(std::string_view snapshot_id) {
  std::vector<v1::StoredRightsEntry> entries(2);
  entries[0].set_restored(std::string(snapshot_id));
  // All that is in the folder was in the snapshot or in the journal.
  entries[1].set_caught_up(true);
  entries[1].set_generation(CurrentGeneration(engine_->catalog));
  return journal_->Append(std::move(entries));
}

absl::Status RightsKeeper::Forget(std::span<const PendingErasure> erased,
                                  absl::Time oldest) {
  std::set<std::string> gone;
  for (const PendingErasure& erasure : erased) {
    gone.insert(erasure.graduate_key);
    gone.insert(GraduateNameOf(erasure.graduate_id));
  }
  return journal_->Compact(oldest, [&](const v1::StoredRightsEntry& entry) {
    return gone.contains(entry.has_decided()  ? entry.decided().name()
                         : entry.has_sealed() ? entry.sealed().key()
                                              : entry.deleted());
  });
}

}  // namespace gradmatch
