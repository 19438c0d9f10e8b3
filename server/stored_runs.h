#ifndef GRADMATCH_SERVER_STORED_RUNS_H_
#define GRADMATCH_SERVER_STORED_RUNS_H_

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "index/store.h"
#include "server/operation_provider.h"

namespace gradmatch {

// Operations of one kind whose whole state is a record of message Run each, in
// Family::kMeta under its prefix and the operation's id. A view of the store:
// it keeps nothing. All methods may run concurrently.
template <typename Run>
class StoredRuns {
 public:
  static constexpr size_t kAll = std::numeric_limits<size_t>::max();

  // `store` and `key_prefix` are borrowed.
  StoredRuns(const Store& store, std::string_view key_prefix)
      : store_(store), prefix_(key_prefix) {}

  std::string KeyOf(std::string_view id) const {
    return absl::StrCat(A(prefix_), A(id));
  }

  // NOT_FOUND, OPERATION_NOT_FOUND; DATA_LOSS when it does not parse.
  absl::StatusOr<Run> Read(std::string_view id) const {
    const auto bytes = store_.Get(Family::kMeta, KeyOf(id));
    if (absl::IsNotFound(bytes.status())) {
      return OperationNotFound(OperationNameOf(id));
    }
    if (!bytes.ok()) return bytes.status();
    return Parse(id, *bytes);
  }

  // At most `limit`, with their ids and in their order, of those after
  // `after_id`.
  absl::StatusOr<std::vector<std::pair<std::string, Run>>> List(
      std::string_view after_id = "", size_t limit = kAll) const {
    KeyRange range = PrefixRange(prefix_);
    if (const std::string after = KeyOf(after_id); after >= range.begin) {
      range.begin = after + '\0';
    }
    std::vector<std::pair<std::string, Run>> runs;
    const auto cursor = store_.Scan(Family::kMeta, range);
    for (; cursor->Valid() && runs.size() < limit; cursor->Next()) {
      std::string id(cursor->key().substr(prefix_.size()));
      auto run = Parse(id, cursor->value());
      if (!run.ok()) return run.status();
      runs.emplace_back(std::move(id), *std::move(run));
    }
    if (!cursor->status().ok()) return cursor->status();
    return runs;
  }

  // An id that is free: by time, and another one of the same second gets a
  // number.
  std::string NewId(std::string_view id_prefix, absl::Time now) const {
    const std::string stem = absl::StrCat(
        A(id_prefix), absl::FormatTime("%Y%m%dT%H%M%S", now, ChinaTime()));
    std::string id = stem;
    for (int i = 2; store_.Get(Family::kMeta, KeyOf(id)).ok(); ++i) {
      id = absl::StrCat(stem, "-", i);
    }
    return id;
  }

 private:
  absl::StatusOr<Run> Parse(std::string_view id, std::string_view bytes) const {
    Run run;
    if (run.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return run;
    }
    return absl::DataLossError(
        absl::StrCat("the record of ", OperationNameOf(id), " does not parse"));
  }

  const Store& store_;
  const std::string_view prefix_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_STORED_RUNS_H_
