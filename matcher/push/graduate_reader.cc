#include "matcher/push/graduate_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "index/change.h"
#include "index/stored_embedding.h"
#include "matcher/audience.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/push/dismissed.h"

namespace gradmatch {
namespace {

constexpr size_t kGraduatesBetweenCounts = 1024;

}  // namespace

absl::StatusOr<Roster> SelectGraduates(
    const Store& store, std::string_view after, const v1::Audience& audience,
    absl::Time now, const std::function<bool(int64_t)>& on_count) {
  const std::vector<uint64_t> audience_keys = CompileAudience(audience);
  Roster roster;
  KeyRange range;
  if (!after.empty()) range.begin = std::string(after) + '\0';
  auto cursor = store.Scan(Family::kGraduate, range);
  for (; cursor->Valid(); cursor->Next()) {
    absl::StatusOr<Record> record = ParseRecord(cursor->value());
    if (!record.ok()) return record.status();
    if (record->head.tombstone) continue;
    if (cursor->key().size() != kPseudonymBytes) {
      return absl::DataLossError("a graduate's key has a wrong length");
    }
    absl::StatusOr<v1::Graduate> graduate = GraduateFromRecord(*record);
    if (!graduate.ok()) return graduate.status();
    const Suppression suppression =
        SelectForPush(*graduate, audience_keys, now);
    if (suppression == Suppression::kNone) {
      roster.selected.push_back(static_cast<uint32_t>(roster.keys.size()));
    }
    RosterKey& key = roster.keys.emplace_back();
    std::copy(cursor->key().begin(), cursor->key().end(), key.begin());
    roster.suppression.push_back(suppression);
    if (roster.keys.size() % kGraduatesBetweenCounts == 0 &&
        !on_count(static_cast<int64_t>(roster.keys.size()))) {
      return absl::CancelledError("selection was stopped");
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  return roster;
}

absl::StatusOr<std::vector<LoadedGraduate>> LoadGraduates(
    const Store& store, const PushStore& push_store, const Catalog& catalog,
    std::span<const std::string> keys) {
  const IndexShape shape = {
      .schema = {},
      .encoder_id = catalog.options().encoder_id,
      .dimension = catalog.options().dimension,
  };
  std::vector<std::string> embedding_keys;
  for (const std::string& key : keys) {
    embedding_keys.push_back(
        StoredEmbeddingKey(CollectionId::kGraduates, key, shape));
  }
  auto records = catalog.MultiGet(CollectionId::kGraduates, keys);
  if (!records.ok()) return records.status();
  auto embeddings = store.MultiGet(Family::kEmbedding, embedding_keys);
  if (!embeddings.ok()) return embeddings.status();
  auto ledgers = push_store.Ledgers(keys);
  if (!ledgers.ok()) return ledgers.status();

  std::vector<LoadedGraduate> loaded(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    loaded[i].ledger = std::move((*ledgers)[i]);
    const auto dismissed = ReadDismissed(store, keys[i]);
    if (!dismissed.ok()) return dismissed.status();
    for (LedgerLine& line : AsLedger(*dismissed)) {
      loaded[i].ledger.push_back(std::move(line));
    }
    const std::optional<Record>& record = (*records)[i];
    if (!record.has_value() || record->head.tombstone) continue;
    absl::StatusOr<v1::Graduate> graduate = GraduateFromRecord(*record);
    if (!graduate.ok()) return graduate.status();
    loaded[i].graduate = *std::move(graduate);
    if ((*embeddings)[i].has_value()) {
      loaded[i].embedding = ParseStoredEmbedding(*(*embeddings)[i], shape);
    }
  }
  return loaded;
}

}  // namespace gradmatch
