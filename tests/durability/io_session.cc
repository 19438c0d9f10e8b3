// One session with a store, for nth_io_test:
//   io_session FOLDER COUNT
// Opens it, says on standard output which numbers are in it, writes the COUNT
// next ones and says of each that it is acknowledged; ends without closing, as
// a kill would. A line each: "has N", "ack N", "broken N" (half of one), "error
// TEXT". Exit code 2 after an error.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/rocksdb_store.h"

namespace gradmatch {
namespace {

[[noreturn]] void End(const absl::Status& status) {
  if (!status.ok()) std::printf("error %s\n", status.ToString().c_str());
  std::fflush(stdout);
  _exit(status.ok() ? 0 : 2);
}

// Each number is in two families, written together.
constexpr Family kBoth[] = {Family::kPosting, Family::kLedger};

// How many numbers from 0 on there are.
int Say(const Store& store) {
  for (int i = 0;; ++i) {
    int found = 0;
    for (const Family family : kBoth) {
      const auto value = store.Get(family, absl::StrCat(i));
      if (!value.ok() && !absl::IsNotFound(value.status())) End(value.status());
      found += value.ok();
    }
    if (found == 0) return i;
    std::printf(found == 2 ? "has %d\n" : "broken %d\n", i);
  }
}

void Run(const std::string& folder, int count) {
  const SystemClock clock;
  const auto store = RocksdbStore::Open({.folder = folder,
                                         .clock = &clock,
                                         .block_cache_bytes = 1 << 20,
                                         .write_buffer_bytes = 1 << 20});
  if (!store.ok()) End(store.status());
  const int first = Say(**store);
  for (int i = first; i < first + count; ++i) {
    WriteBatch batch;
    for (const Family family : kBoth) {
      batch.Put(family, absl::StrCat(i), std::string(3'000, 'a' + i % 26));
    }
    const absl::Status written = (*store)->Write(batch, Durability::kSynced);
    if (!written.ok()) End(written);
    std::printf("ack %d\n", i);
    std::fflush(stdout);
  }
  End(absl::OkStatus());
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  gradmatch::Run(argv[1], std::atoi(argv[2]));
}
