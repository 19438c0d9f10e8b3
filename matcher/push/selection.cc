#include "matcher/push/selection.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/time/civil_time.h"
#include "index/base/clock.h"

namespace gradmatch {
namespace {

struct Word {
  std::string_view code;
  std::string_view text_zh;
};

// In the order of Suppression.
constexpr std::array<Word, kSuppressionCount> kWords = {{
    {"", ""},
    {"PLACED", "已登记毕业去向"},
    {"OPTED_OUT", "已退出服务"},
    {"FROZEN", "信息已冻结"},
    {"ERASED", "信息已删除"},
    {"PUSH_OFF", "已关闭推送"},
    {"PAUSED", "推送暂停期内"},
    {"PERSONALISATION_OFF", "已关闭个性化推荐"},
    {"NOT_IN_AUDIENCE", "不在本计划的推送范围内"},
    {"NO_ELIGIBLE_POSTING", "没有符合条件的岗位"},
    {"BELOW_MIN_SCORE", "符合条件的岗位均未达到最低匹配分"},
    {"ALL_PUSHED_BEFORE", "符合条件的岗位此前均已推送"},
    {"CAPS_EXHAUSTED", "符合条件的岗位名额已满"},
    {"WITHDRAWN", "选中的岗位在写入前已下线或不再符合条件"},
}};

// 440000 -> 44, 440300 -> 4403: what all codes of the region begin with.
std::string_view RegionPrefix(std::string_view code) {
  while (code.size() > 2 && code.size() % 2 == 0 && code.ends_with("00")) {
    code.remove_suffix(2);
  }
  return code;
}

bool RegionFits(const v1::Profile& profile, const v1::Audience& audience) {
  const std::string& home = profile.region().code();
  return !home.empty() &&
         std::any_of(
             audience.regions().begin(), audience.regions().end(),
             [&](const std::string& region) {
               return std::string_view(home).starts_with(RegionPrefix(region));
             });
}

bool MajorFits(const v1::Education& education, const v1::Audience& audience) {
  for (const v1::Code& wanted : audience.majors()) {
    for (const v1::Code& major : education.majors()) {
      if (!major.code().empty() && major.system() == wanted.system() &&
          std::string_view(major.code()).starts_with(wanted.code())) {
        return true;
      }
    }
  }
  return false;
}

bool YearFits(const v1::Education& education, const v1::Audience& audience) {
  if (!education.has_graduation_time()) return false;
  const absl::Time time =
      absl::FromUnixSeconds(education.graduation_time().seconds());
  const int64_t year = absl::ToCivilYear(time, ChinaTime()).year();
  const auto& years = audience.graduation_years();
  return std::find(years.begin(), years.end(), year) != years.end();
}

}  // namespace

bool IsSelectionCode(Suppression suppression) {
  return suppression >= Suppression::kPlaced &&
         suppression <= Suppression::kNotInAudience;
}

std::string_view SuppressionCode(Suppression suppression) {
  return kWords[static_cast<size_t>(suppression)].code;
}

std::string_view SuppressionText(Suppression suppression) {
  return kWords[static_cast<size_t>(suppression)].text_zh;
}

bool InAudience(const v1::Profile& profile, const v1::Audience& audience) {
  static const v1::Education kNone;
  const v1::Education& education =
      profile.educations().empty() ? kNone : profile.educations(0);
  const auto& levels = audience.levels();
  const auto& schools = audience.schools();
  return (audience.regions().empty() || RegionFits(profile, audience)) &&
         (levels.empty() || std::find(levels.begin(), levels.end(),
                                      education.level()) != levels.end()) &&
         (audience.majors().empty() || MajorFits(education, audience)) &&
         (audience.graduation_years().empty() ||
          YearFits(education, audience)) &&
         (schools.empty() ||
          (!education.school().code().empty() &&
           std::find(schools.begin(), schools.end(),
                     education.school().code()) != schools.end()));
}

Suppression SelectForPush(const v1::Graduate& graduate,
                          const v1::Audience& audience, absl::Time now) {
  switch (graduate.lifecycle()) {
    case v1::Graduate::LIFECYCLE_PLACED:
      return Suppression::kPlaced;
    case v1::Graduate::LIFECYCLE_OPTED_OUT:
      return Suppression::kOptedOut;
    case v1::Graduate::LIFECYCLE_FROZEN:
      return Suppression::kFrozen;
    case v1::Graduate::LIFECYCLE_ERASED:
      return Suppression::kErased;
    default:
      break;
  }
  const v1::Preferences& preferences = graduate.preferences();
  const auto& muted = preferences.muted_kinds();
  const bool no_postings = std::find(muted.begin(), muted.end(),
                                     v1::CONTENT_KIND_POSTING) != muted.end();
  if ((preferences.has_push() && !preferences.push()) || no_postings) {
    return Suppression::kPushOff;
  }
  if (preferences.has_pause_end_time()) {
    const absl::Time end =
        absl::FromUnixSeconds(preferences.pause_end_time().seconds()) +
        absl::Nanoseconds(preferences.pause_end_time().nanos());
    if (end > now) return Suppression::kPaused;
  }
  if (preferences.has_personalisation() && !preferences.personalisation()) {
    return Suppression::kPersonalisationOff;
  }
  if (!InAudience(graduate.profile(), audience)) {
    return Suppression::kNotInAudience;
  }
  return Suppression::kNone;
}

}  // namespace gradmatch
