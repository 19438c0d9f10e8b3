#include "matcher/ingest/catalog_loader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/base/strings.h"
#include "matcher/encoder_input.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/posting_schema.h"

namespace gradmatch {
namespace {

absl::StatusOr<std::optional<LoadedRow>> LoadPosting(
    const Encoder& encoder, const IsSandbox& is_sandbox, std::string_view key,
    std::string_view payload, std::optional<Embedding> stored) {
  v1::Posting posting;
  if (!posting.ParseFromArray(payload.data(),
                              static_cast<int>(payload.size()))) {
    return absl::DataLossError(absl::StrCat(
        "posting ", A(key), " does not parse; restore it from a backup"));
  }
  if (!IsSearchable(posting)) return std::optional<LoadedRow>();
  LoadedRow loaded;
  loaded.id = PostingNameOfKey(key);
  posting.set_name(loaded.id);
  const std::string_view source = key.substr(0, key.find('/'));
  loaded.row.attributes =
      PostingAttributes(posting, is_sandbox && is_sandbox(source));
  if (stored.has_value()) {
    loaded.row.embedding = *std::move(stored);
  } else {
    absl::StatusOr<Embedding> made = EncodePosting(encoder, posting);
    if (!made.ok()) return made.status();
    loaded.row.embedding = *std::move(made);
  }
  return std::optional<LoadedRow>(std::move(loaded));
}

}  // namespace

Loader MakeCatalogLoader(const Encoder& encoder, IsSandbox is_sandbox) {
  return [&encoder, is_sandbox = std::move(is_sandbox)](
             CollectionId collection, std::string_view key,
             std::string_view payload, std::optional<Embedding> stored)
             -> absl::StatusOr<std::optional<LoadedRow>> {
    if (collection != CollectionId::kPostings) {
      return std::optional<LoadedRow>();
    }
    return LoadPosting(encoder, is_sandbox, key, payload, std::move(stored));
  };
}

CatalogOptions MakeCatalogOptions(const Encoder& encoder) {
  CatalogOptions options;
  options.encoder_id = encoder.info().id;
  options.dimension = encoder.info().dimension;
  options.schemas[static_cast<size_t>(CollectionId::kPostings)] =
      PostingSchema();
  return options;
}

}  // namespace gradmatch
