#include "matcher/ingest/posting_content.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "index/change.h"
#include "index/content_hash.h"

namespace gradmatch {

void ClearOutputOnly(v1::Posting& posting) {
  posting.clear_name();
  posting.clear_revision();
  posting.clear_issues();
  posting.clear_canonical_posting();
  posting.clear_etag();
  posting.clear_create_time();
  posting.clear_update_time();
  if (posting.state() == v1::Posting::STATE_OPEN ||
      posting.state() == v1::Posting::STATE_QUARANTINED ||
      posting.state() == v1::Posting::STATE_EXPIRED) {
    posting.clear_state();
  }
}

void ClearOutputOnly(v1::Graduate& graduate) {
  graduate.clear_revision();
  graduate.clear_issues();
  graduate.clear_etag();
  graduate.clear_create_time();
  graduate.clear_update_time();
  graduate.clear_placement();
  graduate.clear_lifecycle_before_freeze();
  if (graduate.has_preferences()) {
    graduate.mutable_preferences()->clear_etag();
    graduate.mutable_preferences()->clear_name();
  }
  if (graduate.lifecycle() == v1::Graduate::LIFECYCLE_UNSPECIFIED) {
    graduate.set_lifecycle(v1::Graduate::LIFECYCLE_ACTIVE);
  }
}

void ClearOutputOnly(v1::Content& content) {
  content.clear_name();
  content.clear_revision();
  content.clear_issues();
  content.clear_etag();
  content.clear_create_time();
  content.clear_update_time();
  if (content.state() == v1::Content::STATE_UNSPECIFIED) {
    content.set_state(v1::Content::STATE_OPEN);
  }
}

uint64_t HashContent(const google::protobuf::Message& cleared,
                     std::string_view salt) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    cleared.SerializeToCodedStream(&coded);
  }
  return VersionedHash(ContentHash(bytes), ContentHash(salt));
}

uint64_t ClosedHash(uint64_t content_hash) {
  return ContentHash(absl::StrCat("closed ", content_hash));
}

}  // namespace gradmatch
