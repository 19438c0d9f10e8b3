// The readers of texts in postings and profiles, which take any bytes.

#include <string>
#include <string_view>
#include <vector>

#include "matcher/screening/screener.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/html.h"
#include "matcher/text/normalize.h"
#include "matcher/text/parse_condition.h"
#include "matcher/text/parse_count.h"
#include "matcher/text/parse_date.h"
#include "matcher/text/parse_degree.h"
#include "matcher/text/parse_experience.h"
#include "matcher/text/parse_major_list.h"
#include "matcher/text/parse_place.h"
#include "matcher/text/parse_salary.h"
#include "matcher/text/segmenter.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

void CheckSegments(std::string_view matching) {
  for (const Grain grain : {Grain::kWhole, Grain::kFine}) {
    std::vector<Token> tokens;
    Segment(matching, Dictionary::Default(), grain, tokens);
    uint32_t begin = 0;
    for (const Token& token : tokens) {
      PROMISE(token.begin >= begin);
      PROMISE(token.begin + token.size <= matching.size());
      begin = token.begin;
    }
  }
}

void CheckNormalized(std::string_view text) {
  for (const TextForm form : {TextForm::kDisplay, TextForm::kMatching}) {
    const auto once = Normalize(text, form);
    PROMISE(once.ok() == !FindInvalidUtf8(text).has_value());
    if (!once.ok()) continue;
    PROMISE(!FindInvalidUtf8(*once).has_value());
    // Entities may hide in entities.
    if (text.find('&') != std::string_view::npos) continue;
    const auto twice = Normalize(*once, form);
    PROMISE(twice.ok());
    if (once->find('&') == std::string::npos) PROMISE(*twice == *once);
  }
}

void CheckFindings(std::string_view text) {
  static const auto& tier = *MakeSchoolTierRule().release();
  static const auto& fee = *MakeFeeRule().release();
  for (const ScreeningRule* rule : {&tier, &fee}) {
    int end = 0;
    for (const RuleFinding& finding : rule->Check(text)) {
      PROMISE(finding.begin >= end && finding.end > finding.begin);
      PROMISE(finding.end <= static_cast<int>(text.size()));
      end = finding.end;
    }
  }
}

}  // namespace

// Nothing is understood that cannot be: ranges are in order, texts are UTF-8.
void FuzzText(std::string_view bytes) {
  CheckNormalized(bytes);
  const std::string matching = MatchingForm(bytes);
  PROMISE(!FindInvalidUtf8(matching).has_value());
  CheckSegments(matching);
  CheckFindings(bytes);
  (void)StripHtml(bytes);

  const auto salary = ParseSalary(bytes);
  if (salary.understood() && salary.value->min && salary.value->max) {
    PROMISE(*salary.value->min <= *salary.value->max);
    PROMISE(*salary.value->min >= 0);
  }
  (void)ParsePlaces(bytes);
  (void)ParseDegree(bytes);
  (void)ParseExperience(bytes);
  (void)ParseHeadcount(bytes);
  (void)ParseGraduationYears(bytes);
  (void)ParseDate(bytes);
  (void)ParseDeadline(bytes);
  const MajorList majors = ParseMajorList(bytes, "undergraduate");
  PROMISE(majors.entries >= 0);
  for (const ParsedConditions& parsed :
       {ParseConditions(bytes), FindConditionsInText(bytes)}) {
    PROMISE(parsed.unread >= 0 && parsed.experience_months >= 0);
  }
}

}  // namespace gradmatch
