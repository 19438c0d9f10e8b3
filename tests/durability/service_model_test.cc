// The service against a model of a few maps: random histories of rows,
// closings, deletions, placements, opt-outs, erasures and push runs, with the
// clock set forth and back, purges, restarts and crashes between; and histories
// sent again, which must change nothing.
//
//   DURABILITY_HISTORIES=10000 DURABILITY_SEED=7 bin/service_model_test
//
// A history that fails is printed step by step.

#include "tests/durability/service_model.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/durability/service_history.h"

namespace gradmatch {
namespace {

// Histories that share a server, one after the other: starting one costs more
// than a history.
constexpr int kHistoriesOfAServer = 10;

int64_t Setting(const char* name, int64_t otherwise) {
  const char* const text = std::getenv(name);
  int64_t value = otherwise;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

TEST(ServiceModelTest, HistoriesEndAsTheModelSays) {
  const int64_t histories = Setting("DURABILITY_HISTORIES", 300);
  const auto seed = static_cast<uint32_t>(Setting("DURABILITY_SEED", 1));
  std::unique_ptr<CrashingServer> server;
  for (int64_t i = 0; i < histories && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("seed=", seed + i, "; its server has run ",
                              i % kHistoriesOfAServer, " histories before"));
    if (i % kHistoriesOfAServer == 0) {
      server.reset();
      server = std::make_unique<CrashingServer>();
    }
    History(*server, seed + static_cast<uint32_t>(i)).Run();
  }
}

}  // namespace
}  // namespace gradmatch
