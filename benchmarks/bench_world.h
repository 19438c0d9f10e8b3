#ifndef GRADMATCH_BENCHMARKS_BENCH_WORLD_H_
#define GRADMATCH_BENCHMARKS_BENCH_WORLD_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "index/base/clock.h"
#include "index/catalog.h"
#include "index/rocksdb_store.h"
#include "matcher/encoder.h"

namespace gradmatch {

// What benchmarks without a server measure on; taken down from below.
struct BenchWorld {
  SystemClock clock;
  std::unique_ptr<Encoder> encoder;
  std::unique_ptr<RocksdbStore> store;
  std::unique_ptr<Catalog> catalog;
};

// Opens the data folder `folder`, made if absent, with the hash encoder.
absl::Status OpenBenchWorld(const std::string& folder, BenchWorld& world);

}  // namespace gradmatch

#endif  // GRADMATCH_BENCHMARKS_BENCH_WORLD_H_
