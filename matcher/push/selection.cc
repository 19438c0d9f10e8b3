#include "matcher/push/selection.h"

#include <array>
#include <vector>

#include "matcher/audience.h"

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
    {"ALL_PUSHED_BEFORE", "符合条件的岗位此前均已推送或被标记不感兴趣"},
    {"CAPS_EXHAUSTED", "符合条件的岗位名额已满"},
    {"WITHDRAWN", "选中的岗位在写入前已下线或不再符合条件"},
}};

bool IsIn(std::span<const uint64_t> audience_keys, const AudienceFacts& facts) {
  return CheckAudienceKeys(audience_keys, facts).verdict == Verdict::kMet;
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
  return IsIn(CompileAudience(audience), FactsOf(profile));
}

Suppression SelectForPush(const v1::Graduate& graduate,
                          const v1::Audience& audience, absl::Time now) {
  return SelectForPush(graduate, CompileAudience(audience), now);
}

Suppression SelectForPush(const v1::Graduate& graduate,
                          std::span<const uint64_t> audience_keys,
                          absl::Time now) {
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
  if (audience_keys.empty()) return Suppression::kNone;
  AudienceFacts facts = FactsOf(graduate.profile());
  MuteKinds(preferences, facts);
  return IsIn(audience_keys, facts) ? Suppression::kNone
                                    : Suppression::kNotInAudience;
}

}  // namespace gradmatch
