#ifndef GRADMATCH_INDEX_STORED_EMBEDDING_H_
#define GRADMATCH_INDEX_STORED_EMBEDDING_H_

#include <optional>
#include <string>
#include <string_view>

#include "index/change.h"
#include "index/embedding.h"
#include "index/segment.h"
#include "index/store.h"

namespace gradmatch {

// How embeddings lie in the store, one for each record and encoder.
std::string StoredEmbeddingKey(CollectionId collection,
                               std::string_view record_key,
                               const IndexShape& shape);
void PutEmbedding(WriteBatch& batch, CollectionId collection,
                  std::string_view record_key, const IndexShape& shape,
                  const Embedding& embedding);
// nullopt when `value` is damaged or of another encoder or dimension: it can be
// made again, so that is no error.
std::optional<Embedding> ParseStoredEmbedding(std::string_view value,
                                              const IndexShape& shape);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_STORED_EMBEDDING_H_
