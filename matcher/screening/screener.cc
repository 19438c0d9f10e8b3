#include "matcher/screening/screener.h"

#include <algorithm>
#include <utility>

namespace gradmatch {
namespace {

constexpr char kRulesVersion[] = "rules-2";

// Bytes of the characters [begin, end) of `text`.
std::string_view Characters(std::string_view text, int begin, int end) {
  const auto is_start = [](char c) { return (c & 0xC0) != 0x80; };
  size_t from = text.size();
  size_t to = text.size();
  int count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!is_start(text[i])) continue;
    if (count == begin) from = i;
    if (count == end) {
      to = i;
      break;
    }
    ++count;
  }
  return text.substr(from, to - from);
}

struct Field {
  std::string_view path;
  std::string_view text;
};

std::vector<Field> FieldsOf(const v1::Posting& posting) {
  std::vector<Field> fields = {{"title", posting.title()},
                               {"education.raw", posting.education().raw()},
                               {"majors.raw", posting.majors().raw()},
                               {"description", posting.description()},
                               {"requirements", posting.requirements()}};
  for (const std::string& benefit : posting.benefits()) {
    fields.push_back({"benefits", benefit});
  }
  return fields;
}

}  // namespace

bool HoldsBack(std::span<const v1::RuleVerdict> verdicts) {
  return std::any_of(verdicts.begin(), verdicts.end(), [](const auto& v) {
    return v.severity() >= v1::RuleVerdict::SEVERITY_QUARANTINE;
  });
}

RuleScreener::RuleScreener(std::string version,
                           std::vector<std::unique_ptr<ScreeningRule>> rules)
    : version_(std::move(version)), rules_(std::move(rules)) {}

std::vector<v1::RuleVerdict> RuleScreener::Screen(
    const v1::Posting& posting) const {
  std::vector<v1::RuleVerdict> verdicts;
  for (const Field& field : FieldsOf(posting)) {
    if (field.text.empty()) continue;
    for (const auto& rule : rules_) {
      for (const RuleFinding& finding : rule->Check(field.text)) {
        v1::RuleVerdict& verdict = verdicts.emplace_back();
        verdict.set_rule(std::string(rule->id()));
        verdict.set_rules_version(version_);
        verdict.set_severity(finding.severity);
        verdict.set_field(std::string(field.path));
        verdict.set_span_begin(finding.begin);
        verdict.set_span_end(finding.end);
        verdict.set_excerpt(
            std::string(Characters(field.text, finding.begin, finding.end)));
        verdict.set_message(std::string(rule->message()));
      }
    }
  }
  return verdicts;
}

std::unique_ptr<Screener> MakeDefaultScreener() {
  std::vector<std::unique_ptr<ScreeningRule>> rules;
  rules.push_back(MakeSchoolTierRule());
  rules.push_back(MakeFeeRule());
  return std::make_unique<RuleScreener>(kRulesVersion, std::move(rules));
}

}  // namespace gradmatch
