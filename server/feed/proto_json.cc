#include "server/feed/proto_json.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"

namespace gradmatch {

MappedPosting MapProtoJson(const FeedRow& row) {
  MappedPosting out;
  const auto status =
      google::protobuf::util::JsonStringToMessage(row.raw, &out.posting);
  if (!status.ok()) {
    out.posting.Clear();
    const std::string what(status.message().data(), status.message().size());
    out.error = MakeRowError(kFieldInvalid, "", what,
                             "protobuf JSON 形式的 Posting，见 "
                             "proto/gradmatch/v1/posting.proto");
  }
  return out;
}

MappedContent MapContent(const FeedRow& row) {
  MappedContent out;
  const auto status =
      google::protobuf::util::JsonStringToMessage(row.raw, &out.content);
  if (!status.ok()) {
    out.content.Clear();
    const std::string what(status.message().data(), status.message().size());
    out.error = MakeRowError(kFieldInvalid, "", what,
                             "protobuf JSON 形式的 Content，见 "
                             "proto/gradmatch/v1/content.proto");
  }
  return out;
}

MappedGraduate MapGraduate(const FeedRow& row) {
  MappedGraduate out;
  const auto status =
      google::protobuf::util::JsonStringToMessage(row.raw, &out.graduate);
  if (!status.ok()) {
    out.graduate.Clear();
    // What protobuf says quotes the row, which is about a person.
    out.error = MakeRowError(kFieldInvalid, "", "",
                             "protobuf JSON 形式的 Graduate，见 "
                             "proto/gradmatch/v1/graduate.proto");
  }
  return out;
}

}  // namespace gradmatch
