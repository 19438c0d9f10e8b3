#include "matcher/ingest/graduate_record.h"

#include "absl/status/statusor.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/proto_times.h"

namespace gradmatch {

void ClearHead(v1::Graduate& graduate) {
  graduate.clear_etag();
  graduate.clear_revision();
  graduate.clear_create_time();
  graduate.clear_update_time();
}

void SetHead(const std::string& etag, int64_t revision, absl::Time created,
             absl::Time updated, v1::Graduate& graduate) {
  graduate.set_etag(etag);
  graduate.set_revision(revision);
  *graduate.mutable_create_time() = ProtoTimeOf(created);
  *graduate.mutable_update_time() = ProtoTimeOf(updated);
}

absl::Status GraduateWasErased() {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, kGraduateErased,
      "这名毕业生的信息已按要求删除，不再接收；请从名单中去掉，不要重发");
}

absl::StatusOr<v1::Graduate> GraduateFromRecord(const Record& record) {
  v1::Graduate graduate;
  if (!graduate.ParseFromString(record.payload)) {
    return absl::DataLossError(
        "a graduate's record does not parse; restore it from a backup");
  }
  if (record.head.tombstone) {
    graduate.set_lifecycle(v1::Graduate::LIFECYCLE_ERASED);
  }
  SetHead(record.head.etag, record.head.revision, record.head.create_time,
          record.head.update_time, graduate);
  return graduate;
}

}  // namespace gradmatch
