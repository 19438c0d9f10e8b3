// Codes and Chinese texts of audiences.
#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "matcher/audience.h"
#include "matcher/major_codes.h"
#include "matcher/words.h"

namespace gradmatch {
namespace {

struct GapWords {
  std::string_view code;
  std::string_view text_zh;
};
// In the order of AudienceGap.
constexpr std::array<GapWords, 9> kGaps = {{
    {"", ""},
    {"AUDIENCE_REGION_UNKNOWN",
     "仅面向部分生源地，档案未填写或不够具体，请核对"},
    {"AUDIENCE_LEVEL_UNKNOWN", "仅面向部分学历，档案未填写学历，请核对"},
    {"AUDIENCE_MAJOR_UNKNOWN", "仅面向部分专业，档案未填写或不够具体，请核对"},
    {"AUDIENCE_MAJOR_OTHER_CATALOGUE",
     "仅面向部分专业，按另一专业目录，无法与所学专业准确对照，请核对"},
    {"AUDIENCE_YEAR_UNKNOWN", "仅面向部分届别，档案未填写毕业时间，请核对"},
    {"AUDIENCE_SCHOOL_UNKNOWN", "仅面向部分学校，档案未填写学校，请核对"},
    {"AUDIENCE_KINDS_UNKNOWN",
     "面向有意报考特定项目或岗位类型的毕业生，档案未填写意向，请核对"},
    {"AUDIENCE_WISHES_UNREAD", "面向有特定意向的毕业生，请自行核对"},
}};

// Words by list, so that those of nested audiences stand beside their own.
enum Place { kYear, kRegion, kLevel, kMajor, kSchool, kKind, kWish, kPlaces };
using Words = std::array<std::vector<std::string>, kPlaces>;

void AddWord(Place place, std::string word, Words& words) {
  std::vector<std::string>& list = words[place];
  if (std::find(list.begin(), list.end(), word) == list.end()) {
    list.push_back(std::move(word));
  }
}

bool Fits(const v1::Audience& audience, const AudienceFacts& facts) {
  return CheckAudience(audience, facts).verdict == Verdict::kMet;
}

// The entries of one list that the graduate fits, each asked on its own.
template <typename Entries, typename Put, typename WordOf>
void AddFitting(const Entries& entries, const AudienceFacts& facts, Place place,
                Put put, WordOf word_of, Words& words) {
  for (const auto& entry : entries) {
    v1::Audience one;
    put(entry, one);
    if (Fits(one, facts)) AddWord(place, word_of(entry), words);
  }
}

std::string RegionWord(const std::string& region) {
  v1::Code code;
  code.set_system("region");
  code.set_code(region);
  return PlaceWord(code);
}

void AddWishes(const v1::Audience& audience, const AudienceFacts& facts,
               Words& words) {
  if (audience.flexible_work() && facts.flexible_work.value_or(false)) {
    AddWord(kWish, "有灵活就业意向", words);
  }
  if (audience.starting_business() && facts.starting_business.value_or(false)) {
    AddWord(kWish, "有创业意向", words);
  }
}

void Collect(const v1::Audience& audience, const AudienceFacts& facts,
             Words& words) {
  if (!audience.graduation_years().empty() && facts.graduation_year != 0) {
    AddFitting(
        audience.graduation_years(), facts, kYear,
        [](int year, auto& one) { one.add_graduation_years(year); },
        [](int year) { return absl::StrCat(year, "届"); }, words);
  }
  AddFitting(
      audience.regions(), facts, kRegion,
      [](const auto& region, auto& one) { one.add_regions(region); },
      RegionWord, words);
  AddFitting(
      audience.levels(), facts, kLevel,
      [](int level, auto& one) {
        one.add_levels(static_cast<v1::EducationLevel>(level));
      },
      [](int level) { return std::string(LevelWord(level)); }, words);
  AddFitting(
      audience.majors(), facts, kMajor,
      [](const auto& major, auto& one) { *one.add_majors() = major; }, CodeName,
      words);
  AddFitting(
      audience.schools(), facts, kSchool,
      [](const auto& school, auto& one) { one.add_schools(school); },
      [](const auto&) { return std::string("本校"); }, words);
  AddFitting(
      audience.posting_kinds(), facts, kKind,
      [](int kind, auto& one) {
        one.add_posting_kinds(static_cast<v1::PostingKind>(kind));
      },
      [](int kind) { return absl::StrCat("有意", A(PostingKindWord(kind))); },
      words);
  AddWishes(audience, facts, words);
  // The alternative that counts for the ranking: the narrowest that fits.
  const v1::Audience* best = nullptr;
  int specificity = -1;
  for (const v1::Audience& child : audience.any_of()) {
    const AudienceFinding finding = CheckAudience(child, facts);
    if (finding.verdict != Verdict::kMet ||
        finding.specificity <= specificity) {
      continue;
    }
    best = &child;
    specificity = finding.specificity;
  }
  if (best != nullptr) Collect(*best, facts, words);
}

}  // namespace

std::string_view AudienceGapCode(AudienceGap gap) {
  return kGaps[static_cast<size_t>(gap)].code;
}

std::string_view AudienceGapText(AudienceGap gap) {
  return kGaps[static_cast<size_t>(gap)].text_zh;
}

std::vector<std::string> AudienceWords(const v1::Audience& audience,
                                       const AudienceFacts& facts) {
  Words words;
  Collect(audience, facts, words);
  std::vector<std::string> all;
  for (std::vector<std::string>& list : words) {
    for (std::string& word : list) all.push_back(std::move(word));
  }
  return all;
}

}  // namespace gradmatch
