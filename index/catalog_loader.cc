#include "index/catalog_loader.h"

#include <algorithm>
#include <deque>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/stored_embedding.h"

namespace gradmatch {
namespace {

constexpr size_t kChunkRecords = 4'096;
constexpr size_t kSegmentRows = 65'536;

struct Entry {
  std::string key;
  std::string value;
};

// What one worker makes of consecutive records.
struct Chunk {
  absl::Status status;
  std::vector<SegmentRow> rows;
  CollectionCounts counts;
  uint64_t generation = 0;
  uint64_t remade = 0;
  WriteBatch embeddings;  // those made again
};

struct Context {
  const Store& store;
  CollectionId collection;
  const IndexShape& shape;
  const Loader& loader;
};

// `status` with the collection named and its details kept.
absl::Status InCollection(const Context& context, const absl::Status& status) {
  absl::Status named(status.code(),
                     absl::StrCat(A(CollectionName(context.collection)), ": ",
                                  status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    named.SetPayload(url, payload);
  });
  return named;
}

// One record's row, if it is searchable. `stored` is its StoredEmbedding.
absl::Status LoadRow(const Context& context, const Entry& entry,
                     const Record& record,
                     const std::optional<std::string>& stored, Chunk& chunk) {
  std::optional<Embedding> embedding;
  if (stored.has_value())
    embedding = ParseStoredEmbedding(*stored, context.shape);
  const bool remade = !embedding.has_value();
  auto loaded = context.loader(context.collection, entry.key, record.payload,
                               std::move(embedding));
  if (!loaded.ok()) return loaded.status();
  if (!loaded->has_value()) return absl::OkStatus();

  LoadedRow& made = **loaded;
  const absl::Status valid = ValidateRow(context.shape, made.row);
  if (!valid.ok()) return valid;
  if (remade) {
    ++chunk.remade;
    PutEmbedding(chunk.embeddings, context.collection, entry.key, context.shape,
                 made.row.embedding);
  }
  chunk.rows.push_back({std::move(made.id), std::move(made.row.embedding),
                        std::move(made.row.attributes)});
  return absl::OkStatus();
}

absl::Status LoadEntries(const Context& context,
                         const std::vector<Entry>& entries, Chunk& chunk) {
  std::vector<std::string> keys;
  keys.reserve(entries.size());
  for (const Entry& entry : entries) {
    keys.push_back(
        StoredEmbeddingKey(context.collection, entry.key, context.shape));
  }
  const auto embeddings = context.store.MultiGet(Family::kEmbedding, keys);
  if (!embeddings.ok()) return embeddings.status();

  for (size_t i = 0; i < entries.size(); ++i) {
    const absl::StatusOr<Record> record = ParseRecord(entries[i].value);
    if (!record.ok()) return record.status();
    chunk.generation = std::max(chunk.generation, record->head.generation);
    if (record->head.tombstone) {
      ++chunk.counts.tombstones;
      continue;
    }
    ++chunk.counts.records;
    const absl::Status loaded =
        LoadRow(context, entries[i], *record, (*embeddings)[i], chunk);
    if (!loaded.ok()) return loaded;
  }
  chunk.counts.searchable = chunk.rows.size();
  return absl::OkStatus();
}

Chunk LoadChunk(const Context& context, std::vector<Entry> entries) {
  Chunk chunk;
  chunk.status = LoadEntries(context, entries, chunk);
  return chunk;
}

// Takes finished chunks in order.
class Assembler {
 public:
  Assembler(Store& store, const Context& context)
      : store_(store), context_(context) {}

  absl::Status Add(Chunk chunk) {
    if (!chunk.status.ok()) return InCollection(context_, chunk.status);
    loaded_.counts.records += chunk.counts.records;
    loaded_.counts.tombstones += chunk.counts.tombstones;
    loaded_.counts.searchable += chunk.counts.searchable;
    loaded_.generation = std::max(loaded_.generation, chunk.generation);
    loaded_.remade_embeddings += chunk.remade;
    if (!chunk.embeddings.empty()) {
      const absl::Status written =
          store_.Write(chunk.embeddings, Durability::kBuffered);
      if (!written.ok()) return InCollection(context_, written);
    }
    for (SegmentRow& row : chunk.rows) {
      rows_.push_back(std::move(row));
      if (rows_.size() < kSegmentRows) continue;
      const absl::Status built = BuildSegment();
      if (!built.ok()) return built;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<LoadedCollection> Finish() && {
    if (!rows_.empty()) {
      const absl::Status built = BuildSegment();
      if (!built.ok()) return built;
    }
    return std::move(loaded_);
  }

 private:
  absl::Status BuildSegment() {
    auto segment = Segment::Build(context_.shape, std::exchange(rows_, {}));
    if (!segment.ok()) return InCollection(context_, segment.status());
    loaded_.segments.push_back(*std::move(segment));
    return absl::OkStatus();
  }

  Store& store_;
  const Context& context_;
  LoadedCollection loaded_;
  std::vector<SegmentRow> rows_;
};

}  // namespace

absl::Status DeleteOtherEmbeddings(Store& store, std::string_view encoder_id) {
  const std::string ours = absl::StrCat("/", A(encoder_id));
  WriteBatch batch;
  size_t keys = 0;
  const auto cursor = store.Scan(Family::kEmbedding, KeyRange{});
  for (; cursor->Valid(); cursor->Next()) {
    if (cursor->key().ends_with(ours)) continue;
    batch.Delete(Family::kEmbedding, std::string(cursor->key()));
    if (++keys % kChunkRecords != 0) continue;
    const absl::Status written =
        store.Write(std::exchange(batch, {}), Durability::kBuffered);
    if (!written.ok()) return written;
  }
  if (!cursor->status().ok()) return cursor->status();
  return batch.empty() ? absl::OkStatus()
                       : store.Write(batch, Durability::kBuffered);
}

absl::StatusOr<LoadedCollection> LoadCollection(Store& store,
                                                CollectionId collection,
                                                const IndexShape& shape,
                                                const Loader& loader,
                                                int threads) {
  const Context context{store, collection, shape, loader};
  Assembler assembler(store, context);
  // Declared after what the workers use: an early return waits for them.
  std::deque<std::future<Chunk>> running;
  const auto take_first = [&] {
    Chunk chunk = running.front().get();
    running.pop_front();
    return assembler.Add(std::move(chunk));
  };

  const auto cursor = store.Scan(RecordFamily(collection), KeyRange{});
  while (cursor->Valid()) {
    std::vector<Entry> entries;
    for (; cursor->Valid() && entries.size() < kChunkRecords; cursor->Next()) {
      entries.push_back(
          {std::string(cursor->key()), std::string(cursor->value())});
    }
    if (running.size() >= static_cast<size_t>(threads)) {
      const absl::Status added = take_first();
      if (!added.ok()) return added;
    }
    // Deferred where no thread can be had: slower, not wrong.
    running.push_back(
        std::async(std::launch::async | std::launch::deferred,
                   [&context, entries = std::move(entries)]() mutable {
                     return LoadChunk(context, std::move(entries));
                   }));
  }
  if (!cursor->status().ok()) return InCollection(context, cursor->status());
  while (!running.empty()) {
    const absl::Status added = take_first();
    if (!added.ok()) return added;
  }
  return std::move(assembler).Finish();
}

}  // namespace gradmatch
