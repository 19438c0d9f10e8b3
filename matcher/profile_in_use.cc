#include "matcher/profile_in_use.h"

#include <string>
#include <unordered_set>

#include "google/protobuf/repeated_field.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/major_codes.h"

namespace gradmatch {
namespace {

using Tags = std::unordered_set<std::string>;

bool IsOff(const Tags& off, const v1::Code& code) {
  return off.contains(code.code()) || off.contains(CodeName(code));
}

void RemoveCodes(const Tags& off,
                 google::protobuf::RepeatedPtrField<v1::Code>& codes) {
  for (int i = codes.size() - 1; i >= 0; --i) {
    if (IsOff(off, codes[i])) codes.DeleteSubrange(i, 1);
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
  Tags off;
  for (const v1::Preferences::Tag& tag : graduate.preferences().tags()) {
    if (!tag.enabled() && !tag.tag().empty()) off.insert(tag.tag());
  }
  if (off.empty()) return profile;
  auto& skills = *profile.mutable_skills();
  for (int i = skills.size() - 1; i >= 0; --i) {
    if (off.contains(skills[i])) skills.DeleteSubrange(i, 1);
  }
  RemoveCodes(off, *profile.mutable_intent()->mutable_functions());
  RemoveCodes(off, *profile.mutable_intent()->mutable_places());
  return profile;
}

v1::Profile PlacesOnly(const v1::Profile& profile) {
  v1::Profile places;
  *places.mutable_region() = profile.region();
  *places.mutable_intent()->mutable_places() = profile.intent().places();
  return places;
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
