#include "index/catalog.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/commit.h"

namespace gradmatch {
namespace {

size_t At(CollectionId collection) { return static_cast<size_t>(collection); }

absl::StatusOr<uint64_t> ReadGeneration(const Store& store) {
  const absl::StatusOr<std::string> value =
      store.Get(Family::kMeta, GenerationKey());
  if (absl::IsNotFound(value.status())) return uint64_t{0};
  if (!value.ok()) return value.status();
  uint64_t generation = 0;
  if (!absl::SimpleAtoi(*value, &generation)) {
    return absl::DataLossError(
        absl::StrCat("the store's catalog_generation is no number (",
                     value->size(), " bytes); restore from a backup"));
  }
  return generation;
}

}  // namespace

struct Catalog::Waiter {
  ApplyCall call;
  // Instead of changes; goes alone.
  std::optional<CollectionId> drop_dead;
  bool done = false;  // guarded by queue_mu_
  CondVar ready;
};

absl::Status Validate(const CatalogOptions& options) {
  const absl::Status dimension = ValidateDimension(options.dimension);
  if (!dimension.ok()) return dimension;
  if (options.encoder_id.empty()) {
    return absl::InvalidArgumentError("catalog: encoder_id is empty");
  }
  if (options.max_group_changes == 0 || options.load_threads < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "catalog: max_group_changes is ", options.max_group_changes,
        " and load_threads ", options.load_threads, "; both start at 1"));
  }
  return absl::OkStatus();
}

Catalog::Catalog(Store& store, const Clock& clock, CatalogOptions options)
    : store_(store), clock_(clock), options_(std::move(options)) {
  for (CollectionId id : kCollections) {
    collections_[At(id)] = std::make_unique<Collection>(
        IndexShape{options_.schemas[At(id)], options_.encoder_id,
                   options_.dimension},
        options_.merge);
  }
}

Catalog::~Catalog() = default;

absl::StatusOr<std::unique_ptr<Catalog>> Catalog::Open(Store& store,
                                                       const Clock& clock,
                                                       CatalogOptions options,
                                                       const Loader& loader) {
  const absl::Status valid = gradmatch::Validate(options);
  if (!valid.ok()) return valid;
  std::unique_ptr<Catalog> catalog(
      new Catalog(store, clock, std::move(options)));
  const absl::Status loaded = catalog->Load(loader);
  if (!loaded.ok()) return loaded;
  return catalog;
}

absl::Status Catalog::Load(const Loader& loader) {
  const absl::StatusOr<uint64_t> generation = ReadGeneration(store_);
  if (!generation.ok()) return generation.status();
  generation_ = *generation;
  std::array<LoadedCollection, kCollectionCount> loaded;
  for (CollectionId id : kCollections) {
    auto collection = LoadCollection(store_, id, collections_[At(id)]->shape(),
                                     loader, options_.load_threads);
    if (!collection.ok()) return collection.status();
    loaded[At(id)] = *std::move(collection);
    generation_ = std::max(generation_, loaded[At(id)].generation);
    open_report_.remade_embeddings += loaded[At(id)].remade_embeddings;
    open_report_.counts[At(id)] = loaded[At(id)].counts;
  }
  // Making embeddings again is what an encoder that is new here comes to.
  if (open_report_.remade_embeddings > 0) {
    const absl::Status deleted =
        DeleteOtherEmbeddings(store_, options_.encoder_id);
    if (!deleted.ok()) return deleted;
  }
  open_report_.generation = generation_;
  for (CollectionId id : kCollections) {
    Collection& collection = *collections_[At(id)];
    collection.Publish(collection.FromSegments(
        generation_, std::move(loaded[At(id)].segments)));
  }
  MutexLock lock(counts_mu_);
  counts_ = open_report_.counts;
  return absl::OkStatus();
}

std::shared_ptr<const Snapshot> Catalog::CurrentSnapshot(
    CollectionId collection) const {
  return collections_[At(collection)]->CurrentSnapshot();
}

CollectionCounts Catalog::Counts(CollectionId collection) const {
  MutexLock lock(counts_mu_);
  return counts_[At(collection)];
}

