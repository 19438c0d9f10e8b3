#include "index/stored_embedding.h"

#include <utility>

#include "gradmatch/v1/storage.pb.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

RecordKind KindOf(CollectionId collection) {
  switch (collection) {
    case CollectionId::kPostings:
      return RecordKind::kPosting;
    case CollectionId::kGraduates:
      return RecordKind::kGraduate;
    case CollectionId::kContents:
      break;
  }
  return RecordKind::kContent;
}

}  // namespace

std::string StoredEmbeddingKey(CollectionId collection,
                               std::string_view record_key,
                               const IndexShape& shape) {
  return EmbeddingKey(KindOf(collection), record_key, shape.encoder_id);
}

void PutEmbedding(WriteBatch& batch, CollectionId collection,
                  std::string_view record_key, const IndexShape& shape,
                  const Embedding& embedding) {
  v1::StoredEmbedding stored;
  stored.set_encoder_id(shape.encoder_id);
  stored.set_values(EncodeEmbedding(embedding));
  batch.Put(Family::kEmbedding,
            StoredEmbeddingKey(collection, record_key, shape),
            stored.SerializeAsString());
}

std::optional<Embedding> ParseStoredEmbedding(std::string_view value,
                                              const IndexShape& shape) {
  v1::StoredEmbedding stored;
  if (!stored.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      stored.encoder_id() != shape.encoder_id) {
    return std::nullopt;
  }
  auto embedding = DecodeEmbedding(stored.values(), shape.dimension);
  if (!embedding.ok()) return std::nullopt;
  return *std::move(embedding);
}

}  // namespace gradmatch
