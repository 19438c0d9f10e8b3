#include "matcher/profile_in_use.h"

#include <algorithm>
#include <string>
#include <vector>

#include "google/protobuf/repeated_field.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/tags.h"

namespace gradmatch {
namespace {

void RemoveCodes(const TagSet& off,
                 google::protobuf::RepeatedPtrField<v1::Code>& codes) {
  for (int i = codes.size() - 1; i >= 0; --i) {
    if (off.Has(codes[i])) codes.DeleteSubrange(i, 1);
  }
}

std::string_view Word(v1::Graduate::Lifecycle lifecycle) {
  switch (lifecycle) {
    case v1::Graduate::LIFECYCLE_PLACED:
      return "PLACED";
    case v1::Graduate::LIFECYCLE_OPTED_OUT:
      return "OPTED_OUT";
    case v1::Graduate::LIFECYCLE_FROZEN:
      return "FROZEN";
    case v1::Graduate::LIFECYCLE_ERASED:
      return "ERASED";
    default:
      return "ACTIVE";
  }
}

std::string_view MessageOf(v1::Graduate::Lifecycle lifecycle) {
  switch (lifecycle) {
    case v1::Graduate::LIFECYCLE_PLACED:
      return "该毕业生已登记去向，不再推荐岗位；如需继续，请先改为求职中";
    case v1::Graduate::LIFECYCLE_OPTED_OUT:
      return "该毕业生已退出服务，不再推荐岗位";
    case v1::Graduate::LIFECYCLE_FROZEN:
      return "该毕业生的记录已冻结，仅存储，不作处理";
    default:
      return "该毕业生的记录已删除";
  }
}

}  // namespace

v1::Profile ProfileInUse(const v1::Graduate& graduate) {
  v1::Profile profile = graduate.profile();
  const TagSet off(graduate.preferences());
  if (off.empty()) return profile;
  auto& skills = *profile.mutable_skills();
  for (int i = skills.size() - 1; i >= 0; --i) {
    if (off.HasWord(skills[i])) skills.DeleteSubrange(i, 1);
  }
  RemoveCodes(off, *profile.mutable_intent()->mutable_functions());
  RemoveCodes(off, *profile.mutable_intent()->mutable_places());
  if (!profile.text().empty()) {
    profile.set_text(off.WithoutWords(profile.text()));
  }
  return profile;
}

v1::Profile PlacesInUse(const v1::Graduate& graduate) {
  v1::Profile places;
  *places.mutable_region() = graduate.profile().region();
  *places.mutable_intent()->mutable_places() =
      graduate.profile().intent().places();
  RemoveCodes(TagSet(graduate.preferences()),
              *places.mutable_intent()->mutable_places());
  return places;
}

std::vector<int> MutedPostingKinds(const v1::Preferences& preferences) {
  std::vector<int> kinds;
  const auto& muted = preferences.muted_kinds();
  if (std::find(muted.begin(), muted.end(), v1::CONTENT_KIND_POSTING) !=
      muted.end()) {
    for (int kind = 0; kind <= v1::PostingKind_MAX; ++kind) {
      kinds.push_back(kind);
    }
    return kinds;
  }
  kinds.assign(preferences.muted_posting_kinds().begin(),
               preferences.muted_posting_kinds().end());
  std::sort(kinds.begin(), kinds.end());
  return kinds;
}

bool IsPersonalised(const v1::Graduate& graduate) {
  return !graduate.preferences().has_personalisation() ||
         graduate.preferences().personalisation();
}

absl::Status CheckServed(const v1::Graduate& graduate) {
  const v1::Graduate::Lifecycle lifecycle = graduate.lifecycle();
  if (lifecycle == v1::Graduate::LIFECYCLE_UNSPECIFIED ||
      lifecycle == v1::Graduate::LIFECYCLE_ACTIVE) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, kGraduateNotServed,
                   MessageOf(lifecycle),
                   {{"lifecycle", std::string(Word(lifecycle))}});
}

}  // namespace gradmatch
