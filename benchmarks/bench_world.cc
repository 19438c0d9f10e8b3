#include "benchmarks/bench_world.h"

#include <utility>

#include "matcher/hash_encoder.h"
#include "matcher/ingest/catalog_loader.h"

namespace gradmatch {

absl::Status OpenBenchWorld(const std::string& folder, BenchWorld& world) {
  auto encoder = NewHashEncoder();
  if (!encoder.ok()) return encoder.status();
  world.encoder = *std::move(encoder);
  auto store = RocksdbStore::Open({.folder = folder, .clock = &world.clock});
  if (!store.ok()) return store.status();
  world.store = *std::move(store);
  auto catalog = Catalog::Open(*world.store, world.clock,
                               MakeCatalogOptions(*world.encoder),
                               MakeCatalogLoader(*world.encoder));
  if (!catalog.ok()) return catalog.status();
  world.catalog = *std::move(catalog);
  return absl::OkStatus();
}

}  // namespace gradmatch
