#ifndef GRADMATCH_INDEX_CATALOG_LOADER_H_
#define GRADMATCH_INDEX_CATALOG_LOADER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/change.h"
#include "index/collection.h"
#include "index/segment.h"
#include "index/store.h"

namespace gradmatch {

// A stored record's row, made again when opening.
struct LoadedRow {
  std::string id;  // as in Change
  IndexedRow row;
};

// Turns a stored payload into its row; nullopt when the record is not
// searchable. `stored` is the embedding kept for the catalog's encoder; when it
// is nullopt the loader makes one, which the catalog writes back. Called from
// several threads at once; not called for tombstones.
using Loader = std::function<absl::StatusOr<std::optional<LoadedRow>>(
    CollectionId collection, std::string_view key, std::string_view payload,
    std::optional<Embedding> stored)>;

struct CollectionCounts {
  uint64_t records = 0;  // tombstones not counted
  uint64_t tombstones = 0;
  uint64_t searchable = 0;
  friend bool operator==(const CollectionCounts&,
                         const CollectionCounts&) = default;
};

// What a store holds of one collection.
struct LoadedCollection {
  std::vector<std::shared_ptr<const Segment>> segments;
  CollectionCounts counts;
  uint64_t remade_embeddings = 0;
  uint64_t generation = 0;  // the highest of any record
};

// Reads all records of a collection into segments of up to 65,536 rows, in the
// order of keys whatever the number of threads, and writes embeddings that were
// made again back to the store. DataLoss when a record does not parse; the
// loader's error as it is.
absl::StatusOr<LoadedCollection> LoadCollection(Store& store,
                                                CollectionId collection,
                                                const IndexShape& shape,
                                                const Loader& loader,
                                                int threads);

// Deletes the embeddings of all encoders but `encoder_id`, of all collections.
// They are never compared with others, and those of a graduate would outlive
// the graduate. One walk over all embeddings.
absl::Status DeleteOtherEmbeddings(Store& store, std::string_view encoder_id);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CATALOG_LOADER_H_
