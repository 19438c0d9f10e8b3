#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "google/protobuf/stubs/logging.h"
#include "server/http/json_codec.h"

namespace gradmatch {

std::span<const FuzzTarget> FuzzTargets() {
  static constexpr FuzzTarget kTargets[] = {
      {"audience", FuzzAudience},
      {"code_table", FuzzCodeTable},
      {"configuration", FuzzConfiguration},
      {"feed", FuzzFeed},
      {"http_bytes", FuzzHttpBytes},
      {"http_target", FuzzHttpTarget},
      {"posting", FuzzPosting},
      {"request_json", FuzzRequestJson},
      {"sealed_value", FuzzSealedValue},
      {"stored_file", FuzzStoredFile},
      {"sync_lines", FuzzSyncLines},
      {"text", FuzzText},
      {"token", FuzzToken},
  };
  // It complains of every text that is not UTF-8, of which there are many here.
  static const auto silent = google::protobuf::SetLogHandler(nullptr);
  (void)silent;
  return kTargets;
}

const FuzzTarget& FindFuzzTarget(std::string_view name) {
  const auto targets = FuzzTargets();
  const auto found = std::ranges::find(targets, name, &FuzzTarget::name);
  if (found != targets.end()) return *found;
  std::fprintf(stderr, "there is no fuzz target %.*s\n",
               static_cast<int>(name.size()), name.data());
  std::abort();
}

bool ReadMessage(std::string_view bytes, google::protobuf::Message& message) {
  if (bytes.starts_with('{')) return JsonToMessage(bytes, "", message).ok();
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

void BrokenPromise(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what);
  std::abort();
}

}  // namespace gradmatch