absl::StatusOr<std::vector<ChangeResult>> Catalog::Apply(
    std::vector<Change> changes, bool atomic, WriteBatch also) {
  Waiter waiter;
  waiter.call.changes = std::move(changes);
  waiter.call.atomic = atomic;
  waiter.call.also = std::move(also);
  return Enqueue(waiter);
}

absl::StatusOr<std::vector<ChangeResult>> Catalog::Apply(
    std::vector<Change> changes, bool atomic, const Also& also) {
  Waiter waiter;
  waiter.call.changes = std::move(changes);
  waiter.call.atomic = atomic;
  waiter.call.also_of_results = also;
  return Enqueue(waiter);
}

absl::Status Catalog::DropDeadRows(CollectionId collection) {
  Waiter waiter;
  waiter.drop_dead = collection;
  return Enqueue(waiter).status();
}

absl::Status Catalog::Validate(std::span<const Change> changes) const {
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.key.empty() || change.revision < 0 ||
        change.revision > kMaxRevision) {
      return absl::InvalidArgumentError(absl::StrCat(
          "change ", i, ": key of ", change.key.size(), " bytes and revision ",
          change.revision, "; a key is not empty, a revision is in [0, 2^62]"));
    }
    if (!change.row.has_value() || change.tombstone) continue;
    const absl::Status valid =
        ValidateRow(collections_[At(change.collection)]->shape(), *change.row);
    if (!valid.ok()) return valid;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ChangeResult>> Catalog::Enqueue(Waiter& waiter) {
  const absl::Status valid = Validate(waiter.call.changes);
  if (!valid.ok()) return valid;
  std::vector<Waiter*> group;
  {
    MutexLock lock(queue_mu_);
    queue_.push_back(&waiter);
    while (!waiter.done && queue_.front() != &waiter) {
      waiter.ready.Wait(queue_mu_);
    }
    if (!waiter.done) {
      try {
        group = TakeGroup();
      } catch (const std::bad_alloc&) {
        LeaveFront();
        return out_of_memory_;
      }
    }
  }
  if (!group.empty()) Lead(group);
  if (!waiter.call.status.ok()) return waiter.call.status;
  return std::move(waiter.call.results);
}

std::vector<Catalog::Waiter*> Catalog::TakeGroup() {
  std::vector<Waiter*> group;
  size_t changes = 0;
  for (Waiter* waiter : queue_) {
    if (waiter->drop_dead.has_value() && !group.empty()) break;
    changes += waiter->call.changes.size();
    if (!group.empty() && changes > options_.max_group_changes) break;
    group.push_back(waiter);
    if (waiter->drop_dead.has_value()) break;
  }
  return group;
}

void Catalog::LeaveFront() {
  queue_.pop_front();
  if (!queue_.empty()) queue_.front()->ready.NotifyOne();
}

// The leader stays at the front of the queue until it has merged, so that no
// other commits meanwhile; those it took along need not wait for the merge.
void Catalog::Lead(std::span<Waiter* const> group) {
  const std::optional<CollectionId> drop_dead = group.front()->drop_dead;
  // Those in the group wait on frames of their own: whatever happens here, they
  // are told, and none of them stays in the queue.
  absl::Status committed;
  try {
    committed = drop_dead.has_value()
                    ? collections_[At(*drop_dead)]->DropDeadRows()
                    : CommitGroup(group);
  } catch (const std::bad_alloc&) {
    committed = out_of_memory_;
  }
  {
    MutexLock lock(queue_mu_);
    for (Waiter* waiter : group) {
      if (!committed.ok()) waiter->call.status = committed;
      waiter->done = true;
      if (waiter != group.front()) waiter->ready.NotifyOne();
    }
    queue_.erase(queue_.begin() + 1, queue_.begin() + group.size());
  }
  if (committed.ok()) MergeAll();
  MutexLock lock(queue_mu_);
  LeaveFront();
}

