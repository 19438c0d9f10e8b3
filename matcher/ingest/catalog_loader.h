#ifndef GRADMATCH_MATCHER_INGEST_CATALOG_LOADER_H_
#define GRADMATCH_MATCHER_INGEST_CATALOG_LOADER_H_

#include <functional>
#include <string_view>

#include "index/catalog.h"
#include "matcher/encoder.h"

namespace gradmatch {

// Whether a source is a sandbox; asked from several threads.
using IsSandbox = std::function<bool(std::string_view source_id)>;

// Turns stored postings and content back into rows for Catalog::Open:
// attributes from the payload, the embedding as stored or made again. A row's
// id is the resource name. Graduates have no rows. `encoder` is borrowed and
// outlives the loader.
Loader MakeCatalogLoader(const Encoder& encoder, IsSandbox is_sandbox = {});

// Options for Catalog::Open that fit the loader: schemas, encoder, dimension.
CatalogOptions MakeCatalogOptions(const Encoder& encoder);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_CATALOG_LOADER_H_
