#ifndef GRADMATCH_TESTS_INDEX_CATALOG_FIXTURE_H_
#define GRADMATCH_TESTS_INDEX_CATALOG_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "index/catalog.h"
#include "index/content_hash.h"

namespace gradmatch {

inline constexpr size_t kTestDimension = 32;

// A unit vector that depends on `seed` alone.
inline Embedding RandomEmbedding(uint64_t seed,
                                 size_t dimension = kTestDimension) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<float> normal;
  Embedding embedding(dimension);
  for (float& v : embedding) v = normal(rng);
  Normalize(embedding);
  return embedding;
}

// A record of the tests: its payload is "id value open", from which its row
// follows, so that what is searched can be compared with what is stored.
struct TestRecord {
  std::string id;
  int32_t value = 0;
  bool open = true;

  std::string Payload() const {
    return absl::StrCat(id, " ", value, " ", open ? 1 : 0);
  }
  static TestRecord FromPayload(std::string_view payload) {
    const std::vector<std::string> parts = absl::StrSplit(A(payload), ' ');
    TestRecord record{parts.at(0)};
    EXPECT_TRUE(absl::SimpleAtoi(parts.at(1), &record.value));
    record.open = parts.at(2) == "1";
    return record;
  }
  Embedding MakeEmbedding() const {
    return RandomEmbedding(ContentHash(absl::StrCat(id, "#", value)));
  }
  AttributeRow MakeAttributes() const {
    return {{value}, {{static_cast<uint64_t>(value % 7), 1'000}}};
  }
};

inline ColumnSchema TestSchema() { return {{"value"}, {"tags"}}; }

inline CatalogOptions TestOptions() {
  CatalogOptions options;
  options.encoder_id = "test-1";
  options.dimension = kTestDimension;
  options.schemas = {TestSchema(), ColumnSchema(), TestSchema()};
  options.merge.factor = 3;
  options.merge.max_merge_rows = 64;
  return options;
}

// Makes rows of payloads as the matcher would.
inline Loader TestLoader() {
  return [](CollectionId collection, std::string_view, std::string_view payload,
            std::optional<Embedding> stored)
             -> absl::StatusOr<std::optional<LoadedRow>> {
    if (collection == CollectionId::kGraduates) return std::nullopt;
    const TestRecord record = TestRecord::FromPayload(payload);
    if (!record.open) return std::nullopt;
    LoadedRow loaded{record.id};
    loaded.row.embedding =
        stored.has_value() ? *std::move(stored) : record.MakeEmbedding();
    loaded.row.attributes = record.MakeAttributes();
    return loaded;
  };
}

inline std::string TestKey(std::string_view id) {
  return absl::StrCat("s/", A(id));
}

inline Change Upsert(const TestRecord& record, int64_t revision = 0) {
  Change change;
  change.key = TestKey(record.id);
  change.id = record.id;
  change.revision = revision;
  change.payload = record.Payload();
  change.content_hash = ContentHash(change.payload);
  if (record.open) {
    change.row = IndexedRow{record.MakeEmbedding(), record.MakeAttributes()};
  }
  return change;
}

inline Change Deletion(std::string_view id, int64_t revision = 0) {
  Change change;
  change.key = TestKey(id);
  change.id = std::string(id);
  change.revision = revision;
  change.tombstone = true;
  return change;
}

inline std::vector<Change> Changes(Change change) {
  std::vector<Change> changes;
  changes.push_back(std::move(change));
  return changes;
}

inline std::unique_ptr<Catalog> OpenTestCatalog(
    Store& store, const Clock& clock, CatalogOptions options = TestOptions()) {
  auto catalog = Catalog::Open(store, clock, std::move(options), TestLoader());
  if (!catalog.ok()) {
    ADD_FAILURE() << catalog.status();
    return nullptr;
  }
  return *std::move(catalog);
}

inline std::set<std::string> SearchableIds(const Snapshot& snapshot) {
  std::set<std::string> ids;
  for (RowId row : snapshot.live()) ids.emplace(snapshot.Id(row));
  return ids;
}

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_INDEX_CATALOG_FIXTURE_H_
