#include "matcher/ingest/catalog_loader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/base/strings.h"
#include "matcher/content_schema.h"
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

absl::StatusOr<std::optional<LoadedRow>> LoadContent(
    const Encoder& encoder, const IsSandbox& is_sandbox, std::string_view key,
    std::string_view payload, std::optional<Embedding> stored) {
  v1::Content content;
  if (!content.ParseFromArray(payload.data(),
                              static_cast<int>(payload.size()))) {
    return absl::DataLossError(absl::StrCat(
        "content ", A(key), " does not parse; restore it from a backup"));
  }
  if (!IsSearchable(content)) return std::optional<LoadedRow>();
  LoadedRow loaded;
  loaded.id = MakeContentName(key);
  const std::string_view source = content.source();
  const size_t slash = source.find('/');
  const bool sandbox = is_sandbox && slash != std::string_view::npos &&
                       is_sandbox(source.substr(slash + 1));
  loaded.row.attributes = ContentAttributes(content, sandbox);
  if (stored.has_value()) {
    loaded.row.embedding = *std::move(stored);
  } else {
    absl::StatusOr<Embedding> made = EncodeContent(encoder, content);
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
    switch (collection) {
      case CollectionId::kPostings:
        return LoadPosting(encoder, is_sandbox, key, payload,
                           std::move(stored));
      case CollectionId::kContents:
        return LoadContent(encoder, is_sandbox, key, payload,
                           std::move(stored));
      case CollectionId::kGraduates:
        break;
    }
    return std::optional<LoadedRow>();
  };
}

CatalogOptions MakeCatalogOptions(const Encoder& encoder) {
  CatalogOptions options;
  options.encoder_id = encoder.info().id;
  options.dimension = encoder.info().dimension;
  options.schemas[static_cast<size_t>(CollectionId::kPostings)] =
      PostingSchema();
  options.schemas[static_cast<size_t>(CollectionId::kContents)] =
      ContentSchema();
  return options;
}

}  // namespace gradmatch
