#include "matcher/reasons.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "matcher/major_codes.h"
#include "matcher/posting_keys.h"
#include "matcher/proto_time.h"
#include "matcher/text/parse_major.h"
#include "matcher/words.h"

namespace gradmatch {
namespace {

constexpr int kFreshDays = 7;
constexpr int kManyOpenings = 10;
constexpr float kAlike = 0.5f;

struct Pair {
  const v1::Profile& profile;
  const v1::Posting& posting;
  const RowAttributes& row;
  absl::Time now;
};

bool AtOrBelow(std::string_view digits, std::string_view broad) {
  return !broad.empty() && digits.starts_with(broad);
}

int HighestLevel(const v1::Profile& profile) {
  int level = 0;
  for (const v1::Education& e : profile.educations()) {
    level = std::max<int>(level, e.level());
  }
  return level;
}

// --- One function a feature: the fact behind it, if there is one ---

struct MajorFact {
  const v1::Code* major = nullptr;  // the graduate's
  const v1::Code* asked = nullptr;  // what covers it
  size_t depth = 0;                 // digits of `asked`
};

void LookForMajor(const v1::Education& education, const v1::Code& asked,
                  MajorFact& best) {
  const MajorSystem system = MajorSystemOf(asked.system());
  const std::string broad = MajorDigits(asked.code());
  if (system == MajorSystem::kUnknown || broad.size() <= best.depth) return;
  for (const v1::Code& major : education.majors()) {
    for (const std::string& digits : MajorInSystem(major, system)) {
      if (AtOrBelow(digits, broad)) best = {&major, &asked, broad.size()};
    }
  }
}

bool SpeaksFor(const v1::MajorRequirement::Group& group, int level) {
  return group.levels().empty() ||
         std::find(group.levels().begin(), group.levels().end(), level) !=
             group.levels().end();
}

std::optional<v1::Reason> AnyMajorReason(const Pair& pair) {
  const v1::MajorRequirement& majors = pair.posting.majors();
  if (majors.groups().empty() && majors.raw().empty()) {
    return MakeReason("ANY_MAJOR", "岗位未写专业要求");
  }
  const int level = HighestLevel(pair.profile);
  for (const v1::MajorRequirement::Group& group : majors.groups()) {
    if (group.any_major() && SpeaksFor(group, level)) {
      return MakeReason("ANY_MAJOR", "专业不限");
    }
  }
  return std::nullopt;
}

std::optional<v1::Reason> MajorReason(const Pair& pair) {
  const v1::MajorRequirement& majors = pair.posting.majors();
  MajorFact best;
  for (const v1::Education& education : pair.profile.educations()) {
    for (const v1::MajorRequirement::Group& group : majors.groups()) {
      if (!SpeaksFor(group, education.level())) continue;
      for (const v1::Code& asked : group.codes()) {
        LookForMajor(education, asked, best);
      }
    }
  }
  if (best.asked == nullptr) return AnyMajorReason(pair);
  if (best.depth == 6) {
    return MakeReason("MAJOR_MATCH", "专业一致：{major}",
                      {{"major", CodeName(*best.major)}});
  }
  return MakeReason(
      "MAJOR_GROUP_MATCH", "所学{major}属于要求的{asked}",
      {{"major", CodeName(*best.major)}, {"asked", CodeName(*best.asked)}});
}

std::optional<v1::Reason> WantedFunctionReason(const Pair& pair) {
  for (const v1::Code& function : pair.posting.functions()) {
    const std::string digits = FunctionDigits(function.code());
    for (const v1::Code& wanted : pair.profile.intent().functions()) {
      if (!AtOrBelow(digits, FunctionDigits(wanted.code()))) continue;
      return MakeReason("FUNCTION_WANTED", "岗位类别符合意向：{function}",
                        {{"function", CodeName(function)}});
    }
  }
  return std::nullopt;
}

std::optional<v1::Reason> TypicalFunctionReason(const Pair& pair) {
  const v1::Code* best = nullptr;
  const v1::Code* best_major = nullptr;
  int best_weight = 0;
  for (const v1::Education& education : pair.profile.educations()) {
    for (const v1::Code& major : education.majors()) {
      for (const TypicalFunction& typical :
           TypicalFunctions(major.system(), major.code())) {
        if (typical.weight <= best_weight) continue;
        const std::string broad = FunctionDigits(typical.function);
        for (const v1::Code& function : pair.posting.functions()) {
          if (!AtOrBelow(FunctionDigits(function.code()), broad)) continue;
          best = &function;
          best_major = &major;
          best_weight = typical.weight;
        }
      }
    }
  }
  if (best == nullptr) return std::nullopt;
  return MakeReason(
      "FUNCTION_MATCH", "岗位类别与{major}专业常见去向一致：{function}",
      {{"major", CodeName(*best_major)}, {"function", CodeName(*best)}});
}

std::optional<v1::Reason> PlaceReason(const Pair& pair) {
  for (const v1::Location& location : pair.posting.locations()) {
    const std::string digits = RegionDigits(location.region().code());
    for (const v1::Code& wanted : pair.profile.intent().places()) {
      if (!AtOrBelow(digits, RegionDigits(wanted.code()))) continue;
      return MakeReason("PLACE_WANTED", "工作地点符合意向：{place}",
                        {{"place", PlaceWord(location.region())}});
    }
  }
  return std::nullopt;
}

std::optional<v1::Reason> PayReason(const Pair& pair) {
  const v1::Salary& pay = pair.posting.salary();
  const int wanted = pair.profile.intent().min_monthly_pay();
  if (wanted <= 0 || std::max(pay.min_monthly(), pay.max_monthly()) < wanted) {
    return std::nullopt;
  }
  return MakeReason("PAY",
                    pay.min_monthly() >= wanted ? "薪资达到期望：{pay}"
                                                : "薪资范围覆盖期望：{pay}",
                    {{"pay", PayWords(pay)}, {"wanted", absl::StrCat(wanted)}});
}

std::optional<v1::Reason> SkillsReason(const Pair& pair) {
  const std::span<const uint64_t> asked = pair.row.Set(kSkillColumn);
  std::vector<std::string> common;
  std::vector<uint64_t> keys;
  for (const std::string& skill : pair.profile.skills()) {
    const uint64_t key = SkillKey(skill);
    if (!std::binary_search(asked.begin(), asked.end(), key) ||
        std::find(keys.begin(), keys.end(), key) != keys.end()) {
      continue;
    }
    keys.push_back(key);
    common.push_back(skill);
  }
  if (common.empty()) return std::nullopt;
  return MakeReason("SKILLS", "掌握岗位提到的技能：{skills}",
                    {{"skills", JoinWords(common)}});
}

std::optional<v1::Reason> DegreeReason(const Pair& pair) {
  const v1::EducationRequirement& asked = pair.posting.education();
  const int level = HighestLevel(pair.profile);
  if (asked.min_level() <= 1 || level < asked.min_level()) return std::nullopt;
  if (asked.max_level() != 0 && level > asked.max_level()) return std::nullopt;
  return MakeReason(
      "DEGREE", "学历满足：要求{required}",
      {{"required", LevelRangeWords(asked.min_level(), asked.max_level())},
       {"declared", std::string(LevelWord(level))}});
}

std::optional<v1::Reason> ExperienceReason(const Pair& pair) {
  const int asked = pair.posting.experience_months();
  if (asked <= 0 || !pair.profile.has_experience_months() ||
      pair.profile.experience_months() < asked) {
    return std::nullopt;
  }
  return MakeReason("EXPERIENCE", "工作经验满足：要求{required}",
                    {{"required", MonthsWords(asked)}});
}

std::optional<v1::Reason> FreshReason(const Pair& pair) {
  if (!pair.posting.has_publish_time()) return std::nullopt;
  const int days =
      ChinaDay(pair.now) - ChinaDay(TimeOf(pair.posting.publish_time()));
  if (days < 0 || days > kFreshDays) return std::nullopt;
  return MakeReason("FRESH", days == 0 ? "今天发布" : "{days} 天前发布",
                    {{"days", absl::StrCat(days)}});
}

std::optional<v1::Reason> OpeningsReason(const Pair& pair) {
  if (pair.posting.openings() < kManyOpenings) return std::nullopt;
  return MakeReason("OPENINGS", "招聘 {openings} 人",
                    {{"openings", absl::StrCat(pair.posting.openings())}});
}

std::optional<v1::Reason> KindReason(const Pair& pair, FeatureId feature) {
  if (feature == FeatureId::kEmployerKindMatch) {
    return MakeReason(
        "EMPLOYER_KIND", "单位性质符合意向：{kind}",
        {{"kind",
          std::string(EmployerKindWord(pair.posting.employer().kind()))}});
  }
  return MakeReason(
      "POSTING_KIND", "招聘类型符合意向：{kind}",
      {{"kind", std::string(PostingKindWord(pair.row.Scalar(kKindColumn)))}});
}

std::optional<v1::Reason> ReasonOf(const Pair& pair, FeatureId feature) {
  switch (feature) {
    case FeatureId::kSimilarity:
      return std::nullopt;  // says nothing a reader can check: see below
    case FeatureId::kMajorDepth:
      return MajorReason(pair);
    case FeatureId::kFunctionMatch:
      return WantedFunctionReason(pair);
    case FeatureId::kFunctionByMajor:
      return TypicalFunctionReason(pair);
    case FeatureId::kPlaceMatch:
      return PlaceReason(pair);
    case FeatureId::kPayFit:
      return PayReason(pair);
    case FeatureId::kSkillsOverlap:
      return SkillsReason(pair);
    case FeatureId::kDegreeFit:
      return DegreeReason(pair);
    case FeatureId::kExperienceFit:
      return ExperienceReason(pair);
    case FeatureId::kFreshness:
      return FreshReason(pair);
    case FeatureId::kOpenings:
      return OpeningsReason(pair);
    case FeatureId::kEmployerKindMatch:
    case FeatureId::kPostingKindMatch:
      return KindReason(pair, feature);
  }
  return std::nullopt;
}

}  // namespace

v1::Reason MakeReason(
    std::string_view code, std::string_view text_template,
    const std::vector<std::pair<std::string, std::string>>& params) {
  v1::Reason reason;
  reason.set_code(std::string(code));
  std::string& text = *reason.mutable_text_zh();
  for (size_t i = 0; i < text_template.size();) {
    const size_t end = text_template.find('}', i);
    if (text_template[i] != '{' || end == std::string_view::npos) {
      text += text_template[i++];
      continue;
    }
    const std::string_view name = text_template.substr(i + 1, end - i - 1);
    for (const auto& [key, value] : params) {
      if (key == name) text += value;
    }
    i = end + 1;
  }
  for (const auto& [key, value] : params) {
    (*reason.mutable_params())[key] = value;
  }
  return reason;
}

std::vector<v1::Reason> MakeReasons(const RankerWeights& weights,
                                    const Features& features,
                                    const v1::Profile& profile,
                                    const v1::Posting& posting,
                                    const RowAttributes& row, absl::Time now) {
  std::vector<std::pair<float, FeatureId>> order;
  for (size_t i = 0; i < kFeatureCount; ++i) {
    const auto feature = static_cast<FeatureId>(i);
    const float contribution = Contribution(weights, features, feature);
    if (contribution > 0) order.emplace_back(contribution, feature);
  }
  std::stable_sort(
      order.begin(), order.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  const Pair pair = {profile, posting, row, now};
  std::vector<v1::Reason> reasons;
  for (const auto& [contribution, feature] : order) {
    if (reasons.size() >= kMaxReasons) break;
    std::optional<v1::Reason> reason = ReasonOf(pair, feature);
    if (reason.has_value()) reasons.push_back(*std::move(reason));
  }
  if (reasons.size() < 2 && features[FeatureId::kSimilarity] >= kAlike) {
    reasons.push_back(MakeReason("SIMILAR", "岗位内容与所填档案相近"));
  }
  return reasons;
}

}  // namespace gradmatch
