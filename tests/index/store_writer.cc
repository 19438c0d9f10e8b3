// Writes numbers to a store until it is killed; for rocksdb_kill_test.
//   store_writer FOLDER FIRST
// Each number goes into two families in one synced batch; once acknowledged, it
// goes to standard output as eight big-endian bytes. Two threads write, one the
// even numbers, one the odd.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "index/base/big_endian.h"
#include "index/base/clock.h"
#include "index/rocksdb_store.h"

namespace gradmatch {
namespace {

void WriteOn(Store& store, uint64_t number) {
  for (;; number += 2) {
    std::string key;
    AppendBigEndian64(number, key);
    WriteBatch batch;
    batch.Put(Family::kPosting, key, std::string(number % 5000, 'p'));
    batch.Put(Family::kRawRow, key, std::string(number % 3000, 'r'));
    if (!store.Write(batch, Durability::kSynced).ok()) std::_Exit(2);
    // Shorter than PIPE_BUF, so the threads' numbers do not mix.
    if (::write(STDOUT_FILENO, key.data(), key.size()) != 8) std::_Exit(3);
  }
}

int Run(const std::string& folder, uint64_t first) {
  const SystemClock clock;
  // A small write buffer, so that kills also hit the writing of tables.
  auto store = RocksdbStore::Open({.folder = folder,
                                   .clock = &clock,
                                   .block_cache_bytes = 1 << 20,
                                   .write_buffer_bytes = 1 << 20});
  if (!store.ok()) {
    std::cerr << store.status() << "\n";
    return 1;
  }
  std::thread other([&] { WriteOn(**store, first + 1); });
  WriteOn(**store, first);
  return 0;
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  return gradmatch::Run(argv[1], std::stoull(argv[2]));
}