absl::Status Catalog::CommitGroup(std::span<Waiter* const> group) {
  std::vector<ApplyCall*> calls;
  for (Waiter* waiter : group) calls.push_back(&waiter->call);
  Commit commit(generation_, clock_.Now(), collections_);
  const absl::Status read = commit.Read(store_, calls);
  if (!read.ok()) return read;
  for (ApplyCall* call : calls) commit.Add(*call);
  if (commit.batch().empty()) return absl::OkStatus();

  // All that can fail but the write itself comes before it.
  std::array<Pending, kCollectionCount> pending;
  for (CollectionId id : kCollections) {
    absl::StatusOr<Pending> next = Prepare(id, commit);
    if (!next.ok()) return next.status();
    pending[At(id)] = *std::move(next);
  }
  commit.batch().Put(Family::kMeta, GenerationKey(),
                     absl::StrCat(commit.generation()));
  // Also when the write fails: it may yet be found on disk, and no generation
  // may name two changes.
  generation_ = commit.generation();
  const absl::Status written =
      store_.Write(commit.batch(), Durability::kSynced);
  if (!written.ok()) return written;
  for (CollectionId id : kCollections) Show(id, std::move(pending[At(id)]));
  return absl::OkStatus();
}

absl::StatusOr<Catalog::Pending> Catalog::Prepare(CollectionId collection,
                                                  Commit& commit) const {
  Commit::Effect effect = commit.TakeEffect(collection);
  Pending pending{nullptr, effect.records, effect.tombstones};
  if (!effect.touched) return pending;
  auto next = collections_[At(collection)]->Prepare(commit.generation(),
                                                    std::move(effect.rows));
  if (!next.ok()) return next.status();
  pending.snapshot = *std::move(next);
  return pending;
}

void Catalog::Show(CollectionId collection, Pending pending) {
  if (pending.snapshot == nullptr) return;
  {
    MutexLock lock(counts_mu_);
    CollectionCounts& counts = counts_[At(collection)];
    counts.records += pending.records;
    counts.tombstones += pending.tombstones;
    counts.searchable = pending.snapshot->live_rows();
  }
  collections_[At(collection)]->Publish(std::move(pending.snapshot));
}

// A merge changes no answer, so one that fails is left to the next commit.
void Catalog::MergeAll() {
  for (const auto& collection : collections_) {
    try {
      absl::StatusOr<bool> merged = true;
      while (merged.ok() && *merged) merged = collection->MergeOnce();
    } catch (const std::bad_alloc&) {
    }
  }
}

absl::StatusOr<std::vector<StoredHead>> Catalog::Peek(
    CollectionId collection, std::span<const std::string> keys) const {
  auto records = MultiGet(collection, keys);
  if (!records.ok()) return records.status();
  std::vector<StoredHead> heads;
  heads.reserve(keys.size());
  for (std::optional<Record>& record : *records) {
    heads.push_back(record.has_value() ? std::move(record->head)
                                       : StoredHead());
  }
  return heads;
}

absl::StatusOr<Record> Catalog::Get(CollectionId collection,
                                    std::string_view key) const {
  const absl::StatusOr<std::string> value =
      store_.Get(RecordFamily(collection), key);
  if (!value.ok()) return value.status();
  return ParseRecord(*value);
}

absl::StatusOr<std::vector<std::optional<Record>>> Catalog::MultiGet(
    CollectionId collection, std::span<const std::string> keys) const {
  const auto values = store_.MultiGet(RecordFamily(collection), keys);
  if (!values.ok()) return values.status();
  std::vector<std::optional<Record>> records;
  records.reserve(keys.size());
  for (const std::optional<std::string>& value : *values) {
    if (!value.has_value()) {
      records.push_back(std::nullopt);
      continue;
    }
    absl::StatusOr<Record> record = ParseRecord(*value);
    if (!record.ok()) return record.status();
    records.push_back(*std::move(record));
  }
  return records;
}

absl::StatusOr<std::vector<std::pair<std::string, Record>>> Catalog::List(
    CollectionId collection, const KeyRange& range, size_t limit) const {
  std::vector<std::pair<std::string, Record>> records;
  const auto cursor = store_.Scan(RecordFamily(collection), range);
  for (; cursor->Valid() && records.size() < limit; cursor->Next()) {
    absl::StatusOr<Record> record = ParseRecord(cursor->value());
    if (!record.ok()) return record.status();
    if (record->head.exists) {
      records.emplace_back(cursor->key(), *std::move(record));
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  return records;
}

}  // namespace gradmatch
