#include "matcher/ingest/ingest.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {

void ForEachChunk(const ParallelFor& parallel, size_t n,
                  const std::function<void(size_t begin, size_t end)>& body) {
  constexpr size_t kChunk = 16;
  const size_t chunks = (n + kChunk - 1) / kChunk;
  const auto run = [&](size_t chunk) {
    body(chunk * kChunk, std::min(n, (chunk + 1) * kChunk));
  };
  if (parallel && chunks > 1) {
    parallel(chunks, run);
  } else {
    for (size_t chunk = 0; chunk < chunks; ++chunk) run(chunk);
  }
}

absl::Status RowStatus(v1::SyncRowResult::Status status, absl::StatusCode code,
                       std::string_view name,
                       std::span<const v1::RowError> errors,
                       std::string_view prefix) {
  if (status == v1::SyncRowResult::STATUS_STALE) {
    return MakeError(absl::StatusCode::kFailedPrecondition, kStaleRevision,
                     absl::StrCat("版本号不大于已存的版本号，未作修改：",
                                  A(name), "；请读取最新记录后重试"),
                     {{"name", std::string(name)}});
  }
  if (status != v1::SyncRowResult::STATUS_REJECTED) return absl::OkStatus();
  if (code == absl::StatusCode::kInvalidArgument && !errors.empty()) {
    std::vector<ReasonedFieldError> fields;
    for (const v1::RowError& e : errors) {
      fields.push_back({e.reason(),
                        {.field = absl::StrCat(A(prefix), e.field()),
                         .value = e.value(),
                         .allowed = e.allowed(),
                         .nearest = e.nearest()}});
    }
    return InvalidFields(fields);
  }
  if (errors.empty()) return MakeError(code, kInternal, "内部错误");
  return MakeError(code, errors[0].reason(), errors[0].message(),
                   {{"name", std::string(name)}});
}

}  // namespace gradmatch
